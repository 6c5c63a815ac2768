import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countTable } from '../../../harness/analysis/table/counts.js';
import { countedFrom, kernelEntries } from '../../../harness/analysis/table/kernel.js';
import { wilson95 } from '../../../harness/numerics/wilson.js';

const ROWS = [
	{ source: 'A', target: 'B', count: 6 },
	{ source: 'A', target: 'A', count: 1 },
	{ source: 'B', target: 'A', count: 2 },
	{ source: 'B', target: 'C', count: 2 },
	{ source: 'B', target: 'B', count: 1 },
];

test('the example: what was seen, self and refused, adding up to 1', () => {
	const table = countTable({ rows: ROWS, attempts: { A: 10, B: 5 } });
	const entries = [...kernelEntries(table)];
	assert.equal(
		entries.map(({ source, target, outcome, count, attempts, probability }) => [
			source,
			target,
			outcome,
			count,
			attempts,
			probability,
		]),
		[
			['A', 'A', 'self', 1, 10, 0.1],
			['A', 'B', 'valid', 6, 10, 0.6],
			['A', null, 'refused', 3, 10, 0.3],
			['B', 'A', 'valid', 2, 5, 0.4],
			['B', 'B', 'self', 1, 5, 0.2],
			['B', 'C', 'valid', 2, 5, 0.4],
			['B', null, 'refused', 0, 5, 0],
		],
	);
	for (const { count, attempts, interval95 } of entries)
		assert.equal(interval95, wilson95(count, attempts));
	assert.equal([...countedFrom(table, 2)], []);
});

test('attempts by convention are no denominator of a chance', () => {
	const outcomes = { valid: 10, self: 2, invalid: 0, unparsable: 0, truncated: 0 };
	const table = countTable({ rows: ROWS, attemptsByConvention: 10, outcomes });
	assert.throws(
		() => [...kernelEntries(table)],
		(error: Error) => error instanceof RangeError && /convention/.test(error.message),
	);
});

test.run();
