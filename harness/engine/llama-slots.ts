/** Slots over llama.cpp sequences: what is asked of node-llama-cpp to evaluate and to read laws. */
import { HarnessError } from '../errors.js';
import { logSumExp, type NextTokenLaw, type Token } from './engine.js';
import type { SlotBackend } from './slots.js';

/** What is needed of a context sequence of node-llama-cpp; T is its own type of token. */
export interface TokenSequence<T extends Token> {
	/** Tokens it holds. */
	readonly nextTokenIndex: number;
	/** True where the state cannot be cut back (recurrent models) but for checkpoints. */
	readonly needsCheckpoints: boolean;
	readonly checkpointsMemoryUsage: number;
	takeCheckpoint(): Promise<void>;
	adaptStateToTokens(tokens: T[], allowShift: boolean): Promise<void>;
	controlledEvaluate(
		input: (T | [token: T, options: typeof READ_LAW | typeof READ_NOTHING])[],
	): Promise<({ readonly next: { readonly logits?: ReadonlyMap<T, number> } } | undefined)[]>;
}

/** Head and rest of a prompt: kept whatever they cost. */
const PROMPT_PARTS = 2;
/** The library drops the oldest checkpoints of a sequence beyond 32. */
const MOST_CHECKPOINTS = 24;
/** Memory for the checkpoints of all slots beyond those of the prompts; without it paths are walked again. */
const CHECKPOINT_BYTES = 256 * 2 ** 20;

/** Raw logits: a greedy sampler changes none of them. */
const READ_LAW = { generateNext: { logits: true, options: { temperature: 0 } } } as const;
/** Rows nobody reads still ask for an output, because the number of outputs is part of the shape. */
const READ_NOTHING = { generateNext: { token: true, options: { temperature: 0 } } } as const;

/** How many sequences the batch under way must hold: one prompt, or every row of a decode. */
export interface BatchShape {
	rows: number;
}

/**
 * Prompts go alone in batches of `batchSize`, decodes as all rows at once; anything else would
 * change a shape, and so bits, without anybody noticing.
 */
export function wholeItems(batchSize: number, shape: BatchShape) {
	return <Item extends { readonly tokens: readonly unknown[] }>({
		items,
	}: {
		items: readonly Item[];
	}) => {
		if (items.length !== shape.rows) {
			throw new Error(`a batch of ${items.length} rows where ${shape.rows} belong`);
		}
		return items.map((item) => ({
			item,
			processAmount: Math.min(item.tokens.length, batchSize),
		}));
	};
}

export class LlamaSlots<T extends Token> implements SlotBackend {
	readonly width: number;
	/** Lengths at which a slot whose state cannot be cut was kept, ascending. */
	readonly #checkpoints: number[][];

	/** @param source path and vocabulary size of the model, for the laws and for messages */
	constructor(
		readonly sequences: readonly TokenSequence<T>[],
		readonly shape: BatchShape,
		readonly source: { readonly path: string; readonly vocabularySize: number },
	) {
		this.width = sequences.length;
		this.#checkpoints = sequences.map(() => []);
	}

	async cut(slot: number, tokens: readonly Token[]): Promise<number> {
		const sequence = this.#sequence(slot);
		if (sequence.nextTokenIndex === tokens.length) return tokens.length;
		const kept = sequence.needsCheckpoints
			? this.#lastCheckpoint(slot, tokens.length)
			: tokens.length;
		await sequence.adaptStateToTokens(tokens.slice(0, kept) as T[], false);
		return sequence.nextTokenIndex;
	}

	/**
	 * Length of the longest checkpoint within `length` tokens. Asked for any other length, the library
	 * would evaluate the tokens between by itself, in a shape of its own.
	 */
	#lastCheckpoint(slot: number, length: number): number {
		const within = (this.#checkpoints[slot] ?? []).filter((mark) => mark <= length);
		this.#checkpoints[slot] = within;
		return within.at(-1) ?? 0;
	}

	async prompt(
		slot: number,
		tokens: readonly Token[],
		wanted: boolean,
	): Promise<NextTokenLaw | null> {
		const sequence = this.#sequence(slot);
		const last = tokens.length - 1;
		this.shape.rows = 1;
		const output = await sequence.controlledEvaluate(
			(tokens as readonly T[]).map((token, i) =>
				i === last ? [token, wanted ? READ_LAW : READ_NOTHING] : token,
			),
		);
		await this.#keep(slot);
		return wanted ? this.#law(output[last]?.next.logits) : null;
	}

	async decode(
		tokens: readonly Token[],
		wanted: readonly boolean[],
	): Promise<(NextTokenLaw | null)[]> {
		this.shape.rows = this.width;
		const rows = await Promise.all(
			this.sequences.map((sequence, i) =>
				sequence.controlledEvaluate([[tokens[i] as T, wanted[i] ? READ_LAW : READ_NOTHING]]),
			),
		);
		for (const [slot, sought] of wanted.entries()) if (sought) await this.#keep(slot);
		return rows.map((row, i) => (wanted[i] ? this.#law(row[0]?.next.logits) : null));
	}

	/** Keeps the state of a slot that cannot be cut, so that it can come back to here. */
	async #keep(slot: number): Promise<void> {
		const sequence = this.#sequence(slot);
		const marks = this.#checkpoints[slot] as number[];
		// The library does not find a checkpoint of one token.
		if (!sequence.needsCheckpoints || sequence.nextTokenIndex < 2) return;
		const bytes = marks.length === 0 ? 0 : sequence.checkpointsMemoryUsage / marks.length;
		const room = Math.min(MOST_CHECKPOINTS, CHECKPOINT_BYTES / this.width / bytes);
		if (marks.length >= PROMPT_PARTS && marks.length + 1 > room) return;
		await sequence.takeCheckpoint();
		marks.push(sequence.nextTokenIndex);
	}

	#sequence(slot: number): TokenSequence<T> {
		const sequence = this.sequences[slot];
		if (!sequence) throw new RangeError(`slot ${slot} is outside 0 … ${this.width - 1}`);
		return sequence;
	}

	#law(read: ReadonlyMap<T, number> | undefined): NextTokenLaw {
		const { path, vocabularySize } = this.source;
		if (!read || read.size === 0)
			throw new HarnessError(`${path}: llama.cpp returned no logits; try another model`);
		const logits = new Float32Array(vocabularySize).fill(-Infinity);
		for (const [token, logit] of read) logits[token] = logit;
		try {
			return { logits, logNormalizer: logSumExp(logits) };
		} catch (error) {
			throw new HarnessError(
				`${path}: the model's answer is not a law: ${(error as Error).message}; its weights may be damaged, fetch it again`,
			);
		}
	}
}
