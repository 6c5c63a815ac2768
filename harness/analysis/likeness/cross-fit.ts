/** How far two laws are apart at least, judged by attempts that did not choose what to look at. */
import { Stream } from '../../numerics/stream.js';
import { PURPOSE } from '../purposes.js';
import type { CountedRow } from './distances.js';
import { hypergeometric } from './hypergeometric.js';

/** Parts that the attempts are divided into, and how often they are divided anew. */
const PARTS = 5;
const DIVISIONS = 4;

/**
 * Total variation distance of two laws without the noise of their being sampled: the attempts of both
 * kernels are divided at random into five parts; the outcomes that are commoner in the first kernel among four
 * of them are the set A, the fifth gives ½ Σ ± (p̂ − q̂), + on A and − off it; the mean over the parts and
 * four divisions. As A does not depend on the attempts that are then counted, its expectation is
 * P(A) − Q(A) up to ties, for whatever A: exactly 0 for equal laws, never above the distance sup (P − Q), and
 * the distance itself once there are enough attempts to tell which outcomes are commoner where.
 *
 * @param row counts of C outcomes in two kernels
 * @param options seed, uint32, and the number of the row, which have their own random numbers
 * @returns the estimate, in [−1, 1]; 0 for a kernel with a single attempt, of which nothing is known
 * Source: cross-fitting as in Chernozhukov et al., Econom. J. 21, C1 (2018); the bound is the variational
 *   form of the distance.
 *
 * @example first [50, 0], second [0, 50]: 1
 */
export function crossFitVariation(
	{ first, second, attempts: [n1, n2] }: CountedRow,
	{ seed, row }: { readonly seed: number; readonly row: number },
): number {
	const parts = Math.min(PARTS, n1, n2);
	if (parts < 2) return 0;
	const stream = new Stream([seed, PURPOSE.likenessParts], row);
	let sum = 0;
	for (let i = 0; i < DIVISIONS; i++) {
		const a = divide(first, n1, parts, stream);
		const b = divide(second, n2, parts, stream);
		for (let k = 0; k < parts; k++) sum += outside({ first, second, n1, n2 }, a[k]!, b[k]!);
	}
	return sum / (DIVISIONS * parts);
}

interface Part {
	readonly counts: Float64Array;
	readonly size: number;
}

/** Attempts dealt into parts whose sizes differ by one at most. */
function divide(counts: Float64Array, n: number, parts: number, stream: Stream): Part[] {
	const left = Float64Array.from(counts);
	let all = n;
	return Array.from({ length: parts }, (_, k) => {
		const size = Math.floor(((k + 1) * n) / parts) - Math.floor((k * n) / parts);
		const part = new Float64Array(counts.length);
		let [needed, among] = [size, all];
		for (let c = 0; c < left.length && needed > 0; c++) {
			const m = left[c]!;
			if (m === 0) continue;
			const x = among === m ? needed : hypergeometric(m, needed, among, stream.next());
			part[c] = x;
			left[c] = m - x;
			needed -= x;
			among -= m;
		}
		all -= size;
		return { counts: part, size };
	});
}

interface Whole {
	readonly first: Float64Array;
	readonly second: Float64Array;
	readonly n1: number;
	readonly n2: number;
}

/** ½ Σ ± (p̂ − q̂) of one part, signs from all others. */
function outside({ first, second, n1, n2 }: Whole, a: Part, b: Part): number {
	let sum = 0;
	for (let c = 0; c < first.length; c++) {
		if (a.counts[c] === 0 && b.counts[c] === 0) continue;
		const x = (first[c]! - a.counts[c]!) * (n2 - b.size);
		const y = (second[c]! - b.counts[c]!) * (n1 - a.size);
		sum += Math.sign(x - y) * (a.counts[c]! / a.size - b.counts[c]! / b.size);
	}
	return sum / 2;
}
