/** The formats: what they say, that they agree, and what is refused. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HarnessError } from '../../harness/errors.js';
import { csvLine } from '../../harness/exchange/csv-file.js';
import { NAME_MOST, readWhole } from '../../harness/exchange/names.js';
import { Tally } from '../../harness/exchange/tally.js';
import { inFolder, onlyTable, readContent, refusedContent, rowsOf } from './fixture.js';

const COUNTS = {
	model: 'm',
	template: 't',
	temperature: 0.5,
	attempts_total: 20,
	note: 'why',
	counts: [
		{ source: 'A', target: 'B', count: 3 },
		{ source: 'B', target: 'A', count: 2.0 },
		{ count: 1, target: 'A', source: 'A' },
	],
};

test('counts: labels, totals, self outcomes and notes', async () => {
	const read = await readContent(JSON.stringify(COUNTS, null, 1));
	const { labels, tally } = onlyTable(read);
	assert.is(read.format, 'counts');
	assert.equal(labels, {
		model: 'm',
		template: 't',
		sampling: { temperature: 0.5, topK: null, topP: null, minP: null },
	});
	assert.equal(rowsOf(onlyTable(read)), [
		['A', 'A', 1],
		['A', 'B', 3],
		['B', 'A', 2],
	]);
	assert.equal([tally.attemptsTotal, tally.attempts, tally.outcomes], [20, null, 6]);
	assert.equal([...read.notes], [['note', '"why"']]);
	assert.equal(read.notices, []);
});

test('counts: attempts per source; a source without a count; a long note is left aside', async () => {
	const read = await readContent(
		JSON.stringify({
			long: 'x'.repeat(20_001),
			attempts: { A: 10, B: 4, C: 7 },
			counts: COUNTS.counts,
		}),
	);
	const { tally } = onlyTable(read);
	const named = [...(tally.attempts ?? [])].map(([state, n]) => [tally.states[state], n]);
	assert.equal(named, [
		['A', 10],
		['B', 4],
		['C', 7],
	]);
	assert.is(tally.attemptsTotal, 21);
	assert.equal([...read.notes], []);
	assert.match(read.notices[0] as string, /left aside, being too long for a note: "long"/);
});

test('transitions: each source once to the target, whatever the order of keys', async () => {
	const read = await readContent(
		JSON.stringify([
			{ target_expression: 'B', source_expressions: [{ expression: 'A' }, { expression: 'A' }] },
			{
				source_expressions: [{ score: [1, { x: null }], expression: 'B' }, { expression: 'A' }],
				id: 7,
				target_expression: 'A',
			},
			{ target_expression: 'C', source_expressions: [] },
		]),
	);
	assert.is(read.format, 'transitions');
	const table = onlyTable(read);
	assert.equal(rowsOf(table), [
		['A', 'A', 1],
		['A', 'B', 2],
		['B', 'A', 1],
	]);
	assert.equal([...table.tally.states].sort(), ['A', 'B', 'C']);
	assert.equal(read.notices, ['left aside, being no part of a transition: "score", "id"']);
});

test('successors: repeats count; a word may be called counts; a word may have none', async () => {
	const read = await readContent('{"counts": ["B", "B", "counts"], "B": ["counts"], "C": []}');
	assert.is(read.format, 'successors');
	const table = onlyTable(read);
	assert.equal(rowsOf(table), [
		['B', 'counts', 1],
		['counts', 'B', 2],
		['counts', 'counts', 1],
	]);
	assert.equal(table.tally.states, ['counts', 'B', 'C']);
});

test('a count table may have lists of texts among its notes', async () => {
	const { counts } = COUNTS;
	for (const notes of [{ authors: ['A', 'B'] }, { z: [] }, { year: 2025 }])
		for (const content of [
			{ ...notes, counts },
			{ counts, ...notes },
		])
			assert.is((await readContent(JSON.stringify(content))).format, 'counts');
});

test('csv: any order, quotes, CRLF, a byte order mark, empty lines, counts written 2.0', async () => {
	for (const [mark, end] of [
		['', '\n'],
		['\ufeff', '\r\n'],
		['', '\r'],
	] as const) {
		const lines = ['count,target,source', '3,B,"A, or ""a"""', '', '2.0,"A, or ""a""",B', '1,B,B'];
		const read = await readContent(mark + lines.join(end) + end);
		assert.is(read.format, 'csv');
		assert.equal(rowsOf(onlyTable(read)), [
			['A, or "a"', 'B', 3],
			['B', 'A, or "a"', 2],
			['B', 'B', 1],
		]);
	}
});

test('csv: labels divide it into tables', async () => {
	const read = await readContent(
		[
			'model,temperature,top_k,source,target,count',
			'm,1,,A,B,1',
			'm,0.5,,A,B,2',
			'm,1,,B,A,3',
			',1e-3,40,A,B,4\n',
		].join('\n'),
	);
	const sampling = { topK: null, topP: null, minP: null };
	assert.equal(
		read.tables.map(({ labels }) => labels),
		[
			{ model: 'm', template: null, sampling: { ...sampling, temperature: 1 } },
			{ model: 'm', template: null, sampling: { ...sampling, temperature: 0.5 } },
			{ model: null, template: null, sampling: { ...sampling, temperature: 0.001, topK: 40 } },
		],
	);
	assert.equal(read.tables.map(rowsOf), [
		[
			['A', 'B', 1],
			['B', 'A', 3],
		],
		[['A', 'B', 2]],
		[['A', 'B', 4]],
	]);
});

const name = fc
	.string({ unit: 'binary', minLength: 1, maxLength: 12 })
	.filter((text) => text.trim() !== '' && text.isWellFormed());

test('the four formats say the same of the same transitions, hostile names included', async () => {
	const names = fc.uniqueArray(fc.oneof(name, fc.constantFrom('__proto__', 'constructor', ' a')), {
		minLength: 2,
		maxLength: 6,
	});
	const events = fc.array(fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 })), { minLength: 1 });
	await fc.assert(
		fc.asyncProperty(names, events, async (states, pairs) => {
			const at = (i: number) => states[i % states.length] as string;
			const list = pairs.map(([f, g]) => [at(f), at(g)] as const);
			if (new Set(list.flat()).size < 2) return;
			const slow = new Map<string, [string, string, number]>();
			for (const [f, g] of list) {
				const row = slow.get(JSON.stringify([f, g])) ?? [f, g, 0];
				slow.set(JSON.stringify([f, g]), [f, g, row[2] + 1]);
			}
			const rows = [...slow.values()].sort((a, b) =>
				JSON.stringify(a) < JSON.stringify(b) ? -1 : 1,
			);
			const successors = new Map<string, string[]>();
			for (const [f, g] of list) successors.set(f, [...(successors.get(f) ?? []), g]);
			const members = [...successors].map(
				([f, gs]) => `${JSON.stringify(f)}:${JSON.stringify(gs)}`,
			);
			const contents = {
				transitions: JSON.stringify(
					list.map(([f, g]) => ({ target_expression: g, source_expressions: [{ expression: f }] })),
				),
				successors: `{${members.join(',')}}`,
				counts: JSON.stringify({
					counts: rows.map(([source, target, count]) => ({ source, target, count })),
				}),
				csv: [csvLine(['source', 'target', 'count']), ...rows.map(csvLine)].join(''),
			};
			for (const [format, content] of Object.entries(contents)) {
				const read = await readContent(content);
				assert.is(read.format, format);
				assert.equal(rowsOf(onlyTable(read)), rows, content);
			}
		}),
		{ numRuns: 60, seed: 1 },
	);
});

test('readWhole: digits decide, not the double they are rounded to', () => {
	assert.equal(readWhole('12'), { value: 12 });
	assert.equal(readWhole('12.0'), { value: 12 });
	assert.equal(readWhole('0'), { value: 0 });
	assert.equal(readWhole('9007199254740991'), { value: 2 ** 53 - 1 });
	const none = [
		'9007199254740992',
		'9007199254740993',
		'1.00000000000000000001',
		'1e3',
		'-1',
		'1.5',
	];
	for (const written of [
		...none,
		'',
		' 1',
		'+1',
		'NaN',
		'Infinity',
		'0x10',
		'1_000',
		'１',
		'1e400',
	])
		assert.ok('problem' in readWhole(written), written);
});

const row = (members: object) => JSON.stringify({ counts: [COUNTS.counts[0], { ...members }] });
const count = (written: string) =>
	`{"counts": [\n{"source": "A", "target": "B", "count": ${written}}]}`;
const csvCount = (written: string) => `source,target,count\nB,A,1\nA,B,${written}\n`;
const NUMBERS = /allowed: a whole number from 0 to 9007199254740991/;

test('counts that are none: place, what was found, what is allowed', async () => {
	for (const written of ['-1', '1.5', '1e3', '9007199254740992', '9007199254740993', '1e400']) {
		await refusedContent(
			count(written),
			new RegExp(`:2: counts\\[0\\]\\.count: found "${written}`),
		);
		await refusedContent(csvCount(written), new RegExp(`:3: count: found "${written}"`));
		await refusedContent(csvCount(written), NUMBERS);
		await refusedContent(count(written), NUMBERS);
	}
	for (const written of ['NaN', 'Infinity', '-Infinity', '"5"', 'null', 'true', '[]', '{}'])
		await refusedContent(count(written), /:2: counts\[0\]\.count: found .*/, { format: 'counts' });
	await refusedContent(count('"5"'), /found "5"; allowed: a whole number/);
	await refusedContent(count('NaN'), /found NaN; allowed: a whole number/);
	await refusedContent(count('-Infinity'), /found "-Infinity", which is no JSON number/);
	for (const written of ['NaN', 'Infinity', '', 'five', '"5', ' 5', '１'])
		await refusedContent(csvCount(written), /:3: (count: found ".*"; allowed|not valid CSV)/);
});

