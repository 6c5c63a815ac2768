/** detbal import and detbal export, as a user meets them. */
import { spawnSync } from 'node:child_process';
import {
	copyFileSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CountTable, countTable } from '../../harness/analysis/table/counts.js';
import type { Arguments } from '../../harness/commands/command.js';
import { run as exporting } from '../../harness/commands/export.js';
import { run as importing } from '../../harness/commands/import.js';
import { HarnessError, UsageError } from '../../harness/errors.js';
import { sha256Hex } from '../../harness/experiment/identity.js';
import { packageRoot } from '../../harness/package-root.js';
import { readGroups } from '../../harness/runner/groups.js';
import { importedTable } from '../../harness/runner/imported-table.js';
import { importedGroups } from '../../harness/store/imports.js';
import { StoreReader } from '../../harness/store/reader.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { attempts, cellPlan, runPlan, writeRun } from '../store/fixture.js';
import { detbal, json, listing } from './fixture.js';

const test = suite('import and export');
let place = '';
test.before(() => {
	place = mkdtempSync(join(tmpdir(), 'detbal-import-'));
});
test.after(() => rmSync(place, { recursive: true, force: true }));

const newFolder = () => mkdtempSync(join(place, 'case-'));
const PUBLISHED = join(packageRoot(), 'datasets', 'published');

interface Said {
	readonly code: number | Error;
	readonly out: string;
	readonly err: string;
}

/** A command in this process. */
async function call(
	run: typeof importing,
	args: Arguments,
	signal: AbortSignal = new AbortController().signal,
): Promise<Said> {
	const said = { out: '', err: '' };
	try {
		const code = await run(args, {
			json: args.json === true,
			signal,
			out(line) {
				said.out += `${line}\n`;
			},
			async stream(text) {
				said.out += text;
			},
			say(line) {
				said.err += `${line}\n`;
			},
			progress: () => ({ update() {}, stop() {} }),
		});
		return { code, ...said };
	} catch (error) {
		return { code: error as Error, ...said };
	}
}

async function works(run: typeof importing, args: Arguments): Promise<Said> {
	const said = await call(run, args);
	assert.is(said.code, 0, String(said.code));
	return said;
}

async function document(run: typeof importing, args: Arguments) {
	return JSON.parse((await works(run, { ...args, json: true })).out) as Record<string, unknown>;
}

/** Asserts a plain refusal that leaves the folder as it was. */
async function refusedWith(
	run: typeof importing,
	{ folder, says, ...args }: Arguments & { readonly folder: string; readonly says: RegExp },
): Promise<void> {
	const before = listing(folder);
	const { code } = await call(run, args);
	assert.ok(code instanceof UsageError || code instanceof HarnessError, String(code));
	assert.match(code.message, says);
	assert.equal(listing(folder), before);
}

function groupsOf(db: string) {
	const reader = StoreReader.open(db);
	try {
		return [...importedGroups(reader)];
	} finally {
		reader.close();
	}
}

/** Tables of a database by their labels. */
function tablesOf(db: string): Map<string, CountTable> {
	const reader = StoreReader.open(db);
	try {
		const runs = readGroups(reader, null).map((group) => ({ ...group, table: group.table }));
		const imports = [...importedGroups(reader)].map((group) => ({
			...group,
			table: importedTable(group),
		}));
		return new Map(
			[...runs, ...imports].map(({ model, template, sampling, table }) => [
				`${model} ${template} ${sampling.temperature}`,
				table as CountTable,
			]),
		);
	} finally {
		reader.close();
	}
}

