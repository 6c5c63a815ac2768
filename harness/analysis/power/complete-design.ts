import type { NoisySquares } from '../../numerics/shift-bound.js';
import type { LoopSquares } from './loop-squares.js';

/** A kernel in outline, for planning without a pilot. */
export interface DesignShape {
	/** K, an integer ≥ 3 */
	readonly states: number;
	/** share of attempts that reach another state, in (0, 1] */
	readonly valid: number;
	/** standard deviation of the potential over the states, nats, ≥ 0 */
	readonly depth: number;
}

/** Above this a potential that is not flat would take minutes. */
export const MOST_STATES = 1000;

/**
 * The statistic of the exact test for a complete table of K states, per attempt from each: T(g|f) ∝
 * exp(−V_g) for g ≠ f, every row summing to `valid`, V evenly spaced with sd `depth`. (Such a kernel
 * is reversible.) Two pairs that share a state lie in one triangle only, so that nothing but the
 * triangles themselves is summed.
 *
 * @param shape see `DesignShape`
 * @returns noise and signal of one attempt per state; `sumWeights` grows in proportion to attempts
 * @throws RangeError if K is not an integer ≥ 3, or above 1000 with a potential; if valid or depth is
 *   out of range
 *
 * @example K = 10, valid 1, depth 0: 36 degrees of freedom, sumWeights / slope = 2/3 per attempt
 */
export function completeDesign(shape: DesignShape): LoopSquares {
	checkShape(shape);
	return shape.depth === 0 ? flatDesign(shape) : triangleSums(pairInformation(shape));
}

/** Transitions per pair and attempt from each state, on average. */
export function transitionsPerPair({ states, valid }: DesignShape): number {
	return (2 * valid) / (states - 1);
}

function checkShape({ states, valid, depth }: DesignShape): void {
	if (!Number.isInteger(states) || states < 3) {
		throw new RangeError(`states must be an integer from 3 (a loop needs three), got ${states}`);
	}
	if (!(valid > 0 && valid <= 1)) {
		throw new RangeError(`valid must be a share in (0, 1], got ${valid}`);
	}
	if (!(depth >= 0) || depth === Infinity) {
		throw new RangeError(`depth must be finite and ≥ 0 nats, got ${depth}`);
	}
	if (depth > 0 && states > MOST_STATES) {
		throw new RangeError(
			`with a potential at most ${MOST_STATES} states are computed, got ${states}; leave depth out`,
		);
	}
}

/** On a complete graph B′B is K times the projection on the (K−1)(K−2)/2 independent loops. */
function flatDesign({ states: K, valid }: DesignShape): LoopSquares {
	const information = valid / (2 * (K - 1));
	const weight = information ** 3;
	const slope = (weight * K) / information;
	const freedom = ((K - 1) * (K - 2)) / 2;
	const squares = { noise: slope * freedom, variance: 2 * slope * slope * freedom, slope };
	return { squares, sumWeights: (weight * freedom * K) / 3 };
}

/** n p (1 − p) of every pair per attempt from each state, K × K. */
function pairInformation({ states: K, valid, depth }: DesignShape): Float64Array {
	const spacing = depth * Math.sqrt(12 / (K * K - 1));
	const q = Float64Array.from({ length: K }, (_, f) => Math.exp(-spacing * f));
	const total = q.reduce((sum, x) => sum + x, 0);
	const T = (f: number, g: number): number => (valid * q[g]!) / (total - q[f]!);
	const information = new Float64Array(K * K);
	for (let f = 0; f < K; f++) {
		for (let g = 0; g < K; g++) {
			if (g !== f) information[f * K + g] = 1 / (1 / T(f, g) + 1 / T(g, f));
		}
	}
	return information;
}

/** Weights Π n p (1 − p) of all triangles. */
function triangleSums(information: Float64Array): LoopSquares {
	const K = Math.sqrt(information.length);
	const diagonal = new Float64Array(K * K);
	let sumWeights = 0;
	let across = 0;
	let acrossSpread = 0;
	for (let f = 0; f < K; f++) {
		for (let g = f + 1; g < K; g++) {
			const a = information[f * K + g]!;
			for (let h = g + 1; h < K; h++) {
				const b = information[g * K + h]!;
				const c = information[f * K + h]!;
				const w = a * b * c;
				sumWeights += w;
				diagonal[f * K + g]! += w;
				diagonal[g * K + h]! += w;
				diagonal[f * K + h]! += w;
				across += w * (a + b + c);
				acrossSpread += w * (a * b + b * c + a * c);
			}
		}
	}
	return { squares: closeSums(information, diagonal, { across, acrossSpread }), sumWeights };
}

/** Adds what each pair shares with itself: w² Σ 1/ab = w Σ c, and w² Σ (1/a + …) = w Σ ab. */
function closeSums(
	information: Float64Array,
	diagonal: Float64Array,
	{ across, acrossSpread }: { readonly across: number; readonly acrossSpread: number },
): NoisySquares {
	let noise = 0;
	let variance = 4 * across;
	let trace = 0;
	let spread = 2 * acrossSpread;
	for (let i = 0; i < diagonal.length; i++) {
		const g = diagonal[i]!;
		if (g === 0) continue;
		noise += g / information[i]!;
		variance += 2 * (g / information[i]!) ** 2;
		trace += g;
		spread += (g * g) / information[i]!;
	}
	return { noise, variance, slope: spread / trace };
}
