import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { incompleteGamma, logFactorialRise, logGamma } from '../../harness/numerics/gamma.js';
import { noncentralLower } from '../../harness/numerics/noncentral.js';
import { noiseQuantile, shiftUpperBound } from '../../harness/numerics/shift-bound.js';

const near = (x: number, y: number, relative: number): void =>
	assert.ok(Math.abs(x - y) <= relative * Math.abs(y), `${x} is not ${y}`);

// scipy.special 1.x: gammaln, gammainc, gammaincc
test('agrees with SciPy in the bulk and far out in a tail', () => {
	near(logGamma(0.3), 1.0957979948180756, 1e-14);
	near(logGamma(1234.5), 7550.550901077894, 1e-14);
	near(incompleteGamma(2.5, 1.3).lower, 0.23863473215498604, 1e-12);
	near(incompleteGamma(10, 40).upper, 3.925932226286184e-9, 1e-11);
	near(incompleteGamma(1000, 1100).upper, 0.0010593232539299773, 1e-10);
	near(incompleteGamma(1, 2).upper, Math.exp(-2), 1e-14);
	assert.equal(incompleteGamma(2, 0), { lower: 0, upper: 1 });
	assert.throws(() => incompleteGamma(0, 1), /a must be positive/);
	assert.throws(() => incompleteGamma(1, -1), /x must be/);
	assert.throws(() => logGamma(0), /x must be positive/);
});

test('rises of factorials are exact products, small and large', () => {
	near(logFactorialRise(3, 2), Math.log(20), 1e-15);
	near(logFactorialRise(10, 60), logGamma(71) - logGamma(11), 1e-13);
	near(logFactorialRise(1000, 64), logGamma(1065) - logGamma(1001), 1e-12);
	// (a + 1) … (a + m) = a^m (1 + m / 2a …)^m
	near(logFactorialRise(1e15, 1e4), 1e4 * Math.log(1e15) + 5e7 / 1e15, 1e-13);
	assert.is(logFactorialRise(5, 0), 0);
});

test('the bound is the exact noncentral χ² bound, and never below the median of noise', () => {
	const chi2 = (n: number) => ({ noise: n, variance: 2 * n, slope: 1 });
	// SciPy: the λ with ncx2.cdf(q, n, λ) = 0.05
	for (const [q, n, exact] of [
		[30, 10, 40.403250401011015],
		[60, 21, 66.06857259705282],
		[9, 1, 21.574665215803307],
	] as const) {
		near(shiftUpperBound(q, chi2(n), 0.95), exact, 1e-9);
		near(noncentralLower(q, n, exact), 0.05, 1e-10);
	}
	near(noiseQuantile(chi2(10), 0.5), 9.341818, 1e-6);
	near(noncentralLower(3, 2, 0), 1 - Math.exp(-1.5), 1e-12);
	near(noncentralLower(1990, 5, 1994.9), noncentralLower(1990, 5, 1995.1), 1e-2);
	// Q = 3 χ²: the bound scales with it.
	const thrice = { noise: 30, variance: 180, slope: 3 };
	near(shiftUpperBound(90, thrice, 0.95), 3 * 40.403250401011015, 1e-6);
	const floor = shiftUpperBound(0, chi2(10), 0.95);
	near(floor, shiftUpperBound(9.3418, chi2(10), 0.95), 1e-4);
	assert.ok(shiftUpperBound(30, chi2(10), 0.99) > shiftUpperBound(30, chi2(10), 0.95));
	assert.throws(() => shiftUpperBound(-1, chi2(1), 0.95), /q must be/);
	assert.throws(() => shiftUpperBound(1, chi2(0), 0.95), /noise must be positive/);
	assert.throws(() => shiftUpperBound(1, chi2(1), 1), /level must lie/);
});

test.run();
