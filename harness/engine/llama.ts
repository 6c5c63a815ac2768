/**
 * llama.cpp through node-llama-cpp: the only file that imports it. Evaluation shapes are fixed by
 * SlotScheduler; this file loads models, opens contexts, reads laws and resolves the numerics identity.
 */
import {
	getLlama,
	getModuleVersion,
	type Llama,
	type LlamaContext,
	LlamaLogLevel,
	type LlamaModel,
	type Token as LlamaToken,
} from 'node-llama-cpp';
import { HarnessError } from '../errors.js';
import {
	type ContextSettings,
	checkPath,
	type Engine,
	type LoadedModel,
	type ModelFacts,
	type NextTokenLaw,
	type NumericsIdentity,
	type PromptSplit,
	type Token,
	type TokenPath,
} from './engine.js';
import { type BatchShape, LlamaSlots, wholeItems } from './llama-slots.js';
import { asSplit, splitting } from './prompt-split.js';
import { SlotScheduler } from './slots.js';
import { chooseThreads } from './threads.js';

export type Gpu = 'cpu' | 'auto' | 'cuda' | 'vulkan' | 'metal';

/** One llama.cpp backend, shared by all models of a process. */
export interface LlamaHost {
	/**
	 * @param file path of a GGUF file whose header was already checked, and its sha256 (hex)
	 * @param gpuLayers layers on the GPU; 'auto' lets the library fit as many as it can
	 * @throws HarnessError with llama.cpp's own last words where it cannot load the file
	 */
	load(
		file: { readonly path: string; readonly sha256: string },
		gpuLayers: number | 'auto',
	): Promise<LoadedModel>;
	/** Threads worth trying, at most the cores fit for arithmetic. */
	readonly mathCores: number;
	/** "cpu", or the kind of GPU that models are loaded on. */
	readonly backend: string;
	/** Closes the models that were loaded through it. */
	close(): Promise<void>;
}

/** Slots hold this many tokens more than asked: padding rows, and llama.cpp's own spare cell. */
const SPARE_CELLS = 4;
/** llama.cpp's id of F16, in which node-llama-cpp keeps keys and values by default. */
const KV_TYPE_F16 = 1;

/** llama.cpp as it was started, with what it complained of last. */
interface Started {
	readonly llama: Llama;
	readonly complaints: string[];
	readonly version: string;
	readonly devices: readonly string[];
}

/**
 * Backends of this process. Starting one takes a second, because the library first tries its binary in a
 * process of its own; so it stays when a host is closed.
 */
const started = new Map<Gpu, Promise<Started>>();

async function start(gpu: Gpu): Promise<Started> {
	const complaints: string[] = [];
	try {
		const llama = await getLlama({
			gpu: gpu === 'cpu' ? false : gpu,
			build: 'never',
			skipDownload: true,
			progressLogs: false,
			// 0: a context's thread count is what we say, not a hint.
			maxThreads: 0,
			logLevel: LlamaLogLevel.warn,
			logger: (level, message) => {
				if (level === LlamaLogLevel.error || level === LlamaLogLevel.fatal) {
					complaints.push(message.trim());
					if (complaints.length > 20) complaints.shift();
				}
			},
		});
		const devices = llama.gpu === false ? ['cpu'] : await llama.getGpuDeviceNames();
		return { llama, complaints, version: await getModuleVersion(), devices };
	} catch (error) {
		throw new HarnessError(
			`llama.cpp cannot be started with gpu: ${gpu}: ${message(error)}. ` +
				'Use gpu: cpu, or reinstall node-llama-cpp for this machine.',
		);
	}
}

