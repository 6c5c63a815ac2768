/** The written rule for exact kernels: five words of their own, decided in order, without any p-value. */
import type { ScoredAffinity } from './affinity.js';
import type { ScoredDependence } from './dependence.js';

export const SCORED_VERDICTS = [
	'untestable',
	'violated',
	'independent',
	'balanced',
	'undecided',
] as const;
export type ScoredVerdict = (typeof SCORED_VERDICTS)[number];

export interface ScoredTolerances {
	/** rms cycle affinity below which detailed balance holds for the purpose, nats */
	readonly affinity: number;
	/** mutual information below which the input does not matter, nats */
	readonly dependence: number;
}

/** What the rule looks at. */
export interface ScoredEvidence {
	readonly independentLoops: number;
	/** pairs on a loop with a probability of exactly 0 one way */
	readonly oneWayPairs: number;
	/** pairs found one way, where the other way is not known to be 0 */
	readonly openPairs: number;
	/** pairs found neither way, where mass was left out */
	readonly unfoundPairs: number;
	readonly affinity: Pick<
		ScoredAffinity,
		'rms' | 'lower' | 'upper' | 'jitter' | 'leftOut' | 'loops' | 'typical'
	>;
	readonly dependence: Pick<ScoredDependence, 'upper'>;
}

export interface ScoredDecision {
	readonly verdict: ScoredVerdict;
	/** the verdict in plain words, one line */
	readonly sentence: string;
}

/**
 * Decides one exact kernel.
 * 1. untestable: no loop among the transitions found. 2. violated: a pair on a loop has a transition one way and
 * a probability of exactly 0 the other way, or the lower end of the rms affinity is above its tolerance.
 * 3. undecided if a pair was found one way only and the other way may be anything up to its bound.
 * 4. upper end of the rms affinity at most its tolerance: independent if the upper end of the mutual
 * information is at most its own, else balanced. 5. undecided, with what would settle it.
 *
 * @param evidence of one kernel
 * @param tolerances see `ScoredTolerances`
 * @throws RangeError if a tolerance is not positive
 *
 * @example decideScored({ independentLoops: 0, … }, { affinity: 0.1, dependence: 0.01 }).verdict // 'untestable'
 */
export function decideScored(
	evidence: ScoredEvidence,
	tolerances: ScoredTolerances,
): ScoredDecision {
	for (const [name, value] of Object.entries(tolerances)) {
		if (!(value > 0)) throw new RangeError(`tolerance of ${name} must be positive, got ${value}`);
	}
	const { affinity, openPairs } = evidence;
	const tolerance = tolerances.affinity;
	if (evidence.independentLoops === 0) return untestable(evidence);
	if (evidence.oneWayPairs > 0) return oneWay(evidence);
	const { rms, lower, upper } = affinity;
	if (rms === null || lower === null) {
		const sentence = `Neither shown nor refuted: every loop runs over a pair found one way only. ${SMALLER}`;
		return { verdict: 'undecided', sentence };
	}
	if (lower > tolerance) return violated(evidence, tolerances);
	if (openPairs > 0) {
		const which = `${pairs(openPairs)} found one way only, with mass left out that could be the way back`;
		const sentence = `Neither shown nor refuted: over the ${loopsOf(affinity.loops)} found both ways the rms cycle affinity is ${range(affinity)}, but ${which}. ${SMALLER}`;
		return { verdict: 'undecided', sentence };
	}
	if (upper !== null && upper <= tolerance) return balanced(evidence, tolerances, upper);
	return undecided(evidence, tolerances);
}

const SMALLER = 'A smaller --epsilon, or the closed set of these states, would settle it.';

function untestable({ openPairs, unfoundPairs }: ScoredEvidence): ScoredDecision {
	const more =
		openPairs + unfoundPairs > 0 ? ' Mass was left out: a smaller --epsilon may find one.' : '';
	const sentence = `No loop can be run through the transitions found.${more}`;
	return { verdict: 'untestable', sentence };
}

