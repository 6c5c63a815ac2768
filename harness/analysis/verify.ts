import type { Outcome } from '../outcome.js';
import { type Dependence, inputDependence } from './dependence/dependence.js';
import { type Affinity, cycleAffinity } from './effect/affinity.js';
import { type ExactTest, exactTest } from './exact/exact-test.js';
import { findLoops } from './loops/loops.js';
import { type StatePotential, statePotentials } from './potential/potential.js';
import { fitReversible } from './potential/reversible-fit.js';
import { findComponents } from './table/components.js';
import type { CountTable } from './table/counts.js';
import { DEFAULT_TOLERANCES, type Decision, decide, type Tolerances } from './verdict.js';

export interface AnalysisOptions {
	/** uint32 of everything that is resampled */
	readonly seed: number;
	/** M of the exact test */
	readonly samples: number;
	/** L of the exact test; null: chosen from the table */
	readonly steps: number | null;
	/** B of the dependence test */
	readonly resamples: number;
	/** draws in all its resamples together */
	readonly maxDraws: number;
	/** loops kept */
	readonly maxLoops: number;
	/** longer loops are searched in full up to so many states of a component … */
	readonly searchStates: number;
	/** … and so many independent loops that triangles do not reach */
	readonly searchLoops: number;
}

export interface VerifyOptions extends AnalysisOptions {
	readonly tolerances: Tolerances;
}

/** The one place for the defaults of `verify`. */
export const DEFAULT_VERIFY: VerifyOptions = {
	seed: 1,
	samples: 999,
	steps: null,
	resamples: 199,
	maxDraws: 40_000_000,
	maxLoops: 200_000,
	searchStates: 1000,
	searchLoops: 2000,
	tolerances: DEFAULT_TOLERANCES,
};

/** What a table shows, before any verdict. null is "not known"; `reasons` says why, by field. */
export interface GroupFinding {
	/** all attempts, or null where they were not counted per source */
	readonly attempts: number | null;
	readonly outcomes: Readonly<Record<Outcome, number>>;
	readonly states: number;
	/** pairs seen in either direction */
	readonly pairs: number;
	readonly twoWayPairs: number;
	readonly independentLoops: number;
	/** strongly connected components of two or more states, by number of states */
	readonly components: readonly number[];
	readonly loops: {
		readonly triangles: number;
		readonly longer: number;
		readonly complete: boolean;
		readonly note: string | null;
	};
	readonly exactTest: ExactTest;
	readonly affinity: Affinity;
	readonly gradientShare: number | null;
	readonly entropyProduction: number | null;
	readonly dependence: Dependence;
	readonly potential: readonly StatePotential[];
	/** mean over the states that attempts were made from; null if attempts were not recorded */
	readonly attemptsPerSource: number | null;
	readonly reasons: Readonly<Record<string, string>>;
}

export type GroupVerdict = GroupFinding & Decision;

/**
 * All statistics of one group's table.
 *
 * @param table counts of one model × template × setting; groups are never pooled
 * @param options see `AnalysisOptions`; `DEFAULT_VERIFY` holds the defaults
 * @returns the finding; the same table and options give the same finding bit for bit
 * @throws RangeError if an option is out of range
 */
export function analyseGroup(table: CountTable, options: AnalysisOptions): GroupFinding {
	const components = findComponents(table);
	const loops = findLoops(components, options);
	const made = table.attempts.filter((n) => n > 0);
	const all = made.reduce((sum, n) => sum + n, 0);
	const { twoWay, oneWay } = components.pairs;
	return {
		attempts: table.attemptsRecorded ? all : null,
		outcomes: table.outcomes,
		states: table.states.length,
		pairs: twoWay + oneWay,
		twoWayPairs: twoWay,
		independentLoops: components.independentLoops,
		components: components.members.map((m) => m.length).filter((size) => size > 1),
		loops: {
			triangles: loops.triangles,
			longer: loops.start.length - 1 - loops.triangles,
			complete: loops.complete,
			note: loops.note,
		},
		exactTest: exactTest(loops, options),
		affinity: cycleAffinity(loops),
		gradientShare: null,
		entropyProduction: null,
		dependence: inputDependence(table, options),
		potential: statePotentials(table, components, fitReversible(table, components)),
		attemptsPerSource: table.attemptsRecorded && made.length > 0 ? all / made.length : null,
		reasons: {
			gradientShare: 'not computed by this version',
			entropyProduction: 'not computed by this version',
			...(table.attemptsRecorded ? {} : { attempts: 'not recorded per source' }),
		},
	};
}

/**
 * Analyses every group and decides them together (Holm over the groups).
 *
 * @param tables one per model × template × setting
 * @param options `DEFAULT_VERIFY`, or changes to it
 * @returns finding and decision of each group, in the order given
 * @throws RangeError if an option is out of range
 *
 * @example verifyGroups([table], DEFAULT_VERIFY)[0].verdict
 */
export function verifyGroups(
	tables: readonly CountTable[],
	options: VerifyOptions,
): GroupVerdict[] {
	const findings = tables.map((table) => analyseGroup(table, options));
	const decisions = decide(findings, options.tolerances);
	return findings.map((finding, i) => ({ ...finding, ...decisions[i]! }));
}
