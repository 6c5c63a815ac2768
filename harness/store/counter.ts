/** Counts > 0 by three numbers each, rows ascending by (first, source, category). */
export interface Tally {
	readonly first: Int32Array;
	/** rank of the state */
	readonly source: Int32Array;
	/** rank of the state reached (the source's own: self), or −1, −2, −3 */
	readonly category: Int32Array;
	readonly count: Float64Array;
}

/** Counts triples of integers in a hash table of columns, open addressing. */
export class Counter {
	readonly #most: number;
	#first = new Int32Array(1024);
	#source = new Int32Array(1024);
	#category = new Int32Array(1024);
	#count = new Float64Array(1024);
	/** row + 1, or 0 for a free slot; twice as many slots as rows */
	#slots = new Int32Array(2048);
	#size = 0;

	/** @param most different triples, above which nothing more is counted */
	constructor(most: number) {
		this.#most = most;
	}

	/** More than `most` different triples came: the counts are not complete. */
	get full(): boolean {
		return this.#size > this.#most;
	}

	add(first: number, source: number, category: number): void {
		if (this.full) return;
		const mask = this.#slots.length - 1;
		let slot = hash(first, source, category) & mask;
		for (;;) {
			const row = this.#slots[slot]! - 1;
			if (row === -1) break;
			if (
				this.#category[row] === category &&
				this.#source[row] === source &&
				this.#first[row] === first
			) {
				this.#count[row]! += 1;
				return;
			}
			slot = (slot + 1) & mask;
		}
		if (this.#size === this.#count.length) {
			this.#grow();
			this.add(first, source, category);
			return;
		}
		const row = this.#size++;
		this.#slots[slot] = row + 1;
		this.#first[row] = first;
		this.#source[row] = source;
		this.#category[row] = category;
		this.#count[row] = 1;
	}

	tally(): Tally {
		const order = sortedRows([this.#category, this.#source, this.#first], this.#size);
		return {
			first: order.map((row) => this.#first[row]!),
			source: order.map((row) => this.#source[row]!),
			category: order.map((row) => this.#category[row]!),
			count: Float64Array.from(order, (row) => this.#count[row]!),
		};
	}

	#grow(): void {
		const size = 2 * this.#count.length;
		this.#first = widened(new Int32Array(size), this.#first);
		this.#source = widened(new Int32Array(size), this.#source);
		this.#category = widened(new Int32Array(size), this.#category);
		this.#count = widened(new Float64Array(size), this.#count);
		this.#slots = new Int32Array(2 * size);
		for (let row = 0; row < this.#size; row++) {
			let slot = hash(this.#first[row]!, this.#source[row]!, this.#category[row]!);
			slot &= this.#slots.length - 1;
			while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#slots.length - 1);
			this.#slots[slot] = row + 1;
		}
	}
}

function widened<A extends Int32Array | Float64Array>(wide: A, narrow: A): A {
	wide.set(narrow);
	return wide;
}

/** Mixing step of MurmurHash3 over three words. */
function hash(a: number, b: number, c: number): number {
	let h = Math.imul(a, 0xcc9e2d51) ^ Math.imul(b, 0x1b873593) ^ Math.imul(c, 0x9e3779b1);
	h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
	h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
	return h ^ (h >>> 16);
}

/** Rows 0 … size − 1 ascending by the columns, the last one first: stable counting sorts. */
function sortedRows(columns: readonly Int32Array[], size: number): Int32Array {
	let order = Int32Array.from({ length: size }, (_, row) => row);
	for (const column of columns) {
		const lowest = order.reduce((least, row) => Math.min(least, column[row]!), 0);
		const highest = order.reduce((most, row) => Math.max(most, column[row]!), 0);
		const next = new Int32Array(highest - lowest + 2);
		for (const row of order) next[column[row]! - lowest + 1]! += 1;
		for (let k = 1; k < next.length; k++) next[k]! += next[k - 1]!;
		const sorted = new Int32Array(size);
		for (const row of order) sorted[next[column[row]! - lowest]!++] = row;
		order = sorted;
	}
	return order;
}