test('sums that would not be exact are refused where they pass 2^53 − 1', async () => {
	const rows = (last: number) => `source,target,count\nA,B,9007199254740000\nB,A,${last}\n`;
	assert.is(onlyTable(await readContent(rows(991))).tally.outcomes, 2 ** 53 - 1);
	await refusedContent(rows(992), /:3: the counts up to here add up to more than 9007199254740991/);
	const attempts = (c: number) =>
		JSON.stringify({ counts: COUNTS.counts, attempts: { A: 2 ** 53 - 1000, B: c } });
	assert.is(onlyTable(await readContent(attempts(999))).tally.attemptsTotal, 2 ** 53 - 1);
	await refusedContent(attempts(1000), /the attempts add up to more than 9007199254740991/);
});

test('empty files and tables; one state', async () => {
	for (const content of ['', ' \n\t ', '\ufeff'])
		await refusedContent(content, /is empty|holds only blanks/);
	for (const content of [
		'[]',
		'{}',
		'{"counts": []}',
		'{"A": [], "B": []}',
		'[{"target_expression": "A", "source_expressions": []}]',
		'source,target,count\n',
		'source,target,count\nA,B,0\n',
	])
		await refusedContent(content, /the table is empty, no transition is counted: check the file/);
	for (const content of ['{"A": ["A"]}', 'source,target,count\nA,A,5\n'])
		await refusedContent(content, /the table has one state, "A": .*leave it out/);
});

