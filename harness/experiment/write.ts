import type { Experiment, ModelReference, TaskSpec } from './experiment.js';
import { writeYaml } from './yaml-source.js';

/** Where the files of an experiment lie, as its YAML file names them. */
export interface Surroundings {
	/** the word list of a words task that has one */
	readonly list: string;
	/** a model's file and content; null: looked up by its id, or content not said */
	readonly model: (model: ModelReference) => {
		readonly path: string | null;
		readonly sha256: string | null;
	};
}

/**
 * A resolved experiment as the text of an experiment file: `parseExperiment` reads it to the same
 * value, but for where models lie.
 */
export function experimentYaml(experiment: Experiment, { list, model }: Surroundings): string {
	const { name, seeds, task, sources, attempts, models, templates, samplings, engine } = experiment;
	return writeYaml({
		name,
		seeds,
		task: taskOf(task, list),
		sources: wordsAreSources(task, sources.states) ? { design: sources.design } : sources,
		attempts,
		models: models.map((reference) => {
			const { path, sha256 } = model(reference);
			return {
				id: reference.id,
				...(path === null ? {} : { path }),
				...(sha256 === null ? {} : { sha256 }),
			};
		}),
		templates: templates.map(({ id, text, chat }) => ({ id, text, chat })),
		sampling: samplings,
		engine,
	});
}

/** The lines of the word list of a words task; null where there is none. */
export function wordListText(task: TaskSpec): string | null {
	if (task.kind !== 'words' || task.words === null) return null;
	return `${task.words.join('\n')}\n`;
}

function taskOf(task: TaskSpec, list: string) {
	if (task.kind === 'closed') return { kind: task.kind, states: task.states, read: task.read };
	const { kind, letterSum } = task;
	return task.words === null ? { kind, letterSum } : { kind, letterSum, list };
}

/** Left out where they are what is taken anyway. */
function wordsAreSources(task: TaskSpec, states: readonly string[]): boolean {
	return task.kind === 'words' && task.words !== null && same(task.words, states);
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
	a.length === b.length && a.every((word, i) => word === b[i]);
