/** Moves along loops that keep every pair total and every source total, and the test statistic. */
import { logFactorialRise } from '../../numerics/gamma.js';
import type { Loops } from '../loops/loops.js';

export interface MoveTable {
	/** length N: a move along loop i shifts 2^j counts, j uniform in 0 … scales[i] − 1 */
	readonly scales: Int32Array;
	/** log of P(after) / P(before) for moving m counts off the loop's run (m < 0: onto it); −∞ if impossible */
	logRatio(counts: Float64Array, loop: number, m: number): number;
	apply(counts: Float64Array, loop: number, m: number): void;
	statistic(counts: Float64Array): number;
}

/** The table's loops made ready to be walked; `counts` everywhere are C(low → high) per pair. */
export function moveTable(loops: Loops): MoveTable {
	const { start, pair, sign } = loops;
	const total = loops.pairs.up.map((up, i) => up + loops.pairs.down[i]!);
	const weight = statisticWeights(loops, total);
	const logFactorial = logFactorials(
		Math.min(TABULATED, total.reduce((most, n) => Math.max(most, n), 0) + 1),
	);

	return {
		scales: moveScales(loops, total),
		logRatio(counts, loop, m) {
			let sum = 0;
			let product = 1;
			const size = m < 0 ? -m : m;
			for (let i = start[loop]!; i < start[loop + 1]!; i++) {
				const p = pair[i]!;
				const up = counts[p]!;
				const loses = sign[i]! * m > 0;
				const from = loses ? up : total[p]! - up;
				const to = total[p]! - from;
				if (from < size) return -Infinity;
				if (size === 1) product *= from / (to + 1);
				else if (total[p]! < logFactorial.length) {
					sum += logFactorial[from]! - logFactorial[from - size]!;
					sum += logFactorial[to]! - logFactorial[to + size]!;
				} else sum += logFactorialRise(from - size, size) - logFactorialRise(to, size);
			}
			return size === 1 ? Math.log(product) : sum;
		},
		apply(counts, loop, m) {
			for (let i = start[loop]!; i < start[loop + 1]!; i++) counts[pair[i]!]! -= sign[i]! * m;
		},
		statistic(counts) {
			let t = 0;
			for (let loop = 0; loop < weight.length; loop++) {
				let forward = 1;
				let backward = 1;
				for (let i = start[loop]!; i < start[loop + 1]!; i++) {
					const p = pair[i]!;
					const up = counts[p]! / total[p]!;
					const down = (total[p]! - counts[p]!) / total[p]!;
					forward *= sign[i]! > 0 ? up : down;
					backward *= sign[i]! > 0 ? down : up;
				}
				t += weight[loop]! * (forward - backward) ** 2;
			}
			return t;
		},
	};
}

/** Pairs with fewer counts than this look their factorials up. */
const TABULATED = 65536;

function logFactorials(length: number): Float64Array {
	const table = new Float64Array(length);
	for (let i = 2; i < length; i++) table[i] = table[i - 1]! + Math.log(i);
	return table;
}

/** 4^(k−3) (Π n)^(3/k): a loop of k pairs then varies, at equal counts, as much as a triangle. */
function statisticWeights({ start, pair }: Loops, total: Float64Array): Float64Array {
	return Float64Array.from({ length: start.length - 1 }, (_, loop) => {
		const k = start[loop + 1]! - start[loop]!;
		let logs = 0;
		for (let i = start[loop]!; i < start[loop + 1]!; i++) logs += Math.log(total[pair[i]!]!);
		return 4 ** (k - 3) * Math.exp((3 * logs) / k);
	});
}

/**
 * Number of move sizes of each loop, from the pair totals alone (a size that depended on the counts
 * would break the balance of move and reverse move). The largest is about twice the standard
 * deviation of the flow round the loop at even pairs, 1 / √Σ 4/n.
 */
function moveScales({ start, pair }: Loops, total: Float64Array): Int32Array {
	return Int32Array.from({ length: start.length - 1 }, (_, loop) => {
		let inverse = 0;
		for (let i = start[loop]!; i < start[loop + 1]!; i++) inverse += 4 / total[pair[i]!]!;
		return 1 + Math.max(0, Math.floor(Math.log2(2 / Math.sqrt(inverse))));
	});
}
