/** Are two kernels one, source by source, and how far apart are they? */
import { incompleteGamma } from '../../numerics/gamma.js';
import type { Resample } from '../resample.js';
import type { CountTable } from '../table/counts.js';
import { crossFitVariation } from './cross-fit.js';
import { distances, innerTerms, outerTerms } from './distances.js';
import { type OutcomeRow, outcomeRows } from './outcome-rows.js';
import {
	LIKENESS_SHUFFLES,
	ROW_SHUFFLES,
	type ShuffledRow,
	type ShuffleInput,
	slackOf,
} from './shuffle-panel.js';
import { tailBound } from './tail-bound.js';

export interface LikenessOptions {
	/** uint32 */
	readonly seed: number;
	/** B of the test of all rows together, an integer ≥ 19 */
	readonly samples: number;
}

/** A distance in [0, 1] with the noise of sampling taken out. */
export interface Distance {
	/** 0 where noise explains all of it */
	readonly value: number;
	/** two-sided 95 % */
	readonly lower: number;
	readonly upper: number;
	/** as counted, noise and all */
	readonly plain: number;
	/** what one kernel for both would give on average, as counted */
	readonly noise: number;
}

/** G-test of homogeneity. */
export interface GTest {
	readonly method: 'likelihood ratio, outcomes permuted within each source';
	/** G² */
	readonly statistic: number;
	readonly degreesOfFreedom: number;
	/**
	 * (1 + #{G² ≥ observed}) / (B + 1); where no permutation came up to the observed G², `tailBound` if that is
	 * smaller; null with a reason
	 */
	readonly p: number | null;
	/** B */
	readonly samples: number;
	/** permutations that came up to the observed G² */
	readonly atLeast: number;
	/** upper tail of χ², which sparse counts do not follow: for comparison, never decided on */
	readonly chiSquareP: number | null;
}

export interface Contrast {
	/** null: reached no state */
	readonly outcome: string | null;
	/** its share in each kernel */
	readonly shares: readonly [number, number];
}

export interface RowLikeness {
	readonly source: string;
	readonly attempts: readonly [number, number];
	readonly totalVariation: Distance;
	/** √ of the divergence in bits */
	readonly jensenShannon: Distance;
	readonly test: GTest;
	/** the outcome whose share differs most; of equal ones the first */
	readonly contrast: Contrast;
}

export interface Likeness {
	readonly hypothesis: 'given the source, the outcome does not depend on the kernel';
	/** sources with attempts in both kernels, and in one only */
	readonly sources: number;
	readonly sourcesLeftOut: readonly [number, number];
	/** of those sources */
	readonly attempts: readonly [number, number];
	/** laws of the attempts that reached a state, since attempts per source are not known of one kernel */
	readonly conditional: boolean;
	/** means over the sources, weights: attempts of both kernels; null with the reason */
	readonly totalVariation: Distance | null;
	/** √ of the mean divergence in bits */
	readonly jensenShannon: Distance | null;
	readonly test: GTest | null;
	/** what differs most first: by what each adds to the mean, its lower bound before its value */
	readonly rows: readonly RowLikeness[];
	readonly reason: string | null;
}

const HYPOTHESIS = 'given the source, the outcome does not depend on the kernel';
const METHOD = 'likelihood ratio, outcomes permuted within each source';
const FEWEST_SAMPLES = 19;
/** Permutations of a row alone: its p is read beside hundreds of others. */
const ROW_SAMPLES = 199;
/** 97.5 % point of the normal law. */
const Z95 = 1.959963984540054;
/**
 * √((1/5 + 1/4) / (1/5)): the parts of a cross-fit share the attempts that choose, so that their mean
 * varies more than a mean of five. Nadeau, Bengio, Mach. Learn. 52, 239 (2003), eq. 9.
 */
const CROSS_FIT_ERROR = 1.5;

/**
 * Compares two kernels outcome by outcome on the sources that both were asked from. G² of homogeneity is summed
 * over sources, p by permuting each source's outcomes over the attempts of both kernels (both margins fixed).
 *
 * *Total variation*: `crossFitVariation`, which no noise enters and which is not above the true distance
 * in expectation. Its interval reaches from the estimate less 1.5 × 1.96 standard errors to the distance as
 * counted plus 1.96: that one is convex, so that its expectation is not below the truth.
 * *Jensen–Shannon*: with D as counted and e its mean over the permutations, (D − e) / (1 − e) bits, the
 * part of the way from noise alone to laws without a common outcome; from D − e less 1.96 standard errors
 * to D plus 1.96. The distance is its root.
 *
 * @param a counts of the first kernel
 * @param b counts of the second; attempts of the two must be independent, else the test is conservative
 *   (common random numbers)
 * @param options seed, number of permutations
 * @param resample makes the permutations, wherever
 * @returns see `Likeness`; null with a reason where no source was asked in both
 * @throws RangeError if an option is out of range
 * Source: Agresti, Stat. Sci. 7, 131 (1992) for the conditional test.
 *
 * @example a table and itself: G² 0, p 1, both distances 0
 */
