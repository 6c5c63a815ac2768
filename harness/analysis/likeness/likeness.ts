/** Are two kernels one, source by source, and how far apart are they? */
import type { Resample } from '../resample.js';
import type { CountTable } from '../table/counts.js';
import { type Distance, meanDistances, measureRow } from './corrected-distances.js';
import { innerTerms } from './distances.js';
import { type GTest, gTest } from './g-test.js';
import { type OutcomeRow, outcomeRows } from './outcome-rows.js';
import { type RowLikeness, ranked, rowLikeness } from './row-likeness.js';
import {
	LIKENESS_SHUFFLES,
	ROW_SHUFFLES,
	type ShuffledRow,
	type ShuffleInput,
} from './shuffle-panel.js';

export interface LikenessOptions {
	/** uint32 */
	readonly seed: number;
	/** B of the test of all rows together, an integer ≥ 19 */
	readonly samples: number;
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
const FEWEST_SAMPLES = 19;
/** Permutations of a row alone: its p is read beside hundreds of others. */
const ROW_SAMPLES = 199;

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
	const plain = rows.map((row, i) => measureRow(row, { seed, row: i }));
	const each = rows.map((row, i) => {
		const law = rowDraws.subarray(3 * i, 3 * i + 3);
		return rowLikeness(row, plain[i]!, { law, samples: input.samples });
	});
	const weighted = rows.map((_, i) => ({ ...plain[i]!, weight: input.rows[i]!.weight }));
	const test = gTest(rows, input, draws);
	return {
		...found,
		...meanDistances(weighted, draws),
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