test('the published tables: origin, hash, counts; a second import says it is there', async () => {
	const folder = newFolder();
	const db = join(folder, 'published.sqlite');
	for (const [i, name] of ['claude-4', 'gemini-2.5-flash'].entries()) {
		const file = join(PUBLISHED, `${name}.json`);
		const published = JSON.parse(readFileSync(file, 'utf8')) as {
			model: string;
			counts: { source: string; target: string; count: number }[];
		};
		const said = await document(importing, { file, db });
		const [found] = said.imports as Record<string, unknown>[];
		const states = new Set(published.counts.flatMap(({ source, target }) => [source, target])).size;
		assert.equal(said.schema, 'detbal/import/1');
		assert.equal([said.origin, said.format], [`${name}.json`, 'counts']);
		assert.equal(
			[found?.id, found?.existed, found?.model, found?.states, found?.attemptsTotal],
			[i + 1, false, published.model, states, 20_000],
		);
		const group = groupsOf(db)[i];
		assert.is(group?.sha256, said.sha256);
		assert.is(
			group?.notes.source,
			'arXiv 2512.10047, table II and the count tables printed with its published figures',
		);
		const counted = published.counts.reduce((sum, { count }) => sum + count, 0);
		const outcomes = {
			valid: counted,
			self: 0,
			invalid: 20_000 - counted,
			unparsable: 0,
			truncated: 0,
		};
		assert.equal(
			importedTable(group as NonNullable<typeof group>),
			countTable({ rows: published.counts, outcomes, attemptsByConvention: 20_000 / states }),
		);

		const again = await works(importing, { file, db });
		assert.match(
			again.out,
			new RegExp(`import ${i + 1} in .* is there already, from the same file: nothing was added`),
		);
		assert.is(groupsOf(db).length, i + 1);
	}
});

test('by the process: results/NAME.sqlite, one JSON document, the paper\u2019s two shapes', async () => {
	const folder = newFolder();
	const transitions = [
		{
			target_expression: 'FIG',
			source_expressions: [{ expression: 'PLUM' }, { expression: 'LEMON' }],
		},
		{ target_expression: 'PLUM', source_expressions: [{ expression: 'FIG' }] },
	];
	writeFileSync(join(folder, 'list.json'), JSON.stringify(transitions));
	writeFileSync(join(folder, 'map.json'), '{"FIG": ["PLUM"], "PLUM": ["FIG"], "LEMON": ["FIG"]}');
	const list = await detbal(folder, 'import', 'list.json');
	assert.equal(
		[list.code, list.stdout.split('\n').slice(2, 5)],
		[
			0,
			[
				'import 1 in results/list.sqlite',
				'  list · imported',
				'  3 outcomes of 3 pairs over 3 states; attempts not recorded',
			],
		],
	);
	assert.match(list.stderr, /^next: detbal verify results\/list\.sqlite\n$/);
	const db = join('results', 'list.sqlite');
	const map = json(
		await detbal(folder, 'import', 'map.json', '--db', db, '--model', 'map', '--json'),
	);
	assert.equal([map.format, (map.imports as { id: number }[])[0]?.id], ['successors', 2]);
	const [one, two] = groupsOf(join(folder, db));
	assert.equal(one?.columns, two?.columns);

	const refused = await detbal(folder, 'import', 'list.json', '--format', 'xml');
	assert.equal([refused.code, refused.stdout], [2, '']);
	assert.match(
		refused.stderr,
		/^detbal: --format: found xml; allowed: transitions, successors, counts, csv\n$/,
	);
	writeFileSync(join(folder, 'other.json'), '{"a": 1}');
	const unknown = await detbal(folder, 'import', 'other.json');
	assert.equal([unknown.code, unknown.stdout], [2, '']);
	assert.match(
		unknown.stderr,
		/^detbal: other\.json: the format is not recognised\. .*\n {2}csv: .*\nForce/s,
	);
	const written = await detbal(folder, 'export', db, '--counts', 'counts.csv');
	assert.equal([written.code, written.stdout], [0, 'wrote counts.csv: 6 rows of 2 groups\n']);
});

test('labels: of the file, of the options, of the name; attempts of the option', async () => {
	const folder = newFolder();
	const file = join(folder, 'my words.json');
	const db = join(folder, 'a.sqlite');
	writeFileSync(file, '{"A": ["B"], "B": ["A"]}');
	const labels = async (more: Arguments) => {
		const { imports } = await document(importing, { file, db, ...more });
		const [{ id, model, template, temperature, attemptsTotal }] = imports as [
			Record<string, unknown>,
		];
		return [id, model, template, temperature, attemptsTotal];
	};
	assert.equal(await labels({}), [1, 'my_words', 'imported', null, null]);
	const more = { model: 'm', template: 't', temperature: 0.5, attempts: 10 };
	assert.equal(await labels(more), [2, 'm', 't', 0.5, 10]);
	const [, second] = groupsOf(db);
	assert.equal(second?.origin, 'my words.json');
	assert.equal(importedTable(second as NonNullable<typeof second>).attempts, Float64Array.of(5, 5));
	const link = join(folder, 'link.json');
	symlinkSync(file, link);
	assert.equal(
		(await labels({ file: link, model: 'm', template: 't', temperature: 0.5, attempts: 10 }))[0],
		2,
	);
	await refusedWith(importing, {
		folder,
		file,
		db,
		...more,
		attempts: 11,
		says: /10 attempts in all, not 11.*--model/,
	});
	const other = join(folder, 'other.json');
	writeFileSync(other, '{"A": ["B", "C"], "B": ["A"]}');
	const beside = await works(importing, {
		file: other,
		db,
		model: 'm',
		template: 't',
		temperature: 0.5,
	});
	assert.match(
		beside.err,
		/notice: import 3 stands beside import 2, another file under the same labels/,
	);
});

