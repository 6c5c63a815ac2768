import { createHash } from 'node:crypto';
import { philoxInto, uniform53 } from '../numerics/philox.js';

/**
 * A draw is a pure function of (cell, source, draw number, token position): Philox4x32-10 under a
 * key made from the cell's identity, at the counter (draw, position, source hash). The cell's
 * identity holds the seed. Order of work can therefore never change a transition.
 */
export interface DrawKey {
	readonly low: number;
	readonly high: number;
}

/** 64 bits of sha256(purpose, cell key): independent streams for independent purposes. */
export function drawKey(cellKey: string, purpose: 'tokens' | 'sources'): DrawKey {
	return hashWords(`detbal/draw/1\0${purpose}\0${cellKey}`);
}

/** The 64 bits that stand for a source in the counter. */
export function sourceWords(source: string): DrawKey {
	return hashWords(`detbal/source/1\0${source}`);
}

const out = new Uint32Array(4);

/**
 * Uniform number in [0, 1) with 53 bits.
 * @param draw number of the attempt from this source, 0 … 2^32 − 1
 * @param position index of the token in the completion, 0 … 2^32 − 1
 */
export function uniform(k: DrawKey, source: DrawKey, draw: number, position: number): number {
	philoxInto(draw, position, source.low, source.high, k.low, k.high, out);
	return uniform53(out[0] as number, out[1] as number);
}

function hashWords(text: string): DrawKey {
	const hash = createHash('sha256').update(text, 'utf8').digest();
	return { low: hash.readUInt32LE(0), high: hash.readUInt32LE(4) };
}
