import { type Key, philox4x32, uniform53 } from './philox.js';

/**
 * Sequential random numbers over Philox4x32-10: blocks 0, 1, 2 … of the counter
 * (block, block >> 32, stream, 0) under one key. Two streams never share a block.
 *
 * @example new Stream([7, 1], 0).next() // 0.3506279808932371
 */
export class Stream {
	readonly #key: Key;
	readonly #stream: number;
	readonly #words = new Uint32Array(4);
	#block = 0;
	#used = 4;
	#spare: number | null = null;

	/**
	 * @param key two uint32: by convention [seed, purpose]
	 * @param stream uint32, the number of this stream under the key
	 * @throws RangeError if a word is not an integer in [0, 2^32)
	 */
	constructor(key: Key, stream: number) {
		this.#key = key;
		this.#stream = stream;
		philox4x32([0, 0, stream, 0], key, this.#words);
	}

	#pair(): number {
		if (this.#used > 2) {
			const high = Math.floor(this.#block / 4294967296);
			philox4x32([this.#block >>> 0, high, this.#stream, 0], this.#key, this.#words);
			this.#block += 1;
			this.#used = 0;
		}
		const at = this.#used;
		this.#used += 2;
		return at;
	}

	/** The next uniform number, a multiple of 2^-53 in [0, 1). */
	next(): number {
		const at = this.#pair();
		return uniform53(this.#words[at]!, this.#words[at + 1]!);
	}

	/**
	 * An integer in [0, n), every one equally likely: the 53 bits of a draw are rejected above the
	 * largest multiple of n.
	 *
	 * @param n integer in [1, 2^53]
	 * @throws RangeError if n is not such an integer
	 */
	below(n: number): number {
		if (!Number.isInteger(n) || n < 1 || n > 2 ** 53) {
			throw new RangeError(`n must be an integer in [1, 2^53], got ${n}`);
		}
		const limit = 2 ** 53 - (2 ** 53 % n);
		for (;;) {
			const bits = this.next() * 2 ** 53;
			if (bits < limit) return bits % n;
		}
	}

	/** A standard normal number, by Box and Muller (Ann. Math. Stat. 29, 610, 1958). */
	normal(): number {
		if (this.#spare !== null) {
			const spare = this.#spare;
			this.#spare = null;
			return spare;
		}
		const radius = Math.sqrt(-2 * Math.log(1 - this.next()));
		const angle = 2 * Math.PI * this.next();
		this.#spare = radius * Math.sin(angle);
		return radius * Math.cos(angle);
	}
}