test('without a total, all states get the most outcomes counted from one', async () => {
	const folder = newFolder();
	const file = join(folder, 'a.csv');
	const db = join(folder, 'a.sqlite');
	writeFileSync(file, 'source,target,count\nA,B,3\nA,A,4\nB,A,5\nC,A,0\n');
	await works(importing, { file, db });
	const [group] = groupsOf(db);
	const table = importedTable(group as NonNullable<typeof group>);
	assert.equal(table.states, ['A', 'B', 'C']);
	assert.equal(table.attempts, Float64Array.of(7, 7, 7));
	assert.is(table.attemptsRecorded, false);
	assert.equal(table.outcomes, { valid: 8, self: 4, invalid: 0, unparsable: 0, truncated: 0 });
});

test('what cannot be imported leaves nothing behind', async () => {
	const folder = newFolder();
	const db = join(folder, 'new.sqlite');
	const file = (name: string, content: string) => {
		writeFileSync(join(folder, name), content);
		return join(folder, name);
	};
	mkdirSync(join(folder, 'folder'));
	const good = file('good.json', '{"A": ["B"], "B": ["A"]}');
	const two = file('two.csv', 'model,source,target,count\nm,A,B,1\nn,A,B,1\n');
	const sqlite = file('no.sqlite', 'x'.repeat(5000));
	const cases: readonly (readonly [args: Arguments, says: RegExp])[] = [
		[{ file: join(folder, 'missing.json'), db }, /missing\.json does not exist: check the name/],
		[{ file: join(folder, 'folder'), db }, /folder is a folder: name a file inside it/],
		[{ file: file('empty.json', ''), db }, /empty\.json is empty/],
		[{ file: file('cut.json', '{"A": ["B"'), db }, /cut\.json:1: .*ends here in the middle/],
		[{ file: file('one.json', '{"A": ["A"]}'), db }, /one\.json: the table has one state, "A"/],
		[
			{ file: file('neg.csv', 'source,target,count\nA,B,-1\n'), db },
			/neg\.csv:2: count: found "-1"/,
		],
		[{ file: two, db, model: 'x' }, /two\.csv holds 2 tables with labels of their own/],
		[{ file: two, db, attempts: 7 }, /--attempts: .*two\.csv holds 2 tables/],
		[{ file: good, db, model: ' ' }, /--model: found the blank name/],
		[{ file: good, db, template: '' }, /template is empty/],
		[{ file: good, db, temperature: -1 }, /--temperature: found -1; allowed/],
		[{ file: good, db, temperature: Number.NaN }, /--temperature: found NaN; allowed/],
		[{ file: good, db, attempts: 0 }, /--attempts: found 0; allowed/],
		[{ file: good, db, attempts: 1 }, /attempts_total 1 is smaller than the 2 outcomes/],
		[{ file: good, db, format: 'toString' }, /--format: found toString; allowed/],
		[{ file: good, db, 'attempts-file': join(folder, 'no.csv') }, /no\.csv does not exist/],
		[{ file: good, db: sqlite }, /no\.sqlite is not a SQLite database/],
		[{ file: good, db: join(folder, 'folder') }, /folder is a folder, not a database/],
		[{ file: good, db: join(good, 'x.sqlite') }, /the folder .* cannot be made: .*--db/],
	];
	for (const [args, says] of cases) await refusedWith(importing, { folder, says, ...args });
});

test('Ctrl-C ends an import with nothing written', async () => {
	const folder = newFolder();
	const file = join(folder, 'a.json');
	writeFileSync(file, '{"A": ["B"], "B": ["A"]}');
	const before = listing(folder);
	const { code } = await call(
		importing,
		{ file, db: join(folder, 'a.sqlite') },
		AbortSignal.abort(),
	);
	assert.is((code as Error).name, 'AbortError');
	assert.equal(listing(folder), before);
});

