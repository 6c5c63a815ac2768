import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import type { Experiment } from '../experiment/experiment.js';
import {
	type CompareRunsOptions,
	compareRuns,
	type RunsComparison,
} from '../runner/compare-runs.js';
import { recordedModelPath } from '../runner/model-files.js';
import { type RerunResult, rerun } from '../runner/rerun.js';
import { type RunWatch, runExperiment } from '../runner/run.js';
import { StoreReader } from '../store/reader.js';
import { recordedExperiment } from './experiments.js';
import type { Limits } from './inspect.js';
import { openArchive } from './open.js';
import type { VerifiedArchive } from './verify.js';

export interface ArchiveRerunRequest {
	readonly file: string;
	/** folder to look for model files in first; null: the archive's own, if it has any */
	readonly models: string | null;
	readonly limits: Limits;
	/** of the statistical comparison, where bits differ */
	readonly compare: Omit<CompareRunsOptions, 'signal'>;
	readonly toolVersion: string;
	readonly signal: AbortSignal;
	readonly watch: RunWatch;
}

export interface RepeatedRun {
	/** path in the archive, below data/ */
	readonly database: string;
	readonly result: RerunResult;
	/** statistics of the same experiment carried out here; null where the bits are the same */
	readonly comparison: RunsComparison | null;
}

export interface ArchiveRerun {
	/** where it is not `ok`, nothing was run */
	readonly verified: VerifiedArchive;
	readonly identical: boolean;
	readonly runs: readonly RepeatedRun[];
}

/**
 * Repeats every run of an archive from the archive alone, and compares bit for bit; a run that
 * comes out otherwise is carried out anew and compared statistically.
 * @throws UsageError where the file is no archive, holds no run, or a model is not to be had
 * @throws HarnessError where a run cannot go on
 */
export async function rerunArchive(request: ArchiveRerunRequest): Promise<ArchiveRerun> {
	const { file, limits, signal } = request;
	const folder = mkdtempSync(join(tmpdir(), 'detbal-archive-'));
	try {
		const bag = join(folder, 'bag');
		const verified = await openArchive(file, bag, { limits, signal });
		if (!verified.ok) return { verified, identical: false, runs: [] };
		if (verified.databases.every(({ runs }) => runs.length === 0))
			throw new UsageError(`${file} holds imported tables only: there is no run to repeat`);
		const runs: RepeatedRun[] = [];
		for (const { path, runs: recorded } of verified.databases)
			for (const { id } of recorded) runs.push(await repeat(request, { folder, bag, path, id }));
		return { verified, identical: runs.every(({ result }) => result.identical), runs };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

interface Place {
	/** for databases made here */
	readonly folder: string;
	/** the opened archive */
	readonly bag: string;
	/** of the database, below data/ */
	readonly path: string;
	/** number of the run */
	readonly id: number;
}

async function repeat(request: ArchiveRerunRequest, place: Place): Promise<RepeatedRun> {
	const { signal, watch } = request;
	const db = join(place.bag, 'data', place.path);
	const inside = join(place.bag, 'data', 'models');
	const models = request.models ?? (existsSync(inside) ? inside : null);
	const result = await rerun({
		db,
		run: place.id,
		seed: null,
		models,
		threads: null,
		width: null,
		signal,
		watch,
	});
	if (result.identical) return { database: place.path, result, comparison: null };
	watch.say(`run ${place.id}: other bits; carrying it out here, to compare statistically`);
	const here = await carryOut(request, { ...place, db, models });
	const comparison = await compareRuns({ db, run: place.id }, here, {
		...request.compare,
		signal,
	});
	return { database: place.path, result, comparison };
}

/** Runs the recorded experiment into a database of its own. */
async function carryOut(
	{ toolVersion, signal, watch }: ArchiveRerunRequest,
	{ folder, db, id, models }: Place & { readonly db: string; readonly models: string | null },
): Promise<{ db: string; run: number }> {
	const recorded = readRun(db, id);
	const found: Experiment['models'][number][] = [];
	for (const { id: label, sha256 } of recorded.experiment.models) {
		const model = recorded.models.find((one) => one.id === label);
		const path = model === undefined ? null : await recordedModelPath(model, models);
		found.push({ id: label, path, sha256: model?.sha256 ?? sha256 });
	}
	const result = await runExperiment({
		experiment: { ...recorded.experiment, models: found },
		db: join(mkdtempSync(join(folder, 'run-')), 'here.sqlite'),
		shard: recorded.shard,
		resume: false,
		toolVersion,
		signal,
		watch,
	});
	return { db: result.db, run: result.id };
}

function readRun(db: string, id: number) {
	const reader = StoreReader.open(db);
	try {
		const run = reader.runs().find((one) => one.id === id);
		if (run === undefined) throw new Error(`${db} has no run ${id}`);
		return { ...recordedExperiment(run), shard: run.shard };
	} finally {
		reader.close();
	}
}