test('attempts that cannot be', async () => {
	const table = (members: object) => JSON.stringify({ counts: COUNTS.counts, ...members });
	await readContent(table({ attempts_total: 6 }));
	await refusedContent(
		table({ attempts_total: 5 }),
		/attempts_total 5 is smaller than the 6 outcomes/,
	);
	await readContent(table({ attempts: { A: 4, B: 2 } }));
	await refusedContent(
		table({ attempts: { A: 3, B: 2 } }),
		/attempts from "A" are 3, fewer than the 4/,
	);
	await refusedContent(table({ attempts: { A: 4 } }), /attempts from "B" are missing, 2 outcomes/);
	await refusedContent(table({ attempts: { A: 4, B: -2 } }), /:1: attempts\.B: found "-2"/);
	await refusedContent(
		table({ attempts: 20 }),
		/:1: attempts: allowed: an object .*attempts_total/,
	);
	await refusedContent('{"attempts": {"A": 1, "A": 2}, "counts": []}', /attempts\.A: .*twice/);
	const both = { attempts: { A: 4, B: 2 }, attempts_total: 7 };
	await refusedContent(table(both), /attempts_total is 7, the attempts per source add up to 6/);
	await readContent(table({}), { attemptsTotal: 6 });
	await refusedContent(table({}), /attempts_total 5 is smaller/, { attemptsTotal: 5 });
	await readContent(table({ attempts_total: 7 }), { attemptsTotal: 7 });
	await refusedContent(table({ attempts_total: 8 }), /--attempts 7: .*says attempts_total 8/, {
		attemptsTotal: 7,
	}).catch(refusedOption);
});

