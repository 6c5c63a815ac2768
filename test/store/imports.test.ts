/** Imported tables in the database: whole or not at all, once, and readable beside runs. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HarnessError, UsageError } from '../../harness/errors.js';
import { StoreDatabase } from '../../harness/store/database.js';
import { type ImportRecord, storeImports, storeIn } from '../../harness/store/import-writer.js';
import { importedGroups, storedImports } from '../../harness/store/imports.js';
import { mergeDatabases } from '../../harness/store/merge.js';
import { SCHEMA_VERSION, STEPS } from '../../harness/store/schema.js';
import { inFolder, raw, reading, startWriting, writeRun } from './fixture.js';

const idle = async () => {};

function record(members: Partial<ImportRecord> = {}): ImportRecord {
	return {
		model: 'm',
		template: 't',
		sampling: { temperature: 0.5, topK: null, topP: null, minP: null },
		origin: 'data.json',
		sha256: createHash('sha256').update('data').digest('hex'),
		bytes: 99,
		format: 'counts',
		attemptsTotal: 50,
		attemptsOrigin: null,
		attemptsSha256: null,
		notes: '{"note":"why","__proto__":1}',
		toolVersion: '0.1.0',
		states: ['Ç', 'A', 'lone', '__proto__'],
		pairs: [
			[0, 1, 3],
			[1, 0, 2 ** 53 - 1],
			[1, 1, 4],
			[3, 0, 1],
		],
		attempts: null,
		...members,
	};
}

const groupsOf = (file: string) => reading(file, (reader) => [...importedGroups(reader)]);

async function rejected(work: Promise<unknown>): Promise<Error> {
	try {
		await work;
	} catch (error) {
		return error as Error;
	}
	return assert.unreachable('nothing was refused') as never;
}

test('what was stored is read: labels, origin, columns in order of their bytes', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.db');
		assert.equal(await storeImports(file, [record()], idle), [
			{ id: 1, existed: false, besides: [] },
		]);
		const [group, ...more] = groupsOf(file);
		assert.is(more.length, 0);
		const { columns, createdAt, notes, ...stored } = group as NonNullable<typeof group>;
		const { states: _, pairs: __, attempts: ___, notes: ____, ...expected } = record();
		assert.equal(stored, { id: 1, ...expected });
		assert.ok(Math.abs(Date.parse(createdAt) - Date.now()) < 60_000);
		assert.equal(Object.entries(notes), [
			['note', 'why'],
			['__proto__', 1],
		]);
		const { states, source, target, count, attempts } = columns;
		assert.equal(states, ['A', '__proto__', 'lone', 'Ç']);
		const rows = [...count].map((n, i) => [
			states[source[i] as number],
			states[target[i] as number],
			n,
		]);
		assert.equal(rows, [
			['Ç', 'A', 3],
			['A', 'Ç', 2 ** 53 - 1],
			['A', 'A', 4],
			['lone', 'lone', 0],
			['__proto__', 'Ç', 1],
		]);
		assert.is(attempts, null);
	}));

test('attempts per source are recorded, also of a state without a pair', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.db');
		const attempts = new Map([
			[0, 10],
			[1, 2 ** 53 - 1],
			[2, 7],
		]);
		const sha256 = 'b'.repeat(64);
		const more = { attempts, attemptsOrigin: 'attempts.csv', attemptsSha256: sha256 };
		await storeImports(file, [record(more)], idle);
		const [group] = groupsOf(file);
		assert.equal([group?.attemptsOrigin, group?.attemptsSha256], ['attempts.csv', sha256]);
		assert.equal([...(group?.columns.attempts ?? [])], [2 ** 53 - 1, 0, 7, 10]);
		assert.is(group?.columns.count.length, 4, 'no row is needed to name lone');
	}));

test('the same file under the same labels is there once; other labels or files stand beside it', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.db');
		const store = (members: Partial<ImportRecord>) => storeImports(file, [record(members)], idle);
		await store({});
		assert.equal(await store({}), [{ id: 1, existed: true, besides: [] }]);
		assert.equal(await store({ model: 'n' }), [{ id: 2, existed: false, besides: [] }]);
		const unknown = { temperature: null, topK: null, topP: null, minP: null };
		assert.equal(await store({ sampling: unknown }), [{ id: 3, existed: false, besides: [] }]);
		assert.equal(await store({ sampling: unknown }), [{ id: 3, existed: true, besides: [] }]);
		const sha256 = 'c'.repeat(64);
		assert.equal(await store({ sha256 }), [{ id: 4, existed: false, besides: [1] }]);
		for (const [members, says] of [
			[{ attemptsTotal: 60 }, /50 attempts in all, not 60/],
			[{ attemptsTotal: null }, /50 attempts in all, not unknown/],
			[{ format: 'csv' }, /read as counts, not csv/],
			[{ attemptsOrigin: 'x', attemptsSha256: sha256 }, /another file of attempts per source/],
		] as const) {
			const error = await rejected(store(members));
			assert.ok(error instanceof UsageError);
			assert.match(error.message, /a\.db holds data\.json under these labels already, as import 1/);
			assert.match(error.message, says);
		}
		assert.is(groupsOf(file).length, 4);
	}));

test('several tables are stored together or not at all', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.db');
		await storeImports(file, [record({ model: 'before' })], idle);
		const bad = record({ model: 'n', pairs: [[0, 1, -1]] });
		const error = await rejected(storeImports(file, [record(), bad], idle));
		assert.match(error.message, /a\.db: SQLite refused: CHECK constraint failed/);
		assert.equal(
			groupsOf(file).map(({ model }) => model),
			['before'],
		);
	}));

const large = () => {
	const states = Array.from({ length: 50_000 }, (_, i) => `state ${i}`);
	const pairs = states.map((_, i): [number, number, number] => [i, (i + 1) % states.length, 1]);
	return record({ model: 'large', states, pairs });
};

test('an import that is given up leaves what was there, and the database free', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.db');
		writeRun(file);
		const before = reading(file, (reader) => reader.query('SELECT count(*) FROM states').rows);
		let turns = 0;
		const stop = async () => {
			if (++turns === 3) throw new RangeError('stop');
		};
		const error = await rejected(storeImports(file, [large()], stop));
		assert.is(error.message, 'stop');
		reading(file, (reader) => {
			assert.equal(storedImports(reader), []);
			assert.equal(reader.query('SELECT count(*) FROM states').rows, before);
			assert.equal(reader.query('SELECT count(*) FROM import_counts').rows, [[0]]);
			assert.is(reader.progress(1).done, 80);
			assert.equal(reader.query('PRAGMA integrity_check').rows, [['ok']]);
		});
		await storeImports(file, [large()], idle);
		assert.is(groupsOf(file)[0]?.columns.count.length, 50_000);
	}));

test('a full database: nothing of the import is written, then it goes on', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'full.db');
		await storeImports(file, [record()], idle);
		const database = StoreDatabase.forWriting(file);
		const limit = (pages: number) => database.prepare(`PRAGMA max_page_count = ${pages}`).get([]);
		limit(200);
		const error = await rejected(storeIn(database, [large()], idle));
		assert.ok(error instanceof HarnessError);
		assert.match(
			error.message,
			/cannot write .*full\.db, the disk is full or failing \(SQLITE_FULL\)\. Nothing of the import was written: free some space, then import again/,
		);
		reading(file, (reader) => {
			assert.equal(
				storedImports(reader).map(({ model }) => model),
				['m'],
			);
			assert.equal(reader.query('PRAGMA integrity_check').rows, [['ok']]);
			assert.equal(reader.query('SELECT count(*) FROM pragma_foreign_key_check').rows, [[0]]);
		});
		limit(1_000_000);
		assert.is((await storeIn(database, [large()], idle))[0]?.id, 2);
		database.close();
	}));

test('kill -9 in the middle of an import: as if it had not begun', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'killed.db');
		await storeImports(file, [record()], idle);
		const script = fileURLToPath(new URL('importing-child.ts', import.meta.url));
		const child = spawn(process.execPath, ['--import', 'tsx', script, file], {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
		const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
		assert.is((await lines.next()).value, 'half of it');
		child.kill('SIGKILL');
		await ended;
		reading(file, (reader) => {
			assert.equal(
				storedImports(reader).map(({ model }) => model),
				['m'],
			);
			assert.equal(reader.query('SELECT count(*) FROM states').rows, [[4]]);
			assert.equal(reader.query('PRAGMA integrity_check').rows, [['ok']]);
		});
		await storeImports(file, [large()], idle);
		assert.is(groupsOf(file).length, 2);
	}));

test('an import waits for no other writer, and none writes meanwhile', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'two.db');
		const child = startWriting(file, 'hold');
		assert.is(await child.line(), 'holding');
		const error = await rejected(storeImports(file, [record()], idle));
		assert.ok(error instanceof HarnessError);
		assert.match(error.message, new RegExp(`being written by process ${child.pid}`));
		await child.kill();
		const holders = () => raw(file, (db) => db.prepare('SELECT pid FROM writer').pluck().all());
		const seen: unknown[] = [];
		await storeImports(file, [large()], async () => {
			seen.push(holders());
		});
		assert.equal(seen[0], [process.pid]);
		assert.equal(holders(), []);
	}));

/** A database as the first version of the schema left it. */
function writeOld(file: string): void {
	raw(file, (db) => {
		db.pragma(`application_id = ${0x64657462}`);
		db.exec(STEPS[0] as string);
		db.exec("INSERT INTO states (text) VALUES ('kept')");
		db.pragma('user_version = 1');
	});
}

