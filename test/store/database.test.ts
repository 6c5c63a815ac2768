import {
	chmodSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	readFileSync,
	statSync,
	symlinkSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HarnessError, UsageError } from '../../harness/errors.js';
import { StoreDatabase } from '../../harness/store/database.js';
import { SCHEMA_VERSION } from '../../harness/store/schema.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { inFolder, raw, reading, refused, sha256Of, unprivileged, writeRun } from './fixture.js';

const OPENINGS = [StoreDatabase.forReading, StoreDatabase.forWriting] as const;

test('a new database is ours, strict, WAL while written and one plain file after', () =>
	inFolder((folder) => {
		const file = join(folder, 'new.db');
		const database = StoreDatabase.forWriting(file);
		const pragma = (name: string) =>
			database.prepareRaw<[string | number]>(`PRAGMA ${name}`).get([])?.[0];
		assert.is(pragma('application_id'), 0x64657462);
		assert.is(pragma('user_version'), SCHEMA_VERSION);
		assert.is(pragma('journal_mode'), 'wal');
		assert.is(pragma('synchronous'), 2);
		assert.is(pragma('foreign_keys'), 1);
		database.close();
		database.close();
		assert.is(
			raw(file, (db) => db.pragma('journal_mode', { simple: true })),
			'delete',
		);
		assert.not(existsSync(`${file}-wal`));
	}));

test('opening again keeps what is there', () =>
	inFolder((folder) => {
		const file = join(folder, 'again.db');
		writeRun(file);
		StoreDatabase.forWriting(file).close();
		assert.is(
			reading(file, (reader) => reader.progress(1).done),
			80,
		);
	}));

test('an empty file becomes a database when written, and is refused when read', () =>
	inFolder((folder) => {
		const file = join(folder, 'empty.db');
		writeFileSync(file, '');
		refused(() => StoreDatabase.forReading(file), UsageError, /is empty/);
		assert.is(statSync(file).size, 0);
		StoreDatabase.forWriting(file).close();
		StoreDatabase.forReading(file).close();
	}));

test('a missing file is not made by reading', () =>
	inFolder((folder) => {
		const file = join(folder, 'missing.db');
		refused(() => StoreDatabase.forReading(file), UsageError, /missing\.db does not exist/);
		assert.not(existsSync(file));
		const deep = join(folder, 'no', 'folder.db');
		refused(() => StoreDatabase.forWriting(deep), UsageError, /the folder of .* does not exist/);
		const beside = join(folder, 'file', 'x.db');
		writeFileSync(join(folder, 'file'), 'no folder');
		refused(() => StoreDatabase.forWriting(beside), UsageError, /the folder of .* does not exist/);
	}));

test('names that are none', () => {
	for (const open of OPENINGS) {
		refused(() => open(''), UsageError, /cannot name a database/);
		refused(() => open('a\0b'), UsageError, /cannot name a database/);
		refused(() => open(undefined as unknown as string), TypeError, /undefined/);
		refused(() => open(7 as unknown as string), TypeError, /number/);
		refused(() => open(devNull), UsageError, /not a regular file/);
	}
});

test('what is not SQLite, or not ours, is left untouched', () =>
	inFolder((folder) => {
		const text = join(folder, 'notes.txt');
		writeFileSync(text, 'these are notes, not a database. '.repeat(9));
		const other = join(folder, 'other.db');
		raw(other, (db) => db.exec('PRAGMA journal_mode = WAL; CREATE TABLE mine (x)'));
		const link = join(folder, 'link.db');
		symlinkSync(other, link);
		for (const open of OPENINGS) {
			refused(() => open(folder), UsageError, /is a folder/);
			for (const [file, message] of [
				[text, /not a SQLite database/],
				[other, /another program/],
				[link, /another program/],
			] as const) {
				const before = sha256Of(file);
				refused(() => open(file), UsageError, message);
				assert.is(sha256Of(file), before);
				assert.not(existsSync(`${file}-wal`));
			}
		}
	}));

test('a newer schema is refused and left untouched', () =>
	inFolder((folder) => {
		const file = join(folder, 'newer.db');
		writeRun(file);
		raw(file, (db) => db.pragma(`user_version = ${SCHEMA_VERSION + 1}`));
		const before = sha256Of(file);
		for (const open of OPENINGS) refused(() => open(file), UsageError, /newer detbal/);
		assert.is(sha256Of(file), before);
		raw(file, (db) => db.pragma(`user_version = ${SCHEMA_VERSION}`));
		for (const open of OPENINGS) open(file).close();
	}));

