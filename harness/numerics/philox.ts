/**
 * Philox4x32-10, a counter-based generator: four 32-bit words are a pure function of a counter and
 * a key, so a draw does not depend on which draws were made before it.
 *
 * Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011), section 3.
 */

/** Four uint32 that say which block is wanted. */
export type Counter = ArrayLike<number>;

/** Two uint32 that say which stream is wanted. */
export type Key = ArrayLike<number>;

const ROUNDS = 10;
const MULTIPLIER_0 = 0xd2511f53 | 0;
const MULTIPLIER_1 = 0xcd9e8d57 | 0;
const WEYL_0 = 0x9e3779b9 | 0;
const WEYL_1 = 0xbb67ae85 | 0;

/**
 * High 32 bits of the 64-bit product of two 32-bit words, by 16-bit limbs; signed, with the right
 * bits. Every sum is below 2^32, and `| 0` keeps it in integer registers.
 */
function multiplyHigh(a: number, b: number): number {
	const aLow = a & 0xffff;
	const aHigh = a >>> 16;
	const bLow = b & 0xffff;
	const bHigh = b >>> 16;
	const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
	const cross = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0;
	return (((Math.imul(aHigh, bHigh) + (middle >>> 16)) | 0) + (cross >>> 16)) | 0;
}

/**
 * One block of Philox4x32-10, written into `out` without allocation.
 *
 * @param c0 to `c3`: counter words, uint32 (only the low 32 bits are used)
 * @param k0 and `k1`: key words, uint32
 * @param out receives four uint32; may be reused between calls
 */
export function philoxInto(
	c0: number,
	c1: number,
	c2: number,
	c3: number,
	k0: number,
	k1: number,
	out: Uint32Array,
): void {
	c0 |= 0;
	c1 |= 0;
	c2 |= 0;
	c3 |= 0;
	k0 |= 0;
	k1 |= 0;
	for (let round = 0; round < ROUNDS; round++) {
		const high0 = multiplyHigh(MULTIPLIER_0, c0);
		const low0 = Math.imul(MULTIPLIER_0, c0);
		const high1 = multiplyHigh(MULTIPLIER_1, c2);
		const low1 = Math.imul(MULTIPLIER_1, c2);
		c0 = high1 ^ c1 ^ k0;
		c1 = low1;
		c2 = high0 ^ c3 ^ k1;
		c3 = low0;
		k0 = (k0 + WEYL_0) | 0;
		k1 = (k1 + WEYL_1) | 0;
	}
	out[0] = c0;
	out[1] = c1;
	out[2] = c2;
	out[3] = c3;
}

/**
 * One block of Philox4x32-10.
 *
 * @param counter four uint32
 * @param key two uint32
 * @param out where to write, if the caller wants to reuse an array of length 4
 * @returns `out`, four uint32
 * @throws TypeError if counter, key or out have the wrong length
 * @throws RangeError if a word is not an integer in [0, 2^32)
 *
 * @example philox4x32([0, 0, 0, 0], [0, 0]) // Uint32Array [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]
 */
export function philox4x32(
	counter: Counter,
	key: Key,
	out: Uint32Array = new Uint32Array(4),
): Uint32Array {
	if (counter.length !== 4) throw new TypeError(`counter needs 4 words, has ${counter.length}`);
	if (key.length !== 2) throw new TypeError(`key needs 2 words, has ${key.length}`);
	if (out.length !== 4) throw new TypeError(`out needs 4 words, has ${out.length}`);
	philoxInto(
		word(counter[0], 'counter[0]'),
		word(counter[1], 'counter[1]'),
		word(counter[2], 'counter[2]'),
		word(counter[3], 'counter[3]'),
		word(key[0], 'key[0]'),
		word(key[1], 'key[1]'),
		out,
	);
	return out;
}

function word(value: number | undefined, name: string): number {
	if (value === undefined || value >>> 0 !== value) {
		throw new RangeError(`${name} must be an integer in [0, 2^32), got ${value}`);
	}
	return value;
}

/**
 * A uniform number with 53 random bits from two 32-bit words: (27 bits of a, 26 bits of b) / 2^53.
 *
 * @param a uint32, its upper 27 bits are used
 * @param b uint32, its upper 26 bits are used
 * @returns a multiple of 2^-53 in [0, 1)
 *
 * @example uniform53(0x80000000, 0) // 0.5
 */
export function uniform53(a: number, b: number): number {
	return ((a >>> 5) * 67108864 + (b >>> 6)) / 9007199254740992;
}
