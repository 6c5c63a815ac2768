import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { logOddsEstimate, logOddsMoments } from '../../harness/numerics/log-odds-estimate.js';

const near = (x: number, y: number, tolerance: number): void =>
	assert.ok(Math.abs(x - y) <= tolerance * (1 + Math.abs(y)), `${x} is not ${y}`);

/** Probabilities of 0 … n by products, and their mean of f. */
function expect(n: number, p: number, f: (count: number) => number): number {
	let sum = 0;
	for (let c = 0; c <= n; c++) {
		let chance = 1;
		for (let i = 1; i <= c; i++) chance *= ((n - c + i) / i) * p;
		sum += chance * (1 - p) ** (n - c) * f(c);
	}
	return sum;
}
const shifted = (p: number, epsilon: number): number => {
	const odds = (p / (1 - p)) * Math.exp(epsilon);
	return odds / (1 + odds);
};

test('the documented values', () => {
	const even = logOddsMoments(2, 0.5, 0.5);
	near(even.slope, 0.804718956, 1e-9);
	assert.equal([even.mean, even.variance, even.curvature, even.squareVariance], [0, 2, 0.5, 16]);
	assert.equal(logOddsEstimate(2, 2, even), { value: 2, square: 4 });
	assert.equal(logOddsEstimate(1, 2, even), { value: 0, square: -4 });
});

test('moments are those of the slow sum, and neither estimate has a bias at ε = 0', () => {
	for (const [n, p] of [
		[2, 0.3],
		[5, 0.02],
		[12, 0.5],
		[40, 0.9],
	] as const) {
		const m = logOddsMoments(n, p, 1 - p);
		const of = (count: number) => logOddsEstimate(count, n, m);
		near(
			expect(n, p, (c) => of(c).value),
			0,
			1e-10,
		);
		near(
			expect(n, p, (c) => of(c).square),
			0,
			1e-8,
		);
		near(
			expect(n, p, (c) => of(c).value ** 2),
			m.variance,
			1e-9,
		);
		near(
			expect(n, p, (c) => of(c).square ** 2),
			m.squareVariance,
			1e-8,
		);
	}
});

test('ε̂ grows as ε and ε̂² as ε², for every n ≥ 2', () => {
	const h = 1e-3;
	for (const [n, p] of [
		[2, 0.5],
		[3, 0.2],
		[10, 0.05],
		[60, 0.7],
	] as const) {
		const m = logOddsMoments(n, p, 1 - p);
		const at = (epsilon: number, part: 'value' | 'square'): number =>
			expect(n, shifted(p, epsilon), (c) => logOddsEstimate(c, n, m)[part]);
		near((at(h, 'value') - at(-h, 'value')) / (2 * h), 1, 1e-5);
		near((at(h, 'square') - at(-h, 'square')) / (2 * h), 0, 1e-4);
		near((at(h, 'square') + at(-h, 'square')) / (2 * h * h), 1, 1e-4);
		const bend = (at(h, 'value') - 2 * at(0, 'value') + at(-h, 'value')) / (h * h);
		near(bend, m.bend, 1e-4);
	}
});

test('one count says nothing about ε²', () => {
	const m = logOddsMoments(1, 0.3, 0.7);
	assert.equal([m.curvature, m.squareVariance], [0, Infinity]);
	assert.is(logOddsEstimate(1, 1, m).square, 0);
	near(m.variance, 1 / 0.21, 1e-12);
});

test('large counts: the limit and the sum agree where they meet, rates near 1e-8 included', () => {
	for (const p of [0.5, 0.1]) {
		const q = 1 - p;
		const below = logOddsMoments(Math.floor(9990 / (p * q)), p, q);
		const above = logOddsMoments(Math.floor(10010 / (p * q)), p, q);
		near(below.variance / above.variance, 1001 / 999, 3e-4);
		near(below.squareVariance / above.squareVariance, (1001 / 999) ** 2, 5e-4);
		near(below.mean, above.mean, 1e-6);
	}
	// n q = 5: all but Poisson, whatever the n.
	const rare = logOddsMoments(5e8, 1 - 1e-8, 1e-8);
	const common = logOddsMoments(5e5, 1 - 1e-5, 1e-5);
	near(rare.variance / common.variance, 1, 1e-4);
	near(rare.squareVariance / common.squareVariance, 1, 1e-3);
});

test('bad arguments are refused', () => {
	assert.throws(() => logOddsMoments(0, 0.5, 0.5), /n must be an integer ≥ 1, got 0/);
	assert.throws(() => logOddsMoments(1.5, 0.5, 0.5), /got 1.5/);
	assert.throws(() => logOddsMoments(2, 0, 1), /p and q must be positive, got 0 and 1/);
	assert.throws(() => logOddsMoments(2, Number.NaN, 1), RangeError);
});

test.run();
