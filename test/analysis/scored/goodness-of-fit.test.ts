import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type FitRow, goodnessOfFit } from '../../../harness/analysis/scored/goodness-of-fit.js';
import { uniformity } from '../../../harness/analysis/scored/uniformity.js';
import { Stream } from '../../../harness/numerics/stream.js';

/** n attempts, one by one, from each law. */
function sample(laws: readonly (readonly number[])[], n: number, draw: Stream): FitRow[] {
	return laws.map((probabilities) => {
		const counts = probabilities.map(() => 0);
		for (let i = 0; i < n; i++) {
			let u = draw.next();
			let c = 0;
			while (c + 1 < counts.length && u >= probabilities[c]!) u -= probabilities[c++]!;
			counts[c]! += 1;
		}
		return { counts, probabilities };
	});
}
/** Three sources: a few likely outcomes, and a tail that is hardly ever seen. */
const LAWS = [
	[0.5, 0.2, 0.1, 0.1, ...new Array<number>(20).fill(0.005)],
	[0.7, 0.299, 0.001],
	[...new Array<number>(25).fill(0.04)],
];

test('p-values of counts drawn from the law are uniform, all together and source by source', () => {
	const fits = Array.from({ length: 500 }, (_, i) =>
		goodnessOfFit(sample(LAWS, 60, new Stream([i, 90], 0)), { seed: i, samples: 39 }),
	);
	const all = [fits, ...[0, 1, 2].map((r) => fits.map(({ rows }) => rows[r]!))];
	for (const list of all) {
		// 25 expected, sd 4.9; p is larger where counts are few, its randomised twin is not.
		const rejected = list.filter(({ p }) => p! <= 0.05).length;
		assert.ok(rejected >= 8 && rejected <= 42, `${rejected} of 500 rejected`);
		const { p } = uniformity(list.map((fit) => fit.randomisedP!));
		assert.ok(p > 0.01, `${p}`);
		assert.ok(list.every((fit) => fit.randomisedP! <= fit.p!));
	}
	// Two categories and 60 attempts: only so many p-values, and too large ones.
	assert.ok(uniformity(all[2]!.map((fit) => fit.p!)).p < 0.05);
});

test('a wrong kernel is rejected, by the source where it is wrong', () => {
	const wrong = LAWS.map((law, r) => (r === 1 ? [0.55, 0.449, 0.001] : law));
	const rows = sample(wrong, 400, new Stream([1, 91], 0)).map(({ counts }, r) => ({
		counts,
		probabilities: LAWS[r]!,
	}));
	const fit = goodnessOfFit(rows, { seed: 1, samples: 199 });
	assert.ok(fit.p! <= 0.02, `${fit.p}`);
	assert.ok(fit.rows[0]!.p! > 0.05 && fit.rows[1]!.p === 1 / 200 && fit.rows[2]!.p! > 0.05);
	assert.equal([fit.attempts, fit.samples, fit.impossible], [1200, 199, 0]);
});

test('closed form: two categories and ten attempts have the binomial tail', () => {
	// G² of 8 : 2 is reached by 0, 1, 2, 8, 9, 10 of 10: 2 (1 + 10 + 45) / 1024.
	const rows = [{ counts: [8, 2], probabilities: [0.5, 0.5] }];
	const { p, statistic, degreesOfFreedom } = goodnessOfFit(rows, { seed: 3, samples: 9999 });
	assert.ok(Math.abs(p! - 112 / 1024) < 0.01, `${p}`);
	assert.ok(Math.abs(statistic! - 2 * (8 * Math.log(1.6) + 2 * Math.log(0.4))) < 1e-12);
	assert.is(degreesOfFreedom, 1);
	assert.is(
		goodnessOfFit([{ counts: [50, 50], probabilities: [0.5, 0.5] }], { seed: 1, samples: 99 }).p,
		1,
	);
});

test('the seed alone is chance; categories expected less than once are one', () => {
	const rows = sample(LAWS, 100, new Stream([2, 92], 0));
	const of = (seed: number) => goodnessOfFit(rows, { seed, samples: 199 });
	assert.equal(of(5), of(5));
	assert.is.not(of(5).p, of(6).p);
	// 4 likely, and 20 that are expected half a time each as one; 2 and one rare; 25 expected four times each.
	assert.equal(
		of(5).rows.map((row) => row.degreesOfFreedom),
		[4, 2, 24],
	);
});

