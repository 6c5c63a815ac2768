import type { DrawOptions } from '../dependence/plan-draws.js';
import { PURPOSE } from '../purposes.js';
import type { Resample } from '../resample.js';
import { noTest, type PermutationTest, permutationTest } from './permutation-test.js';
import { type StratifiedRows, sourceTables } from './strata-table.js';

/** Attempts of chains by the source of the attempt before, source and category. */
export interface Successions extends Omit<StratifiedRows, 'stratum'> {
	/** state index: source of the attempt before in the same chain; first attempts are left out */
	readonly before: Int32Array;
}

export interface ChainOrder extends PermutationTest {
	readonly hypothesis: 'given the source, the outcome does not depend on the state before it (order one)';
}

const HYPOTHESIS =
	'given the source, the outcome does not depend on the state before it (order one)';

/**
 * Tests order one of a chain against order two: G² summed over sources, p by permuting the outcomes of
 * each source over its visits, the states before them fixed.
 *
 * Why that is nearly the right null: cut a first-order chain at its visits to a source f. The stretches
 * between are independent and alike, each beginning with the outcome at one visit and ending with the
 * state before the next. So the state before a visit and the outcome at it belong to different
 * stretches, and any order of the stretches is as likely. Permuting outcomes alone also pairs an
 * outcome with the end of its own stretch, one pairing among as many as f has visits: an error of
 * relative order 1/visits. (Asymptotically the law is that of independent tables with fixed margins.)
 *
 * @param successions columns of one length; null where the design is no chain
 * @param options seed, B and the largest number of attempts in all draws
 * @param resample makes the draws of `OUTCOME_SHUFFLES`
 * @returns see `ChainOrder`; p null with a reason where there is no chain or nothing to compare
 * @throws TypeError if the columns differ in length
 * @throws RangeError if an option, index or count is out of range
 * Source: Goodman, Ann. Math. Stat. 29, 476 (1958); Anderson, Goodman, Ann. Math. Stat. 28, 89 (1957).
 *
 * @example chainOrder(null, options, resample) // p null, reason 'no chain: …'
 */
export async function chainOrder(
	successions: Successions | null,
	options: DrawOptions,
	resample: Resample,
): Promise<ChainOrder> {
	if (successions === null) {
		const reason = 'no chain: attempts of other designs do not follow one another';
		return noChainOrder(reason);
	}
	const { before, source, category, count } = successions;
	const tables = sourceTables({ stratum: before, source, category, count });
	const purpose = PURPOSE.chainOrder;
	const test = await permutationTest(tables, { ...options, purpose, resample });
	return { hypothesis: HYPOTHESIS, ...test };
}

/** The record of a test that could not be asked for. */
export function noChainOrder(reason: string): ChainOrder {
	return { hypothesis: HYPOTHESIS, ...noTest(reason) };
}