export async function likeness(
	a: CountTable,
	b: CountTable,
	options: LikenessOptions & { readonly resample: Resample },
): Promise<Likeness> {
	checkOptions(options);
	const { rows, leftOut, conditional } = outcomeRows(a, b);
	const attempts = [0, 1].map((m) =>
		rows.reduce((sum, row) => sum + row.attempts[m as 0 | 1], 0),
	) as [number, number];
	const found = {
		hypothesis: HYPOTHESIS,
		sources: rows.length,
		sourcesLeftOut: leftOut,
		attempts,
		conditional,
	} as const;
	if (rows.length === 0) {
		const none = { totalVariation: null, jensenShannon: null, test: null, rows: [] };
		return { ...found, ...none, reason: 'no state was a source of attempts in both' };
	}
	const { seed, samples, resample } = options;
	const input = shuffleInput(rows, seed, samples);
	const draws = await resample(LIKENESS_SHUFFLES, input, samples);
	const rowDraws = await resample(ROW_SHUFFLES, input, rows.length);
	const plain = rows.map((row, i) => measure(row, { seed, row: i }));
	const each = rows.map((row, i) => {
		const law = rowDraws.subarray(3 * i, 3 * i + 3);
		return rowLikeness(row, plain[i]!, { law, samples: input.samples });
	});
	const weighted = rows.map((_, i) => ({ ...plain[i]!, weight: input.rows[i]!.weight }));
	const all = together(weighted, draws);
	const test = gTest(rows, input, draws);
	return {
		...found,
		totalVariation: all.totalVariation,
		jensenShannon: all.jensenShannon,
		test,
		rows: ranked(each),
		reason: test.p === null ? 'every permutation drawn has the same statistic' : null,
	};
}

function checkOptions({ seed, samples }: LikenessOptions): void {
	if (seed >>> 0 !== seed) throw new RangeError(`seed must be a uint32, got ${seed}`);
	if (!Number.isInteger(samples) || samples < FEWEST_SAMPLES) {
		throw new RangeError(`samples must be an integer from ${FEWEST_SAMPLES}, got ${samples}`);
	}
}

function shuffleInput(rows: readonly OutcomeRow[], seed: number, samples: number): ShuffleInput {
	const all = rows.reduce((sum, { attempts: [n1, n2] }) => sum + n1 + n2, 0);
	let from = 0;
	return {
		seed,
		samples: Math.min(samples, ROW_SAMPLES),
		rows: rows.map((row): ShuffledRow => {
			const { attempts } = row;
			const totals = row.first.map((x, c) => x + row.second[c]!);
			const several = totals.filter((m) => m > 1).sort((x, y) => y - x);
			const first = from;
			from += several.length;
			return {
				totals: several,
				singles: totals.length - several.length,
				attempts,
				weight: (attempts[0] + attempts[1]) / all,
				from: first,
				inner: innerTerms(row),
			};
		}),
	};
}

/** A row as counted, and its cross-fitted distance. */
function measure(row: OutcomeRow, place: { readonly seed: number; readonly row: number }) {
	return { ...distances(row), crossFit: crossFitVariation(row, place) };
}

type Measured = ReturnType<typeof measure>;

/** Distances and their intervals from plain values, what noise gives, and variances. */
function variationOf(plain: number, noise: number, fit: { crossFit: number; variance: number }) {
	const error = Z95 * Math.sqrt(fit.variance);
	return {
		value: inUnit(fit.crossFit),
		lower: inUnit(fit.crossFit - CROSS_FIT_ERROR * error),
		upper: inUnit(plain + error),
		plain,
		noise,
	};
}

/** Of divergences in bits, to distances. */
function jensenShannonOf(plain: number, noise: number, variance: number): Distance {
	const error = Z95 * Math.sqrt(variance);
	const value = noise < 1 ? (plain - noise) / (1 - noise) : 0;
	const root = (x: number): number => Math.sqrt(inUnit(x));
	return {
		value: root(value),
		lower: root(plain - noise - error),
		upper: root(plain + error),
		plain: root(plain),
		noise: root(noise),
	};
}

const inUnit = (x: number): number => Math.max(0, Math.min(1, x));

