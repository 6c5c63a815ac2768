import { ParitySpan } from '../../numerics/parity-span.js';
import type { Components, Pairs } from '../table/components.js';
import { type PairGraph, pairGraph, pairsOfWalk, type Walk } from '../table/pair-graph.js';
import { relevantLoops, type Search, treeLoops } from './long-loops.js';
import { coordinates, spanningTree } from './spanning-tree.js';
import { findTriangles, type TriangleOptions } from './triangles.js';

/** Closed loops over the inner pairs of a table, each as a run of signed pairs. */
export interface Loops {
	/** the pairs the loops run over */
	readonly pairs: Pairs;
	/** length N + 1: loop i uses entries start[i] … start[i + 1] − 1 */
	readonly start: Int32Array;
	/** index of the pair */
	readonly pair: Int32Array;
	/** +1 if the loop runs the pair low → high, −1 if high → low */
	readonly sign: Int8Array;
	readonly triangles: number;
	/**
	 * true if the loops are all triangles and all longer relevant loops: a set that does not depend
	 * on labels. false if a cap cut it; `note` says how
	 */
	readonly complete: boolean;
	readonly note: string | null;
}

export interface LoopOptions extends TriangleOptions {
	/** longer loops are searched in full up to this many states in a component … */
	readonly searchStates: number;
	/** … and this many independent loops that triangles do not reach; else a tree's loops are used */
	readonly searchLoops: number;
}

/**
 * The loops that the exact test moves along and the affinity is averaged over: all triangles, and,
 * where triangles do not span the loops of a component, every longer loop that is not a sum
 * (over the two-element field) of shorter ones. Together they span every independent loop.
 *
 * @param components of a table
 * @param options caps, and the seed of the subset taken above the cap on triangles
 * @returns loops in a fixed order: triangles by (f, g, h), then longer loops by component and length
 * Source: Vismara, Electron. J. Combin. 4, R9 (1997): relevant cycles, the union of all minimum
 *   cycle bases.
 *
 * @example a bare ring of seven states gives one loop of seven pairs
 */
export function findLoops(components: Components, options: LoopOptions): Loops {
	const graph = pairGraph(components.of.length, components.inner);
	const { walks: triangles, complete, total } = findTriangles(graph, options);
	const notes = complete ? [] : [`${triangles.length} of ${total} triangles, drawn at random`];
	const walks: Walk[] = [...triangles];
	const byComponent = new Map<number, Walk[]>();
	for (const walk of triangles) {
		const c = components.of[walk[0]!]!;
		const list = byComponent.get(c);
		if (list === undefined) byComponent.set(c, [walk]);
		else list.push(walk);
	}
	for (const [c, dimension] of dimensions(components).entries()) {
		if (dimension === 0) continue;
		const members = components.members[c]!;
		const search = startSearch(graph, members, dimension, options.maxLoops);
		spanTriangles(search, byComponent.get(c) ?? []);
		const missing = dimension - search.span.rank;
		if (missing === 0) continue;
		const small = members.length <= options.searchStates && missing <= options.searchLoops;
		const long = complete && small ? relevantLoops(search) : { walks: [], finished: false };
		const rest = treeLoops(search);
		if (!long.finished) notes.push(`${rest.length} longer loops taken from a spanning tree`);
		for (const walk of [...long.walks, ...rest]) walks.push(walk);
	}
	return {
		...flatten(graph, components.inner, walks),
		triangles: triangles.length,
		complete: notes.length === 0,
		note: notes.length === 0 ? null : notes.join('; '),
	};
}

/** Independent loops of each component. */
function dimensions(components: Components): number[] {
	const sizes = components.members.map((states) => 1 - states.length);
	for (const f of components.inner.low) sizes[components.of[f]!]! += 1;
	return sizes;
}

function startSearch(
	graph: PairGraph,
	members: Int32Array,
	dimension: number,
	maxLoops: number,
): Search {
	const tree = spanningTree(graph, members);
	return { graph, members, tree, span: new ParitySpan(), dimension, maxLoops };
}

/** Loops with few pairs outside the tree first: they keep the span's rows short. */
function spanTriangles(search: Search, triangles: readonly Walk[]): void {
	const vectors = triangles.map((walk) => coordinates(search.graph, search.tree, walk));
	vectors.sort((a, b) => a.length - b.length);
	for (const vector of vectors) {
		if (search.span.rank === search.dimension) return;
		search.span.add(vector);
	}
}

function flatten(graph: PairGraph, pairs: Pairs, walks: readonly Walk[]) {
	const start = new Int32Array(walks.length + 1);
	for (const [i, walk] of walks.entries()) start[i + 1] = start[i]! + walk.length;
	const pair = new Int32Array(start[walks.length]!);
	const sign = new Int8Array(pair.length);
	for (const [i, walk] of walks.entries()) {
		for (const [j, p] of pairsOfWalk(graph, walk).entries()) {
			pair[start[i]! + j] = p;
			sign[start[i]! + j] = pairs.low[p] === walk[j] ? 1 : -1;
		}
	}
	return { pairs, start, pair, sign };
}
