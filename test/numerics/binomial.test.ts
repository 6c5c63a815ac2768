import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { binomial } from '../../harness/numerics/binomial.js';
import { incompleteGamma, logGamma } from '../../harness/numerics/gamma.js';
import { quantile } from '../../harness/numerics/quantile.js';
import { Stream } from '../../harness/numerics/stream.js';

/** P(X = k) by log-factorials, the other way than the sampler. */
const chance = (n: number, p: number, k: number): number =>
	Math.exp(
		logGamma(n + 1) -
			logGamma(k + 1) -
			logGamma(n - k + 1) +
			k * Math.log(p) +
			(n - k) * Math.log1p(-p),
	);

/** Pearson's test against the exact law, cells of at least 8 expected draws. */
function fits(n: number, p: number, draws: number): number {
	const stream = new Stream([n, 904], 0);
	const seen = new Map<number, number>();
	for (let i = 0; i < draws; i++) {
		const k = binomial(n, p, stream);
		assert.ok(Number.isInteger(k) && k >= 0 && k <= n);
		seen.set(k, (seen.get(k) ?? 0) + 1);
	}
	let [expected, observed, statistic, cells] = [0, 0, 0, 0];
	for (let k = 0; k <= n; k++) {
		expected += draws * chance(n, p, k);
		observed += seen.get(k) ?? 0;
		if (expected < 8 && k < n) continue;
		statistic += (observed - expected) ** 2 / Math.max(expected, 1e-9);
		cells += 1;
		[expected, observed] = [0, 0];
	}
	return incompleteGamma((cells - 1) / 2, statistic / 2).upper;
}

test('inversion and rejection follow the exact law, on both sides of the change', () => {
	const cases: [number, number][] = [
		[3, 0.5],
		[12, 0.1],
		[500, 0.0199],
		[500, 0.0201],
		[40, 0.5],
		[40, 0.8],
		[400, 0.3],
		[5000, 0.97],
	];
	for (const [n, p] of cases) {
		const value = fits(n, p, 20000);
		assert.ok(value > 1e-3, `n ${n}, p ${p}: p-value ${value}`);
	}
});

test('counts near 2^53: mean and variance hold', () => {
	const n = 2 ** 50;
	const stream = new Stream([3, 905], 0);
	for (const p of [1e-14, 0.3, 1 - 1e-6]) {
		const sd = Math.sqrt(n * p * (1 - p));
		const z = Array.from({ length: 4000 }, () => (binomial(n, p, stream) - n * p) / sd);
		const mean = z.reduce((sum, x) => sum + x, 0) / z.length;
		const variance = z.reduce((sum, x) => sum + x * x, 0) / z.length;
		assert.ok(Math.abs(mean) < 0.06, `p ${p}: mean ${mean}`);
		assert.ok(Math.abs(variance - 1) < 0.1, `p ${p}: variance ${variance}`);
	}
});

test('the sure cases take no randomness; the example; bad input is refused', () => {
	const stream = new Stream([7, 1], 0);
	assert.is(binomial(0, 0.5, stream), 0);
	assert.is(binomial(9, 0, stream), 0);
	assert.is(binomial(9, 1, stream), 9);
	assert.is(binomial(10, 0.5, stream), 4);
	for (const n of [-1, 1.5, Number.NaN, 2 ** 54]) {
		assert.throws(() => binomial(n, 0.5, stream), /n must be an integer/);
	}
	for (const p of [-0.1, 1.1, Number.NaN]) {
		assert.throws(() => binomial(3, p, stream), /p must lie/);
	}
});

test('quantiles of a sample', () => {
	assert.is(quantile([1, 2, 4], 0.75), 3);
	assert.is(quantile([1, 2, 4], 0), 1);
	assert.is(quantile([1, 2, 4], 1), 4);
	assert.is(quantile([7], 0.3), 7);
	assert.throws(() => quantile([], 0.5), /empty sample/);
	assert.throws(() => quantile([1], 1.5), /level must lie/);
});

test.run();