/** A database with two kernels of a run, and two imports, one with attempts per source. */
async function mixed(folder: string): Promise<string> {
	const db = join(folder, 'mixed.sqlite');
	writeRun(
		db,
		runPlan({
			cells: [cellPlan(), cellPlan({ seed: 2 }), cellPlan({ key: 'cold', temperature: 0.25 })],
		}),
	);
	const file = join(folder, 'recorded.json');
	const counts = [
		{ source: 'a,"b"', target: '=x', count: 3 },
		{ source: '=x', target: 'a,"b"', count: 2 },
		{ source: '=x', target: '=x', count: 1 },
	];
	writeFileSync(file, JSON.stringify({ counts, attempts: { 'a,"b"': 9, '=x': 3, never: 4 } }));
	await works(importing, { file, db });
	await works(importing, { file: join(PUBLISHED, 'claude-4.json'), db });
	return db;
}

test('csv: what is exported imports as the same tables', async () => {
	const folder = newFolder();
	const db = await mixed(folder);
	const [counts, made] = [join(folder, 'counts.csv'), join(folder, 'attempts.csv')];
	const said = await document(exporting, { db, counts, 'attempts-per-source': made });
	assert.equal([said.schema, said.groups], ['detbal/export/1', 4]);
	assert.equal(said.notices, [
		'import 2: that 20000 attempts were made in all is in no column; say it again with detbal import --attempts 20000',
	]);
	assert.match(
		readFileSync(counts, 'utf8'),
		/^model,template,temperature,top_k,top_p,min_p,source,target,count\ntiny,plain,1,0,1,0,A,A,8\n/,
	);
	const copy = join(folder, 'copy.sqlite');
	await works(importing, { file: counts, db: copy, 'attempts-file': made });
	const [before, after] = [tablesOf(db), tablesOf(copy)];
	assert.equal([...after.keys()], [...before.keys()]);
	for (const [name, table] of before) {
		// A file says of lost attempts only how many there were.
		const { outcomes, attempts: convention, ...rest } = table;
		const found = after.get(name) as CountTable;
		const { outcomes: foundOutcomes, attempts: foundAttempts, ...foundRest } = found;
		assert.equal(foundRest, rest, name);
		if (!table.attemptsRecorded) continue;
		assert.equal(foundAttempts, convention, name);
		const { valid, self, invalid, unparsable, truncated } = outcomes;
		const lost = invalid + unparsable + truncated;
		assert.equal(foundOutcomes, { valid, self, invalid: lost, unparsable: 0, truncated: 0 });
	}
	assert.is(before.get('tiny plain 1')?.attempts[0], 40, 'two seeds are counted together');
	const again = join(folder, 'again.csv');
	await works(exporting, { db: copy, counts: again });
	assert.equal(readFileSync(again), readFileSync(counts));
});

