/**
 * Logits read where llama.cpp left them. The package hands over each of them as two JavaScript
 * values in an array and then a map, which at 32,000 tokens takes longer than evaluating the row. llama.cpp
 * keeps the rows of its last evaluation one after the other in one piece of memory for as long as
 * a context lives. Here that place is found by looking for rows that the package handed over, and
 * every row read from it is held against values that the package gives for the same row. So what is read
 * is the same bits, or nothing.
 */
import { HarnessError } from '../errors.js';
import type { Token } from './engine.js';
import { OwnMemory } from './own-memory.js';

/** Logits read through the package before it is worth looking for their place: the two cost the same. */
const SEARCH_AFTER = 2 ** 20;
/** How many bytes of a row are looked for; what is found is then compared in full. */
const NEEDLE_BYTES = 256;
/** A place must hold so many readings in full before it is trusted. */
const CONFIRMATIONS = 2;
/** Values for which a row is held against the package's. */
const PROBES = 16;
/** Every so many evaluations all rows are read through the package too, and compared in full. */
const AUDIT_EVERY = 64;

/** Row of the last evaluation → its logits. */
export type Rows = ReadonlyMap<number, Float32Array>;

export class LeftLogits {
	/** Tokens whose logits the package is asked for, to hold rows against. */
	readonly probes: readonly Token[];
	readonly #vocabularySize: number;
	readonly #searchAfter: number;
	#memory: OwnMemory | null;
	#seen = 0;
	/** Addresses at which row 0 may lie; null before the search. */
	#places: number[] | null = null;
	#confirmed = 0;
	#evaluations = 0;

	/** @param searchAfter logits to be read through the package before the search */
	constructor(vocabularySize: number, searchAfter = SEARCH_AFTER) {
		this.#vocabularySize = vocabularySize;
		this.#searchAfter = searchAfter;
		this.#memory = OwnMemory.open();
		this.probes = Array.from({ length: PROBES }, (_, i) =>
			Math.floor(((i + 0.5) * vocabularySize) / PROBES),
		);
	}

	/** The place is known: rows can be read. */
	get ready(): boolean {
		return this.#memory !== null && this.#confirmed >= CONFIRMATIONS;
	}

	/** Whether the next evaluation is one to read in full, and to `learn` from. Counts them. */
	get auditDue(): boolean {
		this.#evaluations += 1;
		return this.#evaluations % AUDIT_EVERY === 0;
	}

	/**
	 * To be told the rows that the package handed over, before the next evaluation.
	 * @throws HarnessError where they are not found in a place that rows were read from
	 */
	learn(rows: Rows): void {
		if (this.#memory === null || rows.size === 0) return;
		const { ready } = this;
		this.#seen += rows.size * this.#vocabularySize;
		if (this.#seen < this.#searchAfter) return;
		this.#places ??= this.#search(this.#memory, rows);
		this.#places = this.#places.filter((place) => this.#holds(place, rows));
		this.#confirmed += 1;
		if (this.#places.length > 0) return;
		this.giveUp();
		if (!ready) return;
		throw new HarnessError(
			'laws read from memory are not those of llama.cpp: what was recorded last may be wrong. Run it again ' +
				'into a new file, and please report it',
		);
	}

	/**
	 * A row of the last evaluation.
	 * @param probed logits of it that the package gave; all must be found in it
	 * @returns null where they are not
	 */
	read(row: number, probed: ReadonlyMap<Token, number>): Float32Array | null {
		for (const place of this.#places ?? []) {
			const logits = this.#row(place, row);
			if (logits && probed.size > 0 && agrees(logits, probed)) return logits;
		}
		return null;
	}

	/** Nothing is read from memory any more. */
	giveUp(): void {
		this.#memory = null;
		this.#places = null;
	}

	#search(memory: OwnMemory, rows: Rows): number[] {
		const [[row, logits]] = rows as unknown as [[number, Float32Array]];
		const needle = bytesOf(logits).subarray(0, NEEDLE_BYTES);
		return memory.find(needle).map((address) => address - row * logits.byteLength);
	}

	#holds(place: number, rows: Rows): boolean {
		for (const [row, logits] of rows) {
			const found = this.#row(place, row);
			if (!found || Buffer.compare(bytesOf(found), bytesOf(logits)) !== 0) return false;
		}
		return true;
	}

	#row(place: number, row: number): Float32Array | null {
		const logits = new Float32Array(this.#vocabularySize);
		const address = place + row * logits.byteLength;
		return this.#memory?.read(address, bytesOf(logits)) ? logits : null;
	}
}

function agrees(logits: Float32Array, probed: ReadonlyMap<Token, number>): boolean {
	for (const [token, logit] of probed) if (!Object.is(logits[token], logit)) return false;
	return true;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
	return new Uint8Array(buffer, byteOffset, byteLength);
}
