import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { subjectOf } from '../../../harness/analysis/finding.js';
import { crossFitVariation } from '../../../harness/analysis/likeness/cross-fit.js';
import { distances } from '../../../harness/analysis/likeness/distances.js';
import { affinityDifference, judgeKernels } from '../../../harness/analysis/likeness/evidence.js';
import { hypergeometric } from '../../../harness/analysis/likeness/hypergeometric.js';
import { likeness } from '../../../harness/analysis/likeness/likeness.js';
import { outcomeRows } from '../../../harness/analysis/likeness/outcome-rows.js';
import { exactShare } from '../../../harness/analysis/likeness/share.js';
import {
	LIKENESS_SHUFFLES,
	ROW_SHUFFLES,
} from '../../../harness/analysis/likeness/shuffle-panel.js';
import { tailBound } from '../../../harness/analysis/likeness/tail-bound.js';
import { PANELS } from '../../../harness/analysis/panels.js';
import { type Resample, resampleHere } from '../../../harness/analysis/resample.js';
import { type CountTable, countTable } from '../../../harness/analysis/table/counts.js';
import { DEFAULT_VERIFY, verifyGroups } from '../../../harness/analysis/verify.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { kolmogorov, shareInterval } from '../../calibration/intervals.js';
import { randomKernel, sampleTable, tableOf } from '../synthetic.js';

interface Reference {
	readonly tables: readonly {
		readonly first: readonly number[];
		readonly second: readonly number[];
		readonly totalVariation: number;
		readonly jensenShannon: number;
		readonly statistic: number;
		readonly degreesOfFreedom: number;
		readonly chiSquareP: number;
		readonly exactP: number | null;
	}[];
	readonly shares: readonly { k: number; n: number; lower: number; upper: number }[];
}

const REFERENCE = JSON.parse(
	readFileSync(new URL('./reference.json', import.meta.url), 'utf8'),
) as Reference;

const OPTIONS = { seed: 1, samples: 199 };
const look = (a: CountTable, b: CountTable, change: Partial<typeof OPTIONS> = {}) =>
	likeness(a, b, { ...OPTIONS, ...change, resample: resampleHere });

const near = (x: number, y: number, tolerance = 1e-9): void =>
	assert.ok(Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y)), `${x} is not ${y}`);

/** One source A with so many attempts to each of B, C … */
function row(counts: readonly number[]): CountTable {
	const names = ['B', 'C', 'D', 'E', 'F', 'G'];
	return tableOf(Object.fromEntries(counts.map((n, i) => [`A>${names[i]}`, n])));
}

test('another program: distances, G², its χ² tail and the exact p of small tables', async () => {
	for (const one of REFERENCE.tables) {
		const found = await look(row(one.first), row(one.second), { samples: 3999 });
		near(found.totalVariation!.plain, one.totalVariation);
		near(found.jensenShannon!.plain, one.jensenShannon);
		near(found.test!.statistic, one.statistic);
		assert.is(found.test!.degreesOfFreedom, one.degreesOfFreedom);
		near(found.test!.chiSquareP!, one.chiSquareP, 1e-8);
		if (one.exactP === null) continue;
		const sd = Math.sqrt((one.exactP * (1 - one.exactP)) / 4000);
		assert.ok(Math.abs(found.test!.p! - one.exactP) < 4 * sd + 1 / 4000, `${found.test!.p}`);
		assert.ok(tailBound(one.statistic, one.degreesOfFreedom) >= one.exactP);
	}
	for (const { k, n, lower, upper } of REFERENCE.shares) {
		const found = exactShare(k, n);
		assert.is(found.value, k / n);
		near(found.lower, lower, 1e-7);
		near(found.upper, upper, 1e-7);
	}
});

test('closed forms: a table and itself, no common outcome, two outcomes by hand', async () => {
	const table = row([40, 60]);
	const same = await look(table, table);
	assert.is(same.test!.statistic, 0);
	assert.is(same.test!.p, 1);
	assert.equal(
		[same.totalVariation!.value, same.totalVariation!.plain, same.totalVariation!.lower],
		[0, 0, 0],
	);
	near(same.totalVariation!.upper, 1.959963984540054 * Math.sqrt(0.25 * (2 / 100) - 0));
	assert.equal([same.jensenShannon!.value, same.jensenShannon!.plain], [0, 0]);

	const apart = await look(row([50, 0]), row([0, 50]));
	assert.equal([apart.totalVariation!.value, apart.totalVariation!.plain], [1, 1]);
	near(apart.jensenShannon!.value, 1);
	near(apart.test!.statistic, 2 * 100 * Math.LN2);
	assert.ok(apart.test!.p! < 1e-12, `${apart.test!.p}`);
	assert.equal(apart.rows[0]!.contrast, { outcome: 'B', shares: [1, 0] });

	// Shares 3/4 and 1/4: ½ (½ + ½), and 1 − H(3/4) bits.
	const two = distances({
		first: Float64Array.of(30, 10),
		second: Float64Array.of(10, 30),
		attempts: [40, 40],
	});
	near(two.variation, 0.5);
	near(two.divergence, 1 + 0.75 * Math.log2(0.75) + 0.25 * Math.log2(0.25));
});

