/** Which of the data sets that come with detbal an archive's databases were made from. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment, TaskSpec } from '../experiment/experiment.js';
import { Faults } from '../experiment/faults.js';
import { canonicalJson } from '../experiment/identity.js';
import { readWordList } from '../experiment/word-list.js';
import { packageRoot } from '../package-root.js';

/** As in datasets/manifest.json. */
export interface Dataset {
	readonly file: string;
	readonly what: string;
	readonly source: string;
	readonly licence: string;
	readonly sha256: string;
}

/** The licence that the word lists' topics come under. */
export const WORDS_LICENCE = 'words/WORDNET-LICENSE';

/** In order of the manifest; found by content, whatever the experiment called them. */
export function datasetsUsed(
	experiments: readonly Experiment[],
	imports: readonly { readonly sha256: string }[],
): Dataset[] {
	const tasks = distinctTasks(experiments);
	const templates = new Set(experiments.flatMap((one) => one.templates.map(({ text }) => text)));
	const tables = new Set(imports.map(({ sha256 }) => sha256));
	return readDatasets().filter((dataset) => {
		const { file, sha256 } = dataset;
		if (file.startsWith('words/') && file.endsWith('.txt'))
			return tasks.some((task) => listsWordsOf(dataset, task));
		if (file.startsWith('templates/')) return templates.has(textOf(dataset).replace(/\n$/, ''));
		return file.startsWith('published/') && tables.has(sha256);
	});
}

/** Text of a licence among the data sets, or null where this installation lacks it. */
export function licenceText(file: string): Uint8Array | null {
	const path = join(packageRoot(), 'datasets', file);
	return existsSync(path) ? readFileSync(path) : null;
}

function readDatasets(): readonly Dataset[] {
	const path = join(packageRoot(), 'datasets', 'manifest.json');
	const all = (JSON.parse(readFileSync(path, 'utf8')) as { datasets: Dataset[] }).datasets;
	// A file changed by its user is not what the manifest describes.
	return all.filter(({ file, sha256 }) => {
		const bytes = licenceText(file);
		return bytes !== null && createHash('sha256').update(bytes).digest('hex') === sha256;
	});
}

function textOf({ file }: Dataset): string {
	return readFileSync(join(packageRoot(), 'datasets', file), 'utf8');
}

type Words = Extract<TaskSpec, { kind: 'words' }>;

function distinctTasks(experiments: readonly Experiment[]): Words[] {
	const tasks = new Map<string, Words>();
	for (const { task } of experiments)
		if (task.kind === 'words' && task.words !== null) tasks.set(canonicalJson(task), task);
	return [...tasks.values()];
}

function listsWordsOf(dataset: Dataset, { letterSum, words }: Words): boolean {
	const { file } = dataset;
	const listed = readWordList(textOf(dataset), letterSum, {
		file,
		faults: new Faults(file, () => 1),
	});
	return canonicalJson(listed.words) === canonicalJson(words);
}