test('a database of the first schema is read as it is, holding no import; writing brings it up', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'old.db');
		writeOld(file);
		const version = () => raw(file, (db) => db.pragma('user_version', { simple: true }) as number);
		reading(file, (reader) => {
			assert.equal(
				[reader.runs(), storedImports(reader), [...importedGroups(reader)]],
				[[], [], []],
			);
		});
		assert.is(version(), 1);
		await storeImports(file, [record()], idle);
		assert.is(version(), SCHEMA_VERSION);
		reading(file, (reader) => {
			assert.equal(reader.query('SELECT text FROM states WHERE id = 1').rows, [['kept']]);
			assert.is(storedImports(reader).length, 1);
		});
	}));

/** Statements that must fail, each beside one that must not. */
const PAIRS: readonly (readonly [good: string, bad: string])[] = [
	[
		'UPDATE import_counts SET count = 9007199254740991',
		'UPDATE import_counts SET count = 9007199254740992',
	],
	['UPDATE import_counts SET count = 0', 'UPDATE import_counts SET count = -1'],
	['UPDATE import_counts SET count = 1', 'UPDATE import_counts SET count = 1.5'],
	['UPDATE import_counts SET count = 1', 'UPDATE import_counts SET source_id = 99'],
	[
		'INSERT INTO import_counts VALUES (1, 4, 4, 1)',
		'INSERT INTO import_counts VALUES (1, 1, 2, 1)',
	],
	[
		'INSERT INTO import_counts VALUES (1, 4, 4, 1)',
		'INSERT INTO import_counts VALUES (2, 4, 4, 1)',
	],
	['INSERT INTO import_attempts VALUES (1, 1, 0)', 'INSERT INTO import_attempts VALUES (1, 1, -1)'],
	['UPDATE imports SET attempts_total = 1', 'UPDATE imports SET attempts_total = 0'],
	['UPDATE imports SET attempts_total = NULL', 'UPDATE imports SET notes = NULL'],
	["UPDATE imports SET notes = '{}'", "UPDATE imports SET notes = '{'"],
	[`UPDATE imports SET sha256 = '${'0'.repeat(64)}'`, "UPDATE imports SET sha256 = '0'"],
	[
		`UPDATE imports SET attempts_origin = 'a', attempts_sha256 = '${'0'.repeat(64)}'`,
		"UPDATE imports SET attempts_origin = 'a'",
	],
];

