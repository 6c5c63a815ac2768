import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
	homogeneity,
	type Observations,
} from '../../../harness/analysis/assumptions/homogeneity.js';
import { OUTCOME_SHUFFLES } from '../../../harness/analysis/assumptions/outcome-panel.js';
import { PANELS } from '../../../harness/analysis/panels.js';
import { type Resample, resampleHere } from '../../../harness/analysis/resample.js';
import { logGamma } from '../../../harness/numerics/gamma.js';
import { Stream } from '../../../harness/numerics/stream.js';

const OPTIONS = { seed: 1, resamples: 199, maxDraws: 1e8 };

type Row = readonly [stratum: number, source: number, category: number, count: number];

function observed(rows: readonly Row[], strata: readonly string[] = ['first', 'second']) {
	const column = (k: 0 | 1 | 2) => Int32Array.from(rows, (row) => row[k]);
	return {
		strata,
		stratum: column(0),
		source: column(1),
		category: column(2),
		count: Float64Array.from(rows, (row) => row[3]),
	};
}

const look = (rows: Observations, change: Partial<typeof OPTIONS> = {}) =>
	homogeneity(rows, { ...OPTIONS, ...change }, resampleHere);

/** Outcomes of K sources, 100 attempts each in both strata; those of source `odd` shift in the second. */
function planted(K: number, stream: Stream, shift: number, odd = 0): Observations {
	const rows: Row[] = [];
	for (let f = 0; f < K; f++) {
		const weight = Array.from({ length: K + 2 }, () => Math.exp(stream.normal()));
		for (const s of [0, 1]) {
			const law = weight.map((w, c) => w * (s === 1 && f === odd && c === 3 ? Math.exp(shift) : 1));
			const total = law.reduce((sum, w) => sum + w, 0);
			for (let i = 0; i < 100; i++) {
				let u = stream.next() * total;
				let c = 0;
				while (u >= law[c]! && c < law.length - 1) u -= law[c++]!;
				rows.push([s, f, c - 2, 1]);
			}
		}
	}
	return observed(rows);
}

test('one source, two strata, two outcomes: p is that of the hypergeometric law', async () => {
	const choose = (n: number, k: number) =>
		Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1));
	const term = (n: number) => (n > 0 ? n * Math.log(n) : 0);
	const [n1, n2, hits] = [12, 20, 9];
	// Hits of the first stratum: 6 of 12, against 3 of 20.
	const cells = (k: number) => term(k) + term(n1 - k) + term(hits - k) + term(n2 - hits + k);
	let exact = 0;
	for (let k = 0; k <= hits; k++) {
		if (cells(k) < cells(6) - 1e-9) continue;
		exact += (choose(n1, k) * choose(n2, hits - k)) / choose(n1 + n2, hits);
	}
	const rows: Row[] = [
		[0, 4, 1, 6],
		[0, 4, -1, 6],
		[1, 4, 1, 3],
		[1, 4, -1, 17],
	];
	const found = await look(observed(rows), { resamples: 3999 });
	assert.ok(exact > 0.02 && exact < 0.2, `${exact}`);
	const sd = Math.sqrt((exact * (1 - exact)) / 4000);
	assert.ok(Math.abs(found.p! - exact) < 4 * sd, `${found.p}, ${exact}`);
	assert.is(found.degreesOfFreedom, 1);
	assert.is(found.attempts, 32);
	const margins = term(32) - term(12) - term(20) - term(9) - term(23);
	assert.ok(Math.abs(found.statistic! - 2 * (cells(6) + margins)) < 1e-9);
	assert.is(found.worst[0]!.source, 4);
	assert.is(found.worst[0]!.share, 1);
});

test('one kernel is rejected as often as it may be, a changed source is found and named', async () => {
	let rejected = 0;
	for (let i = 0; i < 80; i++) {
		const rows = planted(5, new Stream([i, 56], 0), 0);
		if ((await look(rows, { resamples: 19 })).p! <= 0.05) rejected += 1;
	}
	assert.ok(rejected <= 10, `${rejected} of 80 rejected at 0.05`);
	for (let i = 0; i < 5; i++) {
		const found = await look(planted(5, new Stream([i, 57], 0), 3, 2));
		assert.ok(found.p! <= 0.02, `${found.p}`);
		assert.is(found.worst[0]!.source, 2);
		assert.ok(found.information! > 0.003, `${found.information} nats`);
	}
});

