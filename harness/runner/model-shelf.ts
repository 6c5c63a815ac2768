import type { NumericsIdentity } from '../engine/engine.js';
import type { LlamaHost } from '../engine/llama.js';
import type { Experiment } from '../experiment/experiment.js';
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
	#open: PreparedModel | null = null;

	/** @param pins settings resolved by an earlier part of the run, by sha256 of the model */
	constructor(host: LlamaHost, experiment: Experiment, pins: ReadonlyMap<string, Pinned>) {
		this.#host = host;
		this.#experiment = experiment;
		this.#pins = new Map(pins);
	}

	/** The model, ready; the one open before is closed unless it is the same. */
	async open(file: ModelFile): Promise<PreparedModel> {
		if (this.#open?.file.sha256 === file.sha256) return this.#open;
		await this.close();
		const pinned = this.#pins.get(file.sha256) ?? null;
		this.#open = await prepareModel(this.#host, file, this.#experiment, pinned);
		this.#pins.set(file.sha256, pinnedBy(this.#open.engine.identity.numerics));
		return this.#open;
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