test('constraints: what is wrong is refused, what is right beside it is not', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'strict.db');
		await storeImports(file, [record()], idle);
		raw(file, (db) => {
			db.pragma('foreign_keys = ON');
			for (const [good, bad] of PAIRS) {
				for (const [sql, fails] of [
					[good, false],
					[bad, true],
				] as const) {
					db.exec('BEGIN');
					if (fails) assert.throws(() => db.exec(sql), /constraint|cannot store/, sql);
					else db.exec(sql);
					db.exec('ROLLBACK');
				}
			}
		});
	}));

test('views say what was imported', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'views.db');
		const attempts = new Map([
			[0, 10],
			[1, 9],
		]);
		await storeImports(
			file,
			[
				record({
					attempts,
					pairs: [
						[0, 1, 3],
						[1, 1, 2],
					],
				}),
			],
			idle,
		);
		reading(file, (reader) => {
			const counts = `SELECT model, template, temperature, top_k, attempts_total, source, target, count
				FROM imported_counts ORDER BY source`;
			assert.equal(reader.query(counts).rows, [
				['m', 't', 0.5, null, 50, 'A', 'A', 2],
				['m', 't', 0.5, null, 50, 'Ç', 'A', 3],
			]);
			const made = 'SELECT import_id, source, attempts FROM imported_attempts ORDER BY source';
			assert.equal(reader.query(made).rows, [
				[1, 'A', 9],
				[1, 'Ç', 10],
			]);
		});
	}));

test('merge refuses a database with imports rather than leave them behind', () =>
	inFolder(async (folder) => {
		const [imported, run, output] = ['i.db', 'r.db', 'm.db'].map((name) => join(folder, name));
		await storeImports(imported!, [record()], idle);
		writeRun(run!);
		const merge = async () => mergeDatabases([run!, imported!], output!);
		assert.match(
			(await rejected(merge())).message,
			/i\.db also holds imported data \(data\.json\)/,
		);
		assert.not(existsSync(output!));
		mergeDatabases([run!], output!);
	}));

test.run();
