/** How much larger a table must grow until a second look settles what the first one left open. */
import { chanceBelow, type NoisySquares, noiseQuantile } from '../../numerics/shift-bound.js';
import { reaches } from './signal-chance.js';

/** A first look: Σ w A² over the loops as the affinity estimate saw it. */
export interface FirstLook {
	readonly squares: NoisySquares & { readonly sumWeights: number };
	/** (Σ w A² − noise) / Σ w, nats² */
	readonly meanSquare: number;
}

export interface Aim {
	/** the bound must fall below this if the kernel is reversible, nats, > 0 */
	readonly tolerance: number;
	/** rms cycle affinity that must be rejected, nats, > 0 */
	readonly affinity: number;
	/** level of the exact test, in (0, 1) */
	readonly alpha: number;
}

/** Confidence of the bound, and the chance that is promised. */
const LEVEL = 0.95;
/** The moments are those of the present table, not known exactly: a tenth more is always asked for. */
const LEAST_GROWTH = 1.1;

/**
 * The factor g by which all counts must grow, the counts seen included, so that a second look has at
 * least 95 chances in 100 of (a) an upper bound below the tolerance if the kernel is exactly
 * reversible, and (b) a rejection if its rms cycle affinity is `affinity`. Between 0 and `affinity`
 * nothing is promised.
 *
 * With l̂ seen now and x = g − 1, the second look holds m = l̂ + x l of noise √x z, z as noisy as the
 * first look: Q′ = (x/g) |z + m/√x|². In (a) |m|² = Q. In (b) |m|² = Q + 2x⟨l, l̂⟩ + x²s with s = a² Σ w and
 * ⟨l, l̂⟩ regressed on Q: mean s + 2κs (Q − noise − s)/V, variance κs · Var₀/V, V = Var₀ + 4κs.
 *
 * @param look a first look that settled nothing
 * @param aim what must be settled
 * @returns g ≥ 1.1
 * Source: normal log-ratios, whose information grows in proportion to the counts; noncentral χ² with
 *   matched moments, `chanceBelow`.
 *
 * @example noise and Σ w = 36, variance 72, slope 1, nothing seen (meanSquare 0), tolerance and
 *   affinity 0.1, α 0.05: g = 105.7
 */
export function growthToSettle(look: FirstLook, aim: Aim): number {
	const bound = chanceOfBound(look, aim.tolerance);
	const rejection = chanceOfRejection(look, aim);
	const enough = (x: number): boolean => rejection(x) >= LEVEL && bound(x) >= LEVEL;
	return Math.max(LEAST_GROWTH, 1 + reaches(enough, LEAST_GROWTH - 1));
}

const seen = ({ squares, meanSquare }: FirstLook): number =>
	Math.max(0, squares.noise + meanSquare * squares.sumWeights);

/** P(upper bound < tolerance) after growth by 1 + x, if there is no signal. */
function chanceOfBound(look: FirstLook, tolerance: number): (x: number) => number {
	const { noise, variance, sumWeights } = look.squares;
	const pure: NoisySquares = { noise, variance, slope: variance / (2 * noise) };
	const middle = noiseQuantile(pure, 0.5);
	const q = seen(look);
	return (x) => {
		const shift = tolerance * tolerance * (1 + x) * sumWeights;
		// The bound is never below that of a median table of pure noise.
		if (chanceBelow(middle, pure, shift) > 1 - LEVEL) return 0;
		const line = reaches((sum) => chanceBelow(sum, pure, shift) > 1 - LEVEL, middle);
		return chanceBelow((line * (1 + x)) / x, pure, q / x);
	};
}

/** P(rejection) after growth by 1 + x, at the rms affinity of the aim. */
function chanceOfRejection(look: FirstLook, { affinity, alpha }: Aim): (x: number) => number {
	const { noise, variance, slope, sumWeights } = look.squares;
	const line = noiseQuantile(look.squares, 1 - alpha);
	// The exact test weighs loops otherwise: it may have missed what this sum would have rejected.
	const q = Math.min(seen(look), line);
	const signal = affinity * affinity * sumWeights;
	const spread = variance + 4 * slope * signal;
	const across = signal + (2 * slope * signal * (q - noise - signal)) / spread;
	return (x) => {
		const shift = (q + 2 * x * across + x * x * signal) / x;
		if (shift <= 0) return 0;
		const second = { noise, variance, slope: slope + (slope * signal * variance) / spread / shift };
		return 1 - chanceBelow((line * (1 + x)) / x, second, shift);
	};
}
