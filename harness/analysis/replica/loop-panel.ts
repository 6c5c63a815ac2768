/** The paper's loop panel: log-probabilities of triangles run forward and backward. */
import { gather } from '../../numerics/gather.js';
import type { Pairs } from '../table/components.js';
import { type PairGraph, pairGraph } from '../table/pair-graph.js';

/** One triangle f < g < h, forward f → g → h → f. */
export interface LoopSums {
	/** Σ log T forward and backward, nats */
	readonly forward: number;
	readonly backward: number;
	/** Σ (1/C_edge + 1/C_source) over the edges of both directions */
	readonly variance: number;
	/** least of the six counts, > 0 */
	readonly least: number;
}

/**
 * Visits every triangle whose six counts are positive, T = C_fg / C_f.
 *
 * @param pairs of a table, sorted by (low, high)
 * @param attempts C_f, length K
 * @param visit called once per triangle, in order of (f, g, h)
 */
export function eachLoop(
	pairs: Pairs,
	attempts: Float64Array,
	visit: (sums: LoopSums) => void,
): void {
	const twoWay = bothWays(pairs);
	const { low, high, up, down } = twoWay;
	const logUp = up.map((n, p) => Math.log(n / attempts[low[p]!]!));
	const logDown = down.map((n, p) => Math.log(n / attempts[high[p]!]!));
	const variance = up.map(
		(n, p) => 1 / n + 1 / down[p]! + 1 / attempts[low[p]!]! + 1 / attempts[high[p]!]!,
	);
	const least = up.map((n, p) => Math.min(n, down[p]!));
	eachTriangle(pairGraph(attempts.length, twoWay), (fg, gh, fh) => {
		visit({
			forward: logUp[fg]! + logUp[gh]! + logDown[fh]!,
			backward: logDown[fg]! + logDown[gh]! + logUp[fh]!,
			variance: variance[fg]! + variance[gh]! + variance[fh]!,
			least: Math.min(least[fg]!, least[gh]!, least[fh]!),
		});
	});
}

function bothWays(pairs: Pairs): Pairs {
	const chosen = new Int32Array(pairs.low.length);
	let size = 0;
	for (let p = 0; p < chosen.length; p++) {
		if (pairs.up[p]! > 0 && pairs.down[p]! > 0) chosen[size++] = p;
	}
	const kept = chosen.subarray(0, size);
	return {
		low: kept.map((p) => pairs.low[p]!),
		high: kept.map((p) => pairs.high[p]!),
		up: gather(pairs.up, kept),
		down: gather(pairs.down, kept),
	};
}

/** Triangles f < g < h by the numbers of their pairs. */
function eachTriangle(
	{ K, start, neighbour, pair }: PairGraph,
	visit: (fg: number, gh: number, fh: number) => void,
): void {
	const from = new Int32Array(K).fill(-1);
	const by = new Int32Array(K);
	for (let f = 0; f < K; f++) {
		for (let i = start[f]!; i < start[f + 1]!; i++) {
			from[neighbour[i]!] = f;
			by[neighbour[i]!] = pair[i]!;
		}
		for (let i = start[f]!; i < start[f + 1]!; i++) {
			const g = neighbour[i]!;
			if (g < f) continue;
			for (let j = start[g]!; j < start[g + 1]!; j++) {
				const h = neighbour[j]!;
				if (h > g && from[h] === f) visit(pair[i]!, pair[j]!, by[h]!);
			}
		}
	}
}