test('a file cut short is refused wherever it was cut', () =>
	inFolder((folder) => {
		const whole = join(folder, 'whole.db');
		writeRun(whole);
		const { size } = statSync(whole);
		for (const length of [1, 15, 16, 99, 100, 4095, 4096, size / 2, size - 4096, size - 1]) {
			const file = join(folder, `cut-${length}.db`);
			copyFileSync(whole, file);
			truncateSync(file, length);
			for (const open of OPENINGS)
				refused(() => open(file), UsageError, /truncated|not a SQLite database/);
			assert.is(statSync(file).size, length);
		}
		reading(whole, (reader) => assert.is(reader.progress(1).done, 80));
	}));

test('damage inside is reported with the file and what to do', () =>
	inFolder((folder) => {
		const file = join(folder, 'damaged.db');
		writeRun(file);
		const page = raw(file, (db) =>
			db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'attempts'").pluck().get(),
		) as number;
		const bytes = readFileSync(file);
		bytes.fill(0xff, (page - 1) * 4096, page * 4096);
		writeFileSync(file, bytes);
		const reads = () => reading(file, (reader) => reader.outcomes([1]));
		refused(reads, HarnessError, /damaged\.db is damaged .*\.recover/);
	}));

test('permissions', () =>
	inFolder((folder) => {
		const closed = join(folder, 'closed');
		mkdirSync(closed);
		const file = join(closed, 'run.db');
		writeRun(file);
		const log = StoreWriter.open(join(folder, 'log.db'));
		for (const suffix of ['', '-wal'])
			copyFileSync(join(folder, `log.db${suffix}`), join(closed, `log.db${suffix}`));
		log.close();
		chmodSync(file, 0o444);
		chmodSync(closed, 0o555);
		unprivileged(() => {
			refused(
				() => StoreDatabase.forWriting(file),
				UsageError,
				/cannot be (written|opened): .*(permissions|writable)/,
			);
			const fresh = join(closed, 'new.db');
			refused(
				() => StoreDatabase.forWriting(fresh),
				UsageError,
				/cannot be (written|opened): .*(permissions|writable)/,
			);
			// A finished database can be read where nothing can be written …
			reading(file, (reader) => assert.is(reader.progress(1).done, 80));
			// … one with a log beside it cannot.
			const logged = () => StoreDatabase.forReading(join(closed, 'log.db'));
			refused(logged, UsageError, /log\.db-wal.*copy all its files/);
		});
		chmodSync(file, 0);
		unprivileged(() => refused(() => StoreDatabase.forReading(file), UsageError, /cannot be read/));
		chmodSync(closed, 0o755);
	}));

test('a lock of another program is waited for, then named', () =>
	inFolder((folder) => {
		const file = join(folder, 'locked.db');
		writeRun(file);
		raw(file, (db) => {
			db.exec('BEGIN EXCLUSIVE');
			refused(() => StoreDatabase.forReading(file), HarnessError, /is locked by another program/);
			db.exec('ROLLBACK');
		});
		StoreDatabase.forReading(file).close();
	}));

test('nothing that SQLite would turn into NULL is bound', () =>
	inFolder((folder) => {
		const database = StoreDatabase.forWriting(join(folder, 'bind.db'));
		const query = database.prepare('SELECT ? AS x');
		for (const value of [Number.NaN, Infinity, -Infinity, undefined]) {
			const values = [value as unknown as number];
			refused(() => query.run(values), TypeError, /cannot be stored/);
			refused(() => query.get(values), TypeError, /cannot be stored/);
			refused(() => query.all(values), TypeError, /cannot be stored/);
		}
		assert.equal(query.get([null]), { x: null });
		database.close();
	}));

test('a transaction is all or nothing', () =>
	inFolder((folder) => {
		const database = StoreDatabase.forWriting(join(folder, 'all.db'));
		const add = database.prepare('INSERT INTO states (text) VALUES (?)');
		const count = () => Number([...database.ask('SELECT count(*) FROM states').rows][0]?.[0]);
		const fails = () =>
			database.write(() => {
				add.run(['A']);
				throw new RangeError('stop');
			});
		refused(fails, RangeError, /stop/);
		assert.is(count(), 0);
		const twice = () => database.write(() => [add.run(['A']), add.run(['A'])]);
		refused(twice, HarnessError, /all\.db: SQLite refused: UNIQUE/);
		assert.is(count(), 0);
		assert.is(
			database.write(() => add.run(['A'])),
			1,
		);
		assert.is(count(), 1);
		database.close();
	}));

test.run();
