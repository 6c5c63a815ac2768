import type { Engine } from '../engine/engine.js';
import type { Prompt, SamplingSetting, SourceDesign } from '../experiment/experiment.js';
import type { Task } from '../experiment/tasks/task.js';
import { classify } from '../sampling/classify.js';
import { drawKey } from '../sampling/draw.js';
import { drive } from '../sampling/drive.js';
import { fixedUnit, type Listener, type RowShare, type Unit } from '../sampling/fixed.js';
import { LawMemory } from '../sampling/law-memory.js';
import { Chain, Crawl, sequentialUnit } from '../sampling/sequential.js';
import type { Ending } from '../sampling/stop.js';
import { type Attempt, type CellSampler, type Classified, LawTree } from '../sampling/tree.js';
import type { Ledger } from './ledger.js';

/** A cell of a tree: one sampling setting and seed. */
export interface CellJob {
	/** The ledger's handle. */
	readonly cell: number;
	readonly key: string;
	/** Index into the settings. */
	readonly setting: number;
	/** Steps in all (crawl, chain). */
	readonly steps: number;
}

/** Model × template: the cells that share laws. */
export interface TreeJob {
	/** The ledger's handle. */
	readonly tree: number;
	readonly cells: readonly CellJob[];
	/** Sources to draw from (fixed). */
	readonly sources: readonly string[];
	readonly prompt: (source: string) => Prompt;
}

export interface ModelJob {
	readonly engine: Engine;
	readonly task: Task;
	readonly design: SourceDesign;
	readonly settings: readonly SamplingSetting[];
	readonly trees: readonly TreeJob[];
}

export interface ExecuteOptions {
	readonly ledger: Ledger;
	readonly signal: AbortSignal;
	/** Called after every round of laws. */
	readonly afterRound: (evaluations: number) => Promise<void> | void;
	/** Where laws are kept that may be drawn from again; left out: at most KEPT_LAW_BYTES of them. */
	readonly memory?: LawMemory;
}

/**
 * Memory for the laws of one model that more attempts may draw from, bytes. Above it the least used
 * are let go and evaluated once more where they are needed again.
 */
export const KEPT_LAW_BYTES = 256 * 2 ** 20;

/** Attempts handed to one walk at a time: bounds memory at large numbers of attempts. */
const PORTION = 65_536;

/** Runs everything that the ledger misses on one model. @returns laws evaluated */
export async function execute(job: ModelJob, options: ExecuteOptions): Promise<number> {
	const memory = options.memory ?? new LawMemory(KEPT_LAW_BYTES);
	const share = { rows: 1 };
	return drive(job.engine, units(job, { ...options, memory, share }), { ...options, share });
}

/** What the units of one model × template share. */
interface Shared {
	readonly ledger: Ledger;
	readonly listen: Listener;
	readonly memory: LawMemory;
	readonly share: RowShare;
}

function* units(job: ModelJob, common: Omit<Shared, 'listen'>): Generator<Unit> {
	for (const tree of job.trees) {
		const shared = { ...common, listen: listener(job.task, tree, common.ledger) };
		if (job.design.design === 'fixed') yield* fixedUnits(job, tree, shared);
		else yield* sequentialUnits(job, tree, shared);
	}
}

function listener(task: Task, tree: TreeJob, ledger: Ledger): Listener {
	const known = new WeakMap<Ending, Classified>();
	return {
		attempts(source, ending, attempts) {
			const result = known.get(ending) ?? classify(task, source, ending);
			known.set(ending, result);
			ledger.attempts(source, ending, result, attempts);
		},
		law: (source, path, law) => ledger.law(tree.tree, source, path, law),
	};
}

function* fixedUnits(
	job: ModelJob,
	tree: TreeJob,
	{ ledger, listen, memory, share }: Shared,
): Generator<Unit> {
	const samplers = tree.cells.map(samplerOf);
	for (const source of tree.sources) {
		const ranges = samplers.map((sampler) => ({
			sampler,
			ranges: [...ledger.missing(sampler.cell, source)],
		}));
		const total = ranges.reduce(
			(sum, r) => sum + r.ranges.reduce((n, [from, to]) => n + to - from, 0),
			0,
		);
		if (total === 0) continue;
		const laws = new LawTree(
			job.engine,
			source,
			tree.prompt(source),
			job.settings,
			total > PORTION ? { memory, gone() {} } : null,
		);
		yield fixedUnit(laws, portions(ranges), { listener: listen, share });
	}
}

function* portions(
	work: readonly {
		readonly sampler: CellSampler;
		readonly ranges: readonly (readonly [number, number])[];
	}[],
): Generator<Attempt[]> {
	let portion: Attempt[] = [];
	for (const { sampler, ranges } of work) {
		for (const [from, to] of ranges) {
			for (let draw = from; draw < to; draw++) {
				portion.push({ sampler, draw, step: null });
				if (portion.length === PORTION) {
					yield portion;
					portion = [];
				}
			}
		}
	}
	if (portion.length > 0) yield portion;
}

function* sequentialUnits(
	job: ModelJob,
	tree: TreeJob,
	{ ledger, listen, memory }: Shared,
): Generator<Unit> {
	const trees = new Map<string, LawTree>();
	const treeOf = (source: string): LawTree => {
		let found = trees.get(source);
		if (!found) {
			found = new LawTree(job.engine, source, tree.prompt(source), job.settings, {
				memory,
				gone: () => trees.delete(source),
			});
			trees.set(source, found);
		}
		return found;
	};
	let going = tree.cells.length;
	const ended = () => {
		going -= 1;
		if (going === 0) for (const laws of trees.values()) laws.close();
	};
	for (const cell of tree.cells) {
		const { states } = job.design;
		const unit = sequentialUnit(
			{
				sampler: samplerOf(cell),
				design:
					job.design.design === 'crawl'
						? new Crawl(states, drawKey(cell.key, 'sources'))
						: new Chain(states),
				steps: cell.steps,
				done: ledger.done(cell.cell),
				tree: treeOf,
				classify: (source, ending) => classify(job.task, source, ending),
			},
			job.engine.width,
			listen,
		);
		yield followedBy(unit, ended);
	}
}

function* followedBy(unit: Unit, work: () => void): Unit {
	yield* unit;
	work();
}

function samplerOf(cell: CellJob): CellSampler {
	return { cell: cell.cell, key: drawKey(cell.key, 'tokens'), setting: cell.setting };
}
