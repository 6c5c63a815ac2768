import { join } from 'node:path';
import type SQLite from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OUTCOMES } from '../../harness/outcome.js';
import { IDENTITY_KINDS } from '../../harness/store/records.js';
import { cellPlan, inFolder, raw, reading, runPlan, writeRun } from './fixture.js';

const HEX = 'a'.repeat(64);

/** Statements that must fail, each beside one that must not. */
const PAIRS: readonly (readonly [good: string, bad: string])[] = [
	[
		`INSERT INTO identities VALUES ('${HEX}', 'model', '{}')`,
		`INSERT INTO identities VALUES ('${HEX.slice(1)}', 'model', '{}')`,
	],
	[
		`INSERT INTO identities VALUES ('${HEX}', 'task', '{}')`,
		`INSERT INTO identities VALUES ('${HEX}', 'weather', '{}')`,
	],
	[
		`INSERT INTO identities VALUES ('${HEX}', 'task', '{}')`,
		`INSERT INTO identities VALUES ('${HEX}', 'task', '{')`,
	],
	[
		"INSERT INTO runs VALUES (9, 'k', 'n', '{}', 'now', 3, 3, 'v')",
		"INSERT INTO runs VALUES (9, 'k', 'n', '{}', 'now', 4, 3, 'v')",
	],
	[
		"INSERT INTO runs VALUES (9, 'k', 'n', '{}', 'now', NULL, NULL, 'v')",
		"INSERT INTO runs VALUES (9, 'k', 'n', '{}', 'now', NULL, 3, 'v')",
	],
	['UPDATE cells SET seed = 4294967295', 'UPDATE cells SET seed = 4294967296'],
	['UPDATE cells SET seed = 7', "UPDATE cells SET seed = 'seven'"],
	["UPDATE cells SET design = 'crawl'", "UPDATE cells SET design = 'walk'"],
	['UPDATE cells SET tree_id = 1', 'UPDATE cells SET tree_id = 2'],
	['UPDATE plan SET attempts = 1', 'UPDATE plan SET attempts = 0'],
	["INSERT INTO states (text) VALUES ('new')", "INSERT INTO states (text) VALUES ('A')"],
	[
		"INSERT INTO completions (tokens, text) VALUES (x'01020304', '')",
		"INSERT INTO completions (tokens, text) VALUES (x'010203', '')",
	],
	[
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 2, NULL, 1)',
		'INSERT INTO attempts VALUES (1, 1, 0, NULL, 2, NULL, 1)', // the draw is there
	],
	[
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 4, NULL, 1)',
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 5, NULL, 1)', // no sixth outcome
	],
	[
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 0, 2, 1)',
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 0, NULL, 1)', // valid without a target
	],
	[
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 0, 2, 1)',
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 0, 1, 1)', // valid back to the source
	],
	[
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 1, 1, 1)',
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 1, 2, 1)', // self elsewhere
	],
	[
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 2, NULL, 1)',
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 2, 1, 1)', // invalid with a target
	],
	[
		'INSERT INTO attempts VALUES (1, 1, 4294967294, NULL, 2, NULL, 1)',
		'INSERT INTO attempts VALUES (1, 1, 4294967295, NULL, 2, NULL, 1)',
	],
	[
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 2, NULL, 1)',
		'INSERT INTO attempts VALUES (1, 1, -1, NULL, 2, NULL, 1)',
	],
	[
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 2, NULL, 1)',
		'INSERT INTO attempts VALUES (2, 1, 99, NULL, 2, NULL, 1)', // no such cell
	],
	[
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 2, NULL, 1)',
		'INSERT INTO attempts VALUES (1, 99, 99, NULL, 2, NULL, 1)', // no such source
	],
	[
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 2, NULL, 1)',
		'INSERT INTO attempts VALUES (1, 1, 99, NULL, 2, NULL, 999)', // no such completion
	],
	[
		'INSERT INTO attempts VALUES (1, 1, 98, 6, 2, NULL, 1), (1, 1, 99, 7, 2, NULL, 1)',
		'INSERT INTO attempts VALUES (1, 1, 98, 7, 2, NULL, 1), (1, 1, 99, 7, 2, NULL, 1)',
	],
	[
		"INSERT INTO laws VALUES (1, 1, x'', zeroblob(16), 0.5, '[]')",
		"INSERT INTO laws VALUES (1, 1, x'', zeroblob(15), 0.5, '[]')",
	],
	[
		"INSERT INTO laws VALUES (1, 1, x'', zeroblob(16), 1e308, '[]')",
		"INSERT INTO laws VALUES (1, 1, x'', zeroblob(16), 9e999, '[]')",
	],
	[
		"INSERT INTO writer VALUES (1, 'me', 7, 'here', 'now', 'now')",
		"INSERT INTO writer VALUES (2, 'me', 7, 'here', 'now', 'now')",
	],
	['DELETE FROM laws', 'DELETE FROM states'],
];

