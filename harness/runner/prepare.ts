import { totalmem } from 'node:os';
import type { ContextSettings, Engine, EvaluationShape, LoadedModel } from '../engine/engine.js';
import type { LlamaHost } from '../engine/llama.js';
import { HarnessError, UsageError } from '../errors.js';
import type { Experiment, Prompt, SamplingSetting } from '../experiment/experiment.js';
import { lintPrompt, lintPromptSet } from '../experiment/lint.js';
import { type PromptText, promptText } from '../experiment/template.js';
import { splitPrompt } from '../sampling/prompt.js';
import type { ModelFile } from './model-files.js';

/** Values that an earlier part of the same run resolved and that must not be chosen anew. */
export interface Pinned {
	readonly threads: number;
	readonly contextSize: number;
	readonly gpuLayers: number;
}

/** A model opened with its prompts ready. */
export interface PreparedModel {
	readonly file: ModelFile;
	readonly engine: Engine;
	/** Prompt of a state under each template, in the order of the experiment. */
	readonly prompts: readonly ((state: string) => Prompt)[];
	readonly warnings: readonly string[];
	/** The same model with the same prompts, evaluated in another shape; its owner closes it. */
	reshaped(shape: EvaluationShape & { readonly width?: number }): Promise<Engine>;
	close(): Promise<void>;
}

/** Contexts grow in steps, so that small changes of the prompts keep the numerics identity. */
const CONTEXT_STEP = 64;

/**
 * Loads a model, makes its prompts, checks what they demand and opens a context for them.
 * @throws UsageError where a template or state does not suit the model
 * @throws HarnessError where memory does not suffice or llama.cpp refuses
 */
export async function prepareModel(
	host: LlamaHost,
	file: ModelFile,
	experiment: Experiment,
	pinned: Pinned | null,
): Promise<PreparedModel> {
	checkMemory(file, file.bytes, 'Take a smaller model, or a quantised copy of it.');
	const { gpuLayers } = experiment.engine;
	const model = await host.load(
		file,
		gpuLayers === 'auto' ? (pinned?.gpuLayers ?? 'auto') : gpuLayers,
	);
	try {
		const texts = experiment.templates.map((template) =>
			promptText(template, model.facts.chatTemplate, { id: file.id, ...model.facts }),
		);
		for (const text of texts) checkStates(model, text, experiment.sources.states, file);
		const prompts = texts.map((text) => promptMaker(model, text));
		const demand = longestPrompt(experiment, prompts);
		const settings = contextSettings(experiment, model, file, demand, pinned);
		checkPrompt(demand, experiment, settings.contextSize, file);
		const bytes = await model.contextBytes(settings);
		checkMemory(file, bytes, 'Lower engine.width, engine.contextSize or engine.batchSize.');
		const engine = await model.open(settings);
		return {
			file,
			engine,
			prompts: prompts.map((prompt) => (state) => {
				const made = prompt(state);
				checkPrompt({ tokens: lengthOf(made), state }, experiment, settings.contextSize, file);
				return made;
			}),
			warnings: experiment.templates.flatMap((_, i) =>
				warningsOf(experiment, i, model, texts[i] as PromptText, prompts[i] as Maker),
			),
			reshaped: (shape) =>
				model.open({
					...settings,
					...shape,
					threads: Number(engine.identity.numerics.threads),
				}),
			async close() {
				await engine.close();
				await model.close();
			},
		};
	} catch (error) {
		await model.close();
		throw error;
	}
}

/**
 * A state must come back from its tokens, and must not be read as a control token.
 * @throws UsageError naming the first that does not
 */
export function checkStates(
	model: Pick<LoadedModel, 'tokenize' | 'detokenize'>,
	{ special }: Pick<PromptText, 'special'>,
	states: readonly string[],
	{ id }: Pick<ModelFile, 'id'>,
): void {
	for (const state of states) {
		const tokens = model.tokenize(state, false);
		const back = model.detokenize(tokens).trim();
		if (back !== state) {
			throw new UsageError(
				`model ${id} cannot tokenize the state ${JSON.stringify(state)}: it comes back as ` +
					`${JSON.stringify(back)}. Choose states that the model's vocabulary can spell.`,
			);
		}
		if (special && model.tokenize(state, true).join() !== tokens.join()) {
			throw new UsageError(
				`model ${id} reads the state ${JSON.stringify(state)} as control tokens of its chat ` +
					'template. Rename the state, or use chat: false.',
			);
		}
	}
}

type Maker = (state: string) => Prompt;

interface Demand {
	readonly tokens: number;
	readonly state: string;
}

