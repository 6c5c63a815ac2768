/** The experiment of a run as files that `detbal run` takes: the same run key comes out. */
import type { Experiment } from '../experiment/experiment.js';
import { canonicalJson, orderedTask, runKey } from '../experiment/identity.js';
import { loadExperiment } from '../experiment/parse.js';
import { type FoundModel, planCells } from '../experiment/plan.js';
import { experimentYaml, wordListText } from '../experiment/write.js';
import type { StoredRun } from '../store/reader.js';
import { fitNames } from './names.js';

export interface RecordedExperiment {
	readonly experiment: Experiment;
	readonly models: readonly FoundModel[];
}

/** What a run was planned from. */
export function recordedExperiment({ config }: Pick<StoredRun, 'config'>): RecordedExperiment {
	return JSON.parse(config) as RecordedExperiment;
}

export interface ExperimentFile {
	/** in the folder of the experiment */
	readonly name: string;
	readonly text: string;
	readonly about: string;
}

/**
 * @param pathOf where the file of a model lies, seen from the folder of the experiment; null where
 *   detbal finds it by its id
 */
export function experimentFiles(
	{ experiment, models }: RecordedExperiment,
	pathOf: (sha256: string) => string | null,
): ExperimentFile[] {
	const sha256Of = (id: string) => models.find((model) => model.id === id)?.sha256 ?? null;
	const yaml = experimentYaml(experiment, {
		list: 'words.txt',
		model({ id }) {
			const sha256 = sha256Of(id);
			return { path: sha256 === null ? null : pathOf(sha256), sha256 };
		},
	});
	const words = wordListText(experiment.task);
	const names = fitNames(
		experiment.templates.map(({ id }) => id),
		'.txt',
	);
	return [
		{ name: 'experiment.yaml', text: yaml, about: `The experiment ${experiment.name}, resolved.` },
		...(words === null
			? []
			: [{ name: 'words.txt', text: words, about: 'The words that count as words in the task.' }]),
		...experiment.templates.map(({ id, text }, i) => ({
			name: `templates/${names[i]}`,
			text,
			about: `The text of the prompt template ${id}, to the letter.`,
		})),
	];
}

/** The key that an experiment file gives with the recorded models. @throws UsageError for a faulty file */
export function keyOfFile(file: string, models: readonly FoundModel[]): string {
	return keyOf({ experiment: loadExperiment(file), models });
}

/** @throws UsageError where the models are not those of the experiment */
export function keyOf({ experiment, models }: RecordedExperiment): string {
	return runKey(planCells(experiment, models));
}

/** Says whether an experiment file means what a run was planned from, where its models lie aside. */
export function meansTheSame(file: string, { experiment }: RecordedExperiment): boolean {
	return canonicalJson(plain(loadExperiment(file))) === canonicalJson(plain(experiment));
}

function plain({ models, task, ...rest }: Experiment) {
	return { ...rest, task: orderedTask(task), models: models.map(({ id }) => id) };
}