test('constraints: what is wrong is refused, what is right beside it is not', () =>
	inFolder((folder) => {
		const file = join(folder, 'strict.db');
		writeRun(file);
		raw(file, (db) => {
			db.pragma('foreign_keys = ON');
			for (const [good, bad] of PAIRS) {
				undone(db, () => db.exec(good));
				undone(db, () =>
					assert.throws(() => db.exec(bad), /constraint|cannot store|datatype/, bad),
				);
			}
		});
	}));

function undone(db: SQLite.Database, work: () => void): void {
	db.exec('BEGIN');
	try {
		work();
	} finally {
		db.exec('ROLLBACK');
	}
}

test('all tables are strict; outcomes and kinds are those of the program', () =>
	inFolder((folder) => {
		const file = join(folder, 'tables.db');
		writeRun(file);
		reading(file, (reader) => {
			const loose = `SELECT name FROM pragma_table_list
				WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND NOT strict`;
			assert.equal(reader.query(loose).rows, []);
			assert.equal(reader.query('SELECT name FROM outcomes ORDER BY id').rows.flat(), [
				...OUTCOMES,
			]);
			const kinds = reader.query('SELECT DISTINCT kind FROM identities ORDER BY kind').rows.flat();
			assert.equal(kinds, [...IDENTITY_KINDS].sort());
		});
	}));

test('views say what the attempts say', () =>
	inFolder((folder) => {
		const file = join(folder, 'views.db');
		const cells = [cellPlan({ attempts: 5, sources: ['A', 'B'] }), cellPlan({ seed: 2 })];
		writeRun(file, runPlan({ cells }));
		reading(file, (reader) => {
			const ask = (sql: string) => reader.query(sql);
			// Draws 0 … 4 from A have each outcome once; so have those from B.
			assert.equal(ask('SELECT * FROM counts WHERE cell_id = 1 ORDER BY source, target'), {
				columns: [
					...['cell_id', 'run_id', 'run', 'model', 'template', 'temperature', 'top_k', 'top_p'],
					...['min_p', 'design', 'seed', 'source', 'target', 'count'],
				],
				rows: [
					[1, 1, 'example', 'tiny', 'plain', 1, 0, 1, 0, 'fixed', 1, 'A', 'A', 1],
					[1, 1, 'example', 'tiny', 'plain', 1, 0, 1, 0, 'fixed', 1, 'A', 'B', 1],
					[1, 1, 'example', 'tiny', 'plain', 1, 0, 1, 0, 'fixed', 1, 'B', 'B', 1],
					[1, 1, 'example', 'tiny', 'plain', 1, 0, 1, 0, 'fixed', 1, 'B', 'D', 1],
				],
			});
			const perSource = `SELECT source, valid, self, invalid, unparsable, truncated
				FROM outcomes_per_source WHERE cell_id = 1 ORDER BY source`;
			assert.equal(ask(perSource).rows, [
				['A', 1, 1, 1, 1, 1],
				['B', 1, 1, 1, 1, 1],
			]);
			const tried = "SELECT seed, source, attempts FROM attempts_per_source WHERE source = 'A'";
			assert.equal(ask(tried).rows, [
				[1, 'A', 5],
				[2, 'A', 20],
			]);
			assert.equal(ask('SELECT cell_id, planned, done FROM progress').rows, [
				[1, 10, 10],
				[2, 80, 80],
			]);
			const first = `SELECT source, draw, step, outcome, target FROM transitions
				WHERE cell_id = 1 AND draw = 0 ORDER BY source`;
			assert.equal(ask(first).rows, [
				['A', 0, null, 'valid', 'B'],
				['B', 0, null, 'self', 'B'],
			]);
		});
	}));

test('views find the attempts of a cell by the primary key, the rest by indices', () =>
	inFolder((folder) => {
		const file = join(folder, 'plans.db');
		writeRun(file);
		reading(file, (reader) => {
			for (const view of ['counts', 'outcomes_per_source', 'attempts_per_source', 'progress']) {
				const sql = `EXPLAIN QUERY PLAN SELECT * FROM ${view} WHERE cell_id = 1`;
				const plan = reader.query(sql).rows.map((row) => String(row[3]));
				const found = plan.filter((line) => /\battempts\b/.test(line) && /SEARCH|SCAN/.test(line));
				assert.ok(found.length > 0, `${view}: ${plan.join('\n')}`);
				for (const line of found)
					assert.match(line, /SEARCH .*PRIMARY KEY \(cell_id=\?|SCAN (pair|tally)/, view);
				assert.not(
					plan.some((line) => line.includes('AUTOMATIC')),
					`${view}: ${plan.join('\n')}`,
				);
				for (const line of plan.filter((text) => text.startsWith('SCAN')))
					assert.match(line, /SCAN (pair|tally)/, `${view}: ${plan.join('\n')}`);
			}
		});
	}));

test.run();
