import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exactTables, exactTest, stepsFor } from '../../../harness/analysis/exact/exact-test.js';
import { findLoops } from '../../../harness/analysis/loops/loops.js';
import { fitReversible } from '../../../harness/analysis/potential/reversible-fit.js';
import { resampleHere } from '../../../harness/analysis/resample.js';
import { findComponents } from '../../../harness/analysis/table/components.js';
import type { CountTable } from '../../../harness/analysis/table/counts.js';
import { DEFAULT_VERIFY } from '../../../harness/analysis/verify.js';
import { logGamma } from '../../../harness/numerics/gamma.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { type Kernel, randomKernel, sampleTable, tableOf } from '../synthetic.js';

const subjectOf = (table: CountTable) => {
	const components = findComponents(table);
	const loops = findLoops(components, DEFAULT_VERIFY);
	return { loops, fit: fitReversible(table, components) };
};
const loopsOf = (table: CountTable) => subjectOf(table).loops;
const testOf = (
	table: CountTable,
	options: { samples?: number; seed?: number; steps?: number } = {},
) => exactTest(subjectOf(table), { seed: 1, samples: 999, steps: null, ...options }, resampleHere);

/** Full enumeration of the tables of three states with the same totals: a line. */
function enumerate(forward: number[], backward: number[]): number {
	const n = forward.map((c, i) => c + backward[i]!);
	const t = (c: number[]) =>
		(c[0]! * c[1]! * c[2]! - (n[0]! - c[0]!) * (n[1]! - c[1]!) * (n[2]! - c[2]!)) ** 2;
	let all = 0;
	let extreme = 0;
	const logs = (c: number[]) =>
		c.reduce((sum, x, i) => sum - logGamma(x + 1) - logGamma(n[i]! - x + 1), 0);
	const top = logs(n.map((x) => x / 2));
	for (let d = -Math.max(...n); d <= Math.max(...n); d++) {
		const c = forward.map((x) => x - d);
		if (c.some((x, i) => x < 0 || x > n[i]!)) continue;
		const weight = Math.exp(logs(c) - top);
		all += weight;
		if (t(c) >= t(forward) * (1 - 1e-12)) extreme += weight;
	}
	return extreme / all;
}

const triangle = (forward: number[], backward: number[]): CountTable =>
	tableOf({
		'A>B': forward[0]!,
		'B>C': forward[1]!,
		'C>A': forward[2]!,
		'B>A': backward[0]!,
		'C>B': backward[1]!,
		'A>C': backward[2]!,
	});

test('agrees with full enumeration on three states', async () => {
	assert.ok(Math.abs(enumerate([4, 4, 4], [0, 0, 0]) - 2 / 346) < 1e-12);
	const cases: [number[], number[]][] = [
		[
			[4, 4, 4],
			[0, 0, 0],
		],
		[
			[3, 2, 4],
			[1, 1, 2],
		],
		[
			[7, 9, 5],
			[4, 3, 3],
		],
		[
			[1, 2, 1],
			[2, 1, 1],
		],
		[
			[30, 12, 20],
			[22, 14, 9],
		],
		[
			[300, 220, 260],
			[260, 200, 210],
		],
	];
	for (const [forward, backward] of cases) {
		const exact = enumerate(forward, backward);
		const { p } = await testOf(triangle(forward, backward), { samples: 1999 });
		const error = Math.sqrt((exact * (1 - exact)) / 2000) + 1 / 2000;
		assert.ok(Math.abs(p! - exact) < 4 * error, `${p}, exact ${exact}`);
	}
});

