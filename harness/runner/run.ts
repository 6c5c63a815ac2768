import { existsSync, mkdirSync, statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { NumericsIdentity } from '../engine/engine.js';
import { openLlamaHost } from '../engine/llama.js';
import { probeModel } from '../engine/probe.js';
import { HarnessError, UsageError } from '../errors.js';
import type { Experiment } from '../experiment/experiment.js';
import type { Shard } from '../experiment/shard.js';
import { makeTask } from '../experiment/tasks/task.js';
import { runDigest } from '../store/digest.js';
import { StoreReader } from '../store/reader.js';
import type { RunHandle } from '../store/records.js';
import { StoreWriter } from '../store/writer.js';
import { CachedEngines, type CacheOptions } from './cached-engines.js';
import { noteDoctor } from './doctor-note.js';
import { type CellJob, execute, type TreeJob } from './execute.js';
import { findModelFile, type ModelFile } from './model-files.js';
import { ModelShelf, pinnedBy } from './model-shelf.js';
import type { Pinned, PreparedModel } from './prepare.js';
import { planWork, runPlan, type Work } from './run-plan.js';
import { StoreLedger } from './store-ledger.js';

export interface RunRequest {
	readonly experiment: Experiment;
	readonly db: string;
	readonly shard: Shard | null;
	/** Go on with a run that the database holds. */
	readonly resume: boolean;
	readonly toolVersion: string;
	readonly signal: AbortSignal;
	readonly watch: RunWatch;
	/** Where laws are kept between runs; left out or null: nowhere. */
	readonly cache?: CacheOptions | null;
}

/** What a run tells while it goes on. */
export interface RunWatch {
	say(line: string): void;
	/** Once, when the plan is written. */
	planned(total: number, done: number): void;
	progress(done: number, evaluations: number, model: string): void;
}

export interface RunResult {
	readonly db: string;
	readonly id: number;
	readonly digest: string;
	/** Attempts in the database now. */
	readonly attempts: number;
	/** Attempts made by this call. */
	readonly made: number;
	/** Laws that the model was evaluated for by this call. */
	readonly evaluations: number;
	/** Laws that the cache had. */
	readonly served: number;
}

/** Bytes that one attempt takes in the database, as measured; the rest is small beside it. */
export const BYTES_PER_ATTEMPT = 24;

/**
 * Runs an experiment, or what is missing of it, into a database.
 * @throws UsageError, HarnessError with what was wrong and what to do; attempts committed stay
 */
export async function runExperiment(request: RunRequest): Promise<RunResult> {
	const { experiment } = request;
	const files = await findModels(experiment);
	const work = planWork(experiment, files, request.shard);
	const pins = pinsOf(request, work);
	await tryUnknownModels(work, request.watch);
	const host = await openLlamaHost(experiment.engine.gpu);
	const cache = new CachedEngines(request.cache ?? null, (line) => request.watch.say(line));
	const shelf = new ModelShelf(host, experiment, { pins, cache });
	try {
		const numerics = await resolveNumerics(shelf, work, request.watch);
		checkDisk(request.db, work);
		makeFolder(request.db);
		const writer = StoreWriter.open(request.db);
		try {
			const handle = writer.planRun(runPlan(work, numerics, request.toolVersion));
			noteDoctor(writer, handle.id, { models: work.models, numerics, say: request.watch.say });
			const done = await carryOut(shelf, work, handle, writer, request);
			return { ...summary(request.db, handle.id), ...done };
		} finally {
			writer.close();
		}
	} finally {
		await shelf.close();
		cache.close();
		await host.close();
	}
}

/** @param folder where to build models that are missing; null: where models belong */
export async function findModels(
	experiment: Experiment,
	folder: string | null = null,
): Promise<ModelFile[]> {
	const files: ModelFile[] = [];
	for (const reference of experiment.models) files.push(await findModelFile(reference, folder));
	return files;
}

/** Models that this shard has work for. */
export function usedModels(work: Work): number[] {
	return [...new Set(work.cells.map(({ model }) => model))];
}

/** Settings that the run resolved when it was begun, by model. */
function pinsOf(request: RunRequest, work: Work): ReadonlyMap<string, Pinned> {
	// A run stopped before its first commit leaves an empty file.
	if (!existsSync(request.db) || statSync(request.db).size === 0) {
		if (request.resume) request.watch.say(`${request.db} holds nothing yet: beginning anew`);
		return new Map();
	}
	const reader = StoreReader.open(request.db);
	try {
		const run = reader.runs().find(({ key }) => key === work.key);
		if (!run) return new Map();
		if (!request.resume) {
			throw new UsageError(
				`${request.db} holds this run already (run ${run.id}). Finish or extend it with --resume, ` +
					'or write elsewhere with --db.',
			);
		}
		return pinnedNumerics(reader, run.id);
	} finally {
		reader.close();
	}
}

/** Thread count, context size and GPU layers recorded for each model of a run, by sha256. */
export function pinnedNumerics(reader: StoreReader, run: number): Map<string, Pinned> {
	const pins = new Map<string, Pinned>();
	for (const { identities } of reader.cells(run)) {
		const model = reader.identity(identities.model) as { sha256: string };
		pins.set(model.sha256, pinnedBy(reader.identity(identities.numerics) as NumericsIdentity));
	}
	return pins;
}

export async function tryUnknownModels(work: Work, watch: Pick<RunWatch, 'say'>): Promise<void> {
	const { gpu, gpuLayers } = work.experiment.engine;
	for (const index of usedModels(work)) {
		const file = work.models[index] as ModelFile;
		if (file.trusted) continue;
		watch.say(`${file.id}: not a model that comes with detbal, trying it in a process of its own`);
		await probeModel(file.path, gpu, gpuLayers);
	}
}

/** Opens every model once, so that the whole plan is known before anything runs. */
async function resolveNumerics(
	shelf: ModelShelf,
	work: Work,
	watch: RunWatch,
): Promise<(NumericsIdentity | null)[]> {
	const numerics: (NumericsIdentity | null)[] = work.models.map(() => null);
	const warnings = new Set<string>();
	for (const index of usedModels(work)) {
		const model = await shelf.open(work.models[index] as ModelFile);
		numerics[index] = model.engine.identity.numerics;
		for (const warning of model.warnings) warnings.add(warning);
	}
	for (const warning of warnings) watch.say(`warning: ${warning}`);
	return numerics;
}

/** Attempts that this shard of a run plans in all. */
export function plannedTotal(work: Work): number {
	const perCell = ({ sources }: { readonly sources: readonly string[] }) =>
		work.experiment.sources.design === 'fixed' ? sources.length : 1;
	return work.cells.reduce((sum, cell) => sum + perCell(cell), 0) * work.experiment.attempts;
}

function checkDisk(db: string, work: Work): void {
	let folder = dirname(resolve(db));
	while (!existsSync(folder)) folder = dirname(folder);
	const { bavail, bsize } = statfsSync(folder);
	const need = plannedTotal(work) * BYTES_PER_ATTEMPT;
	if (need <= bavail * bsize || existsSync(db)) return;
	const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
	throw new HarnessError(
		`${db}: the run needs about ${gigabytes(need)} and ${gigabytes(bavail * bsize)} are free in ` +
			`${folder}. Free space, lower attempts, or write elsewhere with --db.`,
	);
}

function makeFolder(db: string): void {
	const folder = dirname(resolve(db));
	try {
		mkdirSync(folder, { recursive: true });
	} catch (error) {
		throw new UsageError(
			`${db}: the folder ${folder} cannot be made: ${(error as Error).message}. Write elsewhere with --db.`,
		);
	}
}

async function carryOut(
	shelf: ModelShelf,
	work: Work,
	handle: RunHandle,
	writer: StoreWriter,
	request: RunRequest,
): Promise<Pick<RunResult, 'made' | 'evaluations' | 'served'>> {
	const { signal, watch } = request;
	const planned = new Map(handle.cells.map(({ id }, i) => [id, plannedAttempts(work, i)]));
	const ledger = new StoreLedger(writer, planned);
	const before = progressOf(request.db, handle.id);
	watch.planned(before.planned, before.done);
	let laws = 0;
	for (const index of usedModels(work)) {
		const file = work.models[index] as ModelFile;
		const model = await shelf.open(file);
		try {
			laws += await execute(
				{
					engine: model.engine,
					task: makeTask(work.experiment.task),
					design: work.experiment.sources,
					settings: work.experiment.samplings,
					trees: treesOf(work, handle, model, index),
				},
				{
					ledger,
					signal,
					afterRound(count) {
						ledger.commitNowAndThen();
						watch.progress(before.done + ledger.appended, laws + count - shelf.served, file.id);
					},
				},
			);
		} catch (error) {
			if (!signal.aborted) throw error;
			writer.flush();
			throw new HarnessError(
				`interrupted: ${before.done + writer.committed} of ${before.planned} attempts are safe in ` +
					`${request.db}. Go on with --resume.`,
			);
		}
	}
	writer.flush();
	const { served } = shelf;
	return { made: ledger.appended, evaluations: laws - served, served };
}

function plannedAttempts(work: Work, index: number): number {
	return (work.cells[index] as Work['cells'][number]).cell.attempts;
}

/** The trees of one model: its cells, grouped by template. */
function treesOf(work: Work, handle: RunHandle, model: PreparedModel, index: number): TreeJob[] {
	const trees = new Map<number, TreeJob & { readonly cells: CellJob[] }>();
	for (const [i, planned] of work.cells.entries()) {
		if (planned.model !== index) continue;
		const stored = handle.cells[i] as RunHandle['cells'][number];
		const prompt = model.prompts[planned.template];
		if (!prompt) throw new Error(`template ${planned.template} has no prompts`);
		const tree = trees.get(planned.template) ?? {
			tree: stored.tree,
			cells: [],
			sources: planned.sources,
			prompt,
		};
		const { key, samplingIndex, attempts } = planned.cell;
		tree.cells.push({ cell: stored.id, key, setting: samplingIndex, steps: attempts });
		trees.set(planned.template, tree);
	}
	return [...trees.values()];
}

function progressOf(db: string, run: number): { planned: number; done: number } {
	const reader = StoreReader.open(db);
	try {
		return reader.progress(run);
	} finally {
		reader.close();
	}
}

function summary(db: string, id: number): Pick<RunResult, 'db' | 'id' | 'digest' | 'attempts'> {
	const reader = StoreReader.open(db);
	try {
		return { db, id, digest: runDigest(reader, id), attempts: reader.progress(id).done };
	} finally {
		reader.close();
	}
}
