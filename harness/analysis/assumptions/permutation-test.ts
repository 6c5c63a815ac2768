import { incompleteGamma } from '../../numerics/gamma.js';
import { type DrawOptions, planDraws } from '../dependence/plan-draws.js';
import type { Resample } from '../resample.js';
import { OUTCOME_SHUFFLES } from './outcome-panel.js';
import {
	attemptsOf,
	entropyTerm,
	freedomOf,
	likelihoodRatio,
	limitError,
	type SourceTable,
} from './strata-table.js';

/** What was found of outcomes that should not depend on a stratum, given the source. */
export interface PermutationTest {
	readonly method:
		| 'likelihood ratio, outcomes permuted within each source'
		| 'likelihood ratio, χ² limit of large counts';
	/** (1 + #{G² ≥ observed}) / (B + 1), or the upper tail of χ² */
	readonly p: number | null;
	/** G², summed over sources */
	readonly statistic: number | null;
	readonly degreesOfFreedom: number;
	/** B; 0 for the χ² limit */
	readonly samples: number;
	/** what the stratum tells of the outcome, nats per attempt, noise taken out, ≥ 0 */
	readonly information: number | null;
	/** attempts of the sources that were compared */
	readonly attempts: number;
	/** the sources with the largest G², largest first, at most five */
	readonly worst: readonly WorstSource[];
	readonly reason: string | null;
}

export interface WorstSource {
	/** state index */
	readonly source: number;
	/** its G² */
	readonly statistic: number;
	readonly degreesOfFreedom: number;
	/** of the whole G² */
	readonly share: number;
}

export interface PermutationOptions extends DrawOptions {
	/** uint32, second key word of the random numbers */
	readonly purpose: number;
	readonly resample: Resample;
}

const PERMUTED = 'likelihood ratio, outcomes permuted within each source';
const LIMIT = 'likelihood ratio, χ² limit of large counts';
const WORST = 5;

/** A test that was not made. */
export function noTest(reason: string): PermutationTest {
	const none = { p: null, statistic: null, information: null, worst: [] };
	return { method: PERMUTED, ...none, degreesOfFreedom: 0, samples: 0, attempts: 0, reason };
}

/**
 * Tests that, given the source, outcomes fall alike in every stratum: G² summed over sources, against
 * the permutations of each source's outcomes over its attempts (both margins of each source fixed).
 *
 * @param tables sources with two or more strata and categories
 * @param options seed, number of draws, their purpose and who makes them
 * @returns the test; p null with a reason where nothing can be compared or G² cannot vary
 * @throws RangeError if an option is out of range
 */
export async function permutationTest(
	tables: readonly SourceTable[],
	options: PermutationOptions,
): Promise<PermutationTest> {
	const attempts = tables.reduce((sum, table) => sum + attemptsOf(table), 0);
	const degreesOfFreedom = tables.reduce((sum, table) => sum + freedomOf(table), 0);
	const task = { total: attempts, degreesOfFreedom, limitError: () => limitError(tables) };
	const plan = planDraws(task, options);
	if (tables.length === 0) return noTest('no source has attempts and outcomes to compare');
	if (plan.by === 'nothing') return noTest(plan.reason);
	const statistic = tables.reduce((sum, table) => sum + likelihoodRatio(table), 0);
	const found = {
		statistic,
		degreesOfFreedom,
		attempts,
		worst: worstSources(tables, statistic),
		reason: null,
	};
	const information = (noise: number): number => Math.max(0, statistic - noise) / (2 * attempts);
	if (plan.by === 'limit') {
		const p = incompleteGamma(degreesOfFreedom / 2, statistic / 2).upper;
		return { method: LIMIT, ...found, p, samples: 0, information: information(degreesOfFreedom) };
	}
	const { seed, purpose, resample } = options;
	const terms = await resample(OUTCOME_SHUFFLES, { tables, seed, purpose }, plan.samples);
	const observed = 2 * tables.reduce((sum, { counts }) => sum + innerTerms(counts), 0);
	// Equal tables summed in another order give terms equal up to rounding.
	const slack = 1e-12 * observed;
	if (terms.every((t) => Math.abs(t - observed) <= slack)) {
		return noTest('every permutation drawn has the same statistic');
	}
	const atLeast = terms.reduce((sum, t) => sum + (t >= observed - slack ? 1 : 0), 0);
	const mean = terms.reduce((sum, t) => sum + t, 0) / plan.samples;
	return {
		method: PERMUTED,
		...found,
		p: (1 + atLeast) / (plan.samples + 1),
		samples: plan.samples,
		information: information(statistic + mean - observed),
	};
}

function innerTerms(counts: Float64Array): number {
	return counts.reduce((sum, n) => sum + entropyTerm(n), 0);
}

function worstSources(tables: readonly SourceTable[], total: number): WorstSource[] {
	if (total === 0) return [];
	return tables
		.map((table) => ({ source: table.source, table, statistic: likelihoodRatio(table) }))
		.sort((x, y) => y.statistic - x.statistic || x.source - y.source)
		.slice(0, WORST)
		.map(({ source, table, statistic }) => ({
			source,
			statistic,
			degreesOfFreedom: freedomOf(table),
			share: statistic / total,
		}));
}
