import type { NumericsIdentity } from '../engine/engine.js';
import type { LlamaHost } from '../engine/llama.js';
import type { Experiment } from '../experiment/experiment.js';
import type { CachedEngines } from './cached-engines.js';
import type { ModelFile } from './model-files.js';
import { type Pinned, type PreparedModel, prepareModel } from './prepare.js';

/**
 * Opens the models of a run one at a time, since two may not fit into memory. A model opened again
 * gets the settings that were resolved the first time.
 */
export class ModelShelf {
	readonly #host: LlamaHost;
	readonly #experiment: Experiment;
	readonly #pins: Map<string, Pinned>;
	readonly #cache: CachedEngines;
	#open: PreparedModel | null = null;

	/**
	 * @param pins settings resolved by an earlier part of the run, by sha256 of the model
	 * @param cache asked before anything is evaluated
	 */
	constructor(
		host: LlamaHost,
		experiment: Experiment,
		{ pins, cache }: Readonly<{ pins: ReadonlyMap<string, Pinned>; cache: CachedEngines }>,
	) {
		this.#host = host;
		this.#experiment = experiment;
		this.#pins = new Map(pins);
		this.#cache = cache;
	}

	/** The model, ready; the one open before is closed unless it is the same. */
	async open(file: ModelFile): Promise<PreparedModel> {
		if (this.#open?.file.sha256 === file.sha256) return this.#open;
		await this.close();
		const pinned = this.#pins.get(file.sha256) ?? null;
		const model = await prepareModel(this.#host, file, this.#experiment, pinned);
		const engine = this.#cache.around(model.engine, file.id);
		this.#open = { ...model, engine };
		this.#pins.set(file.sha256, pinnedBy(model.engine.identity.numerics));
		return this.#open;
	}

	/** Laws that the cache had, of all models so far. */
	get served(): number {
		return this.#cache.served;
	}

	async close(): Promise<void> {
		const open = this.#open;
		this.#open = null;
		await open?.close();
	}
}

/** What a numerics identity says that a later part of the run must keep. */
export function pinnedBy({ threads, contextSize, gpuLayers }: NumericsIdentity): Pinned {
	return {
		threads: Number(threads),
		contextSize: Number(contextSize),
		gpuLayers: Number(gpuLayers),
	};
}
