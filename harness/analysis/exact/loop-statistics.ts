/** What is read off a table while it is walked: the statistic, loop residuals, memory. */
import type { ReversibleFit } from '../potential/reversible-fit.js';
import type { LoopTable } from './loop-moves.js';

/** Counts expected under detailed balance; the same for every table with the same totals. */
export interface Expected {
	/** n p̂ of the run low → high of each pair, length P */
	readonly up: Float64Array;
	/** n p̂ q̂ of each pair, length P, > 0 */
	readonly information: Float64Array;
}

export function expectedCounts(table: LoopTable, fit: ReversibleFit): Expected {
	return { up: table.total.map((n, p) => n * fit.up[p]!), information: fit.information };
}

/**
 * t = Σ over loops w (Π C_fg/n_fg − Π C_gf/n_fg)², w = 4^(k−3) (Π n_fg)^(3/k) for a loop of k pairs;
 * for triangles (C_fg C_gh C_hf − C_fh C_hg C_gf)² / (n_fg n_gh n_hf).
 *
 * @param table loops
 * @param counts per directed pair, length 2P
 * @returns t ≥ 0
 *
 * @example a triangle 4, 4, 4 run one way only: (4³)² / 4³ = 64
 */
export function loopStatistic(table: LoopTable, counts: Float64Array): number {
	const { total, start, edge, weight } = table;
	const shares = new Float64Array(counts.length);
	for (let e = 0; e < shares.length; e++) shares[e] = counts[e]! / total[e >> 1]!;
	let t = 0;
	for (let loop = 0; loop < weight.length; loop++) {
		let forward = 1;
		let backward = 1;
		for (let i = start[loop]!; i < start[loop + 1]!; i++) {
			forward *= shares[edge[i]!]!;
			backward *= shares[edge[i]! ^ 1]!;
		}
		t += weight[loop]! * (forward - backward) ** 2;
	}
	return t;
}

/**
 * z of each loop along its run: Σ ±(C − n p̂) / (n p̂ q̂) over √Σ 1/(n p̂ q̂). The sum is the cycle
 * affinity to first order in C − n p̂, in which the potential cancels; the root is its standard error.
 *
 * @param table N loops over P pairs
 * @param expected of the same pairs
 * @param counts per directed pair, length 2P
 * @returns z, length N
 *
 * @example a triangle 4, 4, 4 run one way only: 3 · 2 / √3 = 3.4641
 */
export function loopResiduals(
	table: LoopTable,
	expected: Expected,
	counts: Float64Array,
): Float64Array {
	const { start, edge } = table;
	const residual = new Float64Array(counts.length);
	const variance = new Float64Array(counts.length);
	for (let p = 0; p < expected.up.length; p++) {
		const r = (counts[2 * p]! - expected.up[p]!) / expected.information[p]!;
		residual[2 * p] = r;
		residual[2 * p + 1] = -r;
		variance[2 * p] = variance[2 * p + 1] = 1 / expected.information[p]!;
	}
	const z = new Float64Array(table.weight.length);
	for (let loop = 0; loop < z.length; loop++) {
		let sum = 0;
		let square = 0;
		for (let i = start[loop]!; i < start[loop + 1]!; i++) {
			sum += residual[edge[i]!]!;
			square += variance[edge[i]!]!;
		}
		z[loop] = sum / Math.sqrt(square);
	}
	return z;
}

/** Largest z² of a loop. */
export function largestSquare(z: Float64Array): number {
	let most = 0;
	for (let i = 0; i < z.length; i++) if (z[i]! * z[i]! > most) most = z[i]! * z[i]!;
	return most;
}

/** Σ over pairs of xy, xx and yy, where x and y are (C − n p̂) / √(n p̂ q̂) of two tables. */
export function memorySums(
	expected: Expected,
	x: Float64Array,
	y: Float64Array,
): readonly [xy: number, xx: number, yy: number] {
	let xy = 0;
	let xx = 0;
	let yy = 0;
	for (let p = 0; p < expected.up.length; p++) {
		const a = x[2 * p]! - expected.up[p]!;
		const b = y[2 * p]! - expected.up[p]!;
		const v = expected.information[p]!;
		xy += (a * b) / v;
		xx += (a * a) / v;
		yy += (b * b) / v;
	}
	return [xy, xx, yy];
}
