import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { noncentralLower } from '../../harness/numerics/noncentral.js';
import {
	cautiousInterval,
	noiseQuantile,
	shiftInterval,
	shiftUpperBound,
} from '../../harness/numerics/shift-bound.js';
import { Stream } from '../../harness/numerics/stream.js';

const CHI = { noise: 10, variance: 20, slope: 1 };

test('a plain χ²: both ends invert its noncentral distribution (values: SciPy)', () => {
	const { lower, upper } = shiftInterval(30, CHI, 0.95);
	assert.ok(Math.abs(lower - 5.255542130688) < 1e-9);
	assert.ok(Math.abs(upper - 44.774876167896) < 1e-9);
	assert.ok(Math.abs(noncentralLower(30, 10, lower) - 0.975) < 1e-9);
	assert.ok(Math.abs(noncentralLower(30, 10, upper) - 0.025) < 1e-9);
	assert.ok(Math.abs(shiftUpperBound(30, CHI, 0.95) - 40.403250401011) < 1e-9);
});

test('near the noise the lower end is 0; far below it both are, but the one-sided bound is not', () => {
	assert.ok(shiftInterval(noiseQuantile(CHI, 0.976), CHI, 0.95).lower > 0);
	assert.is(shiftInterval(noiseQuantile(CHI, 0.974), CHI, 0.95).lower, 0);
	assert.ok(shiftInterval(noiseQuantile(CHI, 0.03), CHI, 0.95).upper > 0);
	assert.is(shiftInterval(noiseQuantile(CHI, 0.02), CHI, 0.95).upper, 0);
	const cautious = cautiousInterval(0, CHI, 0.95);
	assert.ok(cautious.lower === 0 && Math.abs(cautious.upper - 13.375791307248) < 1e-9);
	assert.equal(cautiousInterval(30, CHI, 0.95), shiftInterval(30, CHI, 0.95));
	const least = shiftUpperBound(noiseQuantile(CHI, 0.5), CHI, 0.95);
	assert.is(shiftUpperBound(0, CHI, 0.95), least);
});

test('a variance that grows faster than a noncentral χ² allows still covers', () => {
	// Σ a (z + m)² over many terms, the signal on those with the largest a.
	const a = Float64Array.from({ length: 400 }, (_, i) => (i < 40 ? 3 : 1));
	const noise = a.reduce((sum, x) => sum + x, 0);
	const squares = { noise, variance: 2 * a.reduce((sum, x) => sum + x * x, 0), slope: 3 };
	const m = 1.2;
	const shift = 40 * 3 * m * m;
	const stream = new Stream([5, 1], 0);
	let low = 0;
	let high = 0;
	for (let run = 0; run < 400; run++) {
		const q = a.reduce((sum, x, i) => sum + x * (stream.normal() + (i < 40 ? m : 0)) ** 2, 0);
		const { lower, upper } = shiftInterval(q, squares, 0.95);
		if (shift < lower) low += 1;
		if (shift > upper) high += 1;
	}
	// 2.5 % each: 10 ± 3 of 400
	assert.ok(low >= 2 && low <= 20, `${low} lower ends above the truth`);
	assert.ok(high >= 2 && high <= 20, `${high} upper ends below the truth`);
});

test('bad arguments are refused by name', () => {
	assert.throws(() => shiftInterval(-1, CHI, 0.95), /q must be finite and ≥ 0, got -1/);
	assert.throws(() => shiftInterval(1, CHI, 0.5), /level must lie between 0.5 and 1, got 0.5/);
	assert.throws(() => shiftUpperBound(1, { ...CHI, noise: 0 }, 0.95), /noise must be positive/);
	assert.throws(() => shiftInterval(1, { ...CHI, slope: Number.NaN }, 0.95), /slope .* got NaN/);
});

test.run();
