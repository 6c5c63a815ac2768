/** Questions in SQL from a process of their own: answered, refused, stopped. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HarnessError, UsageError } from '../../harness/errors.js';
import { ask, type Cell } from '../../harness/store/asking.js';
import { checkReads } from '../../harness/store/reads.js';
import { inFolder, raw, reading, refused, sha256Of, writeRun } from './fixture.js';

const ENDLESS = 'WITH RECURSIVE a (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM a) SELECT i FROM a';

async function answer(db: string, sql: string, limit: number | null = null) {
	const found = { columns: [] as readonly string[], rows: [] as (readonly Cell[])[], batches: 0 };
	const end = await ask({
		db,
		sql,
		limit,
		signal: new AbortController().signal,
		onColumns(columns) {
			found.columns = columns;
		},
		onRows(rows) {
			found.rows.push(...rows);
			found.batches++;
		},
	});
	assert.is(end.rows, found.rows.length);
	return { ...found, more: end.more };
}

async function fails(work: Promise<unknown>, kind: new (m: string) => Error, says: RegExp) {
	try {
		await work;
	} catch (error) {
		assert.ok(error instanceof kind, String(error));
		assert.match(error.message, says);
		return;
	}
	assert.unreachable(`nothing was refused (${says})`);
}

test('values as they can be printed; batches; the limit on both sides', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'a.db');
		writeRun(db);
		const big = '9007199254740993';
		const sql = `SELECT 1 AS a, ${big} AS a, -9007199254740991, 0.1, 9e999, NULL, 'x' || char(0) || 'y', x'00ff', x''`;
		const { columns, rows } = await answer(db, sql);
		assert.equal(columns.slice(0, 2), ['a', 'a']);
		assert.equal(rows, [[1, big, -9007199254740991, 0.1, 'Infinity', null, 'x\0y', '00ff', '']]);
		const all = await answer(db, 'SELECT * FROM attempts', 80);
		assert.equal([all.rows.length, all.more], [80, false]);
		const cut = await answer(db, 'SELECT * FROM attempts', 79);
		assert.equal([cut.rows.length, cut.more], [79, true]);
		const none = await answer(db, 'SELECT draw FROM attempts WHERE 0');
		assert.equal([none.columns, none.rows], [['draw'], []]);
		const many = await answer(db, ENDLESS, 2500);
		assert.equal([many.rows.length, many.batches, many.more], [2500, 3, true]);
		const wide = await answer(db, `SELECT hex(zeroblob(400000)) FROM states`);
		assert.equal([wide.rows.length, wide.batches], [4, 2]);
	}));

test('what is wrong or would change something is refused, and nothing changes', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'a.db');
		writeRun(db);
		const before = sha256Of(db);
		reading(db, (reader) => {
			for (const [sql, says] of [
				['SELEKT 1', /refused: .*SELEKT/],
				['SELECT 1; SELECT 2', /more than one statement/],
				['', /no statements/i],
				['DELETE FROM attempts', /only statements that read/],
				["INSERT INTO states (text) VALUES ('x') RETURNING id", /only statements that read/],
				["ATTACH 'new.db' AS other", /only statements that read/],
				[`VACUUM INTO '${join(folder, 'copy.db')}'`, /only statements that read/],
				['BEGIN IMMEDIATE', /only statements that read/],
				['PRAGMA journal_mode = WAL', /only statements that read/],
				["SELECT load_extension('x')", /not authorized/],
				['SELECT abs(-9223372036854775808)', /failed: integer overflow/],
				['SELECT zeroblob(2000000000)', /failed: string or blob too big/],
				['SELECT 1\0', /NUL/],
			] as const)
				refused(() => [...reader.ask(sql).rows], UsageError, says);
			assert.equal([...reader.ask('SELECT 1, 0.5').rows], [[1n, 0.5]]);
		});
		const long = 'SELECT zeroblob(70000000) AS b';
		await fails(answer(db, long), UsageError, /column b is 70000000 bytes long: .*substr/);
		await fails(answer(join(folder, 'no.db'), 'SELECT 1'), UsageError, /no\.db does not exist/);
		assert.equal(readdirSync(folder), ['a.db']);
		assert.is(sha256Of(db), before);
	}));

test('pragmas: those that tell may be asked, those that set may not, however they are hidden', () => {
	for (const sql of [
		'PRAGMA table_info(attempts)',
		'pragma main.table_info(attempts);',
		'PRAGMA user_version',
		'PRAGMA user_version; -- asked',
		'PRAGMA integrity_check(3)',
		'SELECT * FROM pragma_user_version',
		"SELECT 'pragma journal_mode = off'",
		'EXPLAIN QUERY PLAN SELECT 1',
		'',
	])
		checkReads(sql);
	for (const sql of [
		'PRAGMA user_version = 7',
		'PRAGMA user_version(7)',
		' ;; /* x */ -- y\n PRAGMA journal_mode=OFF',
		'\ufeffPRAGMA hard_heap_limit',
		'EXPLAIN PRAGMA writable_schema = 1',
		'EXPLAIN QUERY PLAN /* */ PRAGMA synchronous',
		'PRAGMA main . wal_checkpoint',
		'PRAGMA "user_version" = 7',
		'PRAGMA/**/user_version=7',
		'PRAGMA optimize',
	])
		refused(() => checkReads(sql), UsageError, /PRAGMA .*may change something/);
});

test('a question that never ends is stopped, also before its first row', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'a.db');
		writeRun(db);
		for (const sql of [ENDLESS, ENDLESS.replace('SELECT i FROM', 'SELECT count(*) FROM')]) {
			const stop = new AbortController();
			// At the names of the columns no row is there yet: of the second question none ever comes.
			const onColumns = () => stop.abort(new HarnessError('stopped by the test'));
			const question = { db, sql, limit: null, signal: stop.signal, onColumns, onRows() {} };
			await fails(ask(question), HarnessError, /stopped by the test/);
		}
		const late = new AbortController();
		late.abort(new HarnessError('stopped before'));
		const question = { db, sql: ENDLESS, limit: 1, signal: late.signal, onRows() {} };
		await fails(ask({ ...question, onColumns() {} }), HarnessError, /stopped before/);
		assert.not.ok(existsSync(`${db}-journal`));
		assert.is(
			raw(db, (file) => file.pragma('integrity_check', { simple: true })),
			'ok',
		);
	}));

test('what is thrown while rows are taken comes out, and the process is gone', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'a.db');
		writeRun(db);
		const signal = new AbortController().signal;
		const onRows = () => {
			throw new RangeError('full');
		};
		await fails(
			ask({ db, sql: ENDLESS, limit: null, signal, onColumns() {}, onRows }),
			RangeError,
			/full/,
		);
	}));

test.run();
