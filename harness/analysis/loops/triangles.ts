import { Stream } from '../../numerics/stream.js';
import { PURPOSE } from '../purposes.js';
import type { Pairs } from '../table/components.js';
import { type PairGraph, pairBetween } from '../table/pair-graph.js';

export interface TriangleOptions {
	/** largest number of triangles kept, and of longer loops, an integer ≥ 1 */
	readonly maxLoops: number;
	/** uint32 */
	readonly seed: number;
}

export interface Triangles {
	/** {f, g}, {g, h}, {f, h} of each triangle f < g < h kept, as indices of pairs; by (f, g, h) */
	readonly pair: Int32Array;
	/** all triangles there are */
	readonly total: number;
}

/**
 * All triangles f < g < h in order of (f, g, h). Above `maxLoops`, each is kept with probability
 * maxLoops / (number of triangles), by a seeded draw.
 *
 * @param pairs P pairs, sorted by (low, high)
 * @param graph of the same pairs
 * @returns triangles kept, and how many there are
 */
export function findTriangles(
	pairs: Pairs,
	graph: PairGraph,
	{ maxLoops, seed }: TriangleOptions,
): Triangles {
	const upward = climbing(graph);
	let total = 0;
	const first: number[] = [];
	const second: number[] = [];
	const keep = (p: number, q: number, r: number): void => {
		// {f, g} is the lowest of the three, {g, h} the highest.
		first.push(Math.min(p, q, r));
		second.push(Math.max(p, q, r));
	};
	eachTriangle(upward, (p, q, r) => {
		total += 1;
		if (total <= maxLoops) keep(p, q, r);
	});
	if (total > maxLoops) {
		first.length = 0;
		second.length = 0;
		const draw = new Stream([seed, PURPOSE.loops], 0);
		// Number of triangles passed over before the next one kept: geometric, a draw for each kept.
		const gap = (): number => Math.floor(Math.log1p(-draw.next()) / Math.log1p(-maxLoops / total));
		let left = gap();
		eachTriangle(upward, (p, q, r) => {
			if (left === 0) {
				keep(p, q, r);
				left = gap();
			} else left -= 1;
		});
	}
	return { pair: inOrder(pairs, graph, { first, second }), total };
}

/** Sorted by {f, g}, then {g, h}: the two pairs as one number. */
function inOrder(
	{ low, high }: Pairs,
	graph: PairGraph,
	{ first, second }: { readonly first: readonly number[]; readonly second: readonly number[] },
): Int32Array {
	const P = low.length;
	const keys = Float64Array.from(first, (p, i) => p * P + second[i]!).sort();
	const pair = new Int32Array(3 * keys.length);
	for (const [i, key] of keys.entries()) {
		const fg = Math.floor(key / P);
		const gh = key % P;
		pair[3 * i] = fg;
		pair[3 * i + 1] = gh;
		pair[3 * i + 2] = pairBetween(graph, low[fg]!, high[gh]!);
	}
	return pair;
}

/** Neighbours of each state that have more pairs than it, or as many and a higher number. */
function climbing({ K, start, neighbour, pair }: PairGraph): PairGraph {
	const degree = (f: number): number => start[f + 1]! - start[f]!;
	const above = (f: number, g: number): boolean =>
		degree(g) > degree(f) || (degree(g) === degree(f) && g > f);
	const up = new Int32Array(K + 1);
	const to = new Int32Array(pair.length / 2);
	const by = new Int32Array(pair.length / 2);
	let size = 0;
	for (let f = 0; f < K; f++) {
		for (let i = start[f]!; i < start[f + 1]!; i++) {
			if (!above(f, neighbour[i]!)) continue;
			to[size] = neighbour[i]!;
			by[size++] = pair[i]!;
		}
		up[f + 1] = size;
	}
	return { K, start: up, neighbour: to, pair: by };
}

/**
 * Visits each triangle once, from the state with fewest pairs: at most √(2P) pairs climb from any
 * state, so that hubs cost no more than others.
 */
function eachTriangle(
	{ K, start, neighbour, pair }: PairGraph,
	visit: (p: number, q: number, r: number) => void,
): void {
	const mark = new Int32Array(K).fill(-1);
	for (let f = 0; f < K; f++) {
		for (let i = start[f]!; i < start[f + 1]!; i++) mark[neighbour[i]!] = pair[i]!;
		for (let i = start[f]!; i < start[f + 1]!; i++) {
			const g = neighbour[i]!;
			for (let j = start[g]!; j < start[g + 1]!; j++) {
				const other = mark[neighbour[j]!]!;
				if (other !== -1) visit(pair[i]!, pair[j]!, other);
			}
		}
		for (let i = start[f]!; i < start[f + 1]!; i++) mark[neighbour[i]!] = -1;
	}
}
