import { dirname, resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { LIMITS } from './defaults.js';
import type { EngineSettings, Experiment, SamplingSetting } from './experiment.js';
import { mismatch } from './faults.js';
import { PartReader } from './part-reader.js';
import { readModels, readSamplings, readSeeds, readTemplates } from './read-lists.js';
import { readTask } from './read-task.js';
import { attemptsSchema, engineSchema, nameSchema } from './schema.js';
import { readTextFile } from './text-file.js';
import { readYaml } from './yaml-source.js';

const KEYS = [
	'name',
	'seed',
	'seeds',
	'task',
	'sources',
	'attempts',
	'models',
	'templates',
	'sampling',
	'engine',
];

export interface ExperimentFile {
	/** Name used in messages. */
	readonly file: string;
	/** Directory that paths in the file are relative to. */
	readonly directory: string;
}

/** Reads an experiment file. @throws UsageError naming every fault by file, line and key */
export function loadExperiment(path: string): Experiment {
	const read = readTextFile(path, LIMITS.fileBytes);
	if ('fault' in read) throw new UsageError(`experiment file ${path}: it ${read.fault}`);
	return parseExperiment(read.text, { file: path, directory: dirname(resolve(path)) });
}

/** Checks the text of an experiment file. @throws UsageError naming every fault by file, line and key */
export function parseExperiment(text: string, { file, directory }: ExperimentFile): Experiment {
	const size = Buffer.byteLength(text);
	if (size > LIMITS.fileBytes)
		throw new UsageError(`${file}: has ${size} bytes; at most ${LIMITS.fileBytes} are allowed`);
	const reader = new PartReader(readYaml(text, file), file, directory);
	reader.knowOnly(KEYS);

	const name = reader.read(['name'], nameSchema);
	const seeds = readSeeds(reader);
	const samplings = readSamplings(reader);
	const { task, sources } = readTask(reader, samplings);
	const attempts = reader.read(['attempts'], attemptsSchema);
	const models = readModels(reader);
	const templates = readTemplates(reader);
	const engine = readEngine(reader, samplings);
	refuseTooManyCells(reader, [models, templates, samplings, seeds]);

	reader.faults.raise();
	if (
		name === undefined ||
		task === undefined ||
		sources === undefined ||
		attempts === undefined ||
		engine === undefined
	)
		throw new Error('a part of the experiment is unreadable, but no fault was recorded');
	return { name, seeds, task, sources, attempts, models, templates, samplings, engine };
}

function readEngine(
	reader: PartReader,
	samplings: readonly SamplingSetting[],
): EngineSettings | undefined {
	const whole = reader.at(['engine']) === undefined;
	const engine = whole ? engineSchema.parse({}) : reader.read(['engine'], engineSchema);
	if (engine === undefined) return undefined;
	const given = (key: string) => reader.at(['engine', key]) !== undefined;
	if (engine.batchSize < engine.width)
		reader.faults.add(
			['engine', given('batchSize') ? 'batchSize' : 'width'],
			`found batchSize ${engine.batchSize} below width ${engine.width}; allowed: batchSize of at least width`,
		);
	if (engine.gpu === 'cpu' && engine.gpuLayers !== 'auto' && engine.gpuLayers > 0)
		reader.faults.add(
			['engine', 'gpuLayers'],
			`found ${engine.gpuLayers} with gpu: cpu; allowed: 0 or auto there (or gpu: auto, cuda, vulkan, metal)`,
		);
	const longest = Math.max(0, ...samplings.map((s) => s.maxTokens));
	if (engine.contextSize !== 'auto' && engine.contextSize <= longest)
		reader.faults.add(
			['engine', 'contextSize'],
			`found ${engine.contextSize}; allowed: more than maxTokens (${longest}), as the prompt must fit too`,
		);
	return engine;
}

function refuseTooManyCells(reader: PartReader, lists: readonly (readonly unknown[])[]): void {
	const cells = lists.reduce((product, list) => product * list.length, 1);
	if (cells > LIMITS.cells)
		reader.faults.add(
			[],
			mismatch(
				cells,
				`at most ${LIMITS.cells} cells (models × templates × sampling × seeds) in one file`,
			),
		);
}
