/** Loops longer than triangles that no sum of shorter loops gives (relevant cycles). */
import type { ParitySpan } from '../../numerics/parity-span.js';
import type { PairGraph, Walk } from '../table/pair-graph.js';
import { coordinates, fundamentalLoop, type SpanningTree } from './spanning-tree.js';

export interface Search {
	readonly graph: PairGraph;
	/** states of the component, ascending */
	readonly members: Int32Array;
	readonly tree: SpanningTree;
	/** span of the shorter loops; grows as loops are found */
	readonly span: ParitySpan;
	/** independent loops of the component */
	readonly dimension: number;
	/** loops looked at before the search is given up */
	readonly maxLoops: number;
}

/**
 * All relevant loops longer than three pairs, length by length until every independent loop is
 * spanned.
 *
 * A relevant loop is isometric, so with its lowest state r at the top it runs down two shortest
 * paths, through states above r only, to one state (even length) or to the two ends of a pair.
 *
 * @returns loops by length; `finished` false if more than `maxLoops` had to be looked at
 * Source: Vismara, Electron. J. Combin. 4, R9 (1997), section 3.
 */
export function relevantLoops(search: Search): { walks: Walk[]; finished: boolean } {
	const walks: Walk[] = [];
	let looked = 0;
	for (let length = 4; search.span.rank < search.dimension; length++) {
		if (length > search.members.length) throw new Error('loops do not span the component');
		const fresh: number[][] = [];
		for (const root of search.members) {
			const candidates = loopsBelow(search.graph, root, length, search.maxLoops - looked);
			if (candidates === null) return { walks, finished: false };
			looked += candidates.length;
			for (const walk of candidates) {
				const vector = coordinates(search.graph, search.tree, walk);
				if (search.span.contains(vector)) continue;
				walks.push(walk);
				fresh.push(vector);
			}
		}
		for (const vector of fresh) search.span.add(vector);
	}
	return { walks, finished: true };
}

/** One loop per independent loop that is not yet spanned, closed by the spanning tree. */
export function treeLoops(search: Search): Walk[] {
	const { graph, tree, span } = search;
	const found: Walk[] = [];
	for (const f of search.members) {
		for (let i = graph.start[f]!; i < graph.start[f + 1]!; i++) {
			const g = graph.neighbour[i]!;
			const pair = graph.pair[i]!;
			if (g < f || tree.inTree[pair] === 1) continue;
			if (span.add([pair])) found.push(fundamentalLoop(tree, f, g));
		}
	}
	return found;
}

/** Isometric candidates of one length whose lowest state is `root`; null above `most`. */
function loopsBelow(graph: PairGraph, root: number, length: number, most: number): Walk[] | null {
	const half = Math.floor(length / 2);
	const paths = pathsDown(graph, root, half, most);
	if (paths === null) return null;
	const loops: Walk[] = [];
	const close = (left: Walk, right: Walk): void => {
		const seen = new Set(left);
		if (right.every((f) => !seen.has(f))) loops.push([root, ...left, ...[...right].reverse()]);
	};
	for (const [end, left] of paths) {
		if (length % 2 === 0) {
			for (let i = 0; i < left.length; i++) {
				for (let j = i + 1; j < left.length; j++) close(left[i]!, left[j]!.slice(0, -1));
			}
		} else {
			for (let i = graph.start[end]!; i < graph.start[end + 1]!; i++) {
				const other = graph.neighbour[i]!;
				if (other < end) continue;
				for (const p of left) for (const q of paths.get(other) ?? []) close(p, q);
			}
		}
		if (loops.length > most) return null;
	}
	return loops;
}

/** Shortest paths of `depth` pairs from root through states above it, by end; null above `most`. */
function pathsDown(
	graph: PairGraph,
	root: number,
	depth: number,
	most: number,
): Map<number, Walk[]> | null {
	const distance = new Map([[root, 0]]);
	let ring = [root];
	for (let d = 1; d <= depth; d++) {
		const next: number[] = [];
		for (const f of ring) {
			for (let i = graph.start[f]!; i < graph.start[f + 1]!; i++) {
				const g = graph.neighbour[i]!;
				if (distance.has(g)) continue;
				distance.set(g, d);
				next.push(g);
			}
		}
		ring = next;
	}
	let paths: Walk[] = [[]];
	for (let d = 1; d <= depth; d++) {
		const longer: Walk[] = [];
		for (const path of paths) {
			const f = path.at(-1) ?? root;
			for (let i = graph.start[f]!; i < graph.start[f + 1]!; i++) {
				const g = graph.neighbour[i]!;
				if (g > root && distance.get(g) === d) longer.push([...path, g]);
			}
		}
		if (longer.length > 4 * most) return null;
		paths = longer;
	}
	const byEnd = new Map<number, Walk[]>();
	for (const path of paths) {
		const end = path.at(-1)!;
		byEnd.set(end, [...(byEnd.get(end) ?? []), path]);
	}
	return byEnd;
}
