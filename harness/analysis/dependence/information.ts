import { shiftInterval, shiftUpperBound } from '../../numerics/shift-bound.js';
import { type CellSizes, informationFor, response } from './cell-sizes.js';

/** G² of a table and what it would be without dependence. */
export interface NoisyRatio {
	readonly statistic: number;
	/** mean and variance without dependence */
	readonly noise: number;
	readonly variance: number;
	/** κ, by which the variance grows with the rise; of no use where G² is hardly more than rounding */
	readonly slope: number;
}

export interface Information {
	/** nats per valid transition beyond what the free diagonal explains, noise taken out, ≥ 0 */
	readonly mutualInformation: number;
	/** two-sided 95 % interval, nats */
	readonly interval95: { readonly lower: number; readonly upper: number };
	/** one-sided upper 95 % bound, nats; never below what a table of pure noise would give */
	readonly upper95: number;
	/** share of a dependence of this size that G² sees; 1 at large counts, near 0 where cells are thin */
	readonly response: number;
	/** what the numbers rest on where counts are thin */
	readonly caution: string | null;
}

const LEVEL = 0.95;
/** Quantiles of the normal law at 0.975 and 0.95. */
const TWO_SIDED = 1.959963984540054;
const ONE_SIDED = 1.6448536269514722;
/** Rises above so many κ are normal to a hundredth of their sd. */
const FAR = 1e5;
/** The smallest κ: without one, a kernel that is certain of its target would have no interval. */
const SMALLEST_SLOPE = 0.05;
/** G² below this share of its noise may be rounding. */
const ROUNDING = 1e-6;
/** Responses below it come with a caution. */
const THIN = 0.5;

/**
 * I and its intervals from G² = noise + rise, where the rise is 2NI · response(I) and
 * Var G² = variance + 4 κ · rise.
 *
 * @param sizes cells of the fitted table, which know the response
 * @param ratio see `NoisyRatio`; variance > 0
 * @returns see `Information`
 *
 * @example N 1e7 in cells of thousands, G² 1e5 above its noise: mutualInformation 0.005
 */
export function informationOf(sizes: CellSizes, ratio: NoisyRatio): Information {
	const { statistic, noise, variance } = ratio;
	const known = statistic > ROUNDING * noise;
	const slope = known ? Math.max(SMALLEST_SLOPE, ratio.slope) : 1;
	const rise = statistic - noise;
	const shifts = shiftsOf(rise, variance, slope);
	const nats = (shift: number): number => informationFor(sizes, shift);
	const mutualInformation = nats(rise);
	const seen = response(sizes, mutualInformation);
	return {
		mutualInformation,
		interval95: { lower: nats(shifts.lower), upper: nats(shifts.upper) },
		upper95: nats(shifts.bound),
		response: seen,
		caution: seen < THIN ? thinCaution(seen) : null,
	};
}

/**
 * Interval and bound of the rise. G² − noise is taken as κ (χ²_ν(λ) − ν) with ν = variance / 2κ², whose
 * mean and variance agree; far out as normal, where s − rise = ± z √(variance + 4 κ s).
 */
function shiftsOf(rise: number, variance: number, slope: number) {
	const noise = variance / (2 * slope);
	const q = Math.max(0, rise + noise);
	if (rise > FAR * slope) {
		const at = (z: number): number =>
			rise + 2 * slope * z * z + z * Math.sqrt(variance + 4 * slope * (rise + slope * z * z));
		return { lower: at(-TWO_SIDED), upper: at(TWO_SIDED), bound: at(ONE_SIDED) };
	}
	const shape = { noise, variance, slope };
	return { ...shiftInterval(q, shape, LEVEL), bound: shiftUpperBound(q, shape, LEVEL) };
}

function thinCaution(seen: number): string {
	return (
		`Counts are thin: the statistic sees ${Math.round(100 * seen)} % of a dependence on the input; ` +
		'its size assumes that T departs from the fit by factors of one spread in all cells'
	);
}
