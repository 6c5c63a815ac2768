import { philoxInto } from './philox.js';

/** N transitions as two lists; a self transition, source[i] = target[i], is not allowed. */
export interface TransitionList {
	readonly source: Int32Array;
	/** moved about in place */
	readonly target: Int32Array;
}

export interface ShuffleOptions {
	/** uint32 */
	readonly seed: number;
	/** uint32, second key word */
	readonly purpose: number;
	/** uint32, number of this shuffle: another number, other randomness */
	readonly draw: number;
	/** passes over the list */
	readonly sweeps: number;
	/** 1 up the list, −1 down it: the one undoes the order of the other */
	readonly direction: 1 | -1;
}

/**
 * Sweeps over the list; at each transition its target is swapped with that of another one, or with
 * chance ¼ those of three are rotated, unless a self transition would come of it. Every step is as
 * likely as its reverse, so uniform over all assignments of the targets without self is kept: that is
 * P(table) ∝ Π 1/C_fg! with both margins fixed. Rotations are needed: f→g, g→h, h→f can reach
 * f→h, h→g, g→f by no swap. Swaps and rotations connect all tables.
 *
 * @param list N transitions, changed in place
 * @param options see `ShuffleOptions`; upward sweeps are the time reversal of downward ones
 * Source: Aoki, Takemura, J. Stat. Comput. Simul. 75, 787 (2005), for the moves.
 *
 * @example source [0, 1, 2], target [1, 2, 0]: after enough sweeps as often [1, 2, 0] as [2, 0, 1]
 */
export function shuffleTargets({ source, target }: TransitionList, options: ShuffleOptions): void {
	const { seed, purpose, draw, sweeps, direction } = options;
	const N = source.length;
	const words = new Uint32Array(4);
	for (let sweep = 0; sweep < sweeps; sweep++) {
		let block = -1;
		for (let step = 0; step < N; step++) {
			const i = direction > 0 ? step : N - 1 - step;
			if (i >>> 1 !== block) {
				block = i >>> 1;
				philoxInto(block, sweep, draw, 0, seed, purpose, words);
			}
			const at = (i & 1) * 2;
			// The 2^-32 unevenness of a choice is the same for a step and its reverse: no harm.
			const j = Math.floor((words[at]! / 4294967296) * N);
			const second = words[at + 1]!;
			const s = source[i]!;
			const t = target[i]!;
			const u = target[j]!;
			if ((second & 3) !== 0) {
				if (u === s || t === source[j]!) continue;
				target[i] = u;
				target[j] = t;
				continue;
			}
			const k = Math.floor((second / 4294967296) * N);
			const v = target[k]!;
			if (i === j || j === k || k === i) continue;
			if (u === s || v === source[j]! || t === source[k]!) continue;
			target[i] = u;
			target[j] = v;
			target[k] = t;
		}
	}
}
