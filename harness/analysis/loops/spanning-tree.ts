import type { PairGraph, Walk } from '../table/pair-graph.js';
import { pairsOfWalk } from '../table/pair-graph.js';

/** A breadth-first spanning tree of one component, rooted at its best-connected state. */
export interface SpanningTree {
	/** state before f on the way from the root; −1 at the root and outside the component */
	readonly parent: Int32Array;
	readonly depth: Int32Array;
	/** 1 for pairs in the tree */
	readonly inTree: Uint8Array;
}

export function spanningTree(graph: PairGraph, members: Int32Array): SpanningTree {
	const parent = new Int32Array(graph.K).fill(-1);
	const depth = new Int32Array(graph.K).fill(-1);
	const inTree = new Uint8Array(graph.pair.length / 2);
	const degree = (f: number): number => graph.start[f + 1]! - graph.start[f]!;
	const root = members.reduce((best, f) => (degree(f) > degree(best) ? f : best), members[0]!);
	depth[root] = 0;
	const queue = [root];
	for (let at = 0; at < queue.length; at++) {
		const f = queue[at]!;
		for (let i = graph.start[f]!; i < graph.start[f + 1]!; i++) {
			const g = graph.neighbour[i]!;
			if (depth[g] !== -1) continue;
			depth[g] = depth[f]! + 1;
			parent[g] = f;
			inTree[graph.pair[i]!] = 1;
			queue.push(g);
		}
	}
	return { parent, depth, inTree };
}

/** A loop's coordinates in the cycle space: the pairs it uses outside the tree, ascending. */
export function coordinates(graph: PairGraph, tree: SpanningTree, walk: Walk): number[] {
	return pairsOfWalk(graph, walk)
		.filter((pair) => tree.inTree[pair] === 0)
		.sort((a, b) => a - b);
}

/** The loop that the pair {f, g} closes with the tree. */
export function fundamentalLoop(tree: SpanningTree, f: number, g: number): Walk {
	const left = [f];
	const right = [g];
	let a = f;
	let b = g;
	while (a !== b) {
		if (tree.depth[a]! >= tree.depth[b]!) {
			a = tree.parent[a]!;
			if (a !== b) left.push(a);
		} else {
			b = tree.parent[b]!;
			if (a !== b) right.push(b);
		}
	}
	if (left.at(-1) !== a && right.at(-1) !== a) left.push(a);
	return [...left, ...right.reverse()];
}
