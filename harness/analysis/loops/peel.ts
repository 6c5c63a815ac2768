/** Independent loops found one by one from triangles, in time linear in the triangles. */
import type { Pairs } from '../table/components.js';
import { type PairGraph, pairBetween } from '../table/pair-graph.js';
import type { SpanningForest } from './spanning-tree.js';

/** Visits the other two pairs of every triangle that uses a pair. */
export type TrianglesAt = (pair: number, visit: (q: number, r: number) => void) => void;

/** The pairs outside the forest, one per independent loop, in the order they were reached. */
export interface Peel {
	readonly order: Int32Array;
	/** the two other pairs of the triangle that reached the entry; −1, −1 where the forest's loop was taken */
	readonly left: Int32Array;
	readonly right: Int32Array;
	/** pairs whose loop with the forest was taken, as they stand in `order` */
	readonly chosen: Int32Array;
}

/**
 * Which loops, besides the triangles given, make a set that spans the cycle space (over the
 * two-element field).
 *
 * A pair counts as reached if the loop φ it closes with the forest is known to be spanned. Pairs of the
 * forest are reached. A triangle with exactly one pair e that is not reached reaches it: the triangle
 * is the sum of the φ of its pairs outside the forest, so φ_e is the triangle plus φ's that are spanned.
 * Where no triangle is left that reaches a pair, φ itself is taken for the pair nearest to the root
 * (sum of the depths of its ends, then its index), and the search goes on. In the end every φ is
 * spanned by triangles and the φ taken, and the φ of all pairs outside the forest are a basis of the
 * cycle space.
 *
 * The triangles that reached a pair are independent (each holds a pair that no earlier one holds), so
 * their number is at most the rank of all triangles; it is the rank if nothing was taken.
 *
 * @param pairs P pairs
 * @param forest spanning forest of their graph
 * @param trianglesAt the triangles given
 * @returns see `Peel`
 */
export function peel(pairs: Pairs, forest: SpanningForest, trianglesAt: TrianglesAt): Peel {
	const P = pairs.low.length;
	const reached = forest.inTree.slice();
	const queue = new Int32Array(P);
	let end = 0;
	for (let p = 0; p < P; p++) if (reached[p] === 1) queue[end++] = p;
	const trees = end;
	const left = new Int32Array(P - trees).fill(-1);
	const right = new Int32Array(P - trees).fill(-1);
	const chosen: number[] = [];
	const candidates = nearestFirst(pairs, forest);
	const reach = (p: number): void => {
		reached[p] = 1;
		queue[end++] = p;
	};
	let next = 0;
	for (let at = 0; ; ) {
		while (at < end && end < P) {
			const p = queue[at++]!;
			trianglesAt(p, (q, r) => {
				if (reached[q] === reached[r]) return;
				left[end - trees] = p;
				right[end - trees] = reached[q] === 1 ? q : r;
				reach(reached[q] === 1 ? r : q);
			});
		}
		while (next < candidates.length && reached[candidates[next]!] === 1) next += 1;
		if (next === candidates.length) break;
		chosen.push(candidates[next]!);
		reach(candidates[next]!);
	}
	return { order: queue.subarray(trees), left, right, chosen: Int32Array.from(chosen) };
}

/** Pairs outside the forest by the sum of the depths of their ends, then by index. */
function nearestFirst({ low, high }: Pairs, { depth, inTree }: SpanningForest): Int32Array {
	const outside = Int32Array.from(inTree.keys()).filter((p) => inTree[p] === 0);
	const distance = outside.map((p) => depth[low[p]!]! + depth[high[p]!]!);
	const next = new Int32Array(distance.reduce((most, d) => Math.max(most, d), 0) + 2);
	for (const d of distance) next[d + 1]! += 1;
	for (let d = 1; d < next.length; d++) next[d]! += next[d - 1]!;
	const sorted = new Int32Array(outside.length);
	for (const [i, p] of outside.entries()) sorted[next[distance[i]!]!++] = p;
	return sorted;
}

/** Triangles from a list: three pairs each. @param P number of pairs */
export function listed(triangles: Int32Array, P: number): TrianglesAt {
	const start = new Int32Array(P + 1);
	for (const p of triangles) start[p + 1]! += 1;
	for (let p = 0; p < P; p++) start[p + 1]! += start[p]!;
	const entry = new Int32Array(triangles.length);
	const next = start.slice(0, P);
	for (const [i, p] of triangles.entries()) entry[next[p]!++] = i;
	return (p, visit) => {
		for (let i = start[p]!; i < start[p + 1]!; i++) {
			const at = entry[i]!;
			const first = at - (at % 3);
			visit(triangles[first + ((at + 1) % 3)]!, triangles[first + ((at + 2) % 3)]!);
		}
	};
}

/** All triangles of a graph, found as they are asked for: nothing is kept in memory. */
export function everyTriangle({ low, high }: Pairs, graph: PairGraph): TrianglesAt {
	const { start, neighbour, pair } = graph;
	return (p, visit) => {
		const f = low[p]!;
		const g = high[p]!;
		const [few, many] = start[f + 1]! - start[f]! < start[g + 1]! - start[g]! ? [f, g] : [g, f];
		for (let i = start[few]!; i < start[few + 1]!; i++) {
			const h = neighbour[i]!;
			if (h === many) continue;
			const other = pairBetween(graph, many, h);
			if (other !== -1) visit(pair[i]!, other);
		}
	};
}