test('what counts as an outcome: unshared targets, self, none; attempts that are not known', async () => {
	const a = countTable({
		rows: [
			{ source: 'A', target: 'B', count: 3 },
			{ source: 'A', target: 'A', count: 1 },
			{ source: 'B', target: 'A', count: 2 },
		],
		attempts: { A: 5, B: 2 },
	});
	const b = tableOf({ 'A>C': 2, 'X>A': 1 });
	const { rows, leftOut, conditional } = outcomeRows(a, b);
	assert.is(conditional, false);
	assert.equal(leftOut, [1, 1]);
	assert.is(rows.length, 1);
	assert.equal(rows[0]!.outcomes, ['A', 'B', 'C', null]);
	assert.equal(
		[[...rows[0]!.first], [...rows[0]!.second]],
		[
			[1, 3, 0, 1],
			[0, 0, 2, 0],
		],
	);
	const published = countTable({
		rows: [{ source: 'A', target: 'C', count: 2 }],
		attemptsByConvention: 100,
	});
	const given = outcomeRows(a, published);
	assert.is(given.conditional, true);
	assert.equal(given.rows[0]!.outcomes, ['A', 'B', 'C']);
	assert.equal(given.rows[0]!.attempts, [4, 2]);
});

test('nothing to compare: a reason, and no number dressed up', async () => {
	const apart = await look(tableOf({ 'A>B': 3 }), tableOf({ 'C>D': 3 }));
	assert.equal(
		[apart.totalVariation, apart.jensenShannon, apart.test, apart.sources],
		[null, null, null, 0],
	);
	assert.match(apart.reason!, /no state was a source of attempts in both/);
	const empty = await look(countTable({ rows: [], attempts: {} }), tableOf({ 'A>B': 1 }));
	assert.is(empty.test, null);
	const forced = await look(row([5]), row([9]));
	assert.is(forced.test!.p, null);
	assert.match(forced.reason!, /every permutation drawn has the same statistic/);
	assert.is(forced.totalVariation!.value, 0);
	// One attempt each: all that was counted is 1, and nothing is known.
	const single = await look(row([1, 0]), row([0, 1]));
	assert.equal(
		[single.totalVariation!.plain, single.totalVariation!.value, single.totalVariation!.upper],
		[1, 0, 1],
	);
	for (const [change, message] of [
		[{ samples: 18 }, /samples must be an integer from 19, got 18/],
		[{ seed: -1 }, /seed must be a uint32, got -1/],
	] as const) {
		const error = await look(row([1]), row([1]), change).catch((reason) => reason);
		assert.instance(error, RangeError);
		assert.match(error.message, message);
	}
	assert.throws(() => exactShare(1, 0), /n must be/);
	assert.throws(() => exactShare(3, 2), /k must be/);
});

test('one kernel: p uniform and distance 0 on average, where χ² would reject nearly always', async () => {
	const ps: number[] = [];
	let [chi, value, plain] = [0, 0, 0];
	const sets = 400;
	for (let i = 0; i < sets; i++) {
		const stream = new Stream([31, 62], i);
		const kernel = randomKernel(12, stream, { depth: 1, spread: 1, noise: 0.2 });
		const [a, b] = [sampleTable(kernel, 25, stream), sampleTable(kernel, 25, stream)];
		const found = await look(a, b, { seed: i, samples: 39 });
		ps.push(found.test!.p!);
		if (found.test!.chiSquareP! <= 0.05) chi += 1;
		const { first, second, attempts } = outcomeRows(a, b).rows[0]!;
		value += crossFitVariation({ first, second, attempts }, { seed: i, row: 0 }) / sets;
		plain += found.totalVariation!.plain / sets;
	}
	const rejected = ps.filter((p) => p <= 0.05).length;
	const [low, high] = shareInterval(rejected, sets);
	assert.ok(low <= 0.05 && high >= 0.05, `${rejected} of ${sets}`);
	assert.ok(kolmogorov(ps) < 1.63, `√n KS ${kolmogorov(ps)}`);
	assert.ok(shareInterval(chi, sets)[0] > 0.2, `χ² rejects ${chi} of ${sets}`);
	assert.ok(plain > 0.1, `${plain}`);
	// sd of one is about 0.14.
	assert.ok(Math.abs(value) < 0.03, `${value}`);
});

