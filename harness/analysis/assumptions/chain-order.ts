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
 * each source over its arrivals, the states they came from fixed. Only the first attempt after an
 * arrival counts: an attempt after one that did not leave the source has that source before it.
 *
 * Why that is nearly the right null: cut a first-order chain at its arrivals at a source f. The
 * stretches between are independent and alike; each begins with the outcome after one arrival and ends
 * with the state that the next one comes from. So the state before an arrival and the outcome after it
 * belong to different stretches, and any order of the stretches is as likely. Permuting the outcomes
 * alone also pairs an outcome with the end of its own stretch, one pairing among as many as f has
 * arrivals, and the two are hardly related, the chain having been elsewhere. (With the attempts that
 * stay they would be: a refusal is followed by f itself. That made the test reject none of 200 sparse
 * chains.) At many arrivals the law is that of independent tables with fixed margins.
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
		return { hypothesis: HYPOTHESIS, ...noTest(reason) };
	}
	const { before, source, category, count } = successions;
	const arrived = count.map((n, i) => (before[i] === source[i] ? 0 : n));
	const tables = sourceTables({ stratum: before, source, category, count: arrived });
	const purpose = PURPOSE.chainOrder;
	const test = await permutationTest(tables, { ...options, purpose, resample });
	return { hypothesis: HYPOTHESIS, ...test };
}
