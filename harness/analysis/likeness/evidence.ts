/** What a verdict needs of one kernel, and no more. */
import { inputDependence, leftOutDependence } from '../dependence/dependence.js';
import { type Affinity, cycleAffinity } from '../effect/affinity.js';
import { pairEstimates } from '../effect/pair-estimates.js';
import { exactTest, leftOutTest } from '../exact/exact-test.js';
import { findLoops } from '../loops/loops.js';
import { fitReversible } from '../potential/reversible-fit.js';
import type { Resample } from '../resample.js';
import { findComponents } from '../table/components.js';
import type { CountTable } from '../table/counts.js';
import { type Decision, decide, type Evidence } from '../verdict.js';
import type { VerifyOptions } from '../verify.js';

export interface JudgedKernel extends Decision {
	readonly affinity: Pick<Affinity, 'rms' | 'interval95' | 'upper95' | 'reason'>;
	/** of the exact test, before Holm */
	readonly p: number | null;
}

type Judged = Evidence & Pick<JudgedKernel, 'affinity'>;

/**
 * Verdicts by the same rule, from the same numbers as `verifyGroups` gives; all that it does not need is
 * left out.
 *
 * @param tables one per kernel
 * @param options as `verifyGroups` takes them; `resampling: false` leaves the tests out
 * @param resample makes what is resampled, wherever
 * @returns verdict and cycle affinity of each kernel, in the order given
 * @throws RangeError if an option is out of range
 */
export async function judgeKernels(
	tables: readonly CountTable[],
	options: VerifyOptions,
	resample: Resample,
): Promise<JudgedKernel[]> {
	const evidence: Judged[] = [];
	for (const table of tables) evidence.push(await evidenceOf(table, options, resample));
	return decideKernels(evidence, options);
}

/** Decides what `evidenceOf` found of each kernel together. */
export function decideKernels(evidence: readonly Judged[], options: VerifyOptions): JudgedKernel[] {
	const decisions = decide(evidence, options.tolerances);
	return evidence.map(
		({ affinity: { rms, interval95, upper95, reason }, exactTest: { p } }, i) => ({
			...decisions[i]!,
			affinity: { rms, interval95, upper95, reason },
			p,
		}),
	);
}

/** The evidence of one kernel. @throws RangeError if an option is out of range */
export async function evidenceOf(
	table: CountTable,
	options: VerifyOptions,
	resample: Resample,
): Promise<Judged> {
	const components = findComponents(table);
	const loops = findLoops(components, options);
	const fit = fitReversible(table, components);
	const made = table.attempts.filter((n) => n > 0);
	const attempts = made.reduce((sum, n) => sum + n, 0);
	return {
		independentLoops: components.independentLoops,
		exactTest: options.resampling
			? await exactTest({ loops, fit }, options, resample)
			: leftOutTest(loops),
		affinity: cycleAffinity(loops, pairEstimates(components.inner, fit)),
		dependence: options.resampling
			? await inputDependence(table, options, resample)
			: leftOutDependence(table),
		attempts: table.attemptsRecorded ? attempts : null,
		attemptsPerSource: table.attemptsRecorded && made.length > 0 ? attempts / made.length : null,
	};
}

/** A difference of two independent estimates with its interval. */
export interface Difference {
	/** second less first */
	readonly value: number;
	readonly lower: number;
	readonly upper: number;
}

/**
 * The rms cycle affinity of the second kernel less that of the first, nats; null where one is unknown.
 * Source: Zou, Donner, Stat. Med. 27, 1693 (2008), eq. 5, for a difference.
 */
export function affinityDifference(
	a: JudgedKernel['affinity'],
	b: JudgedKernel['affinity'],
): Difference | null {
	if (a.rms === null || b.rms === null || a.interval95 === null || b.interval95 === null) {
		return null;
	}
	const value = b.rms - a.rms;
	return {
		value,
		lower: value - Math.hypot(b.rms - b.interval95.lower, a.interval95.upper - a.rms),
		upper: value + Math.hypot(b.interval95.upper - b.rms, a.rms - a.interval95.lower),
	};
}