/** @throws HarnessError where the backend cannot be loaded or the asked GPU is not there */
export async function openLlamaHost(gpu: Gpu): Promise<LlamaHost> {
	const starting = started.get(gpu) ?? start(gpu);
	started.set(gpu, starting);
	starting.catch(() => started.delete(gpu));
	const { llama, complaints, version, devices } = await starting;
	const models = new Set<LlamaModel>();
	return {
		mathCores: llama.cpuMathCores,
		backend: llama.gpu === false ? 'cpu' : llama.gpu,
		async load(file, gpuLayers) {
			complaints.length = 0;
			try {
				const model = await llama.loadModel({
					modelPath: file.path,
					gpuLayers: llama.gpu === false ? 0 : gpuLayers,
				});
				models.add(model);
				return new LlamaModelHandle(llama, { version, devices: devices.join(', ') }, model, file);
			} catch (error) {
				throw new HarnessError(
					`${file.path}: llama.cpp cannot load this model: ${lastWords(complaints, error)}. ` +
						'Check that the architecture is one that llama.cpp supports and that the file is whole.',
				);
			}
		},
		async close() {
			for (const model of models) if (!model.disposed) await settled(model.dispose());
		},
	};
}

class LlamaModelHandle implements LoadedModel {
	readonly facts: ModelFacts;
	readonly architecture: string;

	constructor(
		readonly llama: Llama,
		readonly host: { readonly version: string; readonly devices: string },
		readonly model: LlamaModel,
		readonly file: { readonly path: string; readonly sha256: string },
	) {
		const { metadata } = model.fileInfo;
		this.architecture = String(metadata.general.architecture);
		const template: unknown = metadata.tokenizer?.chat_template;
		const tokens: unknown = metadata.tokenizer?.ggml?.tokens;
		this.facts = {
			trainContextSize: model.trainContextSize,
			vocabularySize: Array.isArray(tokens) ? tokens.length : 0,
			bos: model.tokens.shouldPrependBosToken ? model.tokens.bos : null,
			bosText: model.tokens.bosString ?? '',
			eosText: model.tokens.eosString ?? '',
			chatTemplate: typeof template === 'string' ? template : null,
		};
	}

	tokenize(text: string, special: boolean): Token[] {
		return this.model.tokenize(text, special);
	}

	detokenize(tokens: readonly Token[]): string {
		return this.model.detokenize(tokens as Parameters<LlamaModel['detokenize']>[0]);
	}

	isEnd(token: Token): boolean {
		return this.model.isEogToken(token as Parameters<LlamaModel['isEogToken']>[0]);
	}

	async contextBytes(settings: ContextSettings): Promise<number> {
		const estimate = await this.model.fileInsights.estimateContextResourceRequirementsV2({
			contextSize: settings.contextSize + SPARE_CELLS,
			modelGpuLayers: this.model.gpuLayers,
			batchSize: settings.batchSize,
			sequences: settings.width,
			flashAttention: settings.flashAttention ?? false,
			swaFullCache: true,
		});
		return estimate.cpuRam + estimate.gpuVram;
	}

	async open(settings: ContextSettings): Promise<Engine> {
		const threads =
			settings.threads === 'auto'
				? await chooseThreads(this.llama.cpuMathCores, (n) => this.#backend(settings, n))
				: settings.threads;
		const backend = await this.#backend(settings, threads);
		return new LlamaEngine(this, backend, settings, this.#numerics(settings, backend.context));
	}

	async #backend(settings: ContextSettings, threads: number): Promise<OpenContext> {
		const shape: BatchShape = { rows: settings.width };
		const source = { path: this.file.path, vocabularySize: this.facts.vocabularySize };
		try {
			const context = await this.model.createContext({
				sequences: settings.width,
				contextSize: settings.contextSize + SPARE_CELLS,
				batchSize: settings.batchSize,
				threads: { ideal: threads, min: threads },
				flashAttention: settings.flashAttention ?? false,
				...(settings.kvKeyType ? { experimentalKvCacheKeyType: settings.kvKeyType } : {}),
				...(settings.kvValueType ? { experimentalKvCacheValueType: settings.kvValueType } : {}),
				// Sliding windows would drop cells that a path cut back still needs.
				swaFullCache: true,
				failedCreationRemedy: false,
				batching: { itemPrioritizationStrategy: wholeItems(settings.batchSize, shape) },
			});
			const sequences = Array.from({ length: settings.width }, () => context.getSequence());
			return Object.assign(new LlamaSlots(sequences, shape, source), { context });
		} catch (error) {
			throw new HarnessError(
				`${this.file.path}: no context of ${settings.width} × ${settings.contextSize} tokens: ` +
					`${message(error)}. Lower engine.width or engine.contextSize.`,
			);
		}
	}

	#numerics(settings: ContextSettings, context: LlamaContext): NumericsIdentity {
		const { llama, model } = this;
		return {
			package: `node-llama-cpp ${this.host.version}`,
			llamaCpp: `${llama.llamaCppRelease.repo} ${llama.llamaCppRelease.release}`,
			build: llama.buildType,
			backend: llama.gpu === false ? 'cpu' : llama.gpu,
			devices: this.host.devices,
			cpuFeatures: llama.systemInfo,
			gpuLayers: model.gpuLayers,
			promptSplit: settings.promptSplit ?? 'head|rest',
			width: settings.width,
			batchSize: settings.batchSize,
			contextSize: settings.contextSize,
			// llama.cpp leaves it out for this one, whatever is asked.
			flashAttention: (settings.flashAttention ?? false) && this.architecture !== 'grok',
			swaFullCache: true,
			kvKeyType: Number(context.kvCacheKeyType ?? KV_TYPE_F16),
			kvValueType: Number(context.kvCacheValueType ?? KV_TYPE_F16),
			threads: context.currentThreads,
		};
	}

