/** Cycle affinities of a scored kernel, with what the mass left out and the evaluation shape leave open. */
import type { Square } from './kernel.js';
import { furthest, LogRatios, nearest } from './log-ratios.js';
import type { ScoredLoops } from './loops.js';
import { type ScoredLoop, WorstOf } from './worst.js';

const METHOD = 'root mean square over loops, every loop alike';

/** A root mean square affinity and what numerics leave open. */
export interface AffinityRange {
	/** nats, from the mass found in the base evaluation */
	readonly rms: number;
	/** no kernel within the intervals of any of the evaluations has a smaller one; nats */
	readonly lower: number;
	/** none has a larger one; null where it may be of any size */
	readonly upper: number | null;
	/**
	 * largest rms, over the other evaluation shapes, of the change of the loops' affinities, nats: what an rms
	 * that is nothing but numerics looks like; null where no other shape was tried
	 */
	readonly jitter: number | null;
	/** furthest that the mass left out can move the rms of the base evaluation, nats */
	readonly leftOut: number;
}

export interface ScoredAffinity {
	readonly method: typeof METHOD;
	/** nats; null where there is no loop of pairs found both ways */
	readonly rms: number | null;
	readonly lower: number | null;
	readonly upper: number | null;
	readonly jitter: number | null;
	readonly leftOut: number | null;
	/** loops the mean runs over */
	readonly loops: number;
	readonly triangles: number;
	readonly longer: number;
	readonly complete: boolean;
	readonly note: string | null;
	/** largest first */
	readonly largest: readonly ScoredLoop[];
	/** the same with the weights of a sampled run (`typicalVariance`); null where they could not be computed */
	readonly typical: AffinityRange | null;
	readonly reason: string | null;
}

export interface AffinityOptions {
	/** noise of each pair in a sampled run, m × m; null where it is not known */
	readonly variance: Float64Array | null;
	/** loops named, an integer ≥ 1 */
	readonly most: number;
}

/**
 * Root mean square cycle affinity over all loops.
 *
 * A = Σ l_fg round a loop, l_fg = log T(g|f) − log T(f|g). rms² = Σ w A² / Σ w with w = 1: every log T is
 * known equally well, so no loop has a claim to more weight, and the set of loops depends on neither labels
 * nor a basis. `typical` has w = 1 / Σ v over a loop's pairs instead.
 *
 * **Limits.** Each log T lies in [found, bound], so with d = bound − found of a transition, A lies in
 * [A − Σ d of the way back, A + Σ d of the way round]. I is the smallest interval that holds these of all
 * evaluation shapes. Loop by loop |A| is at least the distance of I from 0 and at most its largest number, and
 * Σ w A² is a sum of such terms, each growing with its own |A|; w is that of what the base found, throughout.
 * So no kernel inside has an rms outside [lower, upper]. (By Minkowski's inequality these lie within
 * rms(u) of the rms, u = Σ d over the loop's transitions both ways; they are never wider.)
 *
 * **Jitter.** By the same inequality the rms of two shapes differ by at most the rms of A′ − A. That, not the
 * difference of the two rms, is what is given: noise of one size in both shapes changes the rms little.
 *
 * @param squares the base first, then its variants; m states
 * @param loops over pairs found both ways in the base
 * @param options see `AffinityOptions`
 * @returns see `ScoredAffinity`
 * Source: Kolmogorov's criterion; Schnakenberg, Rev. Mod. Phys. 48, 571 (1976), eq. 7.9 (cycle affinity).
 *
 * @example a ring of three, T 0.4 one way and 0.2 the other: rms 3 log 2 = 2.0794415416798357
 */
export function scoredAffinity(
	squares: readonly Square[],
	loops: ScoredLoops,
	{ variance, most }: AffinityOptions,
): ScoredAffinity {
	const { states } = squares[0]!;
	const ratios = new LogRatios(squares);
	const even = new Sums(squares.length);
	const sampled = new Sums(squares.length);
	const worst = new WorstOf(most);
	loops.each((run) => {
		ratios.round(run);
		even.add(ratios, 1);
		if (variance !== null) sampled.add(ratios, 1 / varianceOf(run, variance, states.length));
		worst.offer(run, ratios);
	});
	const { triangles, longer, complete, note } = loops;
	const counts = { loops: triangles + longer.length, triangles, longer: longer.length };
	const range = even.range();
	return {
		method: METHOD,
		...(range ?? { rms: null, lower: null, upper: null, jitter: null, leftOut: null }),
		...counts,
		complete,
		note,
		largest: worst.named(states),
		typical: sampled.range(),
		reason: range === null ? 'no loop of pairs found both ways' : null,
	};
}

function varianceOf(run: ArrayLike<number>, variance: Float64Array, m: number): number {
	let sum = 0;
	for (let i = 0; i < run.length; i++) {
		sum += variance[run[i]! * m + run[i + 1 === run.length ? 0 : i + 1]!]!;
	}
	return sum;
}

/** Σ w, Σ w A² and what else the range is made of. */
class Sums {
	readonly #changes: Float64Array;
	#weight = 0;
	#square = 0;
	#lower = 0;
	#upper = 0;
	#baseLower = 0;
	#baseUpper = 0;

	constructor(shapes: number) {
		this.#changes = new Float64Array(shapes - 1);
	}

	add(loop: LogRatios, w: number): void {
		// A loop of pairs as good as never sampled has no weight, however large its affinity may be.
		if (!(w > 0)) return;
		const A = loop.value[0]!;
		this.#weight += w;
		this.#square += w * A * A;
		this.#lower += w * nearest(loop.least, loop.most) ** 2;
		this.#upper += w * furthest(loop.least, loop.most) ** 2;
		this.#baseLower += w * nearest(loop.baseLeast, loop.baseMost) ** 2;
		this.#baseUpper += w * furthest(loop.baseLeast, loop.baseMost) ** 2;
		for (let k = 0; k < this.#changes.length; k++) {
			this.#changes[k]! += w * (loop.value[k + 1]! - A) ** 2;
		}
	}

	range(): AffinityRange | null {
		if (!(this.#weight > 0)) return null;
		const root = (sum: number): number => Math.sqrt(sum / this.#weight);
		const rms = root(this.#square);
		const upper = root(this.#upper);
		const jitter = this.#changes.reduce((most, sum) => Math.max(most, root(sum)), 0);
		return {
			rms,
			// The same sum in another order of rounding must not lie beyond the rms.
			lower: Math.min(rms, root(this.#lower)),
			upper: upper < Infinity ? Math.max(rms, upper) : null,
			jitter: this.#changes.length === 0 || !Number.isFinite(jitter) ? null : jitter,
			leftOut: Math.max(0, rms - root(this.#baseLower), root(this.#baseUpper) - rms),
		};
	}
}
