import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { wilson95 } from '../../harness/numerics/wilson.js';

const Z2 = 1.959963984540054 ** 2;

test('the example; both bounds are where |k − n p| = z √(n p (1 − p))', () => {
	const { lower, upper } = wilson95(8, 10);
	assert.is(lower, 0.4901624715366417);
	assert.is(upper, 0.9433178485456247);
	for (const [k, n] of [
		[1, 10],
		[5, 10],
		[9, 10],
		[3, 5000],
		[4_999_999, 5_000_000],
		[1, 1e15],
	] as const) {
		const interval = wilson95(k, n);
		assert.ok(interval.lower < k / n && k / n < interval.upper, `${k}/${n}`);
		for (const p of Object.values(interval)) {
			const ratio = (k - n * p) ** 2 / (Z2 * n * p * (1 - p));
			assert.ok(Math.abs(ratio - 1) < 1e-6, `${k}/${n}: ${ratio}`);
		}
	}
});

test('no event: from 0 exactly; every trial an event: to 1 exactly', () => {
	assert.is(wilson95(0, 7).lower, 0);
	assert.is(wilson95(0, 7).upper.toFixed(14), (1 - wilson95(7, 7).lower).toFixed(14));
	assert.is(wilson95(7, 7).upper, 1);
	assert.is(wilson95(0, 10).upper.toFixed(12), (Z2 / (10 + Z2)).toFixed(12));
});

test('out of range', () => {
	for (const [k, n] of [
		[0, 0],
		[1, Number.NaN],
		[1, Infinity],
		[-1, 5],
		[6, 5],
		[Number.NaN, 5],
	] as const)
		assert.throws(
			() => wilson95(k, n),
			(error: Error) => error instanceof RangeError,
		);
});

test.run();
