import type { Outcome } from '../outcome.js';
import { type ChainOrder, chainOrder, type Successions } from './assumptions/chain-order.js';
import { type Homogeneity, homogeneity, type Observations } from './assumptions/homogeneity.js';
import { assumptionWarnings } from './assumptions/warnings.js';
import { type Dependence, inputDependence, leftOutDependence } from './dependence/dependence.js';
import { type InformationSplit, informationSplit } from './dependence/information-split.js';
import { type Affinity, cycleAffinity } from './effect/affinity.js';
import {
	type EntropyProduction,
	entropyProduction,
	leftOutEntropy,
} from './effect/entropy-production.js';
import type { FlowData } from './effect/flow-data.js';
import { type FlowShares, flowShares, leftOutFlow } from './effect/flow-shares.js';
import { pairEstimates } from './effect/pair-estimates.js';
import { type WorstLoop, type WorstLoops, worstLoops } from './effect/worst-loops.js';
import { type ExactTest, exactTables, leftOutTest } from './exact/exact-test.js';
import { findLoops, type Loops } from './loops/loops.js';
import { type LeastAction, leastAction } from './potential/least-action.js';
import { type StatePotential, statePotentials } from './potential/potential.js';
import { fitReversible } from './potential/reversible-fit.js';
import { type Replica, replicaPanel } from './replica/replica.js';
import type { Resample } from './resample.js';
import { type Components, findComponents } from './table/components.js';
import type { CountTable } from './table/counts.js';
import {
	NORMALISATIONS,
	type NormalisationSummary,
	normalisations,
	normalise,
} from './table/normalise.js';

export interface AnalysisOptions {
	/** uint32 of everything that is resampled */
	readonly seed: number;
	/**
	 * false leaves out what is resampled (p-values, nulls, and the effect sizes whose noise may be drawn:
	 * flow shares, entropy production) and all least actions but the paper's
	 */
	readonly resampling: boolean;
	/** M of the exact test */
	readonly samples: number;
	/** L of the exact test; null: chosen from the table */
	readonly steps: number | null;
	/** B of the dependence test and the tests of the assumptions */
	readonly resamples: number;
	/** matched data sets of the replica panel */
	readonly replicas: number;
	/** draws of one resampled test in all; above it fewer are made */
	readonly maxDraws: number;
	/** loops kept */
	readonly maxLoops: number;
	/** longer loops are searched in full up to so many states of a component … */
	readonly searchStates: number;
	/** … and so many independent loops that triangles do not reach */
	readonly searchLoops: number;
	/** loops named */
	readonly worstLoops: number;
	/** points of the replica panel kept for figures */
	readonly points: number;
}

/** A test of an assumption; p null with a reason where it was not or could not be made. */
type Assumption<Test> = Test | { readonly p: null; readonly reason: string };

export interface Assumptions {
	/** one kernel for all seeds? */
	readonly seeds: Assumption<Homogeneity>;
	/** for the first and the second half of each seed's attempts? */
	readonly time: Assumption<Homogeneity>;
	/** chains: does the state before the source matter? */
	readonly order: Assumption<ChainOrder>;
	/** share of the attempts that reached no state */
	readonly invalidShare: number | null;
	readonly warnings: readonly string[];
}

/** Attempts divided, for the tests of the assumptions. */
export interface Divisions {
	readonly seeds: Observations | null;
	readonly halves: Observations | null;
	readonly successions: Successions | null;
	/** why one is null, by its name */
	readonly reasons: Readonly<Record<string, string>>;
}

/** One kernel to look at. */
export interface Subject {
	readonly table: CountTable;
	readonly divisions: Divisions;
	/** whether a grammar renormalised the model's law at each token */
	readonly constrained: boolean;
}

/** A table alone, of which it is not known how its attempts divide. */
export function subjectOf(table: CountTable): Subject {
	const none = 'attempts were not told apart';
	const reasons = { seeds: none, halves: none, successions: none };
	return {
		table,
		divisions: { seeds: null, halves: null, successions: null, reasons },
		constrained: false,
	};
}

/** A loop that stands out, by the names of its states. */
export interface NamedLoop extends Omit<WorstLoop, 'states'> {
	readonly states: readonly string[];
}

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
	readonly normalisations: readonly NormalisationSummary[];
	readonly potential: readonly StatePotential[];
	readonly leastAction: readonly LeastAction[];
	readonly exactTest: ExactTest;
	readonly affinity: Affinity;
	readonly worstLoops: Omit<WorstLoops, 'loops'> & { readonly loops: readonly NamedLoop[] };
	/** `flow.gradient.value` */
	readonly gradientShare: number | null;
	readonly flow: FlowShares;
	/** `entropy.value`, nats per attempt */
	readonly entropyProduction: number | null;
	readonly entropy: EntropyProduction;
	readonly dependence: Dependence;
	readonly split: InformationSplit;
	readonly assumptions: Assumptions;
	/** null where resampling was left out */
	readonly replica: Replica | null;
	/** mean over the states that attempts were made from; null if attempts were not recorded */
	readonly attemptsPerSource: number | null;
	readonly reasons: Readonly<Record<string, string>>;
}

