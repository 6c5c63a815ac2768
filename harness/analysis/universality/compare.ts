/** Is there one potential? Several kernels on the states they share. */
import type { Resample } from '../resample.js';
import { type Correlation, correlationOf } from './correlation.js';
import {
	meanOf,
	type NestedDraws,
	type NestedTest,
	nestedDraws,
	nestedTest,
} from './nested-test.js';
import type { UncertainPotential } from './potential-errors.js';
import { fitFromSeparate, fitSeparate, groupPairs, totalLikelihood } from './separate-fits.js';
import type { SharedFit } from './shared-fit.js';
import { type Comparable, type SharedPairs, sharedPart } from './shared-part.js';
import { type Slope, slopeOf } from './slope.js';

export interface CompareOptions {
	/** uint32 */
	readonly seed: number;
	/** B of every likelihood ratio, an integer ≥ 19 */
	readonly samples: number;
	/** of all likelihood ratios of a report together (Holm), in (0, 1) */
	readonly alpha: number;
}

/** The one place for the defaults of `compare`. */
export const DEFAULT_COMPARE: CompareOptions = { seed: 1, samples: 199, alpha: 0.05 };

const FEWEST_SAMPLES = 19;
/** With two states any two potentials are the same up to a scale. */
const FEWEST_STATES = 3;

export interface GroupScale {
	/** β of the group over that of the first; null with the record's reason */
	readonly value: number | null;
	/** of log |value|; 0 for the first */
	readonly logError: number | null;
}

export interface SharedPotential {
	readonly hypothesis: 'one potential, up to a scale for each group';
	/** states with a bounded potential in every group, in binary order: what was compared */
	readonly states: readonly string[];
	readonly scales: readonly GroupScale[];
	/** against a potential of its own for each group */
	readonly likelihoodRatio: NestedTest | null;
	readonly reason: string | null;
}

export interface PairComparison extends SharedPotential {
	readonly correlation: Correlation | null;
	readonly slope: Slope | null;
}

/** A shared potential and what it was made of. */
export interface SharedFinding {
	readonly record: SharedPotential;
	readonly fitted: Fitted | null;
}

export interface Fitted {
	readonly pairs: SharedPairs;
	readonly separate: readonly SharedFit[];
	readonly shared: SharedFit;
	/** group whose scale was fixed at 1 */
	readonly anchor: number;
	/** separate against shared potentials */
	readonly statistic: number;
	/** of tables drawn under the shared fit */
	readonly draws: NestedDraws;
}

const HYPOTHESIS = 'one potential, up to a scale for each group';

/**
 * One shared potential V with a scale β for each group, θ = β V + log C, against a potential of its own
 * for each: likelihood ratio over the pairs among shared states, given all pair totals, its law from
 * tables drawn under the shared fit. The scale of the first group is 1. Scales may come out negative.
 *
 * @param groups M ≥ 2 tables
 * @param options seed, number of resamples
 * @param resample makes the resamples, wherever
 * @returns the record and its fits; null with a reason where fewer than three states are shared
 * @throws RangeError if an option is out of range
 * Source: `fitShared`, `nestedTest`.
 */
export async function findSharedPotential(
	groups: readonly Comparable[],
	options: CompareOptions,
	resample: Resample,
): Promise<SharedFinding> {
	checkOptions(options);
	const { states, pairs } = sharedPart(groups);
	if (states.length < FEWEST_STATES) {
		const scales = groups.map(() => ({ value: null, logError: null }));
		const found = states.length === 0 ? 'no two states have' : 'only two states have';
		const reason = `${found} a bounded potential in every group; three are needed`;
		const record = {
			hypothesis: HYPOTHESIS,
			states,
			scales,
			likelihoodRatio: null,
			reason,
		} as const;
		return { record, fitted: null };
	}
	const separate = fitSeparate(pairs, null);
	const { fit: shared, anchor } = fitFromSeparate(pairs, separate);
	const statistic = Math.max(0, 2 * (totalLikelihood(separate) - shared.logLikelihood));
	const model = { potential: shared.potential, scale: shared.scale };
	const input = { pairs, model, anchor, seed: options.seed };
	const draws = await nestedDraws(input, options.samples, resample);
	const freedom = (groups.length - 1) * (states.length - 2);
	const likelihoodRatio = nestedTest(statistic, freedom, draws.separate);
	const fitted = { pairs, separate, shared, anchor, statistic, draws };
	const { scales, reason } = relativeScales(fitted);
	return { record: { hypothesis: HYPOTHESIS, states, scales, likelihoodRatio, reason }, fitted };
}

