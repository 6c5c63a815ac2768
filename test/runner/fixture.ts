/** Runs inside this process. */
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import * as assert from 'uvu/assert';
import type { Experiment } from '../../harness/experiment/experiment.js';
import type { Shard } from '../../harness/experiment/shard.js';
import { type RerunRequest, type RerunResult, rerun } from '../../harness/runner/rerun.js';
import { type RunResult, type RunWatch, runExperiment } from '../../harness/runner/run.js';
import { newFolder, type Place } from '../commands/fixture.js';

export const QUIET: RunWatch = { say() {}, planned() {}, progress() {} };

export interface RunOptions {
	readonly shard?: Shard;
	readonly resume?: boolean;
	/** Aborts as soon as so many attempts are made. */
	readonly abortAt?: number;
	readonly db?: string;
}

/** A database in a folder of its own. */
export function newDatabase(place: Place): string {
	return join(newFolder(place), 'run.sqlite');
}

export function run(db: string, experiment: Experiment, options: RunOptions = {}) {
	const { shard = null, resume = false, abortAt = Infinity } = options;
	const stop = new AbortController();
	return runExperiment({
		experiment,
		db,
		shard,
		resume,
		toolVersion: '0.0.0',
		signal: stop.signal,
		watch: {
			...QUIET,
			progress(done) {
				if (done >= abortAt) stop.abort();
			},
		},
	});
}

/** Runs until so many attempts are made, then resumes. `safe`: attempts the message promises. */
export async function interruptAndResume(
	db: string,
	experiment: Experiment,
	abortAt: number,
	options: RunOptions = {},
): Promise<{ safe: number; result: RunResult }> {
	const message = await run(db, experiment, { ...options, abortAt }).then(
		() => 'not interrupted',
		(error: Error) => error.message,
	);
	assert.match(message, /^interrupted: \d+ of \d+ attempts are safe in .*--resume/);
	const safe = Number(/\d+/.exec(message)?.[0]);
	return { safe, result: await run(db, experiment, { resume: true }) };
}

export function repeat(db: string, changes: Partial<RerunRequest> = {}): Promise<RerunResult> {
	return rerun({
		db,
		run: null,
		seed: null,
		models: null,
		threads: null,
		width: null,
		signal: new AbortController().signal,
		watch: QUIET,
		...changes,
	});
}

/** A connection that goes round the store. */
export function raw<T>(file: string, work: (db: SQLite.Database) => T): T {
	const db = new SQLite(file);
	try {
		return work(db);
	} finally {
		db.close();
	}
}