test('equal strata: nothing; how rows are cut up does not matter', async () => {
	const rows: Row[] = [
		[0, 0, 1, 10],
		[1, 0, 1, 10],
		[0, 0, -3, 4],
		[1, 0, -3, 4],
	];
	const found = await look(observed(rows));
	assert.ok(found.statistic! < 1e-9);
	assert.is(found.p, 1);
	assert.is(found.information, 0);
	const cut: Row[] = [...rows.slice(1), [0, 0, 1, 3], [0, 0, 1, 7], [1, 9, 2, 0]];
	const again = await look(observed(cut.reverse()));
	assert.equal({ ...again, statistic: 0, worst: [] }, { ...found, statistic: 0, worst: [] });
});

test('nothing to compare: null with a reason', async () => {
	const one = observed([[0, 0, 1, 5]], ['seed 1']);
	for (const [rows, reason] of [
		[one, /seed 1 is the only stratum/],
		[observed([], []), /no stratum/],
		// Each source in one stratum; each source with one outcome.
		[
			observed([
				[0, 0, 1, 5],
				[0, 0, 2, 5],
				[1, 1, 2, 5],
			]),
			/no source has attempts/,
		],
		[
			observed([
				[0, 0, 1, 5],
				[1, 0, 1, 5],
			]),
			/no source has attempts/,
		],
		[
			observed([
				[0, 0, 1, 1],
				[1, 0, 2, 1],
			]),
			/same statistic/,
		],
	] as const) {
		const found = await look(rows);
		assert.is(found.p, null);
		assert.is(found.statistic, null);
		assert.is(found.information, null);
		assert.match(found.reason!, reason);
	}
});

test('too many attempts: the χ² limit agrees with permutations', async () => {
	const rows = observed([
		[0, 0, 1, 410],
		[1, 0, 1, 370],
		[0, 0, 2, 390],
		[1, 0, 2, 430],
		[0, 1, 0, 300],
		[1, 1, 0, 320],
		[0, 1, -1, 500],
		[1, 1, -1, 480],
	]);
	const drawn = await look(rows, { resamples: 999 });
	const limit = await look(rows, { maxDraws: 10 });
	assert.match(limit.method, /limit/);
	assert.is(limit.samples, 0);
	assert.ok(Math.abs(limit.p! - drawn.p!) < 0.06, `${limit.p} and ${drawn.p}`);
	assert.ok(Math.abs(limit.information! - drawn.information!) < 2e-4);
	const thin = planted(8, new Stream([1, 58], 0), 0);
	const few = await look(thin, { maxDraws: 10 });
	assert.match(few.method, /permuted/);
	assert.is(few.samples, 19);
});

test('draws may be shared out: any division gives the same bits', async () => {
	const rows = planted(4, new Stream([2, 59], 0), 3);
	const pieces: Resample = async (panel, input, count) => {
		const cut = [0, 3, 10, count];
		const parts = cut.slice(1).map((to, i) => panel.draw(structuredClone(input), cut[i]!, to));
		return Float64Array.from(parts.flatMap((part) => [...part]));
	};
	assert.equal(await homogeneity(rows, OPTIONS, pieces), await look(rows));
	assert.ok(PANELS.some(({ name }) => name === OUTCOME_SHUFFLES.name));
	assert.is.not((await look(rows, { seed: 2 })).information, (await look(rows)).information);
});

test('bad columns and options are refused', async () => {
	const good = observed([
		[0, 0, 1, 5],
		[1, 0, -3, 5],
	]);
	const refused = async (
		rows: Observations,
		kind: typeof TypeError | typeof RangeError,
		message: RegExp,
		change: Partial<typeof OPTIONS> = {},
	) => {
		const error = await look(rows, change).catch((reason) => reason);
		assert.instance(error, kind);
		assert.match(error.message, message);
	};
	await refused({ ...good, source: Int32Array.of(0) }, TypeError, /source has 1 rows, count has 2/);
	await refused({ ...good, stratum: Int32Array.of(0, 2) }, RangeError, /stratum must be below 2/);
	await refused({ ...good, source: Int32Array.of(0, -1) }, RangeError, /source must be ≥ 0/);
	await refused({ ...good, category: Int32Array.of(0, -4) }, RangeError, /category must be ≥ -3/);
	for (const n of [-1, 0.5, Number.NaN, Infinity]) {
		await refused(
			{ ...good, count: Float64Array.of(1, n) },
			RangeError,
			/count must be an integer/,
		);
	}
	await refused(good, RangeError, /resamples must be/, { resamples: 5 });
});

test.run();
