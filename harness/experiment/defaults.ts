import type { EngineSettings, SamplingSetting, SourceDesign, TaskSpec } from './experiment.js';

/** Every default of an experiment file. Nothing below parsing has a default of its own. */
export const DEFAULTS = {
	read: 'whole' as (TaskSpec & { kind: 'closed' })['read'],
	design: 'fixed' as SourceDesign['design'],
	chat: false,
	sampling: {
		temperature: 1,
		topK: 0,
		topP: 1,
		minP: 0,
		maxTokens: 12,
		stop: ['\n'],
	} satisfies SamplingSetting,
	engine: {
		gpu: 'cpu',
		gpuLayers: 'auto',
		threads: 'auto',
		width: 16,
		contextSize: 'auto',
		batchSize: 512,
	} satisfies EngineSettings,
} as const;

/** The largest (and where it matters smallest) values an experiment file may ask for. */
export const LIMITS = {
	/** Bytes of an experiment file or a template file: 1 MB. */
	fileBytes: 1_000_000,
	/** Bytes of a word list: 64 MB. */
	wordListBytes: 64_000_000,
	nameLength: 80,
	idLength: 80,
	stateLength: 1_000,
	states: 100_000,
	/** Keeps every word within `stateLength`: the cheapest letter, A, costs 1. */
	letterSum: 1_000,
	seed: 2 ** 32 - 1,
	/** Entries of models, templates, sampling and seeds, each. */
	entries: 10_000,
	cells: 100_000,
	attempts: 1_000_000_000,
	temperature: 100,
	topK: 10_000_000,
	maxTokens: 4_096,
	stops: 16,
	stopLength: 64,
	gpuLayers: 10_000,
	threads: 1_024,
	width: 64,
	contextSize: 16_777_216,
	batchSize: 65_536,
	/** Aliases are handy for repeated settings; more than this is a bomb. */
	aliases: 100,
	/** Faults listed before the rest is only counted. */
	faults: 100,
	/** Characters of a model's own chat template, and of what it may render. */
	chatTemplate: 256 * 1024,
	chatOutput: 1_000_000,
	/** A chat template renders in milliseconds; the rest is room for a loaded machine. */
	chatMilliseconds: 10_000,
} as const;
