import { type AnalysisOptions, analyseGroup, type GroupFinding, type Subject } from './finding.js';
import type { Resample } from './resample.js';
import { DEFAULT_TOLERANCES, type Decision, decide, type Tolerances } from './verdict.js';

export interface VerifyOptions extends AnalysisOptions {
	readonly tolerances: Tolerances;
}

/** The one place for the defaults of `verify`. */
export const DEFAULT_VERIFY: VerifyOptions = {
	seed: 1,
	resampling: true,
	samples: 999,
	steps: null,
	resamples: 199,
	replicas: 199,
	maxDraws: 5_000_000,
	maxLoops: 200_000,
	searchStates: 1000,
	searchLoops: 2000,
	worstLoops: 10,
	points: 2000,
	tolerances: DEFAULT_TOLERANCES,
};

export type GroupVerdict = GroupFinding & Decision;

/**
 * Analyses every group and decides them together (Holm over the groups).
 *
 * @param subjects one per model × template × setting
 * @param options `DEFAULT_VERIFY`, or changes to it
 * @param resample makes what is resampled: `resampleHere`, or a pool's
 * @returns finding and decision of each group, in the order given
 * @throws RangeError if an option is out of range
 *
 * @example (await verifyGroups([subjectOf(table)], DEFAULT_VERIFY, resampleHere))[0].verdict
 */
export async function verifyGroups(
	subjects: readonly Subject[],
	options: VerifyOptions,
	resample: Resample,
): Promise<GroupVerdict[]> {
	const findings: GroupFinding[] = [];
	for (const subject of subjects) findings.push(await analyseGroup(subject, options, resample));
	const decisions = decide(findings, options.tolerances);
	return findings.map((finding, i) => ({ ...finding, ...decisions[i]! }));
}
