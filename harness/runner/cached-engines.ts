/** Engines whose laws are kept between runs, in a cache of laws. */
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { cachedEngine, type LawShelf } from '../engine/cached.js';
import type { Engine } from '../engine/engine.js';
import { LawKeeper } from '../store/law-keeper.js';

export interface CacheOptions {
	readonly file: string;
	/** Bytes that the file may hold; laws not used for longest make room. */
	readonly limit: number;
}

/**
 * The cache of a run, opened when a law is first asked for. It never makes a run fail: what does not
 * work is said once, and the run goes on without it.
 */
export class CachedEngines {
	readonly #options: CacheOptions | null;
	readonly #say: (line: string) => void;
	readonly #engines: { readonly served: number }[] = [];
	/** undefined: not opened yet; null: there is none. */
	#keeper: LawKeeper | null | undefined;

	/**
	 * @param options null: nothing is kept
	 * @param say told what does not work
	 */
	constructor(options: CacheOptions | null, say: (line: string) => void) {
		this.#options = options;
		this.#say = say;
	}

	/**
	 * The engine, asking the cache first.
	 * @param label what the experiment calls the model, for `detbal cache list`
	 */
	around(engine: Engine, label: string): Engine {
		if (this.#options === null) return engine;
		const cached = cachedEngine(engine, this.#shelf(engine, label));
		this.#engines.push(cached);
		return cached;
	}

	/** Laws that needed no evaluation, of all engines so far. */
	get served(): number {
		return this.#engines.reduce((sum, { served }) => sum + served, 0);
	}

	/** Writes what is not written yet. To be called after the last engine was used. Idempotent. */
	close(): void {
		this.#keeper?.close();
		this.#keeper = null;
	}

	#shelf(engine: Engine, label: string): LawShelf {
		let shelf: LawShelf | null | undefined;
		const opened = () => {
			if (shelf === undefined) shelf = this.#open()?.shelf(engine.identity, label) ?? null;
			return shelf;
		};
		return {
			get: (paths) => opened()?.get(paths) ?? paths.map(() => null),
			put: (path, law) => opened()?.put(path, law),
		};
	}

	#open(): LawKeeper | null {
		if (this.#keeper !== undefined || this.#options === null) return this.#keeper ?? null;
		const { file } = this.#options;
		try {
			mkdirSync(dirname(resolve(file)), { recursive: true });
		} catch {
			// Opening says that the folder is missing.
		}
		this.#keeper = LawKeeper.open({ ...this.#options, say: this.#say });
		return this.#keeper;
	}
}
