import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { stationaryDistribution } from '../../harness/numerics/stationary.js';

const near = (x: Float64Array | null, y: readonly number[]): void => {
	for (const [i, value] of y.entries()) assert.ok(Math.abs(x![i]! - value) < 1e-15, `${x}`);
};
const floats = (...x: number[]) => Float64Array.from(x);

test('the documented value; one state; a ring is even', () => {
	near(stationaryDistribution(floats(0, 0.3, 0.1, 0), 2), [0.25, 0.75]);
	assert.equal(stationaryDistribution(floats(0.4), 1), floats(1));
	const ring = stationaryDistribution(floats(0, 0.4, 0.2, 0.2, 0, 0.4, 0.4, 0.2, 0), 3);
	near(ring, [1 / 3, 1 / 3, 1 / 3]);
});

test('birth and death over 300 orders of magnitude: every π right to its own last digits', () => {
	const K = 21;
	const rates = new Float64Array(K * K);
	// π_f = 10^(−15 f) up to a factor, by detailed balance between neighbours.
	for (let f = 0; f + 1 < K; f++) {
		rates[f * K + f + 1] = 1e-15 * 0.5;
		rates[(f + 1) * K + f] = 0.5;
	}
	const pi = stationaryDistribution(rates, K)!;
	for (let f = 0; f < K; f++) {
		assert.ok(Math.abs(pi[f]! / (pi[0]! * 10 ** (-15 * f)) - 1) < 1e-13, `${pi[f]}`);
	}
});

test('a chain that is not irreducible has none; the diagonal and row sums do not matter', () => {
	assert.is(stationaryDistribution(floats(0, 0.3, 0, 0), 2), null);
	assert.is(stationaryDistribution(floats(0, 0, 0.3, 0), 2), null);
	assert.is(stationaryDistribution(floats(0, 0, 0, 0), 2), null);
	near(stationaryDistribution(floats(9, 3, 1, Number.NaN), 2), [0.25, 0.75]);
	assert.throws(() => stationaryDistribution(floats(1, 2, 3), 2), /2 × 2 matrix needs 4/);
});

test.run();