	close(): Promise<void> {
		return settled(this.model.dispose());
	}
}

/** The slots of a context, and the context to dispose of. */
type OpenContext = LlamaSlots<LlamaToken> & { readonly context: LlamaContext };

class LlamaEngine implements Engine {
	readonly identity;
	readonly facts: ModelFacts;
	readonly width: number;
	readonly contextSize: number;
	readonly #scheduler: SlotScheduler;
	readonly #split: PromptSplit;
	#queue: Promise<unknown> = Promise.resolve();
	#closed = false;

	constructor(
		readonly model: LlamaModelHandle,
		readonly backend: OpenContext,
		settings: ContextSettings,
		numerics: NumericsIdentity,
	) {
		this.identity = {
			modelSha256: model.file.sha256,
			architecture: model.architecture,
			numerics,
		};
		this.facts = model.facts;
		this.width = settings.width;
		this.contextSize = settings.contextSize;
		this.#split = settings.promptSplit ?? 'head|rest';
		this.#scheduler = new SlotScheduler(splitting(backend, this.#split), padding(model.facts));
	}

	tokenize(text: string, special: boolean): Token[] {
		return this.model.tokenize(text, special);
	}

	detokenize(tokens: readonly Token[]): string {
		return this.model.detokenize(tokens);
	}

	isEnd(token: Token): boolean {
		return this.model.isEnd(token);
	}

	/** Calls are served one after the other: slots are shared state. */
	async laws(paths: readonly TokenPath[]): Promise<NextTokenLaw[]> {
		for (const path of paths) checkPath(path, this.facts.vocabularySize, this.contextSize);
		const answer = this.#queue.then(() => {
			if (this.#closed) throw new HarnessError('the engine is closed');
			return this.#scheduler.laws(asSplit(paths, this.#split));
		});
		this.#queue = answer.catch(() => undefined);
		return answer;
	}

	async close(): Promise<void> {
		if (this.#closed) return;
		this.#closed = true;
		await this.#queue;
		await settled(this.backend.context.dispose());
	}
}

function padding(facts: ModelFacts): Token {
	return facts.bos ?? 0;
}

/** How long a disposal may take; what it frees is freed at the end of the process anyway. */
const DISPOSAL_MS = 5000;

/**
 * Waits for a disposal, but not for ever: one that never settles would let the process end without
 * a word, because nothing else keeps it alive.
 */
async function settled(disposal: Promise<void>): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const patience = new Promise<void>((resolve) => {
		timer = setTimeout(resolve, DISPOSAL_MS);
	});
	await Promise.race([disposal, patience]).finally(() => clearTimeout(timer));
}

function message(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}

function lastWords(complaints: readonly string[], error: unknown): string {
	return complaints.length > 0 ? complaints.slice(-3).join('; ') : message(error);
}
