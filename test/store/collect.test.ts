/** Removing what nothing refers to: exactly that goes, whatever happens meanwhile. */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HarnessError, UsageError } from '../../harness/errors.js';
import { importFile } from '../../harness/runner/import.js';
import { collect, type Waste, wasteOf } from '../../harness/store/collect.js';
import { runDigest } from '../../harness/store/digest.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { CLI, TSX } from '../commands/fixture.js';
import {
	attempts,
	cellPlan,
	inFolder,
	raw,
	reading,
	runPlan,
	sha256Of,
	writeRun,
} from './fixture.js';

const signal = new AbortController().signal;
const onWaste = () => {};

/** A run, an import, and one row of each kind that nothing refers to. */
async function littered(folder: string, attemptsEach = 20): Promise<string> {
	const db = join(folder, 'a.db');
	writeRun(db, runPlan({ cells: [cellPlan({ attempts: attemptsEach })] }));
	const counts = join(folder, 'counts.json');
	writeFileSync(
		counts,
		'{"counts": [{"source": "only imported", "target": "B", "count": 3}], "attempts": {"only imported": 4, "never reached": 1}}',
	);
	await importFile({
		file: counts,
		db,
		format: null,
		model: null,
		template: null,
		temperature: null,
		attempts: null,
		attemptsFile: null,
		toolVersion: '0',
		signal,
		onRead() {},
	});
	raw(db, (file) => {
		file.exec("INSERT INTO states (text) VALUES ('nobody')");
		file.exec("INSERT INTO completions (tokens, text) VALUES (x'01000000', 'né')");
		file.exec(`INSERT INTO identities VALUES ('${'a'.repeat(64)}', 'model', '{}')`);
		file.exec(
			'CREATE TABLE scrap (x); INSERT INTO scrap VALUES (zeroblob(100000)); DROP TABLE scrap',
		);
	});
	return db;
}

const rows = (db: string, table: string) =>
	raw(db, (file) => file.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number);

const digestOf = (db: string) => reading(db, (reader) => runDigest(reader, 1));

test('what nothing refers to goes, all else stays', () =>
	inFolder(async (folder) => {
		const db = await littered(folder);
		const tables = [
			'attempts',
			'import_counts',
			'import_attempts',
			'laws',
			'states',
			'completions',
		];
		const before = tables.map((table) => rows(db, table));
		const digest = digestOf(db);
		const untouched = sha256Of(db);
		const seen = wasteOf(db);
		assert.is(sha256Of(db), untouched, 'looking changes nothing');
		assert.equal(
			[seen.states, seen.completions, seen.identities],
			[
				{ rows: 1, bytes: 6 },
				{ rows: 1, bytes: 7 },
				{ rows: 1, bytes: 66 },
			],
		);
		assert.ok(seen.freeBytes >= 100_000);
		let said: Waste | null = null;
		const done = await collect({
			db,
			laws: false,
			signal,
			onWaste(waste) {
				said = waste;
			},
		});
		assert.equal(said, done.waste);
		assert.equal(done.runs, [{ run: 1, digest }]);
		assert.is(done.after, statSync(db).size);
		assert.ok(done.after <= done.before - 100_000);
		assert.equal(
			tables.map((table) => rows(db, table)),
			before.map((n, i) => (i < 4 ? n : n - 1)),
		);
		assert.is(digestOf(db), digest);
		assert.equal(wasteOf(db).states.rows + wasteOf(db).freeBytes, 0);
		const again = await collect({ db, laws: false, signal, onWaste });
		assert.is(again.after, done.after);
		assert.not.ok(existsSync(`${db}-wal`));
	}));

test('recorded laws go only where that is asked for', () =>
	inFolder(async (folder) => {
		const db = await littered(folder);
		assert.is(rows(db, 'laws'), 4);
		await collect({ db, laws: true, signal, onWaste });
		assert.is(rows(db, 'laws'), 0);
		assert.is(rows(db, 'attempts'), 80);
	}));