/** Messages about options begin with the option, not with the file. */
function refusedOption(error: Error): void {
	assert.match(error.message, /--attempts/);
}

test('attempts per source from a file of their own', () =>
	inFolder(async (folder) => {
		const attemptsFile = join(folder, 'data');
		const read = (attempts: string, counts = 'source,target,count\nA,B,3\nB,A,2\n') => {
			writeFileSync(attemptsFile, attempts);
			return readContent(counts, { attemptsFile });
		};
		const refused = async (attempts: string, says: RegExp, counts?: string) => {
			try {
				await read(attempts, counts);
			} catch (error) {
				assert.match((error as Error).message, says);
				return;
			}
			assert.unreachable(String(says));
		};
		const { tally } = onlyTable(await read('attempts,source\n5,A\n2,B\n9,C\n'));
		assert.equal(
			[...(tally.attempts ?? [])],
			[
				[0, 5],
				[1, 2],
				[2, 9],
			],
		);
		assert.is(tally.attemptsTotal, 16);
		assert.match(
			(await read('source,attempts\nA,5\nB,2\n')).attemptsSha256 ?? '',
			/^[0-9a-f]{64}$/,
		);
		await refused('source,attempts\nA,5\n', /attempts from "B" are missing/);
		await refused('source,attempts\nA,5\nB,2\nA,5\n', /data:4: source: this source is there twice/);
		await refused('source,attempts\nA,x\n', /data:2: attempts: found "x"/);
		await refused(
			'source,count\nA,5\n',
			/data:1: unknown column "count".*source, attempts are needed/,
		);
		await refused(
			'model,source,attempts\nm,A,5\n',
			/data:2: no table of the counts has these labels/,
		);
		const two = 'model,source,target,count\nm,A,B,3\nn,A,B,2\n';
		const labelled = await read('model,source,attempts\nn,A,5\nm,A,7\n', two);
		assert.equal(
			labelled.tables.map((table) => table.tally.attemptsTotal),
			[7, 5],
		);
		await refused('source,attempts\nA,5\n', /data:2: no table of the counts has these labels/, two);
		const own = JSON.stringify({ attempts: { A: 3 }, counts: [COUNTS.counts[0]] });
		await refused('source,attempts\nA,5\n', /holds attempts per source already/, own);
	}));