function promptMaker(model: LoadedModel, text: PromptText): Maker {
	return (state) => {
		const prompt = splitPrompt(model, text, state);
		if (prompt.rest.length === 0) {
			throw new UsageError(`the prompt of ${state} has no tokens; write more into the template`);
		}
		return prompt;
	};
}

function lengthOf(prompt: Prompt): number {
	return prompt.head.length + prompt.rest.length;
}

function longestPrompt(experiment: Experiment, prompts: readonly Maker[]): Demand {
	let longest: Demand = { tokens: 0, state: '' };
	for (const prompt of prompts) {
		for (const state of experiment.sources.states) {
			const tokens = lengthOf(prompt(state));
			if (tokens > longest.tokens) longest = { tokens, state };
		}
	}
	return longest;
}

function longestCompletion(experiment: Experiment): number {
	return Math.max(...experiment.samplings.map(({ maxTokens }) => maxTokens));
}

/** What the experiment says; where it says "auto", what was pinned, or what is found out here. */
function contextSettings(
	experiment: Experiment,
	model: LoadedModel,
	file: ModelFile,
	demand: Demand,
	pinned: Pinned | null,
): ContextSettings {
	const { width, batchSize, threads } = experiment.engine;
	return {
		contextSize: contextSize(experiment, model, file, demand, pinned),
		width,
		batchSize,
		threads: threads === 'auto' ? (pinned?.threads ?? 'auto') : threads,
	};
}

/** Room for the longest prompt and completion; more where states are yet to be found. */
function contextSize(
	experiment: Experiment,
	model: LoadedModel,
	file: ModelFile,
	demand: Demand,
	pinned: Pinned | null,
): number {
	const { trainContextSize } = model.facts;
	if (experiment.engine.contextSize !== 'auto') {
		if (experiment.engine.contextSize > trainContextSize) {
			throw new UsageError(
				`engine.contextSize: found ${experiment.engine.contextSize}; model ${file.id} was trained ` +
					`for at most ${trainContextSize} tokens`,
			);
		}
		return experiment.engine.contextSize;
	}
	const completion = longestCompletion(experiment);
	const room = experiment.sources.design === 'fixed' ? 0 : 2 * completion;
	const wanted = Math.ceil((demand.tokens + completion + room) / CONTEXT_STEP) * CONTEXT_STEP;
	return Math.min(trainContextSize, Math.max(wanted, pinned?.contextSize ?? 0));
}

function checkPrompt(demand: Demand, experiment: Experiment, size: number, file: ModelFile): void {
	const completion = longestCompletion(experiment);
	if (demand.tokens + completion <= size) return;
	throw new UsageError(
		`model ${file.id}: the prompt of ${JSON.stringify(demand.state)} has ${demand.tokens} tokens and the ` +
			`completion up to ${completion}, but the context holds ${size}. Shorten the template, lower ` +
			'sampling.maxTokens, or raise engine.contextSize if the model allows.',
	);
}

/** Weights before they are mapped, the context before it is opened. */
function checkMemory(file: ModelFile, need: number, remedy: string): void {
	const have = process.availableMemory?.() ?? totalmem();
	if (need <= have) return;
	const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
	throw new HarnessError(
		`model ${file.id} needs about ${gigabytes(need)} of memory and ${gigabytes(have)} are free. ${remedy}`,
	);
}

/** How many prompts of a template are looked at for warnings. */
const LINTED = 1000;

function warningsOf(
	experiment: Experiment,
	index: number,
	model: LoadedModel,
	text: PromptText,
	prompt: Maker,
): string[] {
	const template = experiment.templates[index] as Experiment['templates'][number];
	const { bos, bosText } = model.facts;
	const states = experiment.sources.states.slice(0, LINTED);
	const made = states.map((state) => {
		const { head, rest } = prompt(state);
		return { state, tokens: [...head, ...rest] };
	});
	const messages = new Set<string>();
	const first = made[0];
	if (first) {
		const rendered = text.render(first.state);
		for (const { stop } of experiment.samplings as readonly SamplingSetting[]) {
			const warnings = lintPrompt({
				templateId: template.id,
				chat: template.chat,
				state: first.state,
				rendered,
				tokens: first.tokens,
				bos,
				bosText,
				bosAdded: bos !== null && !text.hasBos,
				stop,
				hasEndToken: model.facts.eosText !== '',
			});
			for (const { message } of warnings) messages.add(message);
		}
	}
	for (const { message } of lintPromptSet(template.id, made)) messages.add(message);
	return [...messages];
}
