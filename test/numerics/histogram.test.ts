import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { histogram } from '../../harness/numerics/histogram.js';

test('counts by hand, edges included', () => {
	assert.equal(histogram([0, 1, 2, 4], 2), { from: 0, to: 4, counts: [2, 2] });
	assert.equal(histogram([0, 1.999, 2, 4], 2).counts, [2, 2]);
	assert.equal(histogram(Float64Array.of(4, 3, 2, 1, 0), 4), {
		from: 0,
		to: 4,
		counts: [1, 1, 1, 2],
	});
});

test('equal values are one bin, negative ones are values', () => {
	assert.equal(histogram([3, 3, 3], 4), { from: 3, to: 3, counts: [3, 0, 0, 0] });
	assert.equal(histogram([-2, -1], 2), { from: -2, to: -1, counts: [1, 1] });
});

test('refuses what it cannot count', () => {
	assert.throws(() => histogram([], 3), /at least one/);
	assert.throws(() => histogram([1, Number.NaN], 3), /finite/);
	assert.throws(() => histogram([1, Infinity], 3), /finite/);
	assert.throws(() => histogram([1], 0), /integer/);
	assert.throws(() => histogram([1], 1.5), /integer/);
});

test.run();
