/** All statistics of exact kernels. */
import {
	analyseScored,
	type ScoredFinding,
	type ScoredOptions,
} from '../analysis/scored/finding.js';
import { type Agreement, agreement } from './exact-agreement.js';
import type { ExactKernel } from './exact-read.js';
import type { CountedKernel } from './kernels.js';

export interface ExactFinding extends Omit<ExactKernel, 'rows' | 'subject' | 'stored'> {
	readonly finding: ScoredFinding;
	/** Against the attempts of the same database and setting; null where there are none. */
	readonly agreement: Agreement | null;
}

export interface ExactOptions extends ScoredOptions {
	/** Kernels that were sampled, to compare with. */
	readonly sampled: readonly CountedKernel[];
	/** Of the comparison: uint32. */
	readonly seed: number;
	/** Tables drawn for the comparison; 0: it is left out. */
	readonly samples: number;
}

/** All statistics of some kernels. */
export function analyseExact(
	kernels: readonly ExactKernel[],
	{ sampled, seed, samples, ...options }: ExactOptions,
): ExactFinding[] {
	return kernels.map((exact) => {
		const { rows: _, subject, stored: __, ...kernel } = exact;
		return {
			...kernel,
			finding: analyseScored(subject, options),
			agreement: samples === 0 ? null : agreement(exact, sampled, { seed, samples }),
		};
	});
}
