import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLlamaHost } from '../engine/llama.js';
import type { Experiment } from '../experiment/experiment.js';
import type { Shard } from '../experiment/shard.js';
import { makeTask } from '../experiment/tasks/task.js';
import type { Ending } from '../sampling/stop.js';
import type { Attempt, Classified } from '../sampling/tree.js';
import { execute, type TreeJob } from './execute.js';
import type { DrawRange, Ledger } from './ledger.js';
import { type PreparedModel, prepareModel } from './prepare.js';
import {
	BYTES_PER_ATTEMPT,
	findModels,
	plannedTotal,
	tryUnknownModels,
	usedModels,
} from './run.js';
import { planWork, type Work } from './run-plan.js';

export interface Range {
	readonly least: number;
	readonly most: number;
}

/** What a run would do and cost. */
export interface Estimate {
	readonly models: readonly { readonly id: string; readonly architecture: string }[];
	readonly cells: number;
	readonly sources: number;
	readonly attempts: number;
	/** Model evaluations: what a pilot saw, and what it would be if new answers kept coming so. */
	readonly evaluations: Range;
	readonly seconds: Range;
	readonly bytes: number;
	readonly warnings: readonly string[];
}

/** Attempts of the pilot per source and setting, and sources per template. */
const PILOT_ATTEMPTS = 64;
const PILOT_SOURCES = 2;
/** More sampling settings × seeds than any experiment has: numbers cells by template. */
const SETTINGS = 2 ** 30;
/** Drawing, classifying and writing one attempt, in seconds; measured in bench/. */
const SECONDS_PER_ATTEMPT = 5e-6;

/** Runs a small pilot in memory and extrapolates; writes nothing. */
export async function estimateRun(
	experiment: Experiment,
	shard: Shard | null,
	watch: { say(line: string): void; readonly signal: AbortSignal },
): Promise<Estimate> {
	const scratch = mkdtempSync(join(tmpdir(), 'detbal-plan-'));
	try {
		const files = await findModels(experiment, scratch);
		const work = planWork(experiment, files, shard);
		await tryUnknownModels(work, watch);
		return await estimateWork(work, watch);
	} finally {
		rmSync(scratch, { recursive: true, force: true });
	}
}

async function estimateWork(
	work: Work,
	watch: { readonly signal: AbortSignal },
): Promise<Estimate> {
	const { experiment, models: files } = work;
	const host = await openLlamaHost(experiment.engine.gpu);
	const warnings = new Set<string>();
	let least = 0;
	let most = 0;
	let seconds = { least: 0, most: 0 };
	try {
		for (const index of usedModels(work)) {
			const file = files[index];
			if (!file) throw new Error(`no model ${index}`);
			const model = await prepareModel(host, file, experiment, null);
			for (const warning of model.warnings) warnings.add(warning);
			const pilot = await runPilot(work, index, model, watch.signal);
			await model.close();
			least += pilot.least;
			most += pilot.most;
			seconds = {
				least: seconds.least + pilot.least * pilot.secondsPerEvaluation,
				most: seconds.most + pilot.most * pilot.secondsPerEvaluation,
			};
		}
	} finally {
		await host.close();
	}
	const attempts = plannedTotal(work);
	const drawing = attempts * SECONDS_PER_ATTEMPT;
	return {
		models: files.map(({ id, architecture }) => ({ id, architecture })),
		cells: work.cells.length,
		sources: experiment.sources.states.length,
		attempts,
		evaluations: { least: Math.round(least), most: Math.round(most) },
		seconds: { least: seconds.least + drawing, most: seconds.most + drawing },
		bytes: attempts * BYTES_PER_ATTEMPT,
		warnings: [...warnings],
	};
}

interface Pilot extends Range {
	readonly secondsPerEvaluation: number;
}

/**
 * Distinct nodes visited by a pilot of n attempts, scaled to all sources; at most
 * (share of nodes seen once) more per further attempt (Good–Turing).
 */
async function runPilot(
	work: Work,
	index: number,
	model: PreparedModel,
	signal: AbortSignal,
): Promise<Pilot> {
	const { experiment } = work;
	const { design, states } = experiment.sources;
	const trees = pilotTrees(work, index, model);
	const ledger = new PilotLedger(Math.min(PILOT_ATTEMPTS, experiment.attempts));
	const start = performance.now();
	const evaluations = await execute(
		{
			engine: model.engine,
			task: makeTask(experiment.task),
			design: experiment.sources,
			settings: experiment.samplings,
			trees,
		},
		{ ledger, signal, afterRound: () => {} },
	);
	const seconds = (performance.now() - start) / 1000;
	const { nodes, once } = ledger.tally();
	const cells = work.cells.filter((cell) => cell.model === index);
	const perSource = design === 'fixed';
	const piloted = Math.min(PILOT_SOURCES, states.length);
	const scale = perSource
		? cells.reduce((sum, cell) => sum + cell.sources.length, 0) /
			Math.max(1, trees.reduce((sum, tree) => sum + tree.cells.length, 0) * piloted)
		: 1;
	const all = perSource
		? cells.reduce((sum, cell) => sum + cell.sources.length, 0) * experiment.attempts
		: cells.length * experiment.attempts;
	const more = Math.max(0, all - ledger.attemptsMade * scale) * (once / ledger.attemptsMade);
	const least = nodes * scale;
	return { least, most: least + more, secondsPerEvaluation: seconds / Math.max(1, evaluations) };
}

function pilotTrees(work: Work, index: number, model: PreparedModel): TreeJob[] {
	const { experiment } = work;
	const attempts = Math.min(PILOT_ATTEMPTS, experiment.attempts);
	return experiment.templates.flatMap((_, template) => {
		const prompt = model.prompts[template];
		const cells = work.cells.filter((c) => c.model === index && c.template === template);
		if (!prompt || cells.length === 0) return [];
		return [
			{
				tree: template,
				cells: cells.map(({ cell }, i) => ({
					cell: template * SETTINGS + i,
					key: cell.key,
					setting: cell.samplingIndex,
					steps: attempts,
				})),
				sources: experiment.sources.states.slice(0, PILOT_SOURCES),
				prompt,
			},
		];
	});
}

/** Counts in memory how often each node is visited. */
class PilotLedger implements Ledger {
	readonly #visits = new Map<string, number>();
	readonly #attempts: number;
	attemptsMade = 0;

	constructor(attempts: number) {
		this.#attempts = attempts;
	}

	missing(): readonly DrawRange[] {
		return [[0, this.#attempts]];
	}

	done(): [] {
		return [];
	}

	attempts(source: string, ending: Ending, _: Classified, attempts: readonly Attempt[]): void {
		this.attemptsMade += attempts.length;
		const tree = Math.floor((attempts[0] as Attempt).sampler.cell / SETTINGS);
		for (let end = 0; end < ending.tokens.length; end++) {
			const key = `${tree} ${source} ${ending.tokens.slice(0, end).join(' ')}`;
			this.#visits.set(key, (this.#visits.get(key) ?? 0) + attempts.length);
		}
	}

	law(): void {}

	tally(): { nodes: number; once: number } {
		const counts = [...this.#visits.values()];
		return { nodes: counts.length, once: counts.filter((n) => n === 1).length };
	}
}
