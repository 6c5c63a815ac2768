/** Slots over llama.cpp sequences: what is asked of node-llama-cpp to evaluate and to read laws. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HarnessError } from '../errors.js';
import { logSumExp, type NextTokenLaw, type Token } from './engine.js';
import { LeftLogits } from './left-logits.js';
import type { SlotBackend } from './slots.js';

/** What is needed of a context sequence of node-llama-cpp; T is its own type of token. */
export interface TokenSequence<T extends Token> {
	/** Tokens it holds. */
	readonly nextTokenIndex: number;
	/** A copy of them. */
	readonly contextTokens: T[];
	/** True where the state cannot be cut back (recurrent models) but for checkpoints. */
	readonly needsCheckpoints: boolean;
	readonly checkpointsMemoryUsage: number;
	takeCheckpoint(): Promise<void>;
	adaptStateToTokens(tokens: T[], allowShift: boolean): Promise<void>;
	saveStateToFile(path: string): Promise<unknown>;
	loadStateFromFile(path: string, risk: { readonly acceptRisk: true }): Promise<void>;
	controlledEvaluate(
		input: (T | [token: T, options: Ask<T>])[],
	): Promise<(Answer<T> | undefined)[]>;
}

/** What is asked of a token's output. */
interface Ask<T> {
	readonly generateNext: {
		readonly token?: true;
		readonly logits?:
			| true
			| { readonly filter: { readonly tokens: readonly T[]; readonly includeSelected: true } };
		readonly options: { readonly temperature: 0 };
	};
}

interface Answer<T> {
	readonly next: { readonly logits?: ReadonlyMap<T, number> };
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

/** Some raw logits, to hold against those that are read otherwise. */
function readSome<T>(tokens: readonly T[]): Ask<T> {
	return {
		generateNext: {
			logits: { filter: { tokens, includeSelected: true } },
			options: { temperature: 0 },
		},
	};
}

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
	readonly #left: LeftLogits;

	/**
	 * @param source path and vocabulary size of the model, for the laws and for messages
	 * @param left where laws are read quickly, once it is known
	 */
	constructor(
		readonly sequences: readonly TokenSequence<T>[],
		readonly shape: BatchShape,
		readonly source: { readonly path: string; readonly vocabularySize: number },
		left = new LeftLogits(source.vocabularySize),
	) {
		this.#left = left;
		this.width = sequences.length;
		this.#checkpoints = sequences.map(() => []);
	}

	/** Laws are read where llama.cpp left them. */
	get readsQuickly(): boolean {
		return this.#left.ready;
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
		const laws = await this.#read([sequence], [wanted], async ([ask]) => {
			const output = await sequence.controlledEvaluate(
				(tokens as readonly T[]).map((token, i) => (i === last ? [token, ask as Ask<T>] : token)),
			);
			return [output[last]];
		});
		await this.#keep(slot);
		return laws[0] ?? null;
	}

	async decode(
		tokens: readonly Token[],
		wanted: readonly boolean[],
	): Promise<(NextTokenLaw | null)[]> {
		this.shape.rows = this.width;
		const laws = await this.#read(this.sequences, wanted, async (asks) => {
			const rows = await Promise.all(
				this.sequences.map((sequence, i) =>
					sequence.controlledEvaluate([[tokens[i] as T, asks[i] as Ask<T>]]),
				),
			);
			return rows.map(([answer]) => answer);
		});
		for (const [slot, sought] of wanted.entries()) if (sought) await this.#keep(slot);
		return laws;
	}

	/** Through a file, the one way that the package has: some 40 kB a token, far quicker than evaluating it. */
	async copy(from: number, slot: number, tokens: readonly Token[]): Promise<boolean> {
		const source = this.#sequence(from);
		const target = this.#sequence(slot);
		if (source.needsCheckpoints) return false;
		if (await this.#throughFile(source, target)) {
			await target.adaptStateToTokens(tokens.slice() as T[], false);
			if (target.nextTokenIndex === tokens.length) return true;
		}
		await target.adaptStateToTokens([], false);
		return false;
	}

	/** False where it cannot be written or read, a full disk say: then the tokens are evaluated. */
	async #throughFile(source: TokenSequence<T>, target: TokenSequence<T>): Promise<boolean> {
		let folder: string | null = null;
		try {
			folder = mkdtempSync(join(tmpdir(), 'detbal-state-'));
			const file = join(folder, 'state');
			await source.saveStateToFile(file);
			await target.loadStateFromFile(file, { acceptRisk: true });
			return true;
		} catch {
			return false;
		} finally {
			if (folder) rmSync(folder, { recursive: true, force: true });
		}
	}

	/**
	 * Laws of the wanted rows of an evaluation: from where llama.cpp left them where that is known, else
	 * through the package. An evaluation whose rows are not found there is done once more.
	 */
	async #read(
		sequences: readonly TokenSequence<T>[],
		wanted: readonly boolean[],
		evaluate: (asks: readonly Ask<T>[]) => Promise<(Answer<T> | undefined)[]>,
	): Promise<(NextTokenLaw | null)[]> {
		const asking = (law: Ask<T>) => wanted.map((sought) => (sought ? law : READ_NOTHING));
		// A state that cannot be cut back cannot be evaluated once more.
		const quick = this.#left.ready && !sequences.some(({ needsCheckpoints }) => needsCheckpoints);
		if (quick && !this.#left.auditDue) {
			const before = sequences.map(({ nextTokenIndex }) => nextTokenIndex);
			const answers = await evaluate(asking(readSome(this.#left.probes as readonly T[])));
			const rows = answers.map((answer, i) =>
				wanted[i] ? this.#left.read(i, answer?.next.logits ?? new Map()) : null,
			);
			if (rows.every((row, i) => row !== null || !wanted[i])) {
				return rows.map((row) => (row ? this.#law(row) : null));
			}
			this.#left.giveUp();
			for (const [i, sequence] of sequences.entries()) {
				await sequence.adaptStateToTokens(sequence.contextTokens.slice(0, before[i]), false);
			}
		}
		const answers = await evaluate(asking(READ_LAW));
		const laws = answers.map((answer, i) => (wanted[i] ? this.#law(this.#logits(answer)) : null));
		this.#left.learn(
			new Map([...laws.entries()].flatMap(([row, law]) => (law ? [[row, law.logits]] : []))),
		);
		return laws;
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

	#logits(answer: Answer<T> | undefined): Float32Array {
		const { path, vocabularySize } = this.source;
		const read = answer?.next.logits;
		if (!read || read.size === 0)
			throw new HarnessError(`${path}: llama.cpp returned no logits; try another model`);
		const logits = new Float32Array(vocabularySize).fill(-Infinity);
		for (const [token, logit] of read) logits[token] = logit;
		return logits;
	}

	#law(logits: Float32Array): NextTokenLaw {
		try {
			return { logits, logNormalizer: logSumExp(logits) };
		} catch (error) {
			throw new HarnessError(
				`${this.source.path}: the model's answer is not a law: ${(error as Error).message}; its weights may be damaged, fetch it again`,
			);
		}
	}
}