function oneWay({ oneWayPairs, affinity }: ScoredEvidence): ScoredDecision {
	const rest =
		affinity.rms === null
			? ''
			: ` Over the ${loopsOf(affinity.loops)} that run both ways the rms cycle affinity is ${range(affinity)}.`;
	const sentence = `Detailed balance violated without limit: ${lies(oneWayPairs)} on a loop and can be gone one way only, the other way having a probability of exactly 0.${rest}`;
	return { verdict: 'violated', sentence };
}

function violated({ affinity }: ScoredEvidence, tolerances: ScoredTolerances): ScoredDecision {
	const { typical } = affinity;
	// The same loops as a sampled run weighs them: does one that is run often violate anything?
	const rare =
		typical !== null && typical.rms <= tolerances.affinity
			? ` As a sampled run weighs loops it is ${digits(typical.rms)} nats: the violation lies in loops that are rarely run.`
			: '';
	const sentence = `Detailed balance violated by ${range(affinity)} rms cycle affinity over ${loopsOf(affinity.loops)}.${rare}`;
	return { verdict: 'violated', sentence };
}

function balanced(
	{ affinity, dependence }: ScoredEvidence,
	tolerances: ScoredTolerances,
	upper: number,
): ScoredDecision {
	const within = `within ${digits(upper)} nats rms over ${loopsOf(affinity.loops)}${shapes(affinity)}`;
	if (dependence.upper !== null && dependence.upper <= tolerances.dependence) {
		const sentence = `Detailed balance to ${within}, but trivially: the model ignores its input to within ${digits(dependence.upper)} nats.`;
		return { verdict: 'independent', sentence };
	}
	const unknown =
		dependence.upper === null
			? ' Whether the output depends on the input could not be computed.'
			: '';
	return { verdict: 'balanced', sentence: `Detailed balance to ${within}.${unknown}` };
}

function undecided({ affinity }: ScoredEvidence, tolerances: ScoredTolerances): ScoredDecision {
	const { rms, jitter, leftOut } = affinity as {
		rms: number;
		jitter: number | null;
		leftOut: number;
	};
	const side = rms > tolerances.affinity;
	const mass = side ? rms - leftOut <= tolerances.affinity : rms + leftOut > tolerances.affinity;
	const cure = mass
		? 'mass was left out: a smaller --epsilon would narrow it'
		: `evaluation shapes differ by ${jitter === null ? 'more than can be said' : `${digits(jitter)} nats`}: a model file of higher precision would narrow it`;
	const sentence = `Neither shown nor refuted: the rms cycle affinity is ${range(affinity)}, the tolerance ${tolerances.affinity}; ${cure}.`;
	return { verdict: 'undecided', sentence };
}

type Range = ScoredEvidence['affinity'];

/** `0.52 nats (0.49 … 0.55, jitter 0.01)` */
function range(affinity: Range): string {
	const { rms, lower, upper } = affinity;
	const ends = `${digits(lower!)} … ${upper === null ? '∞' : digits(upper)}`;
	return `${digits(rms!)} nats (${ends}${shapes(affinity)})`;
}

const shapes = ({ jitter }: Range): string =>
	jitter === null ? ', jitter not measured' : `, jitter ${digits(jitter)}`;
const pairs = (n: number): string => `${grouped(n)} ${n === 1 ? 'pair was' : 'pairs were'}`;
const lies = (n: number): string => `${grouped(n)} ${n === 1 ? 'pair lies' : 'pairs lie'}`;
const loopsOf = (n: number): string => `${grouped(n)} ${n === 1 ? 'loop' : 'loops'}`;
const grouped = (n: number): string => n.toLocaleString('en-US');
/** Three digits; what is nothing but rounding, rounded up. */
const digits = (x: number): string => String(x > 0 && x < 1e-12 ? 1e-12 : Number(x.toPrecision(3)));