function rowLikeness(
	row: OutcomeRow,
	found: Measured,
	{ law, samples }: { readonly law: Float64Array; readonly samples: number },
): RowLikeness {
	const { variation, divergence, variances, crossFit } = found;
	const outcomes = row.outcomes.length;
	const statistic = Math.max(0, innerTerms(row) + outerTerms(row));
	const [atLeast, meanVariation, meanDivergence] = law as unknown as [number, number, number];
	// The permutations of one row are too few for the variance of its divergence under one kernel.
	const nullVariance = 2 * meanDivergence ** 2 * (1 / Math.max(1, outcomes - 1));
	return {
		source: row.source,
		attempts: row.attempts,
		totalVariation: variationOf(variation, meanVariation, {
			crossFit,
			variance: variances.variation,
		}),
		jensenShannon: jensenShannonOf(divergence, meanDivergence, variances.divergence + nullVariance),
		test: {
			method: METHOD,
			statistic,
			degreesOfFreedom: outcomes - 1,
			p: outcomes > 1 ? pValue(atLeast, samples, tailBound(statistic, outcomes - 1)) : null,
			samples,
			atLeast,
			chiSquareP: chiSquareTail(statistic, outcomes - 1),
		},
		contrast: contrastOf(row),
	};
}

function contrastOf({ outcomes, first, second, attempts: [n1, n2] }: OutcomeRow): Contrast {
	let most = 0;
	const gap = (c: number): number => Math.abs(first[c]! / n1 - second[c]! / n2);
	for (let c = 1; c < outcomes.length; c++) if (gap(c) > gap(most)) most = c;
	return { outcome: outcomes[most]!, shares: [first[most]! / n1, second[most]! / n2] };
}

function together(
	rows: readonly (Measured & { readonly weight: number })[],
	draws: Float64Array,
): { readonly totalVariation: Distance; readonly jensenShannon: Distance } {
	const sum = (of: (row: Measured & { weight: number }) => number): number =>
		rows.reduce((total, row) => total + of(row), 0);
	const [noise, divergence] = [column(draws, 1), column(draws, 2)];
	return {
		totalVariation: variationOf(
			inUnit(sum(({ weight, variation }) => weight * variation)),
			noise.mean,
			{
				crossFit: sum(({ weight, crossFit }) => weight * crossFit),
				variance: sum(({ weight, variances }) => weight ** 2 * variances.variation),
			},
		),
		jensenShannon: jensenShannonOf(
			inUnit(sum((row) => row.weight * row.divergence)),
			divergence.mean,
			sum((row) => row.weight ** 2 * row.variances.divergence) + divergence.variance,
		),
	};
}

/** Mean and variance of one number of every draw. */
function column(draws: Float64Array, which: number) {
	const count = draws.length / 3;
	let mean = 0;
	for (let i = 0; i < count; i++) mean += draws[3 * i + which]! / count;
	let variance = 0;
	for (let i = 0; i < count; i++) variance += (draws[3 * i + which]! - mean) ** 2 / (count - 1);
	return { mean, variance };
}

function gTest(rows: readonly OutcomeRow[], input: ShuffleInput, draws: Float64Array): GTest {
	const inner = input.rows.reduce((sum, row) => sum + row.inner, 0);
	const statistic = Math.max(0, inner + rows.reduce((sum, row) => sum + outerTerms(row), 0));
	const degreesOfFreedom = rows.reduce((sum, { outcomes }) => sum + outcomes.length - 1, 0);
	const samples = draws.length / 3;
	const slack = slackOf(inner);
	let [atLeast, same] = [0, 0];
	for (let i = 0; i < samples; i++) {
		if (draws[3 * i]! >= inner - slack) atLeast += 1;
		if (Math.abs(draws[3 * i]! - inner) <= slack) same += 1;
	}
	const bound = tailBound(statistic, degreesOfFreedom);
	const p = same === samples ? null : pValue(atLeast, samples, bound);
	const chiSquareP = chiSquareTail(statistic, degreesOfFreedom);
	return { method: METHOD, statistic, degreesOfFreedom, p, samples, atLeast, chiSquareP };
}

/**
 * At levels from 1/(B + 1) up this rejects just where (1 + atLeast) / (B + 1) does, at smaller ones where the
 * bound does: at either the chance of a false rejection is at most the level.
 */
function pValue(atLeast: number, samples: number, bound: number): number {
	const drawn = (1 + atLeast) / (samples + 1);
	return atLeast === 0 ? Math.min(drawn, bound) : drawn;
}

function chiSquareTail(statistic: number, freedom: number): number | null {
	return freedom === 0 ? null : incompleteGamma(freedom / 2, statistic / 2).upper;
}

function ranked(rows: readonly RowLikeness[]): RowLikeness[] {
	const weight = ({ attempts: [n1, n2] }: RowLikeness): number => n1 + n2;
	const key = (row: RowLikeness, field: 'lower' | 'value'): number =>
		weight(row) * row.totalVariation[field];
	return [...rows].sort(
		(x, y) => key(y, 'lower') - key(x, 'lower') || key(y, 'value') - key(x, 'value'),
	);
}
