/** Distances between two kernels with the noise of sampling taken out, and their intervals. */
import { crossFitVariation } from './cross-fit.js';
import { type CountedRow, type Distances, distances } from './distances.js';

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

/** 97.5 % point of the normal law. */
const Z95 = 1.959963984540054;
/**
 * √((1/5 + 1/4) / (1/5)): the parts of a cross-fit share the attempts that choose, so that their mean
 * varies more than a mean of five. Nadeau, Bengio, Mach. Learn. 52, 239 (2003), eq. 9.
 */
const CROSS_FIT_ERROR = 1.5;

export interface MeasuredRow extends Distances {
	/** of `crossFitVariation` */
	readonly crossFit: number;
}

/** A row as counted, and its cross-fitted distance; `place` is as `crossFitVariation` takes it. */
export function measureRow(
	row: CountedRow,
	place: { readonly seed: number; readonly row: number },
): MeasuredRow {
	return { ...distances(row), crossFit: crossFitVariation(row, place) };
}

/** Distances and their intervals from plain values, what noise gives, and variances. */
function variationOf(
	plain: number,
	noise: number,
	fit: { crossFit: number; variance: number },
): Distance {
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

export interface CorrectedDistances {
	readonly totalVariation: Distance;
	/** √ of the divergence in bits */
	readonly jensenShannon: Distance;
}

/**
 * The distances of one row.
 *
 * @param found of `measureRow`
 * @param nulls means over permutations of the row, and its number of outcomes, C ≥ 1
 */
export function rowDistances(
	{ variation, divergence, variances, crossFit }: MeasuredRow,
	nulls: { readonly variation: number; readonly divergence: number; readonly outcomes: number },
): CorrectedDistances {
	// The permutations of one row are too few for the variance of its divergence under one kernel.
	const nullVariance = 2 * nulls.divergence ** 2 * (1 / Math.max(1, nulls.outcomes - 1));
	return {
		totalVariation: variationOf(variation, nulls.variation, {
			crossFit,
			variance: variances.variation,
		}),
		jensenShannon: jensenShannonOf(
			divergence,
			nulls.divergence,
			variances.divergence + nullVariance,
		),
	};
}

/**
 * Weighted means of the distances of all rows; the Jensen–Shannon one is √ of the mean divergence.
 *
 * @param rows of `measureRow`, with weights of sum 1
 * @param draws of `LIKENESS_SHUFFLES`, three numbers each
 */
export function meanDistances(
	rows: readonly (MeasuredRow & { readonly weight: number })[],
	draws: Float64Array,
): CorrectedDistances {
	const sum = (of: (row: (typeof rows)[number]) => number): number =>
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
