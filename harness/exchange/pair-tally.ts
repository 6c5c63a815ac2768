/** Ids of states: a pair of them is one exact double. */
const RADIX = 2 ** 24;
/** The most states a tally can tell apart. */
export const STATES_MOST = RADIX - 1;

const EMPTY = -1;

/**
 * Counts of pairs of states by open addressing: 24 bytes a slot, under 50 bytes a pair, whatever
 * their number (a Map ends at 2^24 entries).
 */
export class PairTally {
	#keys = new Float64Array(1024).fill(EMPTY);
	#counts = new Float64Array(1024);
	#marks = new Float64Array(1024);
	#size = 0;

	/** Distinct pairs. */
	get size(): number {
		return this.#size;
	}

	/**
	 * Adds to a pair.
	 * @param mark kept for a pair that is new
	 * @returns the mark of the pair where it was there before, else null
	 */
	add(
		source: number,
		target: number,
		{ count, mark }: { readonly count: number; readonly mark: number },
	): number | null {
		if (this.#size * 3 >= this.#keys.length * 2) this.#grow();
		const key = source * RADIX + target;
		const slot = this.#slot(key);
		this.#counts[slot] = (this.#counts[slot] as number) + count;
		if (this.#keys[slot] === key) return this.#marks[slot] as number;
		this.#keys[slot] = key;
		this.#marks[slot] = mark;
		this.#size++;
		return null;
	}

	/** Pairs in ascending order of source, then target. */
	*[Symbol.iterator](): Generator<readonly [source: number, target: number, count: number]> {
		for (const key of this.#keys.filter((held) => held !== EMPTY).sort())
			yield [Math.floor(key / RADIX), key % RADIX, this.#counts[this.#slot(key)] as number];
	}

	/** Where a key is, or the free slot where it belongs. */
	#slot(key: number): number {
		const last = this.#keys.length - 1;
		let slot = Math.imul(Math.floor(key / RADIX), 0x9e3779b1) ^ Math.imul(key % RADIX, 0x85ebca6b);
		slot = (slot ^ (slot >>> 15)) & last;
		while (this.#keys[slot] !== key && this.#keys[slot] !== EMPTY) slot = (slot + 1) & last;
		return slot;
	}

	#grow(): void {
		const [keys, counts, marks] = [this.#keys, this.#counts, this.#marks];
		this.#keys = new Float64Array(2 * keys.length).fill(EMPTY);
		this.#counts = new Float64Array(2 * keys.length);
		this.#marks = new Float64Array(2 * keys.length);
		for (let i = 0; i < keys.length; i++) {
			if (keys[i] === EMPTY) continue;
			const slot = this.#slot(keys[i] as number);
			this.#keys[slot] = keys[i] as number;
			this.#counts[slot] = counts[i] as number;
			this.#marks[slot] = marks[i] as number;
		}
	}
}
