import type { DrawOptions } from '../dependence/plan-draws.js';
import { PURPOSE } from '../purposes.js';
import type { Resample } from '../resample.js';
import { noTest, type PermutationTest, permutationTest } from './permutation-test.js';
import { type StratifiedRows, sourceTables } from './strata-table.js';

/** Attempts by stratum (a seed, a stretch of time), source and category. */
export interface Observations extends StratifiedRows {
	/** names; `stratum` holds their indices */
	readonly strata: readonly string[];
}

export interface Homogeneity extends PermutationTest {
	readonly hypothesis: 'given the source, the outcome does not depend on the stratum';
	readonly strata: readonly string[];
}

const HYPOTHESIS = 'given the source, the outcome does not depend on the stratum';

/**
 * Tests that one kernel made all strata: G² summed over sources, p by permuting each source's outcomes
 * over its attempts. Exact at any counts where the attempts of a source were divided without regard to
 * outcomes: seeds, or the earlier and later half of the attempts made from each source. (A chain
 * divided by its steps is not: refusals keep it where it is, so that a half with more of them holds
 * more attempts. That made the test reject 32 of 100 sparse chains; divided source by source, 10 of
 * 200.)
 *
 * @param observations columns of one length; K states by index
 * @param options seed, B and the largest number of attempts in all draws
 * @param resample makes the draws of `OUTCOME_SHUFFLES`
 * @returns see `Homogeneity`; p null with a reason where fewer than two strata, or no source with
 *   attempts in two of them and two outcomes, leave nothing to compare
 * @throws TypeError if the columns differ in length
 * @throws RangeError if an option, index or count is out of range
 * Source: Fisher's exact test of a two-way table, source by source: Agresti, Stat. Sci. 7, 131 (1992).
 *
 * @example two seeds with the same counts: statistic 0, p 1
 */
export async function homogeneity(
	observations: Observations,
	options: DrawOptions,
	resample: Resample,
): Promise<Homogeneity> {
	const { strata } = observations;
	const wrong = observations.stratum.find((s) => s >= strata.length);
	if (wrong !== undefined) {
		throw new RangeError(`stratum must be below ${strata.length}, got ${wrong}`);
	}
	const tables = sourceTables(observations);
	const test =
		strata.length < 2
			? noTest(strata.length === 1 ? `${strata[0]} is the only stratum` : 'no stratum')
			: await permutationTest(tables, { ...options, purpose: PURPOSE.homogeneity, resample });
	return { hypothesis: HYPOTHESIS, strata, ...test };
}
