import type { PairGraph, Walk } from '../table/pair-graph.js';

/** Breadth-first spanning trees, one for each component, rooted at its best-connected state. */
export interface SpanningForest {
	/** state before f on the way from the root; −1 at a root */
	readonly parent: Int32Array;
	readonly depth: Int32Array;
	/** 1 for pairs in a tree */
	readonly inTree: Uint8Array;
}

/** @param components states of each component of the graph; each is connected by its pairs */
export function spanningForest(
	graph: PairGraph,
	components: readonly Int32Array[],
): SpanningForest {
	const { K, start, neighbour, pair } = graph;
	const parent = new Int32Array(K).fill(-1);
	const depth = new Int32Array(K).fill(-1);
	const inTree = new Uint8Array(pair.length / 2);
	const degree = (f: number): number => start[f + 1]! - start[f]!;
	const queue = new Int32Array(K);
	let end = 0;
	for (const members of components) {
		const root = members.reduce((best, f) => (degree(f) > degree(best) ? f : best), members[0]!);
		depth[root] = 0;
		let at = end;
		queue[end++] = root;
		while (at < end) {
			const f = queue[at++]!;
			for (let i = start[f]!; i < start[f + 1]!; i++) {
				const g = neighbour[i]!;
				if (depth[g] !== -1) continue;
				depth[g] = depth[f]! + 1;
				parent[g] = f;
				inTree[pair[i]!] = 1;
				queue[end++] = g;
			}
		}
	}
	return { parent, depth, inTree };
}

/** The loop that the pair {f, g} closes with the tree. */
export function fundamentalLoop(forest: SpanningForest, f: number, g: number): Walk {
	const left = [f];
	const right = [g];
	let a = f;
	let b = g;
	while (a !== b) {
		if (forest.depth[a]! >= forest.depth[b]!) {
			a = forest.parent[a]!;
			if (a !== b) left.push(a);
		} else {
			b = forest.parent[b]!;
			if (a !== b) right.push(b);
		}
	}
	if (left.at(-1) !== a && right.at(-1) !== a) left.push(a);
	return [...left, ...right.reverse()];
}
