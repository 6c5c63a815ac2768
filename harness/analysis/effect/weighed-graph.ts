import type { Edges } from '../../numerics/graph-laplacian.js';
import type { Triangles } from '../../numerics/hodge.js';
import { ParitySpan } from '../../numerics/parity-span.js';
import type { Loops } from '../loops/loops.js';
import type { Pairs } from '../table/components.js';

/** The pairs that carry weight, as a graph whose nodes are numbered among themselves. */
export interface WeighedGraph extends Edges {
	/** state of each node, ascending */
	readonly state: Int32Array;
	/** inner pair of each edge, ascending */
	readonly pair: Int32Array;
	/** connected part of each node, named by its lowest node */
	readonly part: Int32Array;
	/** 1 for the edges of a spanning forest */
	readonly inForest: Uint8Array;
	/** independent loops: edges − nodes + parts */
	readonly loops: number;
}

/**
 * The graph of some of the inner pairs.
 *
 * @param pairs the inner pairs
 * @param chosen 1 for the pairs wanted
 */
export function weighedGraph(pairs: Pairs, chosen: Uint8Array): WeighedGraph {
	const pair = Int32Array.from(chosen.keys()).filter((i) => chosen[i] === 1);
	const ends = new Set<number>();
	for (const i of pair) ends.add(pairs.low[i]!).add(pairs.high[i]!);
	const state = Int32Array.from(ends).sort();
	const node = new Map(Array.from(state, (f, k) => [f, k] as const));
	const low = pair.map((i) => node.get(pairs.low[i]!)!);
	const high = pair.map((i) => node.get(pairs.high[i]!)!);
	const { part, inForest, joined } = join(state.length, low, high);
	const loops = pair.length - joined;
	return { nodes: state.length, low, high, state, pair, part, inForest, loops };
}

/** Union–find; `joined` counts the edges of the forest. */
function join(nodes: number, low: Int32Array, high: Int32Array) {
	const parent = Int32Array.from({ length: nodes }, (_, k) => k);
	const root = (k: number): number => {
		let top = k;
		while (parent[top] !== top) {
			parent[top] = parent[parent[top]!]!;
			top = parent[top]!;
		}
		return top;
	};
	const inForest = new Uint8Array(low.length);
	let joined = 0;
	for (let e = 0; e < low.length; e++) {
		const a = root(low[e]!);
		const b = root(high[e]!);
		if (a === b) continue;
		parent[Math.max(a, b)] = Math.min(a, b);
		inForest[e] = 1;
		joined += 1;
	}
	return { part: parent.map((_, k) => root(k)), inForest, joined };
}

/** The connected part with most states, then most transitions, then the lowest state. */
export function largestPart(graph: WeighedGraph, pairs: Pairs): Uint8Array {
	const size = new Float64Array(graph.nodes);
	const transitions = new Float64Array(graph.nodes);
	for (const part of graph.part) size[part]! += 1;
	for (const [e, i] of graph.pair.entries()) {
		transitions[graph.part[graph.low[e]!]!]! += pairs.up[i]! + pairs.down[i]!;
	}
	let best = 0;
	for (let k = 1; k < graph.nodes; k++) {
		const more = size[k]! - size[best]! || transitions[k]! - transitions[best]!;
		if (more > 0) best = k;
	}
	const chosen = new Uint8Array(pairs.low.length);
	for (const [e, i] of graph.pair.entries()) {
		if (graph.part[graph.low[e]!] === best) chosen[i] = 1;
	}
	return chosen;
}

/** The triangles of `loops` over edges of the graph, and how many independent loops they span. */
export function trianglesOf(
	graph: WeighedGraph,
	loops: Loops,
): { readonly triangles: Triangles; readonly rank: number } {
	const edgeOf = new Map(Array.from(graph.pair, (i, e) => [i, e] as const));
	const edge: number[] = [];
	const sign: number[] = [];
	const vectors: number[][] = [];
	for (let t = 0; t < loops.triangles; t++) {
		const [a, b] = [loops.start[t]!, loops.start[t + 1]!];
		const edges = Array.from(loops.pair.subarray(a, b), (i) => edgeOf.get(i) ?? -1);
		if (edges.includes(-1)) continue;
		edge.push(...edges);
		sign.push(...loops.sign.subarray(a, b));
		vectors.push(edges.filter((e) => graph.inForest[e] === 0).sort((x, y) => x - y));
	}
	// Loops with few edges outside the forest first: they keep the span's rows short.
	vectors.sort((x, y) => x.length - y.length);
	const span = new ParitySpan();
	for (const vector of vectors) {
		if (span.rank === graph.loops) break;
		span.add(vector);
	}
	return {
		triangles: { edge: Int32Array.from(edge), sign: Int8Array.from(sign) },
		rank: span.rank,
	};
}
