/** Copies of a database, and what is found wrong with one. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HarnessError, UsageError } from '../../harness/errors.js';
import { copyDatabase } from '../../harness/store/copy.js';
import { runDigest } from '../../harness/store/digest.js';
import { databaseFaults, identityFaults } from '../../harness/store/integrity.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { cellPlan, inFolder, raw, reading, refused, runPlan, writeRun } from './fixture.js';

test('a copy holds the same transitions, compact, in one plain file', () =>
	inFolder((folder) => {
		const [file, copy] = [join(folder, 'a.sqlite'), join(folder, 'b.sqlite')];
		writeRun(file, runPlan({ cells: [cellPlan({ attempts: 6000 })] }));
		raw(file, (db) => db.exec('DELETE FROM attempts WHERE draw > 99'));
		copyDatabase(file, copy);
		const digestOf = (name: string) => reading(name, (reader) => runDigest(reader, 1));
		assert.is(digestOf(copy), digestOf(file));
		assert.ok(readFileSync(copy).length < readFileSync(file).length / 2);
		assert.not.ok(existsSync(`${copy}-wal`));
		assert.equal(databaseFaults(copy), []);
	}));

test('the same rows give the same bytes, while they are being written too', () =>
	inFolder((folder) => {
		const names = ['a', 'b', 'c'].map((name) => join(folder, `${name}.sqlite`));
		const [file, quiet, busy] = names as [string, string, string];
		writeRun(file);
		copyDatabase(file, quiet);
		const writer = StoreWriter.open(file);
		let owner = '';
		try {
			owner = raw(file, (db) => db.prepare('SELECT owner FROM writer').pluck().get()) as string;
			copyDatabase(file, busy);
		} finally {
			writer.close();
		}
		const count = (db: string) =>
			raw(db, (sqlite) => sqlite.prepare('SELECT count(*) FROM writer').pluck().get());
		assert.is(count(busy), 0);
		// Not even in pages that are free.
		assert.is(owner.length, 36);
		assert.not.ok(readFileSync(busy).includes(owner));
		assert.is(
			reading(busy, (r) => runDigest(r, 1)),
			reading(quiet, (r) => runDigest(r, 1)),
		);
		const again = join(folder, 'd.sqlite');
		copyDatabase(file, again);
		assert.equal(readFileSync(again), readFileSync(quiet));
	}));

test('no copy over another file, none of what is not ours', () =>
	inFolder((folder) => {
		const [file, other] = [join(folder, 'a.sqlite'), join(folder, 'b.sqlite')];
		writeRun(file);
		writeFileSync(other, 'precious');
		refused(() => copyDatabase(file, other), HarnessError, /cannot be copied to .*b\.sqlite/);
		assert.is(readFileSync(other, 'utf8'), 'precious');
		refused(() => copyDatabase(other, join(folder, 'c')), UsageError, /not a SQLite database/);
		refused(() => copyDatabase(join(folder, 'x'), join(folder, 'c')), UsageError, /does not exist/);
	}));

test('faults: constraints, references, tables, identities; none of them in a sound file', () =>
	inFolder((folder) => {
		const cases: readonly [sql: string, says: RegExp][] = [
			['UPDATE attempts SET outcome = 2 WHERE outcome = 0', /^CHECK constraint failed in attempts/],
			['DELETE FROM states WHERE id = 1', /^\d+ rows refer to nothing: attempts → states$/],
			['DROP VIEW counts', /^view counts is missing$/],
			['CREATE INDEX more ON runs (name)', /^index more is not part of a detbal database$/],
			[
				"UPDATE identities SET content = '{}' WHERE kind = 'model'",
				/^the model [0-9a-f]{64} has a content with/,
			],
		];
		for (const [i, [sql, says]] of cases.entries()) {
			const file = join(folder, `${i}.sqlite`);
			writeRun(file);
			const faults = () => [...databaseFaults(file), ...reading(file, identityFaults)];
			assert.equal(faults(), []);
			const before = readFileSync(file);
			assert.equal(databaseFaults(file), []);
			assert.equal(readFileSync(file), before, 'nothing is written');
			raw(file, (db) => {
				db.pragma('ignore_check_constraints = ON');
				db.pragma('foreign_keys = OFF');
				db.exec(sql);
			});
			assert.ok(
				faults().some((line) => says.test(line)),
				`${sql}: ${faults().join('\n')}`,
			);
		}
	}));

test.run();
