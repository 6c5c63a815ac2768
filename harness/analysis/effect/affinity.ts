import {
	type NoisySquares,
	noiseQuantile,
	shiftInterval,
	shiftUpperBound,
} from '../../numerics/shift-bound.js';
import type { Loops } from '../loops/loops.js';
import type { PairEstimates } from './pair-estimates.js';

const METHOD = 'mean square over loops, weights 1 / Σ Var ε, sampling noise taken out';
const LEVEL = 0.95;

export interface Affinity {
	readonly method: typeof METHOD;
	/** nats; 0 where noise explains more than all of it; null where there is no loop to weigh */
	readonly rms: number | null;
	/** weighted mean of A² less its noise, nats²; may be negative */
	readonly meanSquare: number | null;
	/** two-sided 95 % interval of the rms, nats */
	readonly interval95: { readonly lower: number; readonly upper: number } | null;
	/** one-sided upper 95 % bound of the rms, nats; never below what a median table of pure noise gives */
	readonly upper95: number | null;
	/** the bound that 19 of 20 exactly reversible tables of this size stay under, nats */
	readonly reversibleUpper95: number | null;
	/** loops the mean runs over */
	readonly loops: number;
	/** loops left out, because they run over a pair seen only once */
	readonly loopsLeftOut: number;
	/** loops of the mean with a count of zero */
	readonly oneWayLoops: number;
	/** what the bounds were made of: Σ w A² = shift + noise, shift = (sum of weights) × rms² */
	readonly squares: (NoisySquares & { readonly sumWeights: number }) | null;
	readonly reason: string | null;
}

/**
 * Root mean square cycle affinity with the sampling noise taken out, a two-sided 95 % interval and an
 * upper 95 % bound.
 *
 * A = Σ ± ε̂ over a loop's pairs, w = 1 / Σ Var ε̂ (margins only, so a driven one-way pair does not
 * hide). A loop counts as a whole, whatever its length. Σ w A² is estimated by Σ_i D_i (ε_i²)^ +
 * 2 Σ_{i<j} G_ij ε̂_i ε̂_j with G = B′wB over pairs, D its diagonal; under detailed balance its mean
 * is 0 and its variance Σ D_i² Var (ε_i²)^ + 4 Σ_{i<j} G_ij² v_i v_j; with violations the variance
 * grows by 4 κ shift, κ = A′wBvB′wA / A′wA times the variance over that of normal noise.
 *
 * @param loops of a table: all triangles and the longer relevant loops
 * @param estimates of the pairs the loops run over
 * @returns see `Affinity`
 * Source: bounds: `shiftUpperBound`, `shiftInterval`.
 *
 * @example C = 1000 each way round A, B, C: rms 0, upper95 0.178597149
 */
export function cycleAffinity(loops: Loops, estimates: PairEstimates): Affinity {
	const all = loops.start.length - 1;
	const { weight, used, oneWayLoops, sumWeights } = weigh(loops, estimates);
	const counts = { loops: used, loopsLeftOut: all - used, oneWayLoops };
	if (used === 0) {
		const reason = all === 0 ? 'no loop' : 'every loop runs over a pair seen only once';
		const none = { rms: null, meanSquare: null, interval95: null, squares: null };
		return { method: METHOD, ...none, upper95: null, reversibleUpper95: null, ...counts, reason };
	}
	const { signal, slope } = weightedSquares(loops, estimates, weight);
	const { noise, variance, normalVariance } = noiseMoments(loops, estimates, weight);
	// Without any affinity seen, no direction is known: that of pure noise.
	const normalSlope = slope ?? normalVariance / (2 * noise);
	const squares = { noise, variance, slope: (normalSlope * variance) / normalVariance };
	const q = Math.max(0, signal + noise);
	const lucky = noiseQuantile(squares, LEVEL);
	const rms = (shift: number): number => Math.sqrt(shift / sumWeights);
	const { lower, upper } = shiftInterval(q, squares, LEVEL);
	return {
		method: METHOD,
		rms: rms(Math.max(0, signal)),
		meanSquare: signal / sumWeights,
		interval95: { lower: rms(lower), upper: rms(upper) },
		upper95: rms(shiftUpperBound(q, squares, LEVEL)),
		reversibleUpper95: rms(shiftUpperBound(lucky, squares, LEVEL)),
		...counts,
		squares: { ...squares, sumWeights },
		reason: null,
	};
}

