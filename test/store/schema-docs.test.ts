/** docs/database.md: every table and view is there, with every column of a view; any SQLite opens them. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packageRoot } from '../../harness/package-root.js';
import { SCHEMA_VERSION } from '../../harness/store/schema.js';
import { inFolder, raw, writeRun } from './fixture.js';

const docs = readFileSync(join(packageRoot(), 'docs', 'database.md'), 'utf8');

interface Named {
	readonly name: string;
	readonly type: 'table' | 'view';
}

const namesOf = (db: string): Named[] =>
	raw(db, (file) =>
		file
			.prepare<[], Named>(
				"SELECT name, type FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'",
			)
			.all(),
	);

test('every table and view of the schema has a row, and nothing else has', () =>
	inFolder((folder) => {
		const db = join(folder, 'a.db');
		writeRun(db);
		const names = namesOf(db);
		assert.ok(names.length > 20);
		for (const type of ['table', 'view'] as const) {
			const section = docs.split(new RegExp(`^## ${type}s$`, 'im'))[1]?.split(/^## /m)[0] ?? '';
			const documented = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
			const held = names.filter((one) => one.type === type).map(({ name }) => name);
			assert.equal(documented.toSorted(), held.toSorted(), `${type}s`);
		}
		assert.match(docs, new RegExp(`\\bversion ${SCHEMA_VERSION}\\b`));
	}));

test('every column of every view is named', () =>
	inFolder((folder) => {
		const db = join(folder, 'a.db');
		writeRun(db);
		for (const { name, type } of namesOf(db)) {
			if (type !== 'view') continue;
			const row = docs.split('\n').find((line) => line.startsWith(`| \`${name}\` |`)) ?? '';
			const columns = raw(db, (file) => file.prepare(`SELECT * FROM ${name}`).columns());
			for (const column of columns) {
				const shared = /settings\b/.test(row) || name === 'settings' || name === 'import_settings';
				assert.ok(shared || row.includes(`\`${column.name}\``), `${name}.${column.name}`);
			}
		}
	}));

test("Python's sqlite3 opens the file as it is and reads every table and view", () =>
	inFolder((folder) => {
		const db = join(folder, 'a.db');
		writeRun(db);
		const script = `import sqlite3, sys
db = sqlite3.connect('file:' + sys.argv[1] + '?mode=ro', uri=True)
names = [n for (n,) in db.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")]
total = {n: len(list(db.execute('SELECT * FROM "' + n + '"'))) for n in names}
print(sqlite3.sqlite_version_info >= (3, 38), len(names), total['transitions'], total['counts'] > 0)`;
		const { status, stdout, stderr, error } = spawnSync('python3', ['-c', script, db], {
			encoding: 'utf8',
		});
		assert.is(error, undefined, 'this test needs python3: apt-get install python3');
		assert.is(status, 0, stderr);
		assert.is(stdout, `True ${namesOf(db).length} 80 True\n`);
	}));

test.run();
