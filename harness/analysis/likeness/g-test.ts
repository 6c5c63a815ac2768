/** One law of outcomes for two kernels, tested by permutation. */
import { incompleteGamma } from '../../numerics/gamma.js';
import { innerTerms, outerTerms } from './distances.js';
import type { OutcomeRow } from './outcome-rows.js';
import { type ShuffleInput, slackOf } from './shuffle-panel.js';
import { tailBound } from './tail-bound.js';

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

const METHOD = 'likelihood ratio, outcomes permuted within each source';

/**
 * The test of all rows together; p is null where every permutation has the observed statistic.
 *
 * @param rows counts by outcome, source by source
 * @param input what was permuted
 * @param draws of `LIKENESS_SHUFFLES`, three numbers each
 */
export function gTest(
	rows: readonly OutcomeRow[],
	input: ShuffleInput,
	draws: Float64Array,
): GTest {
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
 * The test of one row alone; p is null where there is a single outcome.
 *
 * @param row counts of C outcomes in two kernels
 * @param drawn permutations of the row, and how many of them came up to its statistic
 */
export function rowTest(
	row: OutcomeRow,
	{ samples, atLeast }: Pick<GTest, 'samples' | 'atLeast'>,
): GTest {
	const statistic = Math.max(0, innerTerms(row) + outerTerms(row));
	const degreesOfFreedom = row.outcomes.length - 1;
	const p =
		degreesOfFreedom > 0 ? pValue(atLeast, samples, tailBound(statistic, degreesOfFreedom)) : null;
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
