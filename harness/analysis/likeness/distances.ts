/** Distances between two laws of outcomes, as counted. */
import { entropyTerm } from '../assumptions/strata-table.js';
import type { OutcomeRow } from './outcome-rows.js';

export type CountedRow = Pick<OutcomeRow, 'first' | 'second' | 'attempts'>;

/** What one outcome adds to the total variation distance ½ Σ |p − q|. */
export const variationTerm = (p: number, q: number): number => Math.abs(p - q) / 2;

/** What one outcome adds to the Jensen–Shannon divergence, bits. */
export function divergenceTerm(p: number, q: number): number {
	const from = (x: number): number => (x > 0 ? (x / 2) * Math.log2((2 * x) / (p + q)) : 0);
	return from(p) + from(q);
}

export interface Distances {
	/** ½ Σ |p − q|, in [0, 1] */
	readonly variation: number;
	/** H((p + q)/2) − H(p)/2 − H(q)/2 in bits, in [0, 1]; the square of the Jensen–Shannon distance */
	readonly divergence: number;
	/** variance of each that the attempts' being drawn gives, to first order */
	readonly variances: { readonly variation: number; readonly divergence: number };
}

/**
 * Distances between the two empirical laws of a row, noise and all.
 *
 * @param row counts of C outcomes in two kernels
 * @returns see `Distances`; both distances are convex in the laws, so that they are too large on average
 * Source: Lin, IEEE Trans. Inf. Theory 37, 145 (1991), eq. 4.1; Endres, Schindelin, ibid. 49, 1858
 *   (2003): its square root is a metric.
 *
 * @example first [3, 1], second [1, 3]: variation 0.5, divergence 0.1887218755408671
 */
export function distances({ first, second, attempts: [n1, n2] }: CountedRow): Distances {
	let variation = 0;
	let divergence = 0;
	const a = new Spread();
	const b = new Spread();
	const d1 = new Spread();
	const d2 = new Spread();
	for (const [c, x] of first.entries()) {
		const p = x / n1;
		const q = second[c]! / n2;
		// Which side an outcome of equal shares adds to is open: it counts as one that adds to either.
		const side = Math.sign(p - q) / 2;
		variation += variationTerm(p, q);
		divergence += divergenceTerm(p, q);
		a.add(p, side, 1 / 4);
		b.add(q, side, 1 / 4);
		if (p > 0) d1.add(p, Math.log2((2 * p) / (p + q)) / 2);
		if (q > 0) d2.add(q, Math.log2((2 * q) / (p + q)) / 2);
	}
	return {
		variation: Math.min(1, variation),
		divergence: Math.min(1, Math.max(0, divergence)),
		variances: {
			variation: a.variance / n1 + b.variance / n2,
			divergence: d1.variance / n1 + d2.variance / n2,
		},
	};
}

/** Variance of a number under a law, given value by value. */
class Spread {
	#mean = 0;
	#square = 0;

	add(chance: number, value: number, square = value * value): void {
		this.#mean += chance * value;
		this.#square += chance * square;
	}

	get variance(): number {
		return Math.max(0, this.#square - this.#mean * this.#mean);
	}
}

/** 2 Σ (x log x + y log y): what of G² permutations within the row change. */
export function innerTerms({ first, second }: CountedRow): number {
	let sum = 0;
	for (const [c, x] of first.entries()) sum += entropyTerm(x) + entropyTerm(second[c]!);
	return 2 * sum;
}

/** What of G² the margins of the row fix: G² = inner terms + this. */
export function outerTerms({ first, second, attempts: [n1, n2] }: CountedRow): number {
	let sum = entropyTerm(n1 + n2) - entropyTerm(n1) - entropyTerm(n2);
	for (const [c, x] of first.entries()) sum -= entropyTerm(x + second[c]!);
	return 2 * sum;
}
