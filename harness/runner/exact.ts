/** Exact kernels: scored from laws into a database, source by source. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { NumericsIdentity } from '../engine/engine.js';
import { openLlamaHost } from '../engine/llama.js';
import { UsageError } from '../errors.js';
import type { Experiment } from '../experiment/experiment.js';
import { KernelWriter } from '../store/kernel-writer.js';
import { storedKernels } from '../store/kernels.js';
import { StoreReader } from '../store/reader.js';
import { CachedEngines, type CacheOptions } from './cached-engines.js';
import {
	checkSet,
	chooseStates,
	type ExactCost,
	exactCost,
	type SetChoice,
	type StateSet,
} from './exact-plan.js';
import { ExactScoring, type ExactWatch, OTHER_SHAPES, type RowOptions } from './exact-scoring.js';
import type { ModelFile } from './model-files.js';
import { ModelShelf, pinnedBy } from './model-shelf.js';
import type { Pinned } from './prepare.js';
import { findModels, tryUnknownModels } from './run.js';
import { planWork } from './run-plan.js';

export interface ExactRequest extends RowOptions {
	readonly experiment: Experiment;
	readonly db: string;
	readonly states: SetChoice;
	/** How many of `OTHER_SHAPES`. */
	readonly otherShapes: number;
	/** Goes on although it is much work. */
	readonly yes: boolean;
	readonly toolVersion: string;
	readonly signal: AbortSignal;
	readonly watch: ExactWatch;
	/** Where laws are kept between runs; null: nowhere. */
	readonly cache: CacheOptions | null;
}

export interface ExactResult {
	readonly db: string;
	/** Ids of the kernels, in their first shape, in the order they were planned. */
	readonly kernels: readonly number[];
	/** Rows scored by this call, in all shapes. */
	readonly rows: number;
	/** Laws that the model was evaluated for by this call. */
	readonly evaluations: number;
	/** Laws that the cache had. */
	readonly served: number;
}

/** More than this is not begun without being asked for; an open set may need far less than the most it may. */
const MUCH = { evaluations: 2_000_000, atMost: 20_000_000, entries: 20_000_000 };

/**
 * Scores the exact kernels of an experiment, or what is missing of them, into a database.
 * @throws UsageError for a set that cannot be scored, or is too large without `yes`
 * @throws HarnessError for a full disk or a crashed model; rows committed stay
 */
export async function scoreKernels(request: ExactRequest): Promise<ExactResult> {
	const set = chooseStates(request.experiment, request.states);
	const experiment: Experiment = {
		...request.experiment,
		sources: { design: 'fixed', states: set.sources },
	};
	const files = await findModels(experiment);
	await tryUnknownModels(planWork(experiment, files, null), request.watch);
	const host = await openLlamaHost(experiment.engine.gpu);
	const cache = new CachedEngines(request.cache, (line) => request.watch.say(line));
	const shelf = new ModelShelf(host, experiment, { pins: pinsOf(request.db), cache });
	try {
		await lookBeforehand(request, { experiment, set, files, shelf });
		mkdirSync(dirname(resolve(request.db)), { recursive: true });
		const writer = KernelWriter.open(request.db);
		try {
			const scoring = new ExactScoring({ ...request, experiment, set, files, writer, cache });
			for (const file of files) await scoring.score(await shelf.open(file));
			return { db: request.db, ...scoring.tally() };
		} finally {
			writer.close();
		}
	} finally {
		await shelf.close();
		cache.close();
		await host.close();
	}
}

interface Beforehand {
	readonly experiment: Experiment;
	readonly set: StateSet;
	readonly files: readonly ModelFile[];
	readonly shelf: ModelShelf;
}

/** Opens every model once: nothing is written before all of them take the set and its cost is known. */
async function lookBeforehand(request: ExactRequest, about: Beforehand): Promise<void> {
	const { experiment, set, files, shelf } = about;
	const { templates, samplings } = experiment;
	const kernels = templates.length * samplings.length * (1 + request.otherShapes);
	const costs: ExactCost[] = [];
	for (const file of files) {
		const { engine, warnings } = await shelf.open(file);
		for (const warning of warnings) request.watch.say(`warning: ${warning}`);
		const model = { id: file.id, engine };
		const lines = checkSet(model, set, { task: experiment.task, settings: samplings });
		for (const line of lines) request.watch.say(`warning: ${line}`);
		costs.push(exactCost(engine, set, { ...request, kernels }));
	}
	const evaluations = costs.reduce((sum, cost) => sum + cost.evaluations, 0);
	const entries = costs.reduce((sum, cost) => sum + cost.entries, 0);
	const open = costs.some(({ atMost }) => atMost);
	const roughly = open ? 'at most' : 'about';
	const shapes = request.otherShapes + 1;
	const line =
		`${set.sources.length} sources × ${set.targets === null ? 'an open set' : `${set.targets.length} targets`}, ` +
		`${kernels * files.length} kernels (${shapes} evaluation shapes): ${roughly} ${count(evaluations)} evaluations, ` +
		`${count(entries)} transitions`;
	request.watch.say(line);
	const much = open ? MUCH.atMost : MUCH.evaluations;
	if (request.yes || (evaluations <= much && entries <= MUCH.entries)) return;
	throw new UsageError(
		`${line}: that is much. Go on with --yes, or take fewer states, --shapes 0, a larger --epsilon or a smaller --most.`,
	);
}

function count(n: number): string {
	return n.toLocaleString('en-US');
}

/** Settings that kernels of the database were begun with, by model. */
function pinsOf(db: string): Map<string, Pinned> {
	const pins = new Map<string, Pinned>();
	if (!existsSync(db) || statSync(db).size === 0) return pins;
	const reader = StoreReader.open(db);
	try {
		for (const { shape, identities } of storedKernels(reader)) {
			if (shape !== 0) continue;
			const { sha256 } = reader.identity(identities.model) as { sha256: string };
			pins.set(sha256, pinnedBy(reader.identity(identities.numerics) as NumericsIdentity));
		}
		return pins;
	} finally {
		reader.close();
	}
}

export { OTHER_SHAPES };
