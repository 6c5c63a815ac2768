import type { NextTokenLaw, Token } from '../engine/engine.js';
import type { Ending } from '../sampling/stop.js';
import type { Attempt, Classified } from '../sampling/tree.js';
import { StoreReader } from '../store/reader.js';
import type { StoreWriter } from '../store/writer.js';
import { summarise } from './law-summary.js';
import type { DrawRange, Ledger } from './ledger.js';

const COMMIT_EVERY_MS = 3000;

/** Fills a database: what it lacks is missing, what comes is appended. */
export class StoreLedger implements Ledger {
	readonly #writer: StoreWriter;
	/** Planned attempts of each cell. */
	readonly #planned: ReadonlyMap<number, number>;
	#appended = 0;
	#lastCommit = performance.now();

	/** @param planned attempts per source (fixed) of each cell, by cell id */
	constructor(writer: StoreWriter, planned: ReadonlyMap<number, number>) {
		this.#writer = writer;
		this.#planned = planned;
	}

	/** Attempts handed over since this ledger was made. */
	get appended(): number {
		return this.#appended;
	}

	/** Batches commit when they are full; with a slow model, every few seconds. */
	commitNowAndThen(): void {
		if (performance.now() - this.#lastCommit < COMMIT_EVERY_MS) return;
		this.#writer.flush();
		this.#lastCommit = performance.now();
	}

	*missing(cell: number, source: string): Generator<DrawRange> {
		const attempts = this.#planned.get(cell);
		if (attempts === undefined) throw new Error(`cell ${cell} is not planned`);
		let next = 0;
		for (const { from, to } of this.#read((reader) => reader.draws(cell, source))) {
			if (from > next) yield [next, from];
			next = to;
		}
		if (next < attempts) yield [next, attempts];
	}

	done(cell: number): { source: string; target: string | null }[] {
		return this.#read((reader) =>
			Array.from(reader.attemptsByStep(cell), ({ source, target }) => ({ source, target })),
		);
	}

	attempts(
		source: string,
		{ tokens, text }: Ending,
		{ outcome, target }: Classified,
		attempts: readonly Attempt[],
	): void {
		this.#writer.append(
			attempts.map(({ sampler, draw, step }) => ({
				cell: sampler.cell,
				source,
				draw,
				step,
				outcome,
				target,
				tokens,
				text,
			})),
		);
		this.#appended += attempts.length;
	}

	law(tree: number, source: string, path: readonly Token[], law: NextTokenLaw): void {
		this.#writer.appendLaws([{ tree, source, path, ...summarise(law) }]);
	}

	#read<T>(work: (reader: StoreReader) => T): T {
		const reader = StoreReader.open(this.#writer.file);
		try {
			return work(reader);
		} finally {
			reader.close();
		}
	}
}