test('fields: unknown, missing, twice', async () => {
	await refusedContent(
		row({ source: 'A', target: 'C', n: 3 }),
		/:1: counts\[1\]\.n: unknown field; a row has/,
	);
	await refusedContent(
		row({ source: 'A', target: 'C', cont: 3 }),
		/cont: unknown field; did you mean count\?/,
	);
	await refusedContent(row({ ...COUNTS.counts[1], temperature: 1 }), /temperature: unknown field/);
	for (const field of ['source', 'target', 'count']) {
		const { [field as 'count']: _, ...rest } = { source: 'A', target: 'C', count: 1 };
		await refusedContent(row(rest), new RegExp(`counts\\[1\\]: ${field} is missing; a row is`));
	}
	await refusedContent('{"counts": [{"count": 1, "count": 1}]}', /counts\[0\]\.count: .*twice/);
	await refusedContent(
		'{"counts": [{"source": 1}]}',
		/counts\[0\]\.source: found 1; allowed: a text/,
	);
	await refusedContent('{"counts": [7]}', /counts\[0\]: found 7; allowed: an object/, {
		format: 'counts',
	});
	await refusedContent(
		JSON.stringify({ ...COUNTS, attemps_total: 3 }),
		/:1: attemps_total: unknown field; did you mean attempts_total\?/,
	);
	await refusedContent('{"note": 1, "note": 2, "counts": []}', /:1: note: this key is there twice/);
	await refusedContent('{"model": 3, "counts": [{}]}', /:1: model: found 3; allowed: a text/);
	await refusedContent('{"model": " ", "counts": [{}]}', /:1: model: found the blank name " "/);
	await refusedContent(
		'{"temperature": -1, "counts": [{}]}',
		/:1: temperature: found "-1"; allowed/,
	);
	await refusedContent('{"a": 1}', /:1: counts is missing/, { format: 'counts' });
	await refusedContent(`${JSON.stringify(COUNTS)} x`, /found x; allowed: nothing after the end/);

	const target = '"target_expression": "A"';
	const sources = '"source_expressions": [{"expression": "B"}]';
	await refusedContent(`[{${target}}]`, /\[0\]: source_expressions is missing; a transition is/);
	await refusedContent(`[{${sources}}]`, /\[0\]: target_expression is missing/);
	await refusedContent(`[{${target}, ${target}}]`, /\[0\]\.target_expression: .*twice/);
	await refusedContent(`[{${sources}, ${sources}}]`, /\[0\]\.source_expressions: .*twice/);
	await refusedContent(
		`[{${target}, "source_expressions": [{}]}]`,
		/source_expressions: \[?.*expression is missing|\[0\]\.source_expressions\[0\]: expression is missing/,
	);
	await refusedContent(
		`[{${target}, "source_expressions": ["B"]}]`,
		/\[0\]\.source_expressions\[0\]: found "B"; allowed: an object/,
	);
	await refusedContent(
		`[{${target}, "source_expressions": [{"expression": 5}]}]`,
		/\[0\]\.expression: found 5/,
	);
	await refusedContent(`[{${target}, ${sources}}, 3]`, /\[1\]: found 3; allowed: an object/);
	await refusedContent('{"A": ["B"], "C": "B"}', /is not recognised/);
	await refusedContent('{"A": ["B"], "C": "B"}', /:1: C: found "B"; allowed: a list/, {
		format: 'successors',
	});
	await refusedContent(
		'{"A": ["B"],\n "A": ["C"]}',
		/:2: A: this word is there twice, first in line 1: join/,
	);
	await refusedContent('{"A": ["B", 1]}', /:1: A\[1\]: found 1; allowed: a text/);
});

test('csv: columns and records that do not fit', async () => {
	const csv = (header: string, ...lines: string[]) => [header, ...lines, ''].join('\n');
	await refusedContent(
		csv('source,target', 'A,B'),
		/:1: column count is missing: source, target, count are needed/,
	);
	await refusedContent(
		csv('source,target,count,seed', 'A,B,1,1'),
		/:1: unknown column "seed".*tells rows apart/,
	);
	await refusedContent(
		csv('source,target,coun', 'A,B,1'),
		/unknown column "coun"; did you mean count\?/,
		{ format: 'csv' },
	);
	await refusedContent(
		csv('source,target,count,count', 'A,B,1,1'),
		/column "count" is there twice/,
	);
	await refusedContent(csv('source;target;count', 'A;B;1'), /separated by ";"; allowed: commas/);
	await refusedContent(csv('source, target, count', 'A, B, 1'), /" target" with blanks around it/);
	await refusedContent(csv('source,target,count', 'A,B'), /:2: 2 fields, the header has 3/);
	await refusedContent(
		csv('source,target,count', 'A,B,1', 'A,B, or C,1'),
		/:3: 4 fields, the header has 3.*quotes/,
	);
	await refusedContent(
		csv('source,target,count', 'A,B,1', '"A,B,1'),
		/:3: not valid CSV: a quote is opened here and never closed/,
	);
	await refusedContent(
		csv('source,target,count', 'A"x",B,1'),
		/:2: not valid CSV: a quote stands inside/,
	);
	await refusedContent(
		csv('source,target,count', '"A"x,B,1'),
		/:2: not valid CSV: something follows a closing quote/,
	);
	await refusedContent(
		csv('source,target,count', `"${'x'.repeat(1_100_000)}`),
		/:2: not valid CSV: a record has more than 1000000 bytes/,
	);
	await refusedContent(
		csv('source,target,count,temperature', 'A,B,1,hot'),
		/:2: temperature: found "hot"/,
	);
	await refusedContent(
		csv('source,target,count,temperature', 'A,B,1,1e999'),
		/:2: temperature: found "1e999"/,
	);
	await refusedContent(
		csv('source,target,count,model', 'A,B,1,\t'),
		/:2: model: found the blank name/,
	);
});

test('a pair that comes twice is refused with both places', async () => {
	await refusedContent(
		'source,target,count\nA,B,1\nB,A,1\nA,B,2\n',
		/:4: "A" → "B" is counted already in line 2: add the two up/,
	);
	const rows = [...COUNTS.counts, { source: 'B', target: 'A', count: 9 }];
	await refusedContent(
		JSON.stringify({ counts: rows }, null, 1),
		/:22: counts\[3\]: "B" → "A" is counted already in counts\[1\]: add/,
	);
});

test('names: blank, half a surrogate pair, too long; control characters are shown safely', async () => {
	const successors = (written: string) => `{"A": [${written}]}`;
	await refusedContent(successors('""'), /:1: A\[0\]: found an empty name; allowed/);
	await refusedContent(successors('" \\u00a0\\t"'), /found the blank name/);
	await refusedContent(successors('"\\ud800"'), /holds half of a surrogate pair/);
	await refusedContent('source,target,count\nA,,1\n', /:2: target: found an empty name/);
	const long = 'x'.repeat(NAME_MOST);
	assert.is(onlyTable(await readContent(successors(`"${long}"`))).tally.states[1], long);
	await refusedContent(
		successors(`"${long}x"`),
		/found a name of 10001 characters \("x+…"\); allowed: at most 10000/,
	);
	await refusedContent(
		successors(`"${'x'.repeat(2_000_000)}"`),
		/found a text longer than 1000000/,
	);
	await refusedContent(
		'{"\\u001b[31m\\u202e": ["B"], "\\u001b[31m\\u202e": []}',
		/"\\u001b\[31m\\u202e": this word is there twice/,
	);
	const controls = onlyTable(await readContent('{"\\u0000a": ["\\u001b[31m"]}'));
	assert.equal(controls.tally.states, ['\0a', '\x1b[31m']);
});

test('states that look alike are kept apart, and said', async () => {
	const { notices, tables } = await readContent(
		'{"Fig": ["FIG", "caf\u00e9"], "cafe\u0301": ["fig "]}',
	);
	assert.is(tables[0]?.tally.states.length, 5);
	assert.match(
		notices[0] as string,
		/: 2 groups of states differ only by case, Unicode form or blanks .* kept apart: "Fig" · "FIG" · "fig "; "caf\\u\{E9\}" · "cafe\\u\{301\}"$/,
	);
	const many = Array.from({ length: 30 }, (_, i) => [`a${i}`, `A${i}`]).flat();
	const [notice] = (await readContent(JSON.stringify({ x: many }))).notices;
	assert.match(notice as string, /30 groups of .*"a9" · "A9"; and 20 more$/);
	assert.equal((await readContent('{"A": ["B", "C"]}')).notices, []);
});

test('broken and unknown files: which formats there are, and how each is recognised', async () => {
	const unknown = [
		'{"a": 1}',
		'[1, 2]',
		'["A"]',
		'[{"a": 1}]',
		'hello\n',
		'"text"',
		'42',
		'a,b\n1,2\n',
		'{"A": [[1]]}',
	];
	for (const content of unknown)
		await refusedContent(
			content,
			/the format is not recognised.*\n {2}transitions: .*\n {2}successors: .*\n {2}counts: .*\n {2}csv: .*\nForce one with --format$/,
		);
	const text = JSON.stringify(COUNTS);
	for (const length of [10, 60, 90, text.length - 1])
		await refusedContent(
			text.slice(0, length),
			/:1: .*the file ends here in the middle of the JSON text/,
		);
	await refusedContent('{"counts": ]', /:1: counts: found \]; allowed: a list/);
	await refusedContent('['.repeat(2_000_000), /is not recognised/);
	await refusedContent(`{"a": ${'['.repeat(2_000_000)}`, /nested deeper than 64 levels/);
	await refusedContent(`[{"x": ${'{"a":'.repeat(2_000_000)}`, /nested deeper than 64 levels/);
	await refusedContent(Buffer.from([0x7b, 0x22, 0xff, 0x22]), /:1: this is not UTF-8 text/);
	await refusedContent(
		Buffer.from('source,target,count\nA,B\xe9,1\n', 'latin1'),
		/:2: this is not UTF-8 text/,
	);
	await refusedContent(text, /found an object; allowed: a list/, { format: 'transitions' });
	await refusedContent(text, /column source is missing|unknown column|not valid CSV/, {
		format: 'csv',
	});
});

