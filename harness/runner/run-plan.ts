import type { NumericsIdentity } from '../engine/engine.js';
import type { Experiment, SamplingSetting, TemplateSpec } from '../experiment/experiment.js';
import { canonicalJson, orderedTask, runKey } from '../experiment/identity.js';
import { type Cell, planCells } from '../experiment/plan.js';
import { type Shard, shardOf } from '../experiment/shard.js';
import { type Identity, identify } from '../store/identity.js';
import type { CellPlan, RunPlan } from '../store/records.js';
import type { ModelFile } from './model-files.js';

/** What a run will do: every cell with the sources that this shard draws from. */
export interface Work {
	readonly experiment: Experiment;
	readonly models: readonly ModelFile[];
	readonly shard: Shard | null;
	/** Key of the run: the same for all its shards, whatever the attempts, sources and machine. */
	readonly key: string;
	/** Cells this shard has a part in, by model, template, sampling setting and seed. */
	readonly cells: readonly PlannedCell[];
}

export interface PlannedCell {
	readonly cell: Cell;
	/** Index of the model and template in the experiment. */
	readonly model: number;
	readonly template: number;
	/** Fixed: sources of this shard. Crawl and chain: empty. */
	readonly sources: readonly string[];
}

/** Divides an experiment into cells and takes this shard's part. */
export function planWork(
	experiment: Experiment,
	models: readonly ModelFile[],
	shard: Shard | null,
): Work {
	const all = planCells(experiment, models);
	const perTemplate = experiment.samplings.length * experiment.seeds.length;
	const perModel = perTemplate * experiment.templates.length;
	const mine = (unit: number) => shard === null || shardOf(unit, shard.count) === shard.index;
	const { design, states } = experiment.sources;
	const cells = all.flatMap((cell, i): PlannedCell[] => {
		const place = {
			cell,
			model: Math.floor(i / perModel),
			template: Math.floor(i / perTemplate) % experiment.templates.length,
		};
		if (design !== 'fixed') return mine(i) ? [{ ...place, sources: [] }] : [];
		// Cells that share laws share a shard: the unit is model × template × source.
		const tree = Math.floor(i / perTemplate);
		// A source added later leaves the units of the others as they are.
		const sources = states.filter((_, s) => mine(tree + s));
		return sources.length > 0 ? [{ ...place, sources }] : [];
	});
	return { experiment, models, shard, key: runKey(all), cells };
}

/** The plan as the store records it. @param numerics identity of each model's engine */
export function runPlan(
	work: Work,
	numerics: readonly (NumericsIdentity | null)[],
	toolVersion: string,
): RunPlan {
	const { experiment, models, shard, key } = work;
	const config = configOf(experiment, models);
	return {
		key,
		name: experiment.name,
		config,
		shard,
		toolVersion,
		cells: work.cells.map((planned) => cellPlan(work, planned, numerics)),
	};
}

/** The resolved experiment as a database records it. */
export function configOf(experiment: Experiment, models: readonly ModelFile[]): string {
	return canonicalJson({
		experiment,
		models: models.map(({ id, sha256, path }) => ({ id, sha256, path })),
	});
}

function cellPlan(
	{ models, experiment }: Work,
	{ cell, model, sources }: PlannedCell,
	numerics: readonly (NumericsIdentity | null)[],
): CellPlan {
	const file = models[model] as ModelFile;
	const resolved = numerics[model];
	if (!resolved) throw new Error(`the numerics of model ${file.id} were not resolved`);
	const { design, states } = experiment.sources;
	return {
		key: cell.key,
		modelLabel: file.id,
		templateLabel: cell.template.id,
		identities: {
			model: modelIdentity(file),
			template: templateIdentity(cell.template),
			task: identify(orderedTask(cell.task)),
			sampling: samplingIdentity(cell.sampling),
			design: identify(design === 'fixed' ? { design } : { design, states }),
			numerics: identify(resolved),
		},
		design,
		seed: cell.seed,
		attempts: cell.attempts,
		sources,
	};
}

export function modelIdentity(file: ModelFile): Identity {
	const { sha256, architecture, name, quantisation, bytes } = file;
	return identify({ sha256, architecture, name, quantisation, bytes });
}

/** A template is its text, not its label. */
export function templateIdentity({ text, chat }: TemplateSpec): Identity {
	return identify({ text, chat });
}

/** A sampling setting; the order in which stop strings are listed means nothing. */
export function samplingIdentity(setting: SamplingSetting): Identity {
	return identify({ ...setting, stop: setting.stop.toSorted() });
}
