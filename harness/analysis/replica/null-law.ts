import { quantile } from '../../numerics/quantile.js';

/** A figure beside what detailed balance alone would make of it. */
export interface Figure {
	/** null where the data have no such figure */
	readonly observed: number | null;
	/** null where it cannot be compared */
	readonly null: NullLaw | null;
	/** why one of them, or p, is null */
	readonly reason: string | null;
}

/** Over the matched data sets that have the figure. */
export interface NullLaw {
	readonly median: number;
	/** 2.5 % and 97.5 % quantiles */
	readonly lower: number;
	readonly upper: number;
	/**
	 * two-sided: min(1, 2 (1 + min(#≤, #≥)) / (samples + 1)), ties counted on both sides; null where
	 * it would be no valid test of detailed balance
	 */
	readonly p: number | null;
	readonly samples: number;
}

/** Fewer matched data sets than this have no 2.5 % quantile worth the name. */
export const FEWEST = 19;

/** Equal figures of two data sets may differ by this much, relatively: the tolerance of their fits. */
const TIE = 1e-4;

/**
 * Compares a figure with its matched null.
 *
 * @param observed of the data; NaN if they have none
 * @param draws of the matched data sets; NaN where one has none
 * @param about why `observed` is NaN, if it is; why the figure has no p, or null if it has one
 * @returns see `Figure`; no null below 19 draws
 *
 * @example compareWithNull(5, [0, 1, … 40], { absence: '', noTest: null })
 *   // null: median 20, lower 1, upper 39, p 1/3
 */
export function compareWithNull(
	observed: number,
	draws: Float64Array,
	{ absence, noTest }: { readonly absence: string; readonly noTest: string | null },
): Figure {
	if (Number.isNaN(observed)) return { observed: null, null: null, reason: absence };
	const sorted = draws.filter((x) => !Number.isNaN(x)).sort();
	const samples = sorted.length;
	if (samples < FEWEST) {
		const reason =
			draws.length < FEWEST
				? 'no matched data sets were drawn'
				: `only ${samples} of ${draws.length} matched data sets have this figure`;
		return { observed, null: null, reason };
	}
	return {
		observed,
		null: {
			median: quantile(sorted, 0.5),
			lower: quantile(sorted, 0.025),
			upper: quantile(sorted, 0.975),
			p: noTest === null ? twoSided(observed, sorted) : null,
			samples,
		},
		reason: noTest,
	};
}

function twoSided(observed: number, draws: Float64Array): number {
	const slack = TIE * Math.abs(observed);
	const atMost = draws.filter((x) => x <= observed + slack).length;
	const atLeast = draws.filter((x) => x >= observed - slack).length;
	return Math.min(1, (2 * (1 + Math.min(atMost, atLeast))) / (draws.length + 1));
}