test('p is uniform over 400 reversible data sets, and small on driven ones', async () => {
	const ps: number[] = [];
	let power = 0;
	for (let i = 0; i < 400; i++) {
		const stream = new Stream([i, 30], 0);
		const kernel = randomKernel(5, stream, { depth: 0.5, spread: 0.3, noise: 0 });
		ps.push((await testOf(sampleTable(kernel, 60, stream), { samples: 99, seed: i })).p!);
		if (i >= 40) continue;
		const driven = randomKernel(5, stream, { depth: 0.5, spread: 0.3, noise: 1 });
		const found = await testOf(sampleTable(driven, 200, stream), { samples: 99, seed: i });
		if (found.p! <= 0.05) power += 1;
	}
	const rejected = ps.filter((p) => p <= 0.05).length;
	// Exact binomial 99.8 % interval of 400 draws at 0.05.
	assert.ok(rejected >= 8 && rejected <= 35, `${rejected} of 400 at 0.05`);
	ps.sort((a, b) => a - b);
	const distance = Math.max(...ps.map((p, i) => Math.abs(p - (i + 0.5) / ps.length)));
	assert.ok(distance * Math.sqrt(400) < 1.8, `Kolmogorov distance ${distance}`);
	assert.ok(power >= 33, `${power} of 40 driven tables rejected`);
});

/** Three states, rates near `rate`; forward rates times `drive`. */
function cycle(rate: number, drive: number): Kernel {
	const V = [0, 1, 2];
	return V.map((_, f) =>
		V.map((v, g) => (f === g ? 0 : rate * Math.exp(-v) * (g === (f + 1) % 3 ? drive : 1))),
	);
}

test('rates near 1e-8: a driven cycle is found, its reversible neighbour is not', async () => {
	const counts = (drive: number): CountTable => {
		const kernel = cycle(1e-8, drive);
		const names = ['A', 'B', 'C'];
		const rows: Record<string, number> = {};
		for (const [f, row] of kernel.entries()) {
			for (const [g, p] of row.entries()) {
				if (f !== g) rows[`${names[f]}>${names[g]}`] = Math.round(p * 1e11);
			}
		}
		return tableOf(rows, 1e11);
	};
	assert.is((await testOf(counts(3))).p, 0.001);
	assert.ok((await testOf(counts(1))).p! > 0.5);
});

test('a ring of seven is tested by its one loop', async () => {
	const ring = (forward: number, backward: number): CountTable => {
		const counts: Record<string, number> = {};
		for (let f = 0; f < 7; f++) {
			counts[`${f}>${(f + 1) % 7}`] = forward;
			counts[`${(f + 1) % 7}>${f}`] = backward;
		}
		return tableOf(counts);
	};
	assert.is((await testOf(ring(40, 20))).p, 0.001);
	assert.ok((await testOf(ring(30, 30))).p! > 0.5);
});

test('no loop, no possible move, or a statistic that cannot vary: no p', async () => {
	const star = await testOf(tableOf({ 'A>B': 9, 'B>A': 9, 'A>C': 9, 'C>A': 9 }));
	assert.is(star.p, null);
	assert.is(star.reason, 'no independent loop');
	// A → B → C → A once each is the only loop, and turning it round gives its mirror image.
	const mirror = await testOf(triangle([1, 1, 1], [0, 0, 0]));
	assert.is(mirror.p, null);
	assert.match(mirror.reason!, /same statistic/);
	// A → B → C with A → C has no way round; the loop A → C → D → A, left out here, closes it.
	const { loops, fit } = subjectOf(tableOf({ 'A>B': 1, 'B>C': 1, 'A>C': 1, 'C>D': 1, 'D>A': 1 }));
	const blocked = {
		...loops,
		start: loops.start.slice(0, 2),
		pair: loops.pair.slice(0, 3),
		sign: loops.sign.slice(0, 3),
	};
	const options = { seed: 1, samples: 99, steps: null };
	const stuck = await exactTables({ loops: blocked, fit }, options, resampleHere);
	assert.is(stuck.test.p, null);
	assert.is(stuck.test.acceptance, 0);
	assert.is(stuck.test.reason, 'no move was accepted in 20000 steps');
	assert.is(stuck.maxima, null);
	for (const { mixing } of [star, mirror, stuck.test]) {
		assert.equal([mixing.counts, mixing.statistic, mixing.mixed], [null, null, false]);
		assert.match(mixing.sentence, /^Nothing mixes: /);
	}
	assert.is.not((await testOf(triangle([2, 1, 1], [0, 1, 1]))).p, null);
});

