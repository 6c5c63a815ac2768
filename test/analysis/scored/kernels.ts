/** Scored kernels with known answers. */
import {
	analyseScored,
	DEFAULT_SCORED,
	type ScoredFinding,
} from '../../../harness/analysis/scored/finding.js';
import type { ScoredKernel } from '../../../harness/analysis/scored/kernel.js';
import { type CountTable, countTable } from '../../../harness/analysis/table/counts.js';
import { type Kernel, stateName } from '../synthetic.js';

/** Every state a source; `left` is the mass left out of each transition. */
export function scored(T: Kernel, left = 0): ScoredKernel {
	const flat = T.flatMap((row) => [...row]);
	return {
		states: T.map((_, f) => stateName(f)),
		sources: [...T.keys()],
		logFound: Float64Array.from(flat, Math.log),
		logBound: Float64Array.from(flat, (x) => Math.log(Math.min(1, x + left))),
	};
}

/** Log T as they are, any number of them left open upwards by `open` nats. */
export function scoredLogs(
	logs: Kernel,
	open: (f: number, g: number) => number = () => 0,
): ScoredKernel {
	const K = logs.length;
	const found = Float64Array.from(logs.flatMap((row) => [...row]));
	return {
		states: logs.map((_, f) => stateName(f)),
		sources: [...logs.keys()],
		logFound: found,
		logBound: found.map((x, i) => x + open(Math.floor(i / K), i % K)),
	};
}

export const analyse = (base: ScoredKernel, ...variants: ScoredKernel[]): ScoredFinding =>
	analyseScored({ base, variants }, DEFAULT_SCORED);

/** K states in a ring, T `forward` to the next and `backward` to the last one. */
export const ring = (K: number, forward: number, backward: number): Kernel =>
	Array.from({ length: K }, (_, f) =>
		Array.from({ length: K }, (_, g) => {
			if (g === (f + 1) % K) return forward;
			return f === (g + 1) % K ? backward : 0;
		}),
	);

/** The kernel with state order[i] at place i. */
export const permuted = (T: Kernel, order: readonly number[]): Kernel =>
	order.map((f) => order.map((g) => T[f]![g]!));

/** Expected counts of n attempts from each state, rounded. */
export function expectedTable(T: Kernel, n: number): CountTable {
	const rows = T.flatMap((row, f) =>
		row.map((x, g) => ({ source: stateName(f), target: stateName(g), count: Math.round(n * x) })),
	).filter(({ count }) => count > 0);
	return countTable({ rows, attempts: Object.fromEntries(T.map((_, f) => [stateName(f), n])) });
}