test('a living writer, a broken reference, a signal, no database: refused, nothing removed', () =>
	inFolder(async (folder) => {
		const db = await littered(folder);
		const refuses = async (kind: new (m: string) => Error, says: RegExp, file = db) => {
			const before = existsSync(file) ? rows(file, 'states') : 0;
			try {
				await collect({ db: file, laws: true, signal, onWaste });
			} catch (error) {
				assert.ok(error instanceof kind && says.test(error.message), String(error));
				assert.is(existsSync(file) ? rows(file, 'states') : 0, before);
				return;
			}
			assert.unreachable(String(says));
		};
		const writer = StoreWriter.open(db);
		await refuses(HarnessError, /is being written by process/);
		writer.close();
		await refuses(UsageError, /no\.db does not exist/, join(folder, 'no.db'));
		assert.not.ok(existsSync(join(folder, 'no.db')));
		const stop = new AbortController();
		const stopped = collect({
			db,
			laws: true,
			signal: stop.signal,
			onWaste: () => stop.abort(new RangeError('stop')),
		});
		assert.is(await stopped.catch((error: Error) => error.message), 'stop');
		assert.equal([rows(db, 'laws'), rows(db, 'writer')], [4, 0]);
		raw(db, (file) => {
			file.pragma('foreign_keys = OFF');
			file.exec('DELETE FROM completions WHERE id = 1');
		});
		await refuses(HarnessError, /rows that are not there; nothing was removed/);
		assert.is(rows(db, 'laws'), 4);
	}));

test('a file that a killed merge left behind goes, one that may be at work stays', () =>
	inFolder(async (folder) => {
		const db = await littered(folder);
		const uuid = '01234567-89ab-cdef-0123-456789abcdef';
		const old = ['', '-wal'].map((suffix) => `${db}.${uuid}.partial${suffix}`);
		const young = `${db}.${uuid.replace('0', 'f')}.partial`;
		const others = [
			`${db}.partial`,
			join(folder, `b.db.${uuid}.partial`),
			`${db}.${uuid}.partial.txt`,
		];
		for (const file of [...old, young, ...others]) writeFileSync(file, 'x');
		for (const file of [...old, ...others]) utimesSync(file, 1e9, 1e9);
		const { waste } = await collect({ db, laws: false, signal, onWaste });
		assert.equal(waste.files.map(({ file }) => file).sort(), old);
		assert.equal([...old, young, ...others].map(existsSync), [
			false,
			false,
			true,
			true,
			true,
			true,
		]);
	}));

test('killed at any moment: every attempt is there, and the next one finishes', () =>
	inFolder(async (folder) => {
		const db = await littered(folder, 3000);
		const digest = digestOf(db);
		const copy = join(folder, 'copy.db');
		for (const wait of [250, 450, 600, 750]) {
			copyFileSync(db, copy);
			const child = spawn(process.execPath, ['--import', TSX, CLI, 'gc', copy], {
				stdio: 'ignore',
			});
			const ended = new Promise((resolve) => child.once('close', resolve));
			await Promise.race([setTimeout(wait), ended]);
			child.kill('SIGKILL');
			await ended;
			assert.is(digestOf(copy), digest, `after ${wait} ms`);
			assert.is(
				raw(copy, (file) => file.pragma('integrity_check', { simple: true })),
				'ok',
			);
			const { runs } = await collect({ db: copy, laws: false, signal, onWaste });
			assert.equal(runs, [{ run: 1, digest }]);
		}
	}));

test('attempts of a run that goes on later still find their states', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'a.db');
		const writer = StoreWriter.open(db);
		const [cell] = writer.planRun(runPlan()).cells;
		writer.append(attempts(cell?.id as number, { sources: ['A'], to: 3 }));
		writer.close();
		const { waste } = await collect({ db, laws: false, signal, onWaste });
		assert.is(waste.states.rows, 0, 'planned sources are kept');
		const next = StoreWriter.open(db);
		next.planRun(runPlan());
		next.append(attempts(cell?.id as number, { sources: ['B'], to: 3 }));
		next.close();
		assert.is(rows(db, 'attempts'), 6);
	}));

test.run();