test('what cannot happen and happened: the smallest p there is; what cannot and did not: nothing', () => {
	const options = { seed: 1, samples: 99 };
	const never = goodnessOfFit([{ counts: [5, 5, 1], probabilities: [0.5, 0.5, 0] }], options);
	assert.equal([never.p, never.statistic, never.impossible], [0.01, null, 1]);
	const fine = goodnessOfFit([{ counts: [5, 5, 0], probabilities: [0.5, 0.5, 0] }], options);
	assert.equal([fine.p, fine.impossible], [1, 0]);
	const sure = goodnessOfFit([{ counts: [5, 0], probabilities: [1, 0] }], options);
	assert.equal([sure.p, sure.degreesOfFreedom], [null, 0]);
	assert.is(goodnessOfFit([{ counts: [4, 1], probabilities: [1, 0] }], options).p, 0.01);
	assert.is(goodnessOfFit([{ counts: [0, 0], probabilities: [0.5, 0.5] }], options).p, null);
	assert.is(goodnessOfFit([], options).p, null);
});

test('bad input is refused by name', () => {
	const fit = (counts: number[], probabilities: number[], samples = 99) =>
		goodnessOfFit([{ counts, probabilities }], { seed: 1, samples });
	assert.throws(() => fit([1, 2], [1]), /row 0 has 2 counts and 1 probabilities/);
	assert.throws(() => fit([1, 2], [0.5, 0.4]), /add up to 0\.9, not 1/);
	assert.throws(() => fit([1, 2.5], [0.5, 0.5]), /integers ≥ 0, got 2\.5/);
	assert.throws(() => fit([1, -2], [0.5, 0.5]), /integers ≥ 0, got -2/);
	assert.throws(() => fit([1, 2], [1.5, -0.5]), /must be ≥ 0, got -0\.5/);
	assert.throws(() => fit([1, 2], [Number.NaN, 0.5]), /must be ≥ 0, got NaN/);
	assert.throws(() => fit([1, 2], [0.5, 0.5], 18), /integer ≥ 19, got 18/);
	fit([1, 2], [0.5, 0.5], 19);
});

test('uniformity: closed form, tabled points, and what is not uniform', () => {
	const even = uniformity(Array.from({ length: 10 }, (_, i) => 0.05 + i / 10));
	assert.ok(Math.abs(even.statistic - 0.05) < 1e-12 && even.p === 1 && even.n === 10);
	/** p-values at even distances, moved up: D = shift + 1/2n */
	const moved = (n: number, D: number) =>
		uniformity(Array.from({ length: n }, (_, i) => Math.min(1, (i + 0.5) / n + D - 0.5 / n)));
	// Massey's table of the exact law: 5 % at D = 0.409 for n = 10, 0.294 for n = 20; 1 % at 0.489.
	assert.ok(Math.abs(moved(10, 0.409).p - 0.05) < 0.002, `${moved(10, 0.409).p}`);
	assert.ok(Math.abs(moved(20, 0.294).p - 0.05) < 0.002, `${moved(20, 0.294).p}`);
	assert.ok(Math.abs(moved(10, 0.489).p - 0.01) < 0.001, `${moved(10, 0.489).p}`);
	const squares = Array.from({ length: 400 }, (_, i) => ((i + 0.5) / 400) ** 2);
	assert.ok(uniformity(squares).p < 1e-10 && uniformity(squares).p > 0);
	const draw = new Stream([1, 93], 0);
	const ps = Array.from({ length: 400 }, () => 1 - draw.next());
	assert.ok(uniformity(ps).p > 0.05);
	// Both series meet where one takes over from the other.
	assert.ok(Math.abs(moved(400, 0.0495).p - moved(400, 0.0497).p) < 0.005);
	assert.throws(() => uniformity([0.1, 0.2, 0.3, 0.4]), /at least 5/);
	assert.throws(() => uniformity([0.1, 0.2, 0.3, 0.4, 0]), /\(0, 1\], got 0/);
	assert.throws(() => uniformity([0.1, 0.2, 0.3, 0.4, 1.1]), /got 1\.1/);
});

test.run();
