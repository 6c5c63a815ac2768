/** The written rule: five verdicts, decided in order, from findings alone. */
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
	readonly exactTest: { readonly p: number | null; readonly reason: string | null };
	readonly affinity: {
		readonly rms: number | null;
		readonly upper95: number | null;
		readonly reversibleUpper95: number | null;
	};
	readonly dependence: { readonly upper95: number | null };
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
}

/**
 * Decides all groups of a report together.
 * 1. untestable: no independent loop, or no p. 2. upper bound of the affinity below its tolerance:
 * trivial if the bound of the dependence is below its own, else holds. 3. violated: adjusted p ≤ α.
 * 4. insufficient.
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
	return groups.map((group, i) => decideOne(group, adjusted[i]!, tolerances));
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

function decideOne(group: Evidence, adjustedP: number | null, tolerances: Tolerances): Decision {
	const say = (verdict: Verdict, sentence: string, further: number | null = null): Decision => ({
		verdict,
		sentence,
		adjustedP,
		furtherAttemptsPerSource: further,
	});
	const { upper95, rms } = group.affinity;
	if (group.independentLoops === 0) {
		return say('untestable', 'No loop can be run through the observed transitions.');
	}
	if (adjustedP === null || upper95 === null || rms === null) {
		const reason = group.exactTest.reason ?? 'no affinity could be computed';
		return say('untestable', `The table cannot be tested: ${reason}.`);
	}
	const rejected = adjustedP <= tolerances.alpha;
	if (upper95 < tolerances.affinity) return small(group, rejected, tolerances, say);
	if (rejected) {
		return say(
			'violated',
			`Detailed balance is rejected (p ${digits(adjustedP)} after Holm); the rms cycle affinity is ${rms > 0 ? `${digits(rms)}, at` : 'not resolved from the noise yet, at'} most ${digits(upper95)} nats.`,
		);
	}
	const further = furtherAttempts(group, tolerances.affinity);
	const promise =
		further === null
			? 'how many more would do is unknown, since attempts per source were not recorded'
			: `about ${further} further attempts from every source would settle it`;
	return say(
		'insufficient',
		`Neither shown nor rejected: the rms cycle affinity may reach ${digits(upper95)} nats, the tolerance is ${tolerances.affinity}; ${promise}.`,
		further,
	);
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

/**
 * Attempts to add from every source until 19 of 20 exactly reversible tables would have a bound below
 * the tolerance; the bound falls as 1 / √attempts.
 */
function furtherAttempts(group: Evidence, tolerance: number): number | null {
	const bound = group.affinity.reversibleUpper95;
	if (group.attemptsPerSource === null || bound === null) return null;
	// A lucky table can miss although 19 of 20 would not: then a tenth more is asked for.
	const growth = Math.max(1.1, (bound / tolerance) ** 2);
	return Math.ceil((growth - 1) * group.attemptsPerSource);
}

const digits = (x: number): string => String(Number(x.toPrecision(3)));