test('a known distance: rejected, and inside its interval', async () => {
	for (let i = 0; i < 10; i++) {
		const stream = new Stream([32, 62], i);
		const kernel = randomKernel(8, stream, { depth: 1, spread: 1, noise: 0.2 });
		// A third of what went to the first other state goes to the second.
		const other = kernel.map((law, f) => {
			const [g, h] = law.map((_, k) => k).filter((k) => k !== f) as [number, number];
			return law.map((p, k) => (k === g ? (2 * p) / 3 : k === h ? p + law[g]! / 3 : p));
		});
		const truth =
			kernel.reduce(
				(sum, law, f) => sum + law.reduce((s, p, g) => s + Math.abs(p - other[f]![g]!) / 2, 0),
				0,
			) / 8;
		const a = sampleTable(kernel, 2000, stream);
		const found = await look(a, sampleTable(other, 2000, stream), { samples: 99 });
		const { value, lower, upper, plain } = found.totalVariation!;
		assert.ok(lower <= truth && truth <= upper, `${truth} in ${lower} … ${upper}`);
		assert.ok(Math.abs(value - truth) < Math.abs(plain - truth) + 0.005);
		assert.is(found.test!.p! <= 0.01, truth > 0.005);
	}
});

test('the bound of the tail says yes where no permutation can, and never too early', () => {
	near(tailBound(100, 1), Math.exp(-24) * 25);
	assert.is(tailBound(4, 1), 1);
	assert.is(tailBound(100, 0), 1);
	assert.is(tailBound(1e6, 3), Number.MIN_VALUE);
	let before = 1;
	for (let g = 0; g < 400; g += 5) {
		assert.ok(tailBound(g, 10) <= before);
		before = tailBound(g, 10);
	}
});

test('hypergeometric numbers have their law; equal arguments give equal numbers', () => {
	const stream = new Stream([5, 5], 0);
	for (const [marked, drawn, all] of [
		[5, 7, 20],
		[300, 500, 900],
		[1, 3, 4],
		[6, 6, 6],
	] as const) {
		let [sum, square] = [0, 0];
		const N = 4000;
		for (let i = 0; i < N; i++) {
			const x = hypergeometric(marked, drawn, all, stream.next());
			assert.ok(x >= Math.max(0, marked + drawn - all) && x <= Math.min(marked, drawn));
			sum += x / N;
			square += (x * x) / N;
		}
		const mean = (marked * drawn) / all;
		const variance = all > 1 ? (mean * (all - marked) * (all - drawn)) / (all * (all - 1)) : 0;
		assert.ok(Math.abs(sum - mean) <= 4 * Math.sqrt(variance / N) + 1e-9, `${sum}, ${mean}`);
		assert.ok(Math.abs(square - sum * sum - variance) <= 0.15 * variance + 1e-9);
	}
	assert.is(hypergeometric(3, 4, 10, 0.3), hypergeometric(3, 4, 10, 0.3));
	assert.equal(
		[0.1, 0.7, 0.9].map((u) => hypergeometric(2, 2, 4, u)),
		[1, 2, 0],
	);
});

test('draws may be shared out: any division gives the same bits; the seed matters', async () => {
	const stream = new Stream([6, 6], 0);
	const kernel = randomKernel(5, stream, { depth: 1, spread: 1, noise: 0 });
	const [a, b] = [sampleTable(kernel, 300, stream), sampleTable(kernel, 300, stream)];
	const pieces: Resample = async (panel, input, count) => {
		const cut = [0, 1, Math.floor(count / 2), count];
		const parts = cut.slice(1).map((to, i) => panel.draw(structuredClone(input), cut[i]!, to));
		return Float64Array.from(parts.flatMap((part) => [...part]));
	};
	assert.equal(await likeness(a, b, { ...OPTIONS, resample: pieces }), await look(a, b));
	assert.not.equal(await look(a, b, { seed: 2 }), await look(a, b));
	for (const panel of [LIKENESS_SHUFFLES, ROW_SHUFFLES]) {
		assert.ok(PANELS.some(({ name }) => name === panel.name));
	}
});

test('verdicts are those of verify; the difference of affinities has an interval', async () => {
	const stream = new Stream([8, 8], 0);
	const tables = [0, 1].map((noise) =>
		sampleTable(randomKernel(6, stream, { depth: 0.5, spread: 0.5, noise }), 2000, stream),
	);
	const options = { ...DEFAULT_VERIFY, samples: 199, replicas: 19 };
	const full = await verifyGroups(tables.map(subjectOf), options, resampleHere);
	const brief = await judgeKernels(tables, options, resampleHere);
	for (const [i, { verdict, sentence, adjustedP, affinity }] of full.entries()) {
		const { affinity: found, ...rest } = brief[i]!;
		assert.equal([rest.verdict, rest.sentence, rest.adjustedP], [verdict, sentence, adjustedP]);
		assert.equal(found.rms, affinity.rms);
	}
	assert.is(brief[1]!.verdict, 'violated');
	const difference = affinityDifference(brief[0]!.affinity, brief[1]!.affinity)!;
	near(difference.value, brief[1]!.affinity.rms! - brief[0]!.affinity.rms!);
	assert.ok(difference.lower > 0 && difference.upper > difference.value);
	const unknown = { rms: null, interval95: null, upper95: null, reason: 'no loop' };
	assert.is(affinityDifference(brief[0]!.affinity, unknown), null);
	const [quick] = await judgeKernels(tables, { ...options, resampling: false }, resampleHere);
	assert.is(quick!.adjustedP, null);
});

test.run();