test('parquet: hyparquet reads the same rows', async () => {
	const folder = newFolder();
	const db = await mixed(folder);
	const [csv, parquet] = [join(folder, 'a.csv'), join(folder, 'a.parquet')];
	await works(exporting, { db, counts: csv });
	await works(exporting, { db, counts: parquet });
	const rows = await parquetReadObjects({ file: await asyncBufferFromFile(parquet) });
	const lines = readFileSync(csv, 'utf8').trimEnd().split('\n');
	assert.is(rows.length, lines.length - 1);
	const quoted = (text: string) => (/[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
	for (const [i, row] of rows.entries())
		assert.is(
			Object.values(row)
				.map((value) => quoted(String(value ?? '')))
				.join(','),
			lines[i + 1],
		);
	assert.equal(Object.keys(rows[0] ?? {}), (lines[0] as string).split(','));
});

test('one run or one import; what cannot be told apart or is not there is refused', async () => {
	const folder = newFolder();
	const db = await mixed(folder);
	const counts = join(folder, 'a.csv');
	const groups = async (more: Arguments) => {
		const said = await document(exporting, { db, counts, force: true, ...more });
		return said.groups;
	};
	assert.equal(
		[
			await groups({}),
			await groups({ run: 1 }),
			await groups({ import: 2 }),
			await groups({ run: 1, import: 2 }),
		],
		[4, 2, 1, 3],
	);
	const kept = readFileSync(counts);
	await refusedWith(exporting, { folder, db, counts, says: /a\.csv exists: .*--force/ });
	assert.equal(readFileSync(counts), kept);
	const file = join(folder, 'b.csv');
	const more = { folder, db, counts: file };
	await refusedWith(exporting, { ...more, run: 7, says: /holds no run 7; it holds 1/ });
	await refusedWith(exporting, { ...more, import: 7, says: /holds no import 7; it holds 1, 2/ });
	await refusedWith(exporting, {
		folder,
		db,
		says: /say what to write: --counts FILE, --attempts-per-source FILE, --attempts FILE/,
	});
	await refusedWith(exporting, { ...more, attempts: file, says: /b\.csv is named twice/ });
	await refusedWith(exporting, {
		...more,
		counts: join(folder, 'b.json'),
		says: /allowed: \.csv, \.jsonl, \.parquet/,
	});
	await refusedWith(exporting, {
		...more,
		db: join(folder, 'no.sqlite'),
		says: /no\.sqlite does not exist/,
	});
	const attemptsFile = join(folder, 'c.csv');
	const named = join(folder, 'mixed.csv');
	copyFileSync(db, named);
	const itself = { folder, db: named, counts: named, force: true };
	await refusedWith(exporting, { ...itself, says: /mixed\.csv is the database itself/ });
	await refusedWith(exporting, {
		...more,
		import: 2,
		'attempts-per-source': attemptsFile,
		says: /attempts per source were not recorded; leave out --attempts-per-source/,
	});
	const twin = join(folder, 'recorded-twin.json');
	writeFileSync(twin, '{"A": ["B"]}');
	await works(importing, { file: twin, db, model: 'recorded' });
	await refusedWith(exporting, {
		...more,
		says: /two groups "recorded" × "imported" .*--import N/,
	});
	assert.is(await groups({ import: 3 }), 1);
});

test('an unfinished run is exported as far as it is, and said; one without attempts is not', async () => {
	const folder = newFolder();
	const db = join(folder, 'a.sqlite');
	const writer = StoreWriter.open(db);
	const [cell] = writer.planRun(runPlan()).cells;
	const counts = join(folder, 'a.csv');
	writer.close();
	await refusedWith(exporting, {
		folder,
		db,
		counts,
		says: /holds no attempts yet: .*detbal import/,
	});
	const next = StoreWriter.open(db);
	next.planRun(runPlan());
	next.append(attempts(cell?.id as number, { to: 5 }));
	next.close();
	const { notices } = await document(exporting, { db, counts });
	assert.equal(notices, ['interim: 60 planned attempts are not made yet']);
});

/** A file system of a few megabytes, where this process may make one. */
function smallDisk(folder: string): boolean {
	const options = ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder];
	return (
		process.platform === 'linux' &&
		process.getuid?.() === 0 &&
		spawnSync('mount', options).status === 0
	);
}

test('a full disk: an import or an export says so and leaves nothing in part', async () => {
	const folder = newFolder();
	if (!smallDisk(folder)) {
		console.error('a real full disk is not tested here: mounting is not permitted');
		return;
	}
	try {
		const elsewhere = newFolder();
		const file = join(elsewhere, 'large.json');
		const words = Array.from({ length: 25_000 }, (_, i) => sha256Hex(`word ${i}`));
		writeFileSync(file, JSON.stringify({ A: words }));
		const db = join(folder, 'a.sqlite');
		await works(importing, { file: join(PUBLISHED, 'claude-4.json'), db });
		const failed = await call(importing, { file, db });
		assert.ok(failed.code instanceof HarnessError, String(failed.code));
		assert.match(
			failed.code.message,
			/disk is full or failing .*Nothing of the import was written: free some space/,
		);
		assert.equal(
			groupsOf(db).map(({ id }) => id),
			[1],
		);
		const large = join(elsewhere, 'large.sqlite');
		await works(importing, { file, db: large });
		for (const name of ['a.csv', 'a.parquet'])
			await refusedWith(exporting, {
				folder,
				db: large,
				counts: join(folder, name),
				says: /cannot write .*a\.\w+: ENOSPC.*Nothing was written: free some space/,
			});
		copyFileSync(db, join(elsewhere, 'copy.sqlite'));
		assert.is(groupsOf(join(elsewhere, 'copy.sqlite')).length, 1);
	} finally {
		spawnSync('umount', [folder]);
	}
});

test.run();
