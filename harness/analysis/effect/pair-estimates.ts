import {
	type LogOddsMoments,
	logOddsEstimate,
	logOddsMoments,
} from '../../numerics/log-odds-estimate.js';
import type { ReversibleFit } from '../potential/reversible-fit.js';
import type { Pairs } from '../table/components.js';

/**
 * How far the log-odds of each inner pair lie from detailed balance: ε = l_fg − (V_f − V_g), low → high,
 * in nats. Round a loop the potential drops out, so A = Σ ± ε.
 */
export interface PairEstimates {
	/** ε̂, length P; 0 in the mean under detailed balance */
	readonly value: Float64Array;
	/** Var ε̂ under detailed balance, > 0: close to 1/(n p q), 1/C_fg + 1/C_gf for large counts */
	readonly variance: Float64Array;
	/** ε² without bias (it may be negative); 0 for a pair seen once, which says nothing about it */
	readonly square: Float64Array;
	/** variance of `square` under detailed balance; Infinity for a pair seen once */
	readonly squareVariance: Float64Array;
	/** mean square of ε over the pairs, weights 1 / v², nats²: ≥ 0, noise taken out */
	readonly spread: number;
	/** Var ε̂ at the ε that is likely given ε̂, rather than under detailed balance */
	readonly varianceSeen: Float64Array;
	/**
	 * 2 (p − q) + bend: per nat of potential between the ends and unit of noise in the fit, how much
	 * (V_f − V_g + ε̂)² / Var ε̂ is too small, since a fit that errs outward lowers its own weight
	 */
	readonly lean: Float64Array;
	/** 0 for a pair seen once (or as good as once): it has no weight in any effect size */
	readonly used: Uint8Array;
}

/**
 * Estimates of ε and ε² for each inner pair, with their noise. They compare each count with its
 * distribution Binomial(n, p) under the reversible fit. p is a function of the margins (C_f, n_fg and
 * the transitions out of each state), so under detailed balance the estimates have mean 0 however
 * uneven or sparse the counts are; a pair that is seen one way only because of the potential carries
 * little information and gets little weight, one that is driven keeps its weight.
 *
 * @param pairs the inner pairs
 * @param fit the reversible fit to them
 * @returns see `PairEstimates`
 * Source: `logOddsMoments`.
 *
 * @example counts A→B 1, B→A 3: value 0.196241647, variance 1.364527068, square −1.901599518
 */
export function pairEstimates(pairs: Pairs, fit: ReversibleFit): PairEstimates {
	const P = pairs.low.length;
	const value = new Float64Array(P);
	const variance = new Float64Array(P);
	const square = new Float64Array(P);
	const squareVariance = new Float64Array(P);
	const lean = new Float64Array(P);
	const used = new Uint8Array(P);
	for (let i = 0; i < P; i++) {
		const up = pairs.up[i]!;
		const moments = pairMoments(pairs, fit, i);
		const estimate = logOddsEstimate(up, up + pairs.down[i]!, moments);
		value[i] = estimate.value;
		variance[i] = moments.variance;
		square[i] = estimate.square;
		squareVariance[i] = moments.squareVariance;
		lean[i] = 2 * (2 * fit.up[i]! - 1) + moments.bend;
		used[i] = moments.curvature > 0 ? 1 : 0;
	}
	const spread = meanSquare(square, variance, used);
	const varianceSeen = variance.map((v, i) => varianceAt(v, spread, value[i]!, fit.up[i]!));
	return { value, variance, square, squareVariance, spread, varianceSeen, lean, used };
}

function meanSquare(square: Float64Array, variance: Float64Array, used: Uint8Array): number {
	let sum = 0;
	let weights = 0;
	for (const [i, v] of variance.entries()) {
		if (used[i] === 0) continue;
		sum += square[i]! / (v * v);
		weights += 1 / (v * v);
	}
	return weights > 0 ? Math.max(0, sum / weights) : 0;
}

/**
 * v p q / (p̃ q̃) averaged over ε given ε̂, for normal ε of mean square τ² and normal noise v. The ε̂ as it
 * is would not do: the pairs that noise throws far out would look the noisiest.
 */
function varianceAt(v: number, spread: number, value: number, p: number): number {
	const kept = spread / (spread + v);
	const half = (kept * v) / 2;
	const up = p * p * Math.exp(kept * value + half);
	const down = (1 - p) * (1 - p) * Math.exp(half - kept * value);
	return v * (up + 2 * p * (1 - p) + down);
}

/** Moments of pair i's count low → high under the fit: a function of the margins. */
export function pairMoments(pairs: Pairs, fit: ReversibleFit, i: number): LogOddsMoments {
	const n = pairs.up[i]! + pairs.down[i]!;
	const p = fit.up[i]!;
	// 1 − p without the digits that a p near 1 would lose.
	const q = p < 0.5 ? 1 - p : fit.information[i]! / (n * p);
	return logOddsMoments(n, p, q);
}
