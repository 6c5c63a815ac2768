/** All statistics of one exact kernel. */
import { DEFAULT_TOLERANCES } from '../verdict.js';
import { DEFAULT_VERIFY } from '../verify.js';
import { type ScoredAffinity, scoredAffinity } from './affinity.js';
import { type ScoredDependence, scoredDependence } from './dependence.js';
import { type ScoredEntropy, scoredEntropy } from './entropy.js';
import { checkScored, type ScoredKernel, type ScoredSubject, squarePart } from './kernel.js';
import { scoredLoops } from './loops.js';
import { scoredPairs } from './pairs.js';
import { type ScoredFlow, type ScoredPotential, scoredFlow, scoredPotential } from './potential.js';
import { typicalVariance } from './typical.js';
import { decideScored, type ScoredDecision, type ScoredTolerances } from './verdict.js';

export interface ScoredOptions {
	readonly tolerances: ScoredTolerances;
	/** loops named, an integer ≥ 1 */
	readonly worstLoops: number;
	/** longer loops are looked for with up to so many triangles, and up to so many are kept */
	readonly maxLoops: number;
	/** … in components of up to so many states */
	readonly searchStates: number;
	/** … that lack up to so many independent loops */
	readonly searchLoops: number;
}

/** The one place for the defaults: those of `verify` wherever it has the same option. */
export const DEFAULT_SCORED: ScoredOptions = {
	tolerances: {
		affinity: DEFAULT_TOLERANCES.affinity,
		dependence: DEFAULT_TOLERANCES.dependence,
	},
	worstLoops: DEFAULT_VERIFY.worstLoops,
	maxLoops: DEFAULT_VERIFY.maxLoops,
	searchStates: DEFAULT_VERIFY.searchStates,
	searchLoops: DEFAULT_VERIFY.searchLoops,
};

/**
 * What an exact kernel shows, and the verdict on it. All but the dependence is of the square part: the states
 * that were sources. null is "not known"; the record beside it says why. No p-value applies.
 */
export interface ScoredFinding extends ScoredDecision {
	/** states that were sources */
	readonly states: number;
	/** states that are targets only */
	readonly targetsOnly: number;
	/** evaluation shapes, the base included */
	readonly shapes: number;
	/** largest |Δ log T| of a transition found in the base and another shape; null where there is none */
	readonly logJitter: number | null;
	/** largest log T bound − log T found of a transition found in the base, nats */
	readonly logLeftOut: number;
	/** pairs with a transition found */
	readonly pairs: number;
	readonly twoWayPairs: number;
	/** pairs on a loop with a probability of exactly 0 one way */
	readonly oneWayPairs: number;
	/** pairs found one way, where the other way is not known to be 0 */
	readonly openPairs: number;
	/** pairs found neither way, where mass was left out */
	readonly unfoundPairs: number;
	/** of the transitions found, one-way pairs inside strongly connected components included */
	readonly independentLoops: number;
	/** strongly connected components of two or more states, by number of states */
	readonly components: readonly number[];
	readonly affinity: ScoredAffinity;
	/** `flow.gradient.value` */
	readonly gradientShare: number | null;
	readonly flow: ScoredFlow;
	/** `entropy.value`, nats per step */
	readonly entropyProduction: number | null;
	readonly entropy: Omit<ScoredEntropy, 'stationary'>;
	readonly dependence: ScoredDependence;
	readonly potential: readonly ScoredPotential[];
}

/**
 * All statistics of one exact kernel, as numbers with their numerical uncertainty.
 *
 * @param subject one model × template × setting, in its evaluation shapes
 * @param options see `ScoredOptions`; `DEFAULT_SCORED` holds the defaults
 * @returns the finding: a pure function of its arguments, which does not depend on labels where
 *   `affinity.complete`
 * @throws TypeError, RangeError if the kernel is none (`checkScored`) or an option is out of range
 *
 * @example a ring of three, T 0.4 one way and 0.2 the other: verdict 'violated', affinity.rms 3 log 2,
 *   entropyProduction 0.2 log 2, gradientShare 0
 */
export function analyseScored(subject: ScoredSubject, options: ScoredOptions): ScoredFinding {
	const { worstLoops: most } = options;
	if (!Number.isInteger(most) || most < 1) {
		throw new RangeError(`worstLoops must be a positive integer, got ${most}`);
	}
	checkScored(subject);
	const squares = [subject.base, ...subject.variants].map(squarePart);
	const pairs = scoredPairs(squares);
	const { components, twoWay } = pairs;
	const variance = typicalVariance(squares[0]!, pairs);
	const affinity = scoredAffinity(squares, scoredLoops(twoWay, { ...options, seed: SEED }), {
		variance,
		most,
	});
	const flow = scoredFlow(squares, pairs, variance);
	const { stationary, ...entropy } = scoredEntropy(squares, components);
	const dependence = scoredDependence(subject);
	const counts = {
		independentLoops: components.independentLoops,
		oneWayPairs: pairs.oneWay,
		openPairs: pairs.open,
		unfoundPairs: pairs.unfound,
	};
	return {
		...decideScored({ ...counts, affinity, dependence }, options.tolerances),
		states: subject.base.sources.length,
		targetsOnly: subject.base.states.length - subject.base.sources.length,
		shapes: squares.length,
		logJitter: logJitter(subject),
		logLeftOut: logLeftOut(subject.base),
		pairs: components.pairs.twoWay + components.pairs.oneWay,
		twoWayPairs: components.pairs.twoWay,
		...counts,
		components: components.members.map((part) => part.length).filter((size) => size > 1),
		affinity,
		gradientShare: flow.gradient?.value ?? null,
		flow,
		entropyProduction: entropy.value,
		entropy,
		dependence,
		potential: scoredPotential(squares, pairs, stationary),
	};
}

/** Of the tree loops that are kept where there are too many longer ones. */
const SEED = 1;

function logJitter({ base, variants }: ScoredSubject): number | null {
	let most: number | null = null;
	for (const { logFound } of variants) {
		for (const [i, x] of base.logFound.entries()) {
			if (x === -Infinity || logFound[i] === -Infinity) continue;
			most = Math.max(most ?? 0, Math.abs(logFound[i]! - x));
		}
	}
	return most;
}

function logLeftOut({ logFound, logBound }: ScoredKernel): number {
	let most = 0;
	for (const [i, x] of logFound.entries()) {
		if (x > -Infinity) most = Math.max(most, logBound[i]! - x);
	}
	return most;
}
