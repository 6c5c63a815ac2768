import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { StoreReader } from '../../harness/store/reader.js';
import { type RerunRecord, recordRerun, storedReruns } from '../../harness/store/reruns.js';
import { inFolder, raw, reading, writeRun } from './fixture.js';

const RECORD: RerunRecord = {
	run: 1,
	seed: null,
	identical: true,
	compared: 12,
	different: 0,
	planned: 12,
	laws: { compared: 5, different: 0 },
	numericsDifferences: ['m: threads: 1 → 2'],
	toolVersion: '0.0.0',
};

test('a repetition is kept as it was noted, oldest first', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.sqlite');
		writeRun(file);
		reading(file, (reader) => assert.equal(storedReruns(reader), []));
		recordRerun(file, RECORD);
		recordRerun(file, { ...RECORD, seed: 7, identical: false, different: 2, planned: 13 });
		reading(file, (reader) => {
			const [first, second, ...rest] = storedReruns(reader);
			assert.equal(rest, []);
			const { id, createdAt, ...kept } = first ?? {};
			assert.is(id, 1);
			assert.match(String(createdAt), /^\d{4}-\d\d-\d\dT.*Z$/);
			assert.equal(kept, RECORD);
			assert.is(second?.seed, 7);
			assert.is(second?.identical, false);
		});
	}));

test('records that contradict themselves are refused by the database', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.sqlite');
		writeRun(file);
		for (const wrong of [
			{ ...RECORD, identical: false },
			{ ...RECORD, different: 1 },
			{ ...RECORD, compared: 13 },
			{ ...RECORD, run: 99 },
			{ ...RECORD, laws: { compared: 1, different: 2 } },
		]) {
			assert.throws(() => recordRerun(file, wrong), /CHECK|FOREIGN|constraint/i);
		}
		reading(file, (reader) => assert.is(storedReruns(reader).length, 0));
	}));

test('a database older than reruns has none, and gets the table when one is noted', () =>
	inFolder((folder) => {
		const file = join(folder, 'a.sqlite');
		writeRun(file);
		raw(file, (db) => {
			db.exec('DROP VIEW exact_kernel; DROP VIEW kernel_settings');
			for (const table of ['kernel_entries', 'kernel_rows', 'kernels', 'run_doctors', 'doctors'])
				db.exec(`DROP TABLE ${table}`);
			db.exec('DROP TABLE reruns');
			db.pragma('user_version = 2');
		});
		reading(file, (reader) => assert.equal(storedReruns(reader), []));
		recordRerun(file, RECORD);
		reading(file, (reader) => assert.is(storedReruns(reader).length, 1));
	}));

test('a database that is missing is named, and none is made', () =>
	inFolder((folder) => {
		const file = join(folder, 'no', 'a.sqlite');
		assert.throws(() => recordRerun(file, RECORD), /does not exist/);
		assert.throws(() => StoreReader.open(file));
	}));

test.run();
