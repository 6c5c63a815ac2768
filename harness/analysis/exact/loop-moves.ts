/** Moves along loops that keep every pair total and every source total. */
import { logFactorialRise } from '../../numerics/gamma.js';
import { philoxInto, uniform53 } from '../../numerics/philox.js';
import type { Loops } from '../loops/loops.js';
import { PURPOSE } from '../purposes.js';

/**
 * P pairs and N loops made ready to be walked: plain arrays, so that a worker can be given them.
 * Directed pairs are numbered 2p (low → high of pair p) and 2p + 1 (high → low): `edge ^ 1` is the
 * reverse of `edge`. Counts are kept per directed pair, length 2P.
 */
export interface LoopTable {
	/** n of each pair, length P */
	readonly total: Float64Array;
	/** length N + 1: loop i runs along entries start[i] … start[i + 1] − 1 of `edge` */
	readonly start: Int32Array;
	readonly edge: Int32Array;
	/** weight of each loop in the statistic, length N */
	readonly weight: Float64Array;
	/** length N: a move along loop i shifts 2^j counts, j uniform in 0 … scales[i] − 1 */
	readonly scales: Uint8Array;
	/** log x! for every x below its length */
	readonly logFactorial: Float64Array;
}

/** Pairs with fewer counts than this look their factorials up. */
const TABULATED = 65536;

export function loopTable(loops: Loops): LoopTable {
	const { start, pair, sign } = loops;
	const total = pairTotals(loops);
	const most = total.reduce((n, m) => Math.max(n, m), 0);
	return {
		total,
		start,
		edge: pair.map((p, i) => 2 * p + (sign[i]! > 0 ? 0 : 1)),
		weight: statisticWeights(loops, total),
		scales: moveScales(loops),
		logFactorial: logFactorials(Math.min(TABULATED, most + 1)),
	};
}

/** n of each pair. */
export function pairTotals({ pairs }: Loops): Float64Array {
	return pairs.up.map((up, p) => up + pairs.down[p]!);
}

/** The observed counts per directed pair. */
export function directedCounts({ pairs }: Loops): Float64Array {
	const counts = new Float64Array(2 * pairs.up.length);
	for (const [p, up] of pairs.up.entries()) {
		counts[2 * p] = up;
		counts[2 * p + 1] = pairs.down[p]!;
	}
	return counts;
}

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
export function moveScales(loops: Loops): Uint8Array {
	const { start, pair } = loops;
	const total = pairTotals(loops);
	return Uint8Array.from({ length: start.length - 1 }, (_, loop) => {
		let inverse = 0;
		for (let i = start[loop]!; i < start[loop + 1]!; i++) inverse += 4 / total[pair[i]!]!;
		return 1 + Math.max(0, Math.floor(Math.log2(2 / Math.sqrt(inverse))));
	});
}

export interface WalkRange {
	/** uint32 */
	readonly seed: number;
	/** uint32, number of the walk */
	readonly walk: number;
	/** steps `from` … `to` − 1 of it */
	readonly from: number;
	readonly to: number;
}

/** One proposal; a single record is reused for all steps. */
interface Move {
	loop: number;
	/** 0: counts are taken off the loop's run, 1: off its reverse */
	against: 0 | 1;
	/** counts moved on each pair, a power of two */
	size: number;
	/** uniform in [0, 1), decides */
	u: number;
}

/** Metropolis steps on `counts` (per directed pair), in place; returns the accepted ones. */
export function walkTable(table: LoopTable, counts: Float64Array, range: WalkRange): number {
	const { seed, walk, from, to } = range;
	const loops = table.weight.length;
	const words = new Uint32Array(4);
	const move: Move = { loop: 0, against: 0, size: 1, u: 0.5 };
	let accepted = 0;
	for (let step = from; step < to; step++) {
		philoxInto(step, 0, walk, 0, seed, PURPOSE.exactTest, words);
		// The 2^-32 unevenness of this choice is the same for a move and its reverse: no harm.
		move.loop = Math.floor((words[0]! / 4294967296) * loops);
		move.against = (words[1]! & 1) === 1 ? 0 : 1;
		move.size = 1 << (((words[1]! >>> 1) / 2147483648) * table.scales[move.loop]!);
		move.u = uniform53(words[2]!, words[3]!);
		const accepts = move.size === 1 ? acceptsOne : acceptsMany;
		if (!accepts(table, counts, move)) continue;
		apply(table, counts, move);
		accepted += 1;
	}
	return accepted;
}

/** u < P(after) / P(before) = Π C_fg / (C_gf + 1): no logarithm is needed for a single count. */
function acceptsOne(table: LoopTable, counts: Float64Array, move: Move): boolean {
	let ratio = 1;
	for (let i = table.start[move.loop]!; i < table.start[move.loop + 1]!; i++) {
		const edge = table.edge[i]! ^ move.against;
		const loses = counts[edge]!;
		if (loses === 0) return false;
		ratio *= loses / (counts[edge ^ 1]! + 1);
	}
	return move.u < ratio;
}

/** log u < log P(after) / P(before), a sum of log-factorials. */
function acceptsMany(table: LoopTable, counts: Float64Array, move: Move): boolean {
	const { logFactorial } = table;
	const { size } = move;
	let sum = 0;
	for (let i = table.start[move.loop]!; i < table.start[move.loop + 1]!; i++) {
		const edge = table.edge[i]! ^ move.against;
		const loses = counts[edge]!;
		if (loses < size) return false;
		const gains = counts[edge ^ 1]!;
		if (loses + gains < logFactorial.length) {
			sum += logFactorial[loses]! - logFactorial[loses - size]!;
			sum += logFactorial[gains]! - logFactorial[gains + size]!;
		} else sum += logFactorialRise(loses - size, size) - logFactorialRise(gains, size);
	}
	return sum >= 0 || Math.log(move.u) < sum;
}

function apply(table: LoopTable, counts: Float64Array, move: Move): void {
	for (let i = table.start[move.loop]!; i < table.start[move.loop + 1]!; i++) {
		const edge = table.edge[i]! ^ move.against;
		counts[edge]! -= move.size;
		counts[edge ^ 1]! += move.size;
	}
}