/**
 * All statistics of one kernel.
 *
 * @param subject counts of one model × template × setting; groups are never pooled
 * @param options see `AnalysisOptions`; `DEFAULT_VERIFY` holds the defaults
 * @param resample makes what is resampled, wherever
 * @returns the finding; the same subject and options give the same finding bit for bit
 * @throws RangeError if an option is out of range
 */
export async function analyseGroup(
	subject: Subject,
	options: AnalysisOptions,
	resample: Resample,
): Promise<GroupFinding> {
	const { table } = subject;
	const components = findComponents(table);
	const loops = findLoops(components, options);
	const fit = fitReversible(table, components);
	const data = { table, components, loops, fit, estimates: pairEstimates(components.inner, fit) };
	const { exactTest, worst } = await testLoops(data, options, resample);
	const noisy = { seed: options.seed, resample };
	const flow = options.resampling ? await flowShares(data, noisy) : leftOutFlow();
	const entropy = options.resampling ? await entropyProduction(data, noisy) : leftOutEntropy();
	const dependence = options.resampling
		? await inputDependence(table, options, resample)
		: leftOutDependence(table);
	return {
		...describe(table, components, loops),
		normalisations: normalisations(table, components, fit),
		potential: statePotentials(table, components, fit),
		leastAction: leastActions(table, components, options),
		exactTest,
		affinity: cycleAffinity(loops, data.estimates),
		worstLoops: worst,
		gradientShare: flow.gradient?.value ?? null,
		flow,
		entropyProduction: entropy.value,
		entropy,
		dependence,
		split: informationSplit({ table, fit, dependence }, options),
		assumptions: await checkAssumptions(subject, options, resample),
		replica: options.resampling
			? await replicaPanel(data, { ...options, resamples: options.replicas }, resample)
			: null,
		reasons: {
			...(flow.gradient === null ? { gradientShare: flow.reason ?? 'not known' } : {}),
			...(entropy.value === null ? { entropyProduction: entropy.reason ?? 'not known' } : {}),
			...(table.attemptsRecorded ? {} : { attempts: 'not recorded per source' }),
			...(options.resampling ? {} : { replica: 'left out, as asked' }),
		},
	};
}

async function checkAssumptions(
	{ table: { outcomes }, divisions, constrained }: Subject,
	options: AnalysisOptions,
	resample: Resample,
): Promise<Assumptions> {
	const { seeds, halves, successions, reasons } = divisions;
	const test = async <Rows, Test>(
		rows: Rows | null,
		reason: string | undefined,
		make: (rows: Rows) => Promise<Test>,
	): Promise<Assumption<Test>> => {
		if (!options.resampling) return { p: null, reason: 'left out, as asked' };
		if (rows === null) return { p: null, reason: reason ?? 'not known' };
		return make(rows);
	};
	const same = (rows: Observations): Promise<Homogeneity> => homogeneity(rows, options, resample);
	const all = Object.values(outcomes).reduce((sum, n) => sum + n, 0);
	return {
		seeds: await test(seeds, reasons.seeds, same),
		time: await test(halves, reasons.halves, same),
		order: await test(successions, reasons.successions, (rows) =>
			chainOrder(rows, options, resample),
		),
		invalidShare: all === 0 ? null : (all - outcomes.valid - outcomes.self) / all,
		warnings: assumptionWarnings({ outcomes, constrained }),
	};
}

/** What there is, and how it hangs together. */
function describe(table: CountTable, components: Components, loops: Loops) {
	const made = table.attempts.filter((n) => n > 0);
	const all = made.reduce((sum, n) => sum + n, 0);
	const { twoWay, oneWay } = components.pairs;
	return {
		attempts: table.attemptsRecorded ? all : null,
		attemptsPerSource: table.attemptsRecorded && made.length > 0 ? all / made.length : null,
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
	};
}

/** Exact test, and the loops that stand out most, over the same tables. */
async function testLoops(data: FlowData, options: AnalysisOptions, resample: Resample) {
	const { test, maxima } = options.resampling
		? await exactTables(data, options, resample)
		: { test: leftOutTest(data.loops), maxima: null };
	const found = worstLoops(data, { maxima, most: options.worstLoops });
	const { states } = data.table;
	const named = found.loops.map((loop) => ({
		...loop,
		states: loop.states.map((f) => states[f]!),
	}));
	return { exactTest: test, worst: { ...found, loops: named } };
}

/**
 * Both of the paper's kernels K, under every normalisation that the data allow; under the paper's
 * high-reject alone where it should be quick.
 */
function leastActions(
	table: CountTable,
	components: Components,
	{ resampling }: AnalysisOptions,
): LeastAction[] {
	const names = resampling ? NORMALISATIONS : NORMALISATIONS.slice(0, 1);
	return names.flatMap((name) => {
		const normalised = normalise(table, components, name);
		if (normalised === null) return [];
		return [leastAction(normalised, 'exponential'), leastAction(normalised, 'logistic')];
	});
}
