import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findComponents } from '../../../harness/analysis/table/components.js';
import { binaryOrder, countTable } from '../../../harness/analysis/table/counts.js';
import { Stream } from '../../../harness/numerics/stream.js';

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

/** The same rows in columns. */
function inColumns(rows: readonly ReturnType<typeof row>[], states: readonly string[]) {
	const at = (name: string): number => states.indexOf(name);
	return {
		states,
		source: Int32Array.from(rows, ({ source }) => at(source)),
		target: Int32Array.from(rows, ({ target }) => at(target)),
		count: Float64Array.from(rows, ({ count }) => count),
	};
}

test('columns and rows make the same table', () => {
	const stream = new Stream([1, 5], 0);
	for (let round = 0; round < 30; round++) {
		const states = ['A', 'B', 'Z', 'é', '\uFFFD', '\u{1F600}'].slice(0, 2 + (round % 5));
		const rows = states.flatMap((source) =>
			states.flatMap((target) =>
				stream.next() < 0.6 ? [row(source, target, stream.below(4))] : [],
			),
		);
		rows.sort(() => stream.next() - 0.5);
		const attempts = Float64Array.from(states, () => 30 + stream.below(9));
		const named = Object.fromEntries(states.map((state, f) => [state, attempts[f]!]));
		const table = countTable({ ...inColumns(rows, states), attempts });
		assert.equal(table, countTable({ rows, attempts: named }));
		const { rowStart, target, count } = table;
		for (const [f, source] of states.entries()) {
			const expected = states.flatMap((to, g) => {
				const found = rows.find((r) => r.source === source && r.target === to);
				return f !== g && found !== undefined && found.count > 0 ? [[g, found.count]] : [];
			});
			const from = rowStart[f]!;
			const to = rowStart[f + 1]!;
			assert.equal(
				[...target.slice(from, to)].map((g, i) => [g, count[from + i]]),
				expected,
			);
		}
		const conventional = { ...inColumns(rows, states), attemptsByConvention: 7 };
		assert.is(countTable(conventional).attempts[0], 7);
		assert.not.ok(countTable(conventional).attemptsRecorded);
	}
});

test('wrong columns are refused', () => {
	const rows = [row('A', 'B', 1), row('B', 'A', 2)];
	const good = { ...inColumns(rows, ['A', 'B']), attempts: Float64Array.of(5, 5) };
	assert.ok(countTable(good));
	const outcomes = { valid: 3, self: 0, invalid: 7, unparsable: 0, truncated: 0 };
	assert.ok(countTable({ ...good, outcomes }));
	const bad: [object, RegExp][] = [
		[{ states: ['B', 'A'] }, /ascending binary order, "A" follows "B"/],
		[{ states: ['A', 'A'] }, /ascending binary order, "A" follows "A"/],
		[{ states: ['A', ''] }, /state 1 must be a non-empty string, got ""/],
		[{ states: ['A', 7] }, /state 1 must be a non-empty string, got 7/],
		[{ source: Int32Array.of(0, 2) }, /row 1: 2 → 0 must be indices of states, from 0 to 1/],
		[{ target: Int32Array.of(-1, 0) }, /row 0: 0 → -1 must be indices/],
		[{ target: Int32Array.of(0) }, /columns differ in length: source 2, target 1, count 2/],
		[{ count: Float64Array.of(1, Number.NaN) }, /row 1 \(B → A\): count .* got NaN/],
		[{ count: Float64Array.of(1, -1) }, /row 1 \(B → A\): count .* got -1/],
		[{ source: Int32Array.of(0, 0), target: Int32Array.of(1, 1) }, /row 1 \(A → B\): this pair/],
		[{ attempts: Float64Array.of(5) }, /one number per state, 2, not 1/],
		[{ attempts: Float64Array.of(5, 0.5) }, /attempts from B .* got 0.5/],
		[{ attempts: Float64Array.of(0, 5) }, /A has 1 counted outcomes but 0 attempts/],
		[{ outcomes: { ...outcomes, valid: 4 } }, /outcomes say 4 valid/],
	];
	for (const [change, message] of bad) {
		assert.throws(() => countTable({ ...good, ...change }), message);
	}
});

test('a million states with one attempt each', () => {
	const K = 1_000_000;
	const states = Array.from({ length: K }, (_, f) => String(1e9 + f));
	const table = countTable({
		states,
		source: Int32Array.from(states.keys()),
		target: Int32Array.from(states, (_, f) => (7919 * f + 1) % K),
		count: new Float64Array(K).fill(1),
		attempts: new Float64Array(K).fill(1),
	});
	const { members, pairs } = findComponents(table);
	assert.is(table.outcomes.valid + table.outcomes.self, K);
	assert.is(pairs.oneWay + 2 * pairs.twoWay, table.outcomes.valid);
	assert.is(
		members.reduce((sum, m) => sum + m.length, 0),
		K,
	);
});

test.run();
