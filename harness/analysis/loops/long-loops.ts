/** Loops longer than triangles that no sum of shorter loops gives (relevant cycles). */
import type { ParitySpan } from '../../numerics/parity-span.js';
import { type PairGraph, pairsOfWalk, type Walk } from '../table/pair-graph.js';
import { ShortestPaths } from './shortest-paths.js';

export interface Search {
	readonly graph: PairGraph;
	/** states of the component, ascending */
	readonly members: Int32Array;
	/** coordinates of a loop, given by its pairs, modulo what the triangles give */
	readonly coordinates: (pairs: readonly number[]) => readonly number[];
	/** span of the shorter loops; grows as loops are found */
	readonly span: ParitySpan;
	/** rank of the span when every independent loop is in it */
	readonly dimension: number;
	/** loops looked at before the search is given up */
	readonly maxLoops: number;
}

/**
 * All relevant loops longer than three pairs, length by length until every independent loop is
 * spanned.
 *
 * A relevant loop is isometric, so with its lowest state r at the top it runs down two shortest
 * paths, through states above r only, to one state (even length) or to the two ends of a pair. How
 * many such candidates there are is counted before they are listed.
 *
 * @returns loops by length; `finished` false if with the next length more than `maxLoops` would have
 *   to be looked at: the loops are then those of the lengths before
 * Source: Vismara, Electron. J. Combin. 4, R9 (1997), section 3.
 */
export function relevantLoops(search: Search): {
	readonly walks: readonly Walk[];
	readonly finished: boolean;
} {
	const { graph, span, dimension, maxLoops } = search;
	const walks: Walk[] = [];
	if (span.rank === dimension) return { walks, finished: true };
	const paths = new ShortestPaths(graph);
	let looked = 0;
	const lengths = candidatesByLength(paths, search.members, maxLoops);
	if (lengths === null) return { walks, finished: false };
	for (const [length, { roots, candidates }] of lengths) {
		looked += candidates;
		if (looked > maxLoops) return { walks, finished: false };
		const fresh: (readonly number[])[] = [];
		for (const root of roots) {
			for (const walk of loopsBelow(paths, root, length)) {
				const vector = search.coordinates(pairsOfWalk(graph, walk));
				if (span.contains(vector)) continue;
				walks.push(walk);
				fresh.push(vector);
			}
		}
		for (const vector of fresh) {
			span.add(vector);
			if (span.rank === dimension) return { walks, finished: true };
		}
	}
	throw new Error('loops do not span the component');
}

interface Candidates {
	readonly roots: number[];
	candidates: number;
}

/** Lengths above three that have candidates, ascending; null with more than `most` of four pairs. */
function candidatesByLength(
	paths: ShortestPaths,
	members: Int32Array,
	most: number,
): readonly (readonly [length: number, found: Candidates])[] | null {
	const found = new Map<number, Candidates>();
	for (const root of members) {
		for (const [length, n] of candidatesBelow(paths, root)) {
			const known = found.get(length) ?? { roots: [], candidates: 0 };
			known.roots.push(root);
			known.candidates += n;
			found.set(length, known);
		}
		if ((found.get(4)?.candidates ?? 0) > most) return null;
	}
	return [...found].sort(([a], [b]) => a - b);
}

/** Candidates whose lowest state is `root`, by length. */
function candidatesBelow(paths: ShortestPaths, root: number): Map<number, number> {
	const found = new Map<number, number>();
	const count = (length: number, n: number): void => {
		if (length > 3 && n > 0) found.set(length, (found.get(length) ?? 0) + n);
	};
	paths.from(root, Infinity);
	for (const f of paths.reached) {
		const n = paths.ways(f);
		if (n === 0) continue;
		count(2 * paths.depth(f), (n * (n - 1)) / 2);
		let beside = 0;
		paths.eachBeside(f, (g) => {
			if (g > f) beside += paths.ways(g);
		});
		count(2 * paths.depth(f) + 1, n * beside);
	}
	return found;
}

/** Isometric candidates of one length whose lowest state is `root`. */
function loopsBelow(paths: ShortestPaths, root: number, length: number): Walk[] {
	const half = Math.floor(length / 2);
	paths.from(root, half);
	const loops: Walk[] = [];
	const close = (left: Walk, right: Walk): void => {
		const seen = new Set(left);
		if (right.every((f) => !seen.has(f))) loops.push([root, ...left, ...[...right].reverse()]);
	};
	for (const f of paths.reached) {
		if (paths.depth(f) !== half || paths.ways(f) === 0) continue;
		if (length % 2 === 0) {
			if (paths.ways(f) < 2) continue;
			const down = paths.to(f);
			for (let i = 0; i < down.length; i++) {
				for (let j = i + 1; j < down.length; j++) close(down[i]!, down[j]!.slice(0, -1));
			}
		} else {
			paths.eachBeside(f, (g) => {
				if (g > f) for (const p of paths.to(f)) for (const q of paths.to(g)) close(p, q);
			});
		}
	}
	return loops;
}
