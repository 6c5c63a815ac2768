/** What takes the space: every byte of the file has its place. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { storeSpace } from '../../harness/store/space.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { attempts, cellPlan, inFolder, raw, reading, runPlan, writeRun } from './fixture.js';

test('tables, indexes and free pages add up to the file; runs share the attempts by rows', () =>
	inFolder((folder) => {
		const db = join(folder, 'a.db');
		writeRun(db, runPlan({ cells: [cellPlan({ attempts: 3000 })] }));
		writeRun(
			db,
			runPlan({ key: 'two', name: 'other', cells: [cellPlan({ attempts: 1000, seed: 2 })] }),
		);
		raw(db, (file) => {
			file.exec('CREATE TABLE scrap (x)');
			for (let i = 0; i < 50; i++) file.exec('INSERT INTO scrap VALUES (randomblob(4000))');
			file.exec('DROP TABLE scrap');
		});
		const space = reading(db, storeSpace);
		const taken = space.objects.reduce((sum, { bytes }) => sum + bytes, 0);
		assert.is(taken + space.freeBytes, statSync(db).size);
		assert.is(space.bytes, statSync(db).size);
		assert.ok(space.freeBytes >= 50 * 4096);
		assert.is(space.wal, 0);
		assert.is(space.objects.find(({ name }) => name === 'states')?.kind, 'table');
		assert.ok(space.objects.some(({ kind, table }) => kind === 'index' && table === 'completions'));
		assert.equal(
			space.runs.map(({ run, name, attempts: made, laws }) => [run, name, made, laws]),
			[
				[1, 'example', 12000, 4],
				[2, 'other', 4000, 4],
			],
		);
		const [one, two] = space.runs;
		const both = space.objects
			.filter(({ table }) => table === 'attempts' || table === 'laws')
			.reduce((sum, { bytes }) => sum + bytes, 0);
		assert.ok(Math.abs((one?.bytes ?? 0) + (two?.bytes ?? 0) - both) <= 2);
		assert.ok((one?.bytes ?? 0) > 2 * (two?.bytes ?? 0));
		assert.ok(space.imports > 0, 'empty tables take a page');
	}));

test('changes that are not folded in yet are seen while a writer is at work', () =>
	inFolder((folder) => {
		const db = join(folder, 'a.db');
		const writer = StoreWriter.open(db);
		const cell = writer.planRun(runPlan()).cells[0]?.id as number;
		writer.append(attempts(cell, { to: 5 }));
		writer.flush();
		const space = reading(db, storeSpace);
		assert.is(space.runs[0]?.attempts, 20);
		assert.ok(space.wal > 0);
		writer.close();
		assert.is(reading(db, storeSpace).wal, 0);
	}));

test.run();
