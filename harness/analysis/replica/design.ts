/** The null of the replica panel: data sets of the same design from the fitted reversible kernel. */
import { binomial } from '../../numerics/binomial.js';
import { Stream } from '../../numerics/stream.js';
import type { ReversibleFit } from '../potential/reversible-fit.js';
import { PURPOSE } from '../purposes.js';
import type { Components } from '../table/components.js';
import type { CountTable } from '../table/counts.js';
import { acceptedDraws } from '../table/normalise.js';
import { pairGraph } from '../table/pair-graph.js';

/** What may come out of each source and how often: all that drawing a data set needs. */
export interface ReplicaDesign {
	/** uint32 */
	readonly seed: number;
	/** attempts made from each source, length K; accepted draws where attempts were not recorded */
	readonly trials: Float64Array;
	/** N0 of the high-reject normalisation */
	readonly perState: number;
	/** cells (f, g) of source f: rowStart[f] … rowStart[f + 1] − 1, targets ascending */
	readonly rowStart: Int32Array;
	readonly target: Int32Array;
	/** chance that an attempt from f that went to no earlier cell of its row goes to this one */
	readonly share: Float64Array;
	/** a potential near that of every data set, length K */
	readonly start: Float64Array;
}

/**
 * The design of a table: T̂(g|f) = n_fg p̂_fg / C_f on pairs inside components, where p̂ is fitted
 * under detailed balance; C_fg / C_f between components; all else (self, invalid, unparsable,
 * truncated) as often as it was seen. By the fit's score equations each row keeps its number of
 * accepted draws on average.
 *
 * @param table K states
 * @param components of the same table
 * @param fit of the same table
 * @param seed uint32
 * @returns see `ReplicaDesign`
 */
export function replicaDesign(
	table: CountTable,
	components: Components,
	{ fit, seed }: { readonly fit: ReversibleFit; readonly seed: number },
): ReplicaDesign {
	const accepted = acceptedDraws(table);
	const trials = table.attemptsRecorded ? table.attempts : accepted;
	const { rowStart, target, expected } = expectedCells(table, components, fit);
	const share = new Float64Array(expected.length);
	for (let f = 0; f < trials.length; f++) {
		let tail = trials[f]! - accepted[f]!;
		for (let i = rowStart[f + 1]! - 1; i >= rowStart[f]!; i--) {
			tail += expected[i]!;
			share[i] = expected[i]! / tail;
		}
	}
	const perState = table.attempts.reduce((sum, n) => sum + n, 0) / trials.length;
	return { seed, trials, perState, rowStart, target, share, start: fit.theta };
}

/** Every cell that has positive probability, with its expected count. */
function expectedCells(table: CountTable, { inner }: Components, { theta }: ReversibleFit) {
	const K = table.states.length;
	const graph = pairGraph(K, inner);
	const rowStart = new Int32Array(K + 1);
	const target: number[] = [];
	const expected: number[] = [];
	for (let f = 0; f < K; f++) {
		let i = table.rowStart[f]!;
		let j = graph.start[f]!;
		while (i < table.rowStart[f + 1]! || j < graph.start[f + 1]!) {
			const seen = i < table.rowStart[f + 1]! ? table.target[i]! : Infinity;
			const inside = j < graph.start[f + 1]! ? graph.neighbour[j]! : Infinity;
			if (inside <= seen) {
				const p = graph.pair[j]!;
				const n = inner.up[p]! + inner.down[p]!;
				target.push(inside);
				expected.push(n / (1 + Math.exp(theta[inside]! - theta[f]!)));
				j += 1;
			} else {
				target.push(seen);
				expected.push(table.count[i]!);
			}
			if (seen <= inside) i += 1;
		}
		rowStart[f + 1] = target.length;
	}
	return { rowStart, target: Int32Array.from(target), expected: Float64Array.from(expected) };
}

/** The off-diagonal counts of a table, and C_f. */
export type Counts = Pick<CountTable, 'rowStart' | 'target' | 'count' | 'attempts'>;

/**
 * Data set number `index`: the counts of C_f attempts from every source, a pure function of
 * (design, index).
 *
 * @param design of a table
 * @param index uint32
 * @returns positive counts only, sorted as in a table
 */
export function drawCounts(design: ReplicaDesign, index: number): Counts {
	const stream = new Stream([design.seed, PURPOSE.replica], index);
	const { trials, rowStart: cells, share } = design;
	const K = trials.length;
	const rowStart = new Int32Array(K + 1);
	const target = new Int32Array(share.length);
	const count = new Float64Array(share.length);
	let size = 0;
	for (let f = 0; f < K; f++) {
		let left = trials[f]!;
		for (let i = cells[f]!; i < cells[f + 1]! && left > 0; i++) {
			const n = binomial(left, share[i]!, stream);
			if (n === 0) continue;
			left -= n;
			target[size] = design.target[i]!;
			count[size] = n;
			size += 1;
		}
		rowStart[f + 1] = size;
	}
	return {
		attempts: trials,
		rowStart,
		target: target.subarray(0, size),
		count: count.subarray(0, size),
	};
}