/** w of each loop; 0 if it runs over a pair without weight. */
function weigh({ start, pair, pairs }: Loops, { variance, used }: PairEstimates) {
	const weight = new Float64Array(start.length - 1);
	const total = { sumWeights: 0, used: 0, oneWayLoops: 0 };
	for (let loop = 0; loop < weight.length; loop++) {
		let noise = 0;
		let oneWay = false;
		for (let i = start[loop]!; i < start[loop + 1]!; i++) {
			const p = pair[i]!;
			noise += used[p] === 1 ? variance[p]! : Infinity;
			oneWay ||= pairs.up[p] === 0 || pairs.down[p] === 0;
		}
		weight[loop] = 1 / noise;
		total.sumWeights += weight[loop]!;
		if (noise === Infinity) continue;
		total.used += 1;
		if (oneWay) total.oneWayLoops += 1;
	}
	return { weight, ...total };
}

/** Σ w A² without its noise, and how its variance grows with it. */
function weightedSquares(
	{ start, pair, sign }: Loops,
	{ value, square, varianceSeen }: PairEstimates,
	weight: Float64Array,
): { signal: number; slope: number | null } {
	const pull = new Float64Array(value.length);
	let signal = 0;
	let plain = 0;
	for (let loop = 0; loop < weight.length; loop++) {
		const w = weight[loop]!;
		if (w === 0) continue;
		let A = 0;
		let excess = 0;
		for (let i = start[loop]!; i < start[loop + 1]!; i++) {
			const p = pair[i]!;
			A += sign[i]! * value[p]!;
			excess += value[p]! * value[p]! - square[p]!;
		}
		signal += w * (A * A - excess);
		plain += w * A * A;
		for (let i = start[loop]!; i < start[loop + 1]!; i++) pull[pair[i]!]! += w * A * sign[i]!;
	}
	let spread = 0;
	for (let p = 0; p < pull.length; p++) spread += pull[p]! * pull[p]! * varianceSeen[p]!;
	return { signal, slope: plain > 0 ? spread / plain : null };
}

/** Mean of Σ w A² and variance of its estimate for pure noise. */
function noiseMoments(
	{ start, pair, sign }: Loops,
	{ variance: v, squareVariance }: PairEstimates,
	weight: Float64Array,
) {
	const P = v.length;
	const diagonal = new Float64Array(P);
	const off = new Map<number, number>();
	for (let loop = 0; loop < weight.length; loop++) {
		const w = weight[loop]!;
		if (w === 0) continue;
		for (let i = start[loop]!; i < start[loop + 1]!; i++) {
			const p = pair[i]!;
			diagonal[p]! += w;
			for (let j = i + 1; j < start[loop + 1]!; j++) {
				const q = pair[j]!;
				const key = p < q ? p * P + q : q * P + p;
				off.set(key, (off.get(key) ?? 0) + w * sign[i]! * sign[j]!);
			}
		}
	}
	let noise = 0;
	let own = 0;
	let normalOwn = 0;
	for (let p = 0; p < P; p++) {
		if (diagonal[p] === 0) continue;
		noise += diagonal[p]! * v[p]!;
		own += diagonal[p]! ** 2 * squareVariance[p]!;
		normalOwn += 2 * (diagonal[p]! * v[p]!) ** 2;
	}
	let shared = 0;
	for (const [key, g] of off) shared += 4 * g * g * v[Math.floor(key / P)]! * v[key % P]!;
	return { noise, variance: own + shared, normalVariance: normalOwn + shared };
}
