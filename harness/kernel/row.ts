/** One source's row of an exact kernel: what its laws say of every completion, as far as they were followed. */
export interface KernelRow {
	readonly source: string;
	/** In order of the targets by code unit; the source itself for the self outcome. */
	readonly entries: readonly KernelEntry[];
	/** Mass of each outcome without a state; of a closed set null: they were not told apart. */
	readonly outcomes: {
		readonly invalid: number;
		readonly unparsable: number;
		readonly truncated: number;
	} | null;
	/** Closed set: mass that can end in no state of the set. */
	readonly elsewhere: number;
	/** Mass that was not followed to an end. */
	readonly leftOut: number;
	/** Laws asked for. */
	readonly evaluations: number;
	/** Whether what was left out is as small as was asked; else the evaluations were used up. */
	readonly reached: boolean;
}

export interface KernelEntry {
	readonly target: string;
	/** log of the mass of the completions found to end in the target, nats: a lower bound of log T; −∞ for none. */
	readonly logFound: number;
	/** The same with all mass left out that may still end there: an upper bound. */
	readonly logBound: number;
}

/** @param logFound log of the mass that ends in the target @param left mass that still may */
export function kernelEntry(target: string, logFound: number, left: number): KernelEntry {
	// Masses add up to 1 but for rounding.
	const bound = Math.min(0, logSum([logFound, Math.log(left)]));
	return { target, logFound: Math.min(0, logFound), logBound: bound };
}

/** log Σ exp of some logs, −∞ for none; masses too small to be told from 0 still add up. */
export function logSum(logs: readonly number[]): number {
	const max = logs.reduce((a, b) => Math.max(a, b), -Infinity);
	if (max === -Infinity) return max;
	return max + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - max), 0));
}

/** All mass of a row; 1 but for rounding. */
export function totalMass({ entries, outcomes, elsewhere, leftOut }: KernelRow): number {
	const states = entries.reduce((sum, { logFound }) => sum + Math.exp(logFound), 0);
	const none = outcomes ? outcomes.invalid + outcomes.unparsable + outcomes.truncated : 0;
	return states + none + elsewhere + leftOut;
}
