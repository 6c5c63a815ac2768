import type { Pairs } from './components.js';

/** The undirected graph of pairs: neighbours of f are neighbour[start[f]] …, ascending. */
export interface PairGraph {
	readonly K: number;
	readonly start: Int32Array;
	readonly neighbour: Int32Array;
	/** index of the pair that leads there */
	readonly pair: Int32Array;
}

export function pairGraph(K: number, pairs: Pairs): PairGraph {
	const P = pairs.low.length;
	const start = new Int32Array(K + 1);
	for (let i = 0; i < P; i++) {
		start[pairs.low[i]! + 1]! += 1;
		start[pairs.high[i]! + 1]! += 1;
	}
	for (let f = 0; f < K; f++) start[f + 1]! += start[f]!;
	const neighbour = new Int32Array(2 * P);
	const pair = new Int32Array(2 * P);
	const next = start.slice(0, K);
	const put = (f: number, g: number, i: number): void => {
		const at = next[f]!++;
		neighbour[at] = g;
		pair[at] = i;
	};
	// Pairs are sorted by (low, high): first all lower neighbours, then all higher ones.
	for (let i = 0; i < P; i++) put(pairs.high[i]!, pairs.low[i]!, i);
	for (let i = 0; i < P; i++) put(pairs.low[i]!, pairs.high[i]!, i);
	return { K, start, neighbour, pair };
}

/** Index of the pair {f, g}, or −1. */
export function pairBetween(graph: PairGraph, f: number, g: number): number {
	let low = graph.start[f]!;
	let high = graph.start[f + 1]!;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (graph.neighbour[middle]! < g) low = middle + 1;
		else high = middle;
	}
	return low < graph.start[f + 1]! && graph.neighbour[low] === g ? graph.pair[low]! : -1;
}

/** A walk f → g → h → … → f as the list of its states. */
export type Walk = readonly number[];

/** The pairs a closed walk uses, in its order. */
export function pairsOfWalk(graph: PairGraph, walk: Walk): number[] {
	return walk.map((f, i) => pairBetween(graph, f, walk[(i + 1) % walk.length]!));
}
