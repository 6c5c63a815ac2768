import { type NoisySquares, noiseQuantile, shiftUpperBound } from '../../numerics/shift-bound.js';
import type { Loops } from '../loops/loops.js';

export interface Affinity {
	readonly method: 'mean square over all loops, weights 1 / Σ 1/n, sampling noise taken out';
	/** nats; 0 where noise explains more than all of it; null where there is no loop */
	readonly rms: number | null;
	/** weighted mean of A² less its noise, nats²; may be negative */
	readonly meanSquare: number | null;
	/** upper 95 % bound of the rms, nats */
	readonly upper95: number | null;
	/** the bound that 19 of 20 exactly reversible tables of this size stay under, nats */
	readonly reversibleUpper95: number | null;
	readonly loops: number;
	/** loops with a count of zero: add-half makes their affinity finite, and too small */
	readonly oneWayLoops: number;
	readonly reason: string | null;
}

const METHOD = 'mean square over all loops, weights 1 / Σ 1/n, sampling noise taken out';
const LEVEL = 0.95;

/**
 * Root mean square cycle affinity with the sampling noise taken out, and its upper 95 % bound.
 *
 * A = Σ over a loop's pairs of log (C_fg + ½) − log (C_gf + ½); the source counts cancel. With
 * v = 1/(C_fg + ½) + 1/(C_gf + ½) and weights w = 1/Σ 1/n_fg (pair totals only, so a one-way pair
 * does not hide), Q = Σ w A² has noise Σ w Σ v. Loops share pairs, so Var Q = 2 tr (G v)² + 4 κ shift,
 * G = B′wB over pairs, κ = A′wBvB′wA / A′wA.
 *
 * @param loops of a table: all triangles and the longer relevant loops
 * @returns see `Affinity`
 * Source: half counts: Haldane, Ann. Hum. Genet. 20, 309 (1956); bound: `shiftUpperBound`.
 *
 * @example C = 1000 each way round A, B, C: rms 0, upper95 0.178540775
 */
export function cycleAffinity(loops: Loops): Affinity {
	const N = loops.start.length - 1;
	if (N === 0) {
		const none = { rms: null, meanSquare: null, upper95: null, reversibleUpper95: null };
		return { method: METHOD, ...none, loops: 0, oneWayLoops: 0, reason: 'no loop' };
	}
	const pairs = logRatios(loops);
	const { Q, weight, sumWeights, slope, oneWayLoops } = weightedSquares(loops, pairs);
	const { noise, variance } = noiseMoments(loops, weight, pairs.variance);
	// Without any affinity seen, no direction is known: that of pure noise.
	const squares: NoisySquares = { noise, variance, slope: slope ?? variance / (2 * noise) };
	const lucky = noiseQuantile(squares, LEVEL);
	const upper = (q: number): number => Math.sqrt(shiftUpperBound(q, squares, LEVEL) / sumWeights);
	const meanSquare = (Q - noise) / sumWeights;
	return {
		method: METHOD,
		rms: Math.sqrt(Math.max(0, meanSquare)),
		meanSquare,
		upper95: upper(Q),
		reversibleUpper95: upper(lucky),
		loops: N,
		oneWayLoops,
		reason: null,
	};
}

/** log-ratio of each pair, low → high, and its variance; add-half. */
function logRatios({ pairs }: Loops): { ratio: Float64Array; variance: Float64Array } {
	const ratio = pairs.up.map((up, i) => Math.log((up + 0.5) / (pairs.down[i]! + 0.5)));
	const variance = pairs.up.map((up, i) => 1 / (up + 0.5) + 1 / (pairs.down[i]! + 0.5));
	return { ratio, variance };
}

function weightedSquares(
	{ start, pair, sign, pairs }: Loops,
	{ ratio, variance }: { ratio: Float64Array; variance: Float64Array },
) {
	const N = start.length - 1;
	const weight = new Float64Array(N);
	const pull = new Float64Array(ratio.length);
	let Q = 0;
	let sumWeights = 0;
	let oneWayLoops = 0;
	for (let loop = 0; loop < N; loop++) {
		let A = 0;
		let inverse = 0;
		let oneWay = false;
		for (let i = start[loop]!; i < start[loop + 1]!; i++) {
			const p = pair[i]!;
			A += sign[i]! * ratio[p]!;
			inverse += 1 / (pairs.up[p]! + pairs.down[p]!);
			oneWay ||= pairs.up[p] === 0 || pairs.down[p] === 0;
		}
		const w = 1 / inverse;
		weight[loop] = w;
		Q += w * A * A;
		sumWeights += w;
		if (oneWay) oneWayLoops += 1;
		for (let i = start[loop]!; i < start[loop + 1]!; i++) pull[pair[i]!]! += w * A * sign[i]!;
	}
	let spread = 0;
	for (let p = 0; p < pull.length; p++) spread += pull[p]! * pull[p]! * variance[p]!;
	const slope = Q > 0 ? spread / Q : null;
	return { Q, weight, sumWeights, slope, oneWayLoops };
}

/** Mean and variance of Σ w A² for pure noise of variance v on each pair. */
function noiseMoments({ start, pair, sign }: Loops, weight: Float64Array, v: Float64Array) {
	const P = v.length;
	const diagonal = new Float64Array(P);
	const off = new Map<number, number>();
	for (let loop = 0; loop < weight.length; loop++) {
		const w = weight[loop]!;
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
	let variance = 0;
	for (let p = 0; p < P; p++) {
		noise += diagonal[p]! * v[p]!;
		variance += 2 * (diagonal[p]! * v[p]!) ** 2;
	}
	for (const [key, g] of off) variance += 4 * g * g * v[Math.floor(key / P)]! * v[key % P]!;
	return { noise, variance };
}
