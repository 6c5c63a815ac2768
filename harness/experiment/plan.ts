import { UsageError } from '../errors.js';
import type {
	Experiment,
	ModelReference,
	SamplingSetting,
	SourceDesign,
	TaskSpec,
	TemplateSpec,
} from './experiment.js';
import { cellKey } from './identity.js';

/** A model that was found: its file and the sha256 of that file. */
export interface FoundModel {
	readonly id: string;
	readonly sha256: string;
	readonly path: string;
}

/** Model × template × sampling setting × seed: one transition kernel sampled with one seed. */
export interface Cell {
	readonly key: string;
	readonly model: FoundModel;
	readonly template: TemplateSpec;
	readonly sampling: SamplingSetting;
	/** Position of the sampling setting in the experiment. */
	readonly samplingIndex: number;
	readonly seed: number;
	readonly task: TaskSpec;
	readonly sources: SourceDesign;
	readonly attempts: number;
}

/**
 * All cells of an experiment, by model, template, sampling setting and seed, in the order of the file.
 * @throws UsageError where a model was not found, is not the file that was asked for, or is there twice
 */
export function planCells(experiment: Experiment, found: readonly FoundModel[]): Cell[] {
	const { task, sources, attempts } = experiment;
	const cells: Cell[] = [];
	for (const model of matchModels(experiment.models, found))
		for (const template of experiment.templates)
			for (const [samplingIndex, sampling] of experiment.samplings.entries())
				for (const seed of experiment.seeds) {
					const modelSha256 = model.sha256;
					const key = cellKey({ task, template, sampling, sources, modelSha256, seed });
					cells.push({
						key,
						model,
						template,
						sampling,
						samplingIndex,
						seed,
						task,
						sources,
						attempts,
					});
				}
	return cells;
}

function matchModels(
	wanted: readonly ModelReference[],
	found: readonly FoundModel[],
): FoundModel[] {
	const labels = new Map<string, string>();
	return wanted.map(({ id, sha256 }) => {
		const model = found.find((m) => m.id === id);
		if (model === undefined)
			throw new UsageError(`model ${id} was not found; detbal models list shows what there is`);
		if (sha256 !== null && sha256 !== model.sha256)
			throw new UsageError(
				`model ${id}: ${model.path} has sha256 ${model.sha256}, but the experiment asks for ${sha256}; give the right file, or correct sha256`,
			);
		// The same content twice would be the same cell twice.
		const twin = labels.get(model.sha256);
		if (twin !== undefined)
			throw new UsageError(`models ${twin} and ${id} are the same file content; keep one of them`);
		labels.set(model.sha256, id);
		return model;
	});
}
