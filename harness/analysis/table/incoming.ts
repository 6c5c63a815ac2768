import type { CountTable } from './counts.js';

/** A table turned round: the transitions into g are start[g] … start[g + 1] − 1, by source. */
export interface Incoming {
	/** length K + 1 */
	readonly start: Int32Array;
	/** ascending within each target */
	readonly source: Int32Array;
	readonly count: Float64Array;
}

/** The transitions of a table by target instead of by source. */
export function incoming({ rowStart, target, count }: CountTable): Incoming {
	const K = rowStart.length - 1;
	const start = new Int32Array(K + 1);
	for (const g of target) start[g + 1]! += 1;
	for (let g = 0; g < K; g++) start[g + 1]! += start[g]!;
	const next = start.slice(0, K);
	const source = new Int32Array(target.length);
	const counts = new Float64Array(target.length);
	for (let f = 0; f < K; f++) {
		for (let i = rowStart[f]!; i < rowStart[f + 1]!; i++) {
			const at = next[target[i]!]!++;
			source[at] = f;
			counts[at] = count[i]!;
		}
	}
	return { start, source, count: counts };
}
