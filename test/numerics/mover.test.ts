import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Bounded, shareInterval, sumInterval } from '../../harness/numerics/mover.js';

const sure = (value: number): Bounded => ({ value, lower: value, upper: value });

test('the documented values', () => {
	const sum = sumInterval([
		{ value: 5, lower: 2, upper: 9 },
		{ value: 7, lower: 3, upper: 10 },
	]);
	assert.equal(sum, { value: 12, lower: 7, upper: 17 });
	const quarter = shareInterval(sure(1), sure(3), 0)!;
	for (const x of Object.values(quarter)) assert.ok(Math.abs(x - 0.25) < 1e-12);
});

test('limits of a share solve the quadratic of the ratio', () => {
	const found = shareInterval(
		{ value: 4, lower: 2, upper: 7 },
		{ value: 6, lower: 5, upper: 8 },
		0,
	)!;
	// (4 − 6ψ)² = (4 − 2)² + ψ² (8 − 6)², and (4 − 6ψ)² = (7 − 4)² + ψ² (6 − 5)², ψ = s / (1 − s)
	const low = (48 - Math.sqrt(48 ** 2 - 4 * 32 * 12)) / 64;
	const high = (48 + Math.sqrt(48 ** 2 - 4 * 35 * 7)) / 70;
	assert.ok(Math.abs(found.lower - low / (1 + low)) < 1e-12);
	assert.ok(Math.abs(found.upper - high / (1 + high)) < 1e-12);
});

test('a correlation of the two narrows the share, its opposite widens it', () => {
	const [part, rest] = [
		{ value: 4, lower: 2, upper: 7 },
		{ value: 6, lower: 5, upper: 8 },
	];
	const [less, none, more] = [-0.3, 0, 0.3].map((r) => shareInterval(part, rest, r)!);
	assert.ok(less!.lower < none!.lower && none!.lower < more!.lower);
	assert.ok(less!.upper > none!.upper && none!.upper > more!.upper);
});

test('the ends: nothing to share, all of one, limits at 0', () => {
	assert.is(shareInterval(sure(0), sure(0), 0), null);
	assert.equal(shareInterval(sure(0), sure(2), 0), sure(0));
	assert.equal(shareInterval(sure(2), sure(0), 0), sure(1));
	const open = shareInterval(
		{ value: 0, lower: 0, upper: 1 },
		{ value: 1, lower: 0, upper: 3 },
		0,
	)!;
	assert.ok(open.value === 0 && open.lower === 0 && open.upper > 0.5 && open.upper <= 1);
});

test('property: a share lies in its interval, and the other share is 1 less it', () => {
	const bounded = fc.tuple(fc.nat(1000), fc.nat(5), fc.nat(5)).map(([x, below, above]) => ({
		value: x / 100,
		lower: Math.max(0, x / 100 - below),
		upper: x / 100 + above,
	}));
	fc.assert(
		fc.property(bounded, bounded, (part, rest) => {
			const one = shareInterval(part, rest, 0.2);
			const other = shareInterval(rest, part, 0.2);
			if (one === null || other === null) return;
			assert.ok(0 <= one.lower && one.lower <= one.value && one.value <= one.upper + 1e-12);
			assert.ok(one.upper <= 1 && Math.abs(one.value + other.value - 1) < 1e-12);
			if (part.lower > 0 && rest.lower > 0) {
				assert.ok(Math.abs(one.lower + other.upper - 1) < 1e-9);
			}
		}),
		{ numRuns: 200, seed: 1 },
	);
});

test.run();
