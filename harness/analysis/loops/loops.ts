import { Stream } from '../../numerics/stream.js';
import { PURPOSE } from '../purposes.js';
import type { Components, Pairs } from '../table/components.js';
import { type PairGraph, pairGraph, pairsOfWalk, type Walk } from '../table/pair-graph.js';
import { relevantLoops } from './long-loops.js';
import { everyTriangle, listed, type Peel, peel } from './peel.js';
import { triangleQuotient } from './quotient.js';
import { fundamentalLoop, type SpanningForest, spanningForest } from './spanning-tree.js';
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
	 * independent loops among all triangles of the table, kept or not (rank over the two-element field);
	 * null where it is not known
	 */
	readonly triangleRank: number | null;
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
 * Where there are too many of the longer ones, loops of a spanning tree are taken instead: as few as
 * span, together with the triangles, every independent loop (`peel` has the proof; some more than as
 * few in components of very many loops). Above `maxLoops` triangles, or longer loops, a seeded subset
 * is kept; a subset of longer loops no longer spans every independent loop.
 *
 * @param components of a table
 * @param options caps, and the seed of the subsets taken above them
 * @returns loops in a fixed order: triangles by (f, g, h), then longer loops by component and length
 * Source: Vismara, Electron. J. Combin. 4, R9 (1997): relevant cycles, the union of all minimum
 *   cycle bases.
 *
 * @example a bare ring of seven states gives one loop of seven pairs
 */
export function findLoops(components: Components, options: LoopOptions): Loops {
	const { inner: pairs } = components;
	const graph = pairGraph(components.of.length, pairs);
	const forest = spanningForest(graph, components.members);
	const triangles = findTriangles(pairs, graph, options);
	const reached = peel(pairs, forest, listed(triangles.pair, pairs.low.length));
	const kept = triangles.pair.length / 3;
	const notes: string[] = [];
	if (kept < triangles.total)
		notes.push(`${kept} of ${triangles.total} triangles, drawn at random`);
	const parts: Parts = { components, graph, forest, triangles: triangles.pair, peel: reached };
	const longer =
		kept < triangles.total
			? { walks: [], taken: reached.chosen, rank: rankOfAll(parts) }
			: longerLoops(parts, options);
	const tree = treeLoops(parts, longer.taken, options);
	if (longer.taken.length > 0) {
		const some = tree.length < longer.taken.length ? ` of ${longer.taken.length}` : '';
		notes.push(`${tree.length}${some} longer loops taken from a spanning tree`);
	}
	return {
		...flatten(parts, [...longer.walks, ...tree]),
		triangles: kept,
		triangleRank: longer.rank,
		complete: notes.length === 0,
		note: notes.length === 0 ? null : notes.join('; '),
	};
}

interface Parts {
	readonly components: Components;
	readonly graph: PairGraph;
	readonly forest: SpanningForest;
	/** three pairs each */
	readonly triangles: Int32Array;
	readonly peel: Peel;
}

interface Longer {
	readonly walks: readonly Walk[];
	/** pairs whose loop with the forest is needed besides */
	readonly taken: ArrayLike<number>;
	readonly rank: number | null;
}

/** Loops that all triangles together do not span, component by component. */
function longerLoops(parts: Parts, options: LoopOptions): Longer {
	const { components, graph, peel } = parts;
	const { of, inner, members } = components;
	const componentOf = (p: number): number => of[inner.low[p]!]!;
	const quotient = triangleQuotient({ ...parts, componentOf });
	if (quotient === null) return { walks: [], taken: peel.chosen, rank: null };
	const walks: Walk[] = [];
	const taken: number[] = [];
	let missing = 0;
	for (const [c, coordinates] of chosenByComponent(parts, componentOf)) {
		const span = quotient.spanOf(c);
		const lacks = coordinates.length - span.rank;
		missing += lacks;
		if (members[c]!.length <= options.searchStates && lacks <= options.searchLoops) {
			const dimension = coordinates.length;
			const { maxLoops } = options;
			const search = { graph, members: members[c]!, span, dimension, maxLoops };
			const found = relevantLoops({ ...search, coordinates: quotient.coordinates });
			for (const walk of found.walks) walks.push(walk);
		}
		for (const i of coordinates) if (span.add([i])) taken.push(peel.chosen[i]!);
	}
	return { walks, taken, rank: peel.order.length - missing };
}

/** Positions in `chosen` by component, both ascending. */
function chosenByComponent(
	{ peel }: Parts,
	componentOf: (pair: number) => number,
): readonly (readonly [component: number, positions: readonly number[]])[] {
	const found = new Map<number, number[]>();
	for (const [i, p] of peel.chosen.entries()) {
		const list = found.get(componentOf(p));
		if (list === undefined) found.set(componentOf(p), [i]);
		else list.push(i);
	}
	return [...found].sort(([a], [b]) => a - b);
}

/** Rank of all triangles of the graph where only some were kept; null where the peel does not settle it. */
function rankOfAll({ components, graph, forest }: Parts): number | null {
	const { inner } = components;
	const { order, chosen } = peel(inner, forest, everyTriangle(inner, graph));
	return chosen.length === 0 ? order.length : null;
}

/** Loops that pairs close with the forest; a seeded subset where they are too many or too long. */
function treeLoops(
	{ components, forest }: Parts,
	taken: ArrayLike<number>,
	{ maxLoops, seed }: LoopOptions,
): Walk[] {
	const { low, high } = components.inner;
	const draw = new Stream([seed, PURPOSE.loops], 1);
	let length = 0;
	for (let i = 0; i < taken.length; i++) {
		length += 1 + forest.depth[low[taken[i]!]!]! + forest.depth[high[taken[i]!]!]!;
	}
	const share = Math.min(maxLoops / taken.length, (LONGEST_MEAN * maxLoops) / length);
	const walks: Walk[] = [];
	for (let i = 0; i < taken.length; i++) {
		if (share < 1 && draw.next() >= share) continue;
		walks.push(fundamentalLoop(forest, low[taken[i]!]!, high[taken[i]!]!));
	}
	return walks;
}

/** Above so many pairs per loop, on average, `maxLoops` longer loops would not fit in memory. */
const LONGEST_MEAN = 16;

function flatten({ components, graph, triangles }: Parts, longer: readonly Walk[]) {
	const { inner: pairs } = components;
	const T = triangles.length / 3;
	const start = new Int32Array(T + longer.length + 1);
	for (let i = 0; i < T; i++) start[i + 1] = 3 * (i + 1);
	for (const [i, walk] of longer.entries()) start[T + i + 1] = start[T + i]! + walk.length;
	const pair = new Int32Array(start[T + longer.length]!);
	const sign = new Int8Array(pair.length);
	pair.set(triangles);
	for (let i = 0; i < triangles.length; i++) sign[i] = i % 3 === 2 ? -1 : 1;
	for (const [i, walk] of longer.entries()) {
		for (const [j, p] of pairsOfWalk(graph, walk).entries()) {
			pair[start[T + i]! + j] = p;
			sign[start[T + i]! + j] = pairs.low[p] === walk[j] ? 1 : -1;
		}
	}
	return { pairs, start, pair, sign };
}