test('one seed one answer; another seed another; L and M are told', async () => {
	const table = triangle([30, 12, 20], [22, 14, 9]);
	assert.equal(await testOf(table), await testOf(table));
	assert.is.not((await testOf(table, { seed: 2 })).acceptance, (await testOf(table)).acceptance);
	const { samples, steps, acceptance } = await testOf(table, { samples: 50 });
	assert.equal([samples, steps], [50, stepsFor(loopsOf(table))]);
	assert.ok(acceptance! > 0.2 && acceptance! < 1);
});

test('p-values of the first version, digit for digit', async () => {
	const doc = await testOf(triangle([4, 4, 4], [0, 0, 0]));
	assert.equal([doc.p, doc.acceptance, doc.steps], [0.008, 0.374835, 200]);
	const large = await testOf(triangle([300, 220, 260], [260, 200, 210]), { seed: 3, steps: 200 });
	assert.equal([large.p, large.acceptance], [0.012, 0.772055]);
});

test('a panel may be drawn in any parts', async () => {
	const table = triangle([30, 12, 20], [22, 14, 9]);
	const whole = await testOf(table, { samples: 50 });
	const options = { seed: 1, samples: 50, steps: null };
	const parts = await exactTest(subjectOf(table), options, async (panel, input, count) => {
		const rows = [7, 13, count].map((to, i) => panel.draw(input, [0, 7, 13][i]!, to));
		return Float64Array.from(rows.flatMap((row) => [...row]));
	});
	assert.equal(parts, whole);
});

test('L grows with pairs and counts, does not see the counts inside a pair, and has ends', () => {
	assert.is(stepsFor(loopsOf(triangle([500, 500, 500], [500, 500, 500]))), 200);
	const stream = new Stream([1, 31], 0);
	const kernel = randomKernel(10, stream, { depth: 0.5, spread: 0.5, noise: 0 });
	const few = loopsOf(sampleTable(kernel, 500, stream));
	const { pairs } = few;
	const mirrored = { ...few, pairs: { ...pairs, up: pairs.down, down: pairs.up } };
	assert.is(stepsFor(mirrored), stepsFor(few));
	const tenfold = (x: Float64Array) => x.map((n) => 10 * n);
	const many = { ...few, pairs: { ...pairs, up: tenfold(pairs.up), down: tenfold(pairs.down) } };
	assert.ok(stepsFor(many) > 1.3 * stepsFor(few), `${stepsFor(many)} and ${stepsFor(few)}`);
	const million = (x: Float64Array) => new Float64Array(1e6).fill(x[0]!);
	const vast = {
		...few,
		pairs: { ...pairs, low: new Int32Array(1e6), up: million(pairs.up), down: million(pairs.down) },
	};
	assert.is(stepsFor(vast), 200_000);
});

test('options out of range are refused', async () => {
	const subject = subjectOf(triangle([2, 2, 2], [1, 1, 1]));
	const right = { seed: 1, samples: 9, steps: null };
	for (const [wrong, message] of [
		[{ seed: -1 }, /seed must be a uint32, got -1/],
		[{ samples: 0 }, /samples must be a positive integer, got 0/],
		[{ steps: 0 }, /steps must be null or an integer from 1 to 2\^32 − 1, got 0/],
	] as const) {
		const options = { ...right, ...wrong };
		const error = await exactTest(subject, options, resampleHere).catch((e: unknown) => e);
		assert.instance(error, RangeError);
		assert.match((error as Error).message, message);
	}
});

test.run();
