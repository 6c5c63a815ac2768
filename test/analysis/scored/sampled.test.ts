/** Sampled shares beside exact ones. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sampledShares } from '../../../harness/analysis/scored/sampled.js';
import { countTable } from '../../../harness/analysis/table/counts.js';

const LAWS = [
	{ source: 'A', logT: [null, Math.log(0.5), null], self: 0.1 },
	{ source: 'B', logT: [Math.log(0.3), null, Math.log(0.001)], self: 0 },
	{ source: 'C', logT: [null, Math.log(0.2), null], self: 0 },
];

test('transitions that are possible or were drawn, with Wilson’s interval and whether it holds', () => {
	const table = countTable({
		rows: [
			{ source: 'A', target: 'A', count: 1 },
			{ source: 'A', target: 'B', count: 8 },
			{ source: 'A', target: 'C', count: 1 },
			{ source: 'B', target: 'A', count: 19 },
			{ source: 'B', target: 'X', count: 1 },
		],
		attempts: { A: 10, B: 20 },
	});
	const shares = sampledShares(LAWS, table);
	assert.equal(
		shares.map(({ source, target, count, attempts, holds }) => [
			`${source}${target}`,
			count,
			attempts,
			holds,
		]),
		[
			['AA', 1, 10, true],
			['AB', 8, 10, true],
			['AC', 1, 10, false],
			['BA', 19, 20, false],
			['BC', 0, 20, true],
		],
	);
	// The digits that the docstring quotes.
	assert.equal(shares[1]?.interval, { lower: 0.4901624715366417, upper: 0.9433178485456247 });
	assert.is(shares[4]?.interval.lower, 0);
});

test('no attempts recorded, nothing to compare', () => {
	const table = countTable({
		rows: [{ source: 'A', target: 'B', count: 3 }],
		attemptsByConvention: 10,
	});
	assert.equal(sampledShares(LAWS, table), []);
});

test.run();
