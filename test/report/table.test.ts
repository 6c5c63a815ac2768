/** Tables on a terminal: columns stay columns whatever the text, and nothing drives the terminal. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fittedTable, printable, textTable, wrapped } from '../../harness/report/table.js';
import { cutTo, displayWidth, padEnd, padStart } from '../../harness/report/width.js';

const LEFT = { title: 'name', align: 'left' } as const;
const RIGHT = { title: 'n', align: 'right' } as const;

test('display width: the examples; wide, combining, invisible, joined', () => {
	assert.is(displayWidth('e\u0301 漢'), 4);
	for (const [text, width] of [
		['', 0],
		['abc', 3],
		['é', 1],
		['漢字', 4],
		['ｱ', 1],
		['Ａ', 2],
		['한', 2],
		['🍐', 2],
		['👩‍👩‍👧', 2],
		['🇩🇪', 2],
		['\u200b', 0],
		['\u0301', 0],
		['नि', 1],
		['␦', 1],
		['–', 1],
	] as const)
		assert.is(displayWidth(text), width, JSON.stringify(text));
});

test('cut: in columns, never through a character', () => {
	assert.is(cutTo('漢字かな', 5), '漢字…');
	assert.is(cutTo('漢字かな', 8), '漢字かな');
	assert.is(cutTo('漢字かな', 4), '漢…');
	assert.is(cutTo('abc', 3), 'abc');
	assert.is(cutTo('abcd', 3), 'ab…');
	assert.is(cutTo('e\u0301e\u0301e\u0301', 2), 'e\u0301…');
	assert.is(cutTo('👩‍👩‍👧👩‍👩‍👧', 3), '👩‍👩‍👧…');
	const long = cutTo('🍐'.repeat(500_000), 60);
	assert.is(displayWidth(long), 59);
	assert.ok(long.isWellFormed());
	assert.is(displayWidth(cutTo(`a${'\u0301'.repeat(1_000_000)}`, 60)), 2);
	assert.is(padEnd('漢', 3) + padStart('é', 2), '漢  é');
});

test('printable: at most 60 columns of one harmless line', () => {
	assert.is(printable('a\u001b[31m\n\u202eb'), 'a␦[31m␦␦b');
	assert.is(printable('x'.repeat(60)), 'x'.repeat(60));
	assert.is(printable('x'.repeat(61)), `${'x'.repeat(59)}…`);
	assert.is(printable('漢'.repeat(31)), `${'漢'.repeat(29)}…`);
});

test('a table: columns begin at the same place in every line; titles are harmless too', () => {
	const lines = textTable(
		[LEFT, { title: 't\u001b[2J', align: 'left' }, RIGHT],
		[
			['漢字', 'x', '1'],
			['a\nb', 'y', '22'],
			['e\u0301', '\u202ez', '333'],
		],
	);
	assert.equal(lines, [
		'name  t␦[2J    n',
		'────  ─────  ───',
		'漢字  x        1',
		'a␦b   y       22',
		'e\u0301     ␦z     333',
	]);
});

test('a fitted table: as wide as it may be, the widest columns cut; too many columns are listed', () => {
	const row = ['a'.repeat(80), 'b'.repeat(80), 'short'];
	const columns = [LEFT, LEFT, { title: 'third', align: 'left' } as const];
	const lines = fittedTable(columns, [row], 60);
	assert.is(Math.max(...lines.map(displayWidth)), 60);
	assert.match(lines[2] as string, /^a+… {2}b+… {2}short$/);
	const narrow = fittedTable(columns, [['a', 'b', 'c']], 60);
	assert.equal(narrow, textTable(columns, [['a', 'b', 'c']]));
	const many = Array.from(
		{ length: 20 },
		(_, i) => ({ title: `column${i}`, align: 'left' }) as const,
	);
	const listed = fittedTable(many, [many.map(({ title }) => `value of ${title}`)], 100);
	assert.is(listed.length, 21);
	assert.is(listed[3], 'column2   value of column2');
});

test('wrapped lines: at most so wide, in columns', () => {
	const lines = wrapped('漢字漢字 漢字漢字 漢字 ab', 12);
	assert.equal(lines, ['漢字漢字', '  漢字漢字', '  漢字 ab']);
});

test.run();
