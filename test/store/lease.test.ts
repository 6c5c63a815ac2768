import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HarnessError } from '../../harness/errors.js';
import { runDigest } from '../../harness/store/digest.js';
import { LAPSE_MS } from '../../harness/store/lease.js';
import { StoreWriter } from '../../harness/store/writer.js';
import {
	attempt,
	attempts,
	cellPlan,
	inFolder,
	raw,
	reading,
	refused,
	runPlan,
	STATES,
	startWriting,
	writeRun,
} from './fixture.js';

const PER_SOURCE = 4000;

test('kill -9 in mid-run: what was committed is there, the rest is made again, same digest', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'killed.db');
		for (const source of STATES) {
			const child = startWriting(file, 'run');
			let line = '';
			while (!line.startsWith(source)) line = await child.line();
			for (let i = 0; i < 7; i++) line = await child.line();
			await child.kill();
			const committed = Number(line.split(' ')[1]);
			reading(file, (reader) => {
				const [range, ...more] = reader.draws(1, source);
				assert.equal([range?.from, more], [0, []]);
				assert.ok((range?.to as number) >= committed, `${range?.to} < ${committed}`);
				assert.is((range?.to as number) % 50, 0);
				for (const { text, tokens, ...stored } of reader.attempts(1)) {
					const made = attempt({ cell: 1, source: stored.source, draw: stored.draw });
					assert.equal({ cell: 1, ...stored, tokens, text }, made);
				}
				assert.equal(reader.query('PRAGMA integrity_check').rows, [['ok']]);
				assert.equal(reader.query('SELECT count(*) FROM pragma_foreign_key_check').rows, [[0]]);
				assert.is(reader.query('SELECT pid FROM writer').rows[0]?.[0], child.pid);
			});
		}
		const last = startWriting(file, 'run');
		let line = '';
		while (line !== 'finished') line = await last.line();
		await last.ended;

		const whole = join(folder, 'whole.db');
		writeRun(whole, runPlan({ cells: [cellPlan({ attempts: PER_SOURCE })] }));
		const digest = (name: string) => reading(name, (reader) => runDigest(reader, 1));
		assert.is(digest(file), digest(whole));
	}));

test('two processes: the second is refused until the first is gone', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'two.db');
		const child = startWriting(file, 'hold');
		assert.is(await child.line(), 'holding');
		const message = new RegExp(`being written by process ${child.pid} on .*since 20.*stop it`);
		refused(() => StoreWriter.open(file), HarnessError, message);
		await child.kill();
		StoreWriter.open(file).close();
	}));

test('one process cannot write twice at once, and gives the lease back', () =>
	inFolder((folder) => {
		const file = join(folder, 'once.db');
		const first = StoreWriter.open(file);
		refused(() => StoreWriter.open(file), HarnessError, new RegExp(`process ${process.pid} on`));
		first.close();
		StoreWriter.open(file).close();
	}));

test('a writer on another host holds the lease for as long as its heart beats', () =>
	inFolder((folder) => {
		const file = join(folder, 'remote.db');
		const writer = StoreWriter.open(file);
		const age = (milliseconds: number) =>
			raw(file, (db) =>
				db
					.prepare("UPDATE writer SET host = 'elsewhere', heartbeat = ?")
					.run(new Date(Date.now() - milliseconds).toISOString()),
			);
		for (const fresh of [0, LAPSE_MS - 5000, 5000 - LAPSE_MS]) {
			age(fresh);
			refused(() => StoreWriter.open(file), HarnessError, /on elsewhere/);
		}
		age(LAPSE_MS + 1);
		StoreWriter.open(file).close();
		writer.close();
		// The same for a clock that is wrong by more.
		const again = StoreWriter.open(file);
		age(-LAPSE_MS - 5000);
		StoreWriter.open(file).close();
		again.close();
	}));

test('a writer that lost its lease writes nothing more and does not disturb the other', () =>
	inFolder((folder) => {
		const file = join(folder, 'lost.db');
		const slow = StoreWriter.open(file);
		const cell = slow.planRun(runPlan()).cells[0]?.id as number;
		slow.append(attempts(cell, { sources: ['A'], to: 10 }));
		raw(file, (db) => db.exec("UPDATE writer SET heartbeat = '2025-01-01T00:00:00.000Z'"));
		const other = StoreWriter.open(file);
		const lost = /was taken over by process .*no sign of life for 60 s/;
		refused(() => slow.flush(), HarnessError, lost);
		refused(() => slow.planRun(runPlan()), HarnessError, lost);
		slow.close();
		other.planRun(runPlan());
		other.append(attempts(cell, { sources: ['B'], to: 10 }));
		other.close();
		reading(file, (reader) =>
			assert.equal(reader.attemptsPerSource([cell]), [{ source: 'B', attempts: 10 }]),
		);
	}));

test('every commit is a sign of life', () =>
	inFolder((folder) => {
		const file = join(folder, 'beat.db');
		const writer = StoreWriter.open(file);
		const heartbeat = () =>
			raw(file, (db) => db.prepare('SELECT heartbeat FROM writer').pluck().get());
		const old = '2025-01-01T00:00:00.000Z';
		raw(file, (db) => db.prepare('UPDATE writer SET heartbeat = ?').run(old));
		assert.is(heartbeat(), old);
		writer.planRun(runPlan());
		assert.ok(Date.now() - Date.parse(heartbeat() as string) < 5000);
		writer.close();
		assert.is(heartbeat(), undefined);
	}));

test.run();