/**
 * Compares the potentials of two groups: correlation, slope, and whether they are one.
 *
 * @param groups two tables
 * @param options seed, number of resamples
 * @param resample makes the resamples, wherever
 * @returns see `PairComparison`
 * @throws RangeError if an option is out of range
 * Source: `correlationOf`, `slopeOf`, `findSharedPotential`.
 *
 * @example a table and itself: correlation 1, slope 1, statistic 0, p 1
 */
export async function comparePair(
	groups: readonly [Comparable, Comparable],
	options: CompareOptions,
	resample: Resample,
): Promise<PairComparison> {
	const { record, fitted } = await findSharedPotential(groups, options, resample);
	if (fitted === null) return { ...record, correlation: null, slope: null };
	const { pairs, shared, statistic, draws } = fitted;
	const [a, b] = fitted.separate.map((fit, m) => uncertain(pairs, fit, m));
	const correlation = correlationOf(a!, b!, options.seed);
	const [first, second] = correlation.flat;
	const law = { statistic, draws, flat: first && second };
	return { ...record, correlation, slope: slopeOf(pairs, shared, law) };
}

function uncertain(pairs: SharedPairs, fit: SharedFit, m: number): UncertainPotential {
	return {
		edges: groupPairs(pairs, m),
		information: fit.information,
		potential: fit.potential,
		attempts: pairs.attempts[m]!,
	};
}

/**
 * Scales over that of the first group, and the covariance of their logarithms, M × M row by row: the
 * inverse information given the pair totals, times what drawn tables show of it (their mean ratio over
 * its M − 1 degrees of freedom), times G²/E G² where the data fit worse than drawn ones.
 */
export function relativeScales({ shared, anchor, statistic, draws }: Fitted): {
	readonly scales: readonly GroupScale[];
	readonly logCovariance: Float64Array | null;
	readonly reason: string | null;
} {
	const { scale, scaleCovariance } = shared;
	const M = scale.length;
	const unknown = (reason: string) => ({
		scales: [...scale].map(() => ({ value: null, logError: null })),
		logCovariance: null,
		reason,
	});
	if (scaleCovariance === null) return unknown('no potential differs between states');
	const free = [...scale.keys()].filter((m) => m !== anchor);
	const dispersion =
		(meanOf(draws.scales) / (M - 1)) * Math.max(1, statistic / meanOf(draws.separate));
	const at = (m: number, k: number): number =>
		m === anchor || k === anchor
			? 0
			: (dispersion * scaleCovariance[free.indexOf(m) * (M - 1) + free.indexOf(k)]!) /
				(scale[m]! * scale[k]!);
	// Below two standard errors its logarithm, and every ratio to it, is unknown.
	if (at(0, 0) > 0.25) return unknown('the potential of the first group may be flat');
	const logCovariance = Float64Array.from({ length: M * M }, (_, i) => {
		const [m, k] = [Math.floor(i / M), i % M];
		return at(m, k) - at(m, 0) - at(0, k) + at(0, 0);
	});
	const scales = [...scale].map((b, m) => ({
		value: b / scale[0]!,
		logError: Math.sqrt(Math.max(0, logCovariance[m * M + m]!)),
	}));
	return { scales, logCovariance, reason: null };
}

function checkOptions({ seed, samples, alpha }: CompareOptions): void {
	if (seed >>> 0 !== seed) throw new RangeError(`seed must be a uint32, got ${seed}`);
	if (!Number.isInteger(samples) || samples < FEWEST_SAMPLES) {
		throw new RangeError(`samples must be an integer from ${FEWEST_SAMPLES}, got ${samples}`);
	}
	if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha must lie in (0, 1), got ${alpha}`);
}
