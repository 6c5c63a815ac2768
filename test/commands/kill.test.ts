/** Whatever stops a run: what was committed is safe, and --resume ends with the same bits. */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Stream } from '../../harness/numerics/stream.js';
import {
	detbal,
	type Ended,
	ended,
	inPlace,
	json,
	newFolder,
	start,
	writeExperiment,
} from './fixture.js';

const test = suite('kill');
const place = inPlace(test);

/** 2 models × 2 templates × 2 seeds × 5 sources × 10,000: some seconds of work. */
const MANY = { attempts: 10_000 };
const TOTAL = 400_000;
const RUN = ['run', 'experiment.yaml', '--db', 'run.sqlite'] as const;
const RESUME = [...RUN, '--resume', '--json'] as const;
let digest = '';

test.before(async () => {
	const folder = newFolder(place);
	writeExperiment(folder, MANY);
	digest = runOf(await detbal(folder, ...RUN, '--json')).digest;
	assert.match(digest, /^[0-9a-f]{64}$/);
});

interface RunDocument {
	readonly digest: string;
	readonly attempts: number;
	readonly made: number;
}

function runOf(result: Ended): RunDocument {
	assert.is(result.code, 0, result.stderr);
	return (json(result).runs as RunDocument[])[0] as RunDocument;
}

/** Attempts committed so far; 0 where there is no database yet, or only its beginning. */
function committed(file: string): number {
	if (!existsSync(file)) return 0;
	const db = new SQLite(file, { readonly: true });
	try {
		return db.prepare('SELECT count(*) FROM attempts').pluck().get() as number;
	} catch {
		return 0;
	} finally {
		db.close();
	}
}

const pause = (milliseconds: number) =>
	new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Waits until so many attempts are committed; the process must be running still. */
async function reached(child: ChildProcess, file: string, attempts: number): Promise<void> {
	while (committed(file) < attempts) {
		assert.is(child.exitCode, null, 'the run ended before it was stopped');
		await pause(5);
	}
}

/** Stops a process where it holds no lock of SQLite, so that another meets it at work for certain. */
async function holdBetweenCommits(child: ChildProcess, file: string): Promise<void> {
	for (;;) {
		child.kill('SIGSTOP');
		await pause(20);
		const db = new SQLite(file, { timeout: 0 });
		try {
			db.exec('BEGIN IMMEDIATE; ROLLBACK');
			return;
		} catch {
			child.kill('SIGCONT');
			await pause(3);
		} finally {
			db.close();
		}
	}
}

test('SIGKILL at three moments, then --resume: the same digest', async () => {
	const folder = newFolder(place);
	writeExperiment(folder, MANY);
	const file = join(folder, 'run.sqlite');
	const moments = new Stream([7, 1], 0);
	let args: readonly string[] = RUN;
	let before = 0;
	for (let i = 0; i < 3; i++) {
		const child = start(folder, args);
		const end = ended(child);
		const attempts = before + 1 + Math.floor(moments.next() * 0.1 * TOTAL);
		await reached(child, file, attempts);
		child.kill('SIGKILL');
		assert.is((await end).signal, 'SIGKILL');
		before = committed(file);
		assert.ok(before >= attempts && before < TOTAL, `${before} of ${TOTAL}`);
		args = RESUME;
	}
	const interim = await detbal(folder, 'verify', 'run.sqlite', '--json');
	assert.is(json(interim).missingAttempts, TOTAL - before);
	const result = runOf(await detbal(folder, ...RESUME));
	assert.equal(result, { ...result, digest, attempts: TOTAL, made: TOTAL - before });
});

test('SIGKILL before anything is committed: --resume begins anew', async () => {
	const folder = newFolder(place);
	writeExperiment(folder, { attempts: 20 });
	// What a process leaves that was killed between making the file and its first commit.
	writeFileSync(join(folder, 'run.sqlite'), '');
	const result = await detbal(folder, ...RESUME);
	assert.match(result.stderr, /run\.sqlite holds nothing yet: beginning anew/);
	assert.is(runOf(result).made, 800);
});

test('SIGINT: exit code 130, how much is safe; a second process is refused; then resumed', async () => {
	const folder = newFolder(place);
	writeExperiment(folder, MANY);
	const file = join(folder, 'run.sqlite');
	const child = start(folder, RUN);
	const end = ended(child);
	await reached(child, file, 1);
	await holdBetweenCommits(child, file);
	const second = await detbal(folder, ...RESUME);
	assert.is(second.code, 1, second.stderr);
	assert.is(second.stdout, '');
	assert.match(
		second.stderr,
		new RegExp(`^detbal: .*run\\.sqlite is being written by process ${child.pid} `),
	);
	assert.match(second.stderr, /Wait for it to end or stop it/);
	child.kill('SIGINT');
	child.kill('SIGCONT');
	const { code, signal, stdout, stderr } = await end;
	assert.equal([code, signal, stdout], [130, null, '']);
	const said =
		/interrupted: (\d+) of 400000 attempts are safe in run\.sqlite\. Go on with --resume/;
	const safe = Number(said.exec(stderr)?.[1]);
	assert.is(safe, committed(file), stderr);
	assert.ok(safe > 0 && safe < TOTAL);
	assert.not.ok(existsSync(`${file}-wal`), 'one plain file is left');
	const result = runOf(await detbal(folder, ...RESUME));
	assert.equal(result, { ...result, digest, made: TOTAL - safe });
});

/** A file system of a few megabytes, where this process may make one. */
function smallDisk(folder: string): boolean {
	const options = ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', folder];
	return (
		process.platform === 'linux' &&
		process.getuid?.() === 0 &&
		spawnSync('mount', options).status === 0
	);
}

test('a full disk: what is safe is said; with space again, the same digest', async () => {
	const folder = newFolder(place);
	const disk = newFolder(place);
	if (!smallDisk(disk)) {
		console.error('a real full disk is not tested here: mounting is not permitted');
		return;
	}
	try {
		// Enough for the estimate of the database, not for the database and its log.
		const attempts = { attempts: 5_000 };
		writeExperiment(folder, attempts);
		const whole = runOf(await detbal(folder, ...RUN, '--json'));
		const file = join(disk, 'run.sqlite');
		const ballast = join(disk, 'ballast');
		const args = ['run', 'experiment.yaml', '--db', file];
		writeExperiment(folder, attempts);
		writeFileSync(ballast, Buffer.alloc(4_000_000));
		const early = await detbal(folder, ...args);
		assert.is(early.code, 1, early.stderr);
		assert.match(early.stderr, /the run needs about .* are free in .*Free space/);
		rmSync(ballast);
		writeFileSync(ballast, Buffer.alloc(1_000_000));
		const full = await detbal(folder, ...args);
		assert.is(full.code, 1, full.stderr);
		assert.is(full.stdout, '');
		assert.match(full.stderr, /^detbal: cannot write .*run\.sqlite, the disk is full or failing/);
		assert.not.match(full.stderr, /^\s+at .*:\d+/m);
		const safe = Number(/(\d+) attempts are safe/.exec(full.stderr)?.[1]);
		assert.is(safe, committed(file));
		assert.ok(safe > 0, full.stderr);
		rmSync(ballast);
		assert.is(spawnSync('mount', ['-o', 'remount,size=64m', disk]).status, 0);
		const result = runOf(await detbal(folder, ...args, '--resume', '--json'));
		assert.equal(result, { ...result, digest: whole.digest, made: whole.attempts - safe });
	} finally {
		spawnSync('umount', [disk]);
	}
});

test.run();
