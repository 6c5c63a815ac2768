/** Likelihood ratios of nested models of several potentials, by resampling from the smaller one. */
import { binomial } from '../../numerics/binomial.js';
import { Stream } from '../../numerics/stream.js';
import { PURPOSE } from '../purposes.js';
import type { Panel, Resample } from '../resample.js';
import { fitSeparate, totalLikelihood } from './separate-fits.js';
import { evaluate, fitShared, type SharedModel } from './shared-fit.js';
import type { SharedPairs } from './shared-part.js';

export interface NestedInput {
	readonly pairs: SharedPairs;
	/** the kernels to draw from: one V, scales as given */
	readonly model: SharedModel;
	/** the group whose scale stays fixed where scales are fitted */
	readonly anchor: number;
	/** uint32 */
	readonly seed: number;
}

/** Likelihood ratios that tables drawn from a model give, B each. */
export interface NestedDraws {
	/** 2 (a V for each group − one V with free scales), ≥ 0 */
	readonly separate: Float64Array;
	/** 2 (one V with free scales − one V with the model's scales), ≥ 0 */
	readonly scales: Float64Array;
}

export interface NestedTest {
	readonly method: 'likelihood ratio given the pair totals, resampled under the smaller model';
	/** 2 (log-likelihood of the larger − of the smaller model), ≥ 0 */
	readonly statistic: number;
	/** parameters that the larger model has more */
	readonly freedom: number;
	/** mean of the statistic under the smaller model; below `freedom` where few outcomes are invalid */
	readonly expected: number;
	/** (1 + #{statistic ≥ observed}) / (B + 1) */
	readonly p: number;
	/** B */
	readonly samples: number;
}

/** Draw i: both ratios of one set of tables. */
export const UNIVERSALITY: Panel<NestedInput> = {
	name: 'universality',
	width: 2,
	draw(input, from, to) {
		const chance = probabilities(input.pairs, input.model);
		const rows = new Float64Array(2 * (to - from));
		for (let i = from; i < to; i++) {
			const stream = new Stream([input.seed, PURPOSE.universality], i);
			rows.set(ratios({ ...input, pairs: redraw(input.pairs, chance, stream) }), 2 * (i - from));
		}
		return rows;
	},
};

/**
 * Tables drawn from a model of kernels that share a potential: C_f attempts from every state, T(g|f) =
 * n_fg P(f → g | pair) / C_f, the rest to none of the shared states; where attempts are a convention,
 * every pair total is kept instead. Pair totals thus vary as they do in data.
 *
 * @param input data, and the model fitted to them
 * @param samples B
 * @param resample draws, wherever
 * @returns both ratios of each draw
 * Source: parametric bootstrap: Davison, Hinkley, Bootstrap Methods and their Application (1997),
 *   section 4.2.3.
 */
export async function nestedDraws(
	input: NestedInput,
	samples: number,
	resample: Resample,
): Promise<NestedDraws> {
	const rows = await resample(UNIVERSALITY, input, samples);
	const column = (k: number): Float64Array =>
		Float64Array.from({ length: samples }, (_, i) => rows[2 * i + k]!);
	return { separate: column(0), scales: column(1) };
}

/** The p-value of an observed ratio among drawn ones. */
export function nestedTest(statistic: number, freedom: number, draws: Float64Array): NestedTest {
	// Ratios are differences of log-likelihoods known to about 1e-8.
	const atLeast = draws.reduce((sum, g) => sum + (g >= statistic - 1e-7 ? 1 : 0), 0);
	return {
		method: 'likelihood ratio given the pair totals, resampled under the smaller model',
		statistic,
		freedom,
		expected: meanOf(draws),
		p: (1 + atLeast) / (draws.length + 1),
		samples: draws.length,
	};
}

export const meanOf = (draws: Float64Array): number =>
	draws.reduce((sum, g) => sum + g, 0) / draws.length;

/** Both ratios of a data set, every fit begun at the model. */
function ratios({ pairs, model, anchor }: NestedInput): [separate: number, scales: number] {
	const { potential, scale } = model;
	const free = [...scale.keys()].filter((m) => m !== anchor);
	const own = [...scale].map((b) => potential.map((v) => b * v));
	const separate = totalLikelihood(fitSeparate(pairs, own));
	const fixed = fitShared(pairs, model, []);
	const shared = fitShared(pairs, fixed, free);
	return [
		Math.max(0, 2 * (separate - shared.logLikelihood)),
		Math.max(0, 2 * (shared.logLikelihood - fixed.logLikelihood)),
	];
}

/** P(low → high | pair) of every pair. */
function probabilities(pairs: SharedPairs, model: SharedModel): Float64Array {
	const P = pairs.up.length;
	const once = { up: new Float64Array(P).fill(1), down: new Float64Array(P) };
	// With counts 1 and 0 the residual is the probability of the other direction.
	return evaluate({ ...pairs, ...once }, model).residual.map((q) => 1 - q);
}

function redraw(pairs: SharedPairs, chance: Float64Array, stream: Stream): SharedPairs {
	const up = new Float64Array(pairs.up.length);
	const down = new Float64Array(pairs.up.length);
	const left = pairs.attempts.map((attempts) => (attempts === null ? null : attempts.slice()));
	const rest = pairs.attempts.map((attempts) => (attempts === null ? null : attempts.slice()));
	/** Outcomes of a pair among the attempts from f that are left; `mean` is C_f T. */
	const take = (m: number, f: number, mean: number): number => {
		if (mean === 0) return 0;
		const share = mean / Math.max(rest[m]![f]!, mean);
		const count = binomial(left[m]![f]!, share, stream);
		left[m]![f]! -= count;
		rest[m]![f]! -= mean;
		return count;
	};
	for (let e = 0; e < up.length; e++) {
		const m = pairs.group[e]!;
		const n = pairs.up[e]! + pairs.down[e]!;
		if (left[m] === null) {
			up[e] = binomial(n, chance[e]!, stream);
			down[e] = n - up[e]!;
		} else {
			up[e] = take(m, pairs.low[e]!, n * chance[e]!);
			down[e] = take(m, pairs.high[e]!, n * (1 - chance[e]!));
		}
	}
	return { ...pairs, up, down };
}
