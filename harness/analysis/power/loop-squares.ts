import type { NoisySquares } from '../../numerics/shift-bound.js';
import type { Loops } from '../loops/loops.js';

/** Σ over loops w A² of a table, as noise and signal. */
export interface LoopSquares {
	readonly squares: NoisySquares;
	/** Σ w: an rms cycle affinity of a shifts the sum by a² Σ w */
	readonly sumWeights: number;
}

/**
 * The statistic of the exact test as a noisy sum of squares, for counts that are not small. With
 * F = Π C_fg/n_fg and B = Π C_gf/n_fg around a loop, (F − B)² = F B (2 sinh A/2)² ≈ Π p (1 − p) A², so the
 * loop weighs 4^(k−3) (Π n)^(3/k) Π p (1 − p). Pairs vary by v = 1/(n p (1 − p)).
 *
 * G = B′wB over pairs; the noise is tr G v, its variance 2 tr (G v)². The signal is taken to be of
 * the same size on every pair, in no direction: slope = tr G v G / tr G. When all counts grow by a
 * factor, `squares` stays and `sumWeights` grows by that factor.
 *
 * @param loops of a table
 * @param up P(low → high | pair) of the reversible kernel, in (0, 1)
 * @returns null where there is no loop
 *
 * @example one triangle of n = 100 even pairs: noise and slope 1875, variance 2 · 1875², sumWeights 15625
 */
export function exactTestSquares(loops: Loops, up: Float64Array): LoopSquares | null {
	if (loops.start.length === 1) return null;
	const information = up.map((p, i) => (loops.pairs.up[i]! + loops.pairs.down[i]!) * p * (1 - p));
	const variance = information.map((x) => 1 / x);
	return squaresOf(loops, statisticWeights(loops, up), variance);
}

function statisticWeights({ start, pair, pairs }: Loops, up: Float64Array): Float64Array {
	return Float64Array.from({ length: start.length - 1 }, (_, loop) => {
		const k = start[loop + 1]! - start[loop]!;
		let totals = 0;
		let odds = 0;
		for (let i = start[loop]!; i < start[loop + 1]!; i++) {
			const p = pair[i]!;
			totals += Math.log(pairs.up[p]! + pairs.down[p]!);
			odds += Math.log(up[p]!) + Math.log1p(-up[p]!);
		}
		return 4 ** (k - 3) * Math.exp((3 * totals) / k + odds);
	});
}

/** tr G v, 2 tr (G v)² and tr G v G / tr G for G = B′wB. */
function squaresOf(
	{ start, pair, sign }: Loops,
	weight: Float64Array,
	v: Float64Array,
): LoopSquares {
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
	let trace = 0;
	let spread = 0;
	for (let p = 0; p < P; p++) {
		const g = diagonal[p]!;
		noise += g * v[p]!;
		variance += 2 * (g * v[p]!) ** 2;
		trace += g;
		spread += g * g * v[p]!;
	}
	for (const [key, g] of off) {
		const a = v[Math.floor(key / P)]!;
		const b = v[key % P]!;
		variance += 4 * g * g * a * b;
		spread += g * g * (a + b);
	}
	const sumWeights = weight.reduce((sum, w) => sum + w, 0);
	return { squares: { noise, variance, slope: spread / trace }, sumWeights };
}