test('a million states with one attempt each', async () => {
	const MILLION = 1_000_000;
	const members = Array.from(
		{ length: MILLION },
		(_, i) => `"S${i}":["S${(i * 7 + 1) % MILLION}"]`,
	);
	const { tally } = onlyTable(await readContent(`{${members.join(',\n')}}`));
	assert.equal(
		[tally.states.length, tally.pairs.size, tally.outcomes],
		[MILLION, MILLION, MILLION],
	);
	const looked = [tally.states.indexOf('S3'), MILLION - 1];
	let found = 0;
	for (const [source, target, count] of tally.pairs)
		if (looked.includes(source)) {
			const i = Number(tally.states[source]?.slice(1));
			assert.equal([tally.states[target], count], [`S${(i * 7 + 1) % MILLION}`, 1]);
			found++;
		}
	assert.is(found, 2);
});

test('more states than can be told apart are an error that says so', () => {
	const tally = new Tally(2);
	const place = {
		fault: (problem: string) => new HarnessError(problem),
		mark: () => 0,
		marked: String,
	};
	assert.equal(
		[tally.state('A', place), tally.state('B', place), tally.state('A', place)],
		[0, 1, 0],
	);
	assert.throws(() => tally.state('C', place), /more than 2 states: import the table in parts/);
});

test('what the pulse throws ends the reading', async () => {
	const pulse = () => Promise.reject(new RangeError('stop'));
	for (const content of [JSON.stringify(COUNTS), '{"A": ["B"]}', 'source,target,count\nA,B,1\n'])
		try {
			await readContent(content, { pulse });
			assert.unreachable();
		} catch (error) {
			assert.is((error as Error).message, 'stop');
		}
});

test.run();
