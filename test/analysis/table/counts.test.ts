import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { binaryOrder, countTable } from '../../../harness/analysis/table/counts.js';

const row = (source: string, target: string, count: number) => ({ source, target, count });

test('the documented example', () => {
	const table = countTable({ rows: [row('B', 'A', 2)], attempts: { B: 5 } });
	assert.equal(table.states, ['A', 'B']);
	assert.equal([...table.attempts], [0, 5]);
	assert.equal([...table.rowStart], [0, 0, 1]);
	assert.equal([...table.target], [0]);
	assert.equal(table.outcomes, { valid: 2, self: 0, invalid: 3, unparsable: 0, truncated: 0 });
});

test('order of arrival changes nothing; diagonal rows are self outcomes', () => {
	const rows = [row('A', 'B', 2), row('B', 'A', 1), row('A', 'A', 4), row('A', 'C', 3)];
	const attempts = { A: 10, B: 10 };
	const table = countTable({ rows, attempts });
	assert.equal(countTable({ rows: [...rows].reverse(), attempts: { B: 10, A: 10 } }), table);
	assert.equal(countTable({ rows, attempts: new Map(Object.entries(attempts)) }), table);
	assert.equal([...table.self], [4, 0, 0]);
	assert.equal([...table.count], [2, 3, 1]);
});

test('binary order is the order of UTF-8 bytes', () => {
	const words = ['b', 'a', 'é', 'Z', '', '\u{1F600}', '\uFFFD', 'ab', '\u{1F601}'];
	const bytes = [...words].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
	assert.equal([...words].sort(binaryOrder), bytes);
});

test('wrong tables are refused, naming the row', () => {
	const bad: [() => unknown, RegExp][] = [
		[() => countTable({ rows: [row('A', 'B', -1)], attempts: { A: 1 } }), /row 0 \(A → B\): count/],
		[() => countTable({ rows: [row('A', 'B', 0.5)], attempts: { A: 1 } }), /got 0.5/],
		[() => countTable({ rows: [row('A', 'B', Number.NaN)], attempts: { A: 1 } }), /got NaN/],
		[() => countTable({ rows: [row('A', 'B', 2 ** 54)], attempts: { A: 1 } }), /2\^53/],
		[() => countTable({ rows: [row('A', 'B', '1' as never)], attempts: {} }), /must be a number/],
		[() => countTable({ rows: [row('', 'B', 1)], attempts: {} }), /source must be a non-empty/],
		[
			() => countTable({ rows: [row('A', 'B', 1), row('A', 'B', 1)], attempts: { A: 5 } }),
			/row 1 \(A → B\): this pair was given before/,
		],
		[
			() => countTable({ rows: [row('A', 'B', 3)], attempts: { A: 2 } }),
			/A has 3 counted .* 2 att/,
		],
		[() => countTable({ rows: [row('A', 'B', 3)], attempts: {} }), /0 attempts/],
		[() => countTable({ rows: [], attempts: { A: -2 } }), /attempts from A/],
		[() => countTable({ rows: [], attemptsByConvention: 0 }), /must be positive/],
	];
	for (const [make, message] of bad) assert.throws(make, message);
	assert.ok(countTable({ rows: [row('A', 'B', 3)], attempts: { A: 3 } }));
});

test('outcomes must agree with the counts', () => {
	const make = (valid: number, invalid: number) =>
		countTable({
			rows: [row('A', 'B', 3)],
			attempts: { A: 5 },
			outcomes: { valid, self: 0, invalid, unparsable: 0, truncated: 0 },
		});
	assert.is(make(3, 2).outcomes.invalid, 2);
	assert.throws(() => make(2, 3), /outcomes say 2 valid/);
	assert.throws(() => make(3, 1), /outcomes add up to 4, attempts to 5/);
});

test('attempts by convention are marked and not held against the counts', () => {
	const table = countTable({ rows: [row('A', 'B', 3)], attemptsByConvention: 2.5 });
	assert.equal([...table.attempts], [2.5, 2.5]);
	assert.is(table.attemptsRecorded, false);
});

test.run();
