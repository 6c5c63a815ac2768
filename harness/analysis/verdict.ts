/** The written rule: five verdicts, decided in order, from findings alone. */
import type { NoisySquares } from '../numerics/shift-bound.js';
import { growthToSettle } from './power/promise.js';

export const VERDICTS = ['untestable', 'holds', 'trivial', 'violated', 'insufficient'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Tolerances {
	/** rms cycle affinity below which detailed balance holds for the purpose, nats */
	readonly affinity: number;
	/** mutual information below which the input does not matter, nats */
	readonly dependence: number;
	/** of all exact tests of a report together (Holm), in (0, 1) */
	readonly alpha: number;
}

/** The one place for the defaults. */
export const DEFAULT_TOLERANCES: Tolerances = { affinity: 0.1, dependence: 0.01, alpha: 0.05 };

/** What the rule looks at. */
export interface Evidence {
	readonly independentLoops: number;
	readonly exactTest: {
		readonly p: number | null;
		readonly reason: string | null;
		/** false: p is null because the test was left out, not because it could not be made */
		readonly asked?: boolean;
	};
	readonly affinity: {
		readonly rms: number | null;
		readonly meanSquare: number | null;
		readonly upper95: number | null;
		readonly squares: (NoisySquares & { readonly sumWeights: number }) | null;
		readonly loops: number;
		/** loops over a pair seen only once */
		readonly loopsLeftOut: number;
		readonly reason: string | null;
	};
	readonly dependence: { readonly upper95: number | null };
	/** all attempts; null if they were not recorded */
	readonly attempts: number | null;
	/** mean attempts from the states attempts were made from; null if they were not recorded */
	readonly attemptsPerSource: number | null;
}

export interface Decision {
	readonly verdict: Verdict;
	/** the verdict in plain words, one line */
	readonly sentence: string;
	/** p after Holm's correction over the groups; null where there is no p */
	readonly adjustedP: number | null;
	/** for `insufficient`: attempts to add from every source; null otherwise, or if unknown */
	readonly furtherAttemptsPerSource: number | null;
	/** for `insufficient`: attempts to add in all, which is what crawls and chains count; or null */
	readonly furtherAttempts: number | null;
	/** for `insufficient`: how many times as many transitions there must be in all, ≥ 1.1; or null */
	readonly growth: number | null;
}

/**
 * Decides all groups of a report together.
 * 1. untestable: no independent loop, or the exact test was asked for and could not be made. 2. upper
 * bound of the affinity below its tolerance: trivial if the bound of the dependence is below its own,
 * else holds. 3. violated: adjusted p ≤ α. 4. insufficient, with what would settle it: `growthToSettle`
 * at the tolerance, at the larger of tolerance and present rms, and at α over the tested groups.
 *
 * @param groups evidence of each group
 * @param tolerances see `Tolerances`
 * @returns one decision per group
 * @throws RangeError if a tolerance is not positive or α not in (0, 1)
 *
 * @example decide([{ independentLoops: 0, … }], DEFAULT_TOLERANCES)[0].verdict // 'untestable'
 */
export function decide(groups: readonly Evidence[], tolerances: Tolerances): Decision[] {
	checkTolerances(tolerances);
	const adjusted = holm(groups.map((group) => group.exactTest.p));
	// A second look has as many groups to correct for; one that is left out now may be asked then.
	const tested = groups.filter(
		({ exactTest }) => exactTest.p !== null || leftOut(exactTest),
	).length;
	return groups.map((group, i) =>
		decideOne(group, { adjustedP: adjusted[i]!, tested, tolerances }),
	);
}

/**
 * Holm's adjusted p-values; null stays null and does not count.
 * Source: Holm, Scand. J. Stat. 6, 65 (1979).
 *
 * @example holm([0.01, null, 0.04, 0.03]) // [0.03, null, 0.06, 0.06]
 */
export function holm(ps: readonly (number | null)[]): (number | null)[] {
	const order = [...ps.keys()].filter((i) => ps[i] !== null).sort((a, b) => ps[a]! - ps[b]!);
	const adjusted: (number | null)[] = ps.map(() => null);
	let least = 0;
	for (const [rank, i] of order.entries()) {
		least = Math.max(least, Math.min(1, ps[i]! * (order.length - rank)));
		adjusted[i] = least;
	}
	return adjusted;
}

function checkTolerances({ affinity, dependence, alpha }: Tolerances): void {
	if (!(affinity > 0))
		throw new RangeError(`tolerance of affinity must be positive, got ${affinity}`);
	if (!(dependence > 0)) {
		throw new RangeError(`tolerance of dependence must be positive, got ${dependence}`);
	}
	if (!(alpha > 0 && alpha < 1)) throw new RangeError(`alpha must lie in (0, 1), got ${alpha}`);
}

interface Context {
	readonly adjustedP: number | null;
	/** groups that share α */
	readonly tested: number;
	readonly tolerances: Tolerances;
}

const leftOut = (test: Evidence['exactTest']): boolean => test.p === null && test.asked === false;

function decideOne(group: Evidence, context: Context): Decision {
	const { adjustedP, tolerances } = context;
	const say: Say = (verdict, sentence) => ({
		verdict,
		sentence,
		adjustedP,
		furtherAttemptsPerSource: null,
		furtherAttempts: null,
		growth: null,
	});
	const { upper95 } = group.affinity;
	if (group.independentLoops === 0) {
		return say('untestable', 'No loop can be run through the observed transitions.');
	}
	if (adjustedP === null && !leftOut(group.exactTest)) {
		return say(
			'untestable',
			`The table cannot be tested: ${group.exactTest.reason ?? 'the exact test gave no p'}.`,
		);
	}
	const rejected = adjustedP !== null && adjustedP <= tolerances.alpha;
	if (upper95 !== null && upper95 < tolerances.affinity) {
		return small(group, rejected, tolerances, say);
	}
	if (rejected) {
		return say(
			'violated',
			`Detailed balance is rejected (p ${digits(adjustedP)} after Holm); ${size(group.affinity)}.`,
		);
	}
	return open(group, context, say);
}

function size({ rms, upper95, reason }: Evidence['affinity']): string {
	if (rms === null || upper95 === null) {
		return `its rms cycle affinity is unknown: ${reason ?? 'it could not be computed'}`;
	}
	const value = rms > 0 ? `${digits(rms)}, at` : 'not resolved from the noise yet, at';
	return `the rms cycle affinity is ${value} most ${digits(upper95)} nats`;
}

/** Measured on such tables: 72 to 100 of 100 reversible ones settled, where 95 are promised. */
const SPARSE =
	', and this number is a guess, since most loops run over a pair seen only once: look again on the way';

/** `insufficient`, with what would settle it. */
function open(group: Evidence, { tested, tolerances }: Context, say: Say): Decision {
	const { upper95, rms, meanSquare, squares, loops, loopsLeftOut, reason } = group.affinity;
	const start = leftOut(group.exactTest)
		? 'Not shown, and not tested because the exact test was left out'
		: 'Neither shown nor rejected';
	if (upper95 === null || rms === null || meanSquare === null || squares === null) {
		const why = reason ?? 'it could not be computed';
		return say(
			'insufficient',
			`${start}: the rms cycle affinity is unknown (${why}), and so is how many more attempts would do.`,
		);
	}
	const affinity = Math.max(tolerances.affinity, rms);
	const growth = growthToSettle(
		{ squares, meanSquare },
		{ tolerance: tolerances.affinity, affinity, alpha: tolerances.alpha / tested },
	);
	const further = (attempts: number | null): number | null =>
		attempts === null ? null : Math.ceil((growth - 1) * attempts);
	const more = {
		furtherAttemptsPerSource: further(group.attemptsPerSource),
		furtherAttempts: further(group.attempts),
		growth,
	};
	const bound = `the rms cycle affinity may reach ${digits(upper95)} nats, the tolerance is ${tolerances.affinity}`;
	return {
		...say(
			'insufficient',
			`${start}: ${bound}; ${amount(more)} would settle it (in 95 of 100 cases) if the affinity is 0 or at least ${digits(affinity)}; in between nothing can be promised${loopsLeftOut > loops ? SPARSE : ''}.`,
		),
		...more,
	};
}

function amount({
	furtherAttemptsPerSource: each,
	furtherAttempts: all,
	growth,
}: Pick<Decision, 'furtherAttemptsPerSource' | 'furtherAttempts' | 'growth'>): string {
	if (each === null) return `about ${digits(growth!)} times as many transitions`;
	const inAll = all === null ? '' : ` (${grouped(all)} in all)`;
	return `about ${grouped(each)} further attempts from every source${inAll}`;
}

type Say = (verdict: Verdict, sentence: string) => Decision;

function small(group: Evidence, rejected: boolean, tolerances: Tolerances, say: Say): Decision {
	const bound = `the rms cycle affinity is at most ${digits(group.affinity.upper95!)} nats`;
	const also = rejected ? ' A violation smaller than the tolerance was detected.' : '';
	const dependence = group.dependence.upper95;
	if (dependence !== null && dependence < tolerances.dependence) {
		return say(
			'trivial',
			`Detailed balance holds, but only because the output hardly depends on the input: ${bound}, the mutual information at most ${digits(dependence)} nats.${also}`,
		);
	}
	const unknown =
		dependence === null ? ' Whether the output depends on the input could not be computed.' : '';
	return say('holds', `Detailed balance holds within the tolerance: ${bound}.${unknown}${also}`);
}

const grouped = (n: number): string => n.toLocaleString('en-US');
const digits = (x: number): string => String(Number(x.toPrecision(3)));
