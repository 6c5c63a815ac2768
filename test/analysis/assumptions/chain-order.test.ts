import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chainOrder, type Successions } from '../../../harness/analysis/assumptions/chain-order.js';
import { resampleHere } from '../../../harness/analysis/resample.js';
import { Stream } from '../../../harness/numerics/stream.js';

const OPTIONS = { seed: 1, resamples: 19, maxDraws: 1e8 };

/**
 * A chain of K states; a third of the attempts reach none and are repeated. `memory`: log-odds by which
 * the state before, where it is odd, favours even targets.
 */
function chain(K: number, attempts: number, stream: Stream, memory: number): Successions {
	const weight = Array.from({ length: K * K }, () => Math.exp(0.5 * stream.normal()));
	const rows: [number, number, number][] = [];
	let before = -1;
	let from = -1;
	let f = 0;
	for (let i = 0; i < attempts; i++) {
		const law = Array.from({ length: K }, (_, g) => {
			const favour = from % 2 === 1 && g % 2 === 0 ? Math.exp(memory) : 1;
			return g === f ? 0 : weight[f * K + g]! * favour;
		});
		const total = law.reduce((sum, w) => sum + w, 0) * 1.5;
		let u = stream.next() * total;
		let g = 0;
		while (g < K && u >= law[g]!) u -= law[g++]!;
		if (before >= 0) rows.push([before, f, g < K ? g : -1]);
		before = f;
		if (g === K) continue;
		from = f;
		f = g;
	}
	const column = (k: 0 | 1 | 2) => Int32Array.from(rows, (row) => row[k]);
	const count = new Float64Array(rows.length).fill(1);
	return { before: column(0), source: column(1), category: column(2), count };
}

const rejects = async (successions: Successions): Promise<boolean> =>
	(await chainOrder(successions, OPTIONS, resampleHere)).p! <= 0.05;

test('a chain of order one is rejected as often as it may be, one of order two is found', async () => {
	let rejected = 0;
	let found = 0;
	for (let i = 0; i < 60; i++) {
		const stream = new Stream([i, 61], 0);
		if (await rejects(chain(6, 1500, stream, 0))) rejected += 1;
		if (i < 10 && (await rejects(chain(6, 1500, stream, 2)))) found += 1;
	}
	assert.ok(rejected <= 9, `${rejected} of 60 rejected at 0.05`);
	assert.is(found, 10);
});

test('a sparse chain with many refusals: rejected neither always nor never', async () => {
	let rejected = 0;
	let low = 0;
	for (let i = 0; i < 24; i++) {
		const { p } = await chainOrder(
			chain(60, 2000, new Stream([i, 62], 0), 0),
			OPTIONS,
			resampleHere,
		);
		if (p! <= 0.05) rejected += 1;
		if (p! <= 0.5) low += 1;
	}
	assert.ok(rejected <= 5, `${rejected} of 24 rejected at 0.05`);
	assert.ok(low >= 5 && low <= 19, `${low} of 24 p-values up to 0.5`);
});

test('attempts that stayed tell nothing of the state before', async () => {
	const plain = {
		before: Int32Array.of(1, 1, 2, 2, 0, 0),
		source: Int32Array.of(0, 0, 0, 0, 0, 0),
		category: Int32Array.of(1, 2, 1, 2, 1, -1),
		count: Float64Array.of(9, 3, 2, 8, 0, 0),
	};
	const stayed = { ...plain, count: Float64Array.of(9, 3, 2, 8, 40, 70) };
	const [x, y] = await Promise.all(
		[plain, stayed].map((rows) => chainOrder(rows, OPTIONS, resampleHere)),
	);
	assert.equal(x, y);
	assert.is(x!.attempts, 22);
	assert.is(x!.degreesOfFreedom, 1);
});

test('no chain, or one too short: null with a reason', async () => {
	const none = await chainOrder(null, OPTIONS, resampleHere);
	assert.is(none.p, null);
	assert.match(none.reason!, /^no chain/);
	const short = await chainOrder(chain(4, 3, new Stream([1, 63], 0), 0), OPTIONS, resampleHere);
	assert.is(short.p, null);
	assert.match(short.reason!, /no source has attempts/);
});

test.run();
