/** All triangles of a kernel, one after the other, and the longer loops that they do not give. */
import { findLoops, type LoopOptions, type Loops } from '../loops/loops.js';
import { everyTriangle, peel } from '../loops/peel.js';
import { spanningForest } from '../loops/spanning-tree.js';
import type { Components } from '../table/components.js';
import { type PairGraph, pairGraph, type Walk } from '../table/pair-graph.js';

/** Loops over the pairs found both ways. */
export interface ScoredLoops {
	/** triangles, every one visited */
	readonly triangles: number;
	/** loops that no sum of triangles gives, each a run of states */
	readonly longer: readonly Walk[];
	/** true if the loops do not depend on labels: all triangles and all longer relevant loops */
	readonly complete: boolean;
	readonly note: string | null;
	/** calls `visit` with the run of states of every loop; the run is good until the next call only */
	each(visit: (run: ArrayLike<number>) => void): void;
}

/**
 * The loops that affinities are taken over: every triangle, and where triangles do not span the loops of a
 * component the longer relevant loops, as in `findLoops`. Triangles are visited as they are found and never
 * drawn at random, since dense kernels have m³/6 of them.
 *
 * @param components of the pairs found both ways
 * @param options `maxLoops`: with more triangles the longer loops are not looked for
 * @returns see `ScoredLoops`
 */
export function scoredLoops(components: Components, options: LoopOptions): ScoredLoops {
	const { inner } = components;
	const graph = pairGraph(components.of.length, inner);
	let triangles = 0;
	eachTriangle(graph, () => {
		triangles += 1;
	});
	const found = longerLoops(components, graph, { ...options, triangles });
	return {
		triangles,
		...found,
		each: (visit) => {
			eachTriangle(graph, visit);
			for (const walk of found.longer) visit(walk);
		},
	};
}

interface Search extends LoopOptions {
	/** how many there are */
	readonly triangles: number;
}

type Longer = Pick<ScoredLoops, 'longer' | 'complete' | 'note'>;

function longerLoops(components: Components, graph: PairGraph, options: Search): Longer {
	const { inner, members } = components;
	const forest = spanningForest(graph, members);
	// In a dense graph triangles span every loop, and no list of them is needed to see it.
	const spanned = peel(inner, forest, everyTriangle(inner, graph)).chosen.length === 0;
	if (spanned) return { longer: [], complete: true, note: null };
	if (options.triangles <= options.maxLoops) return listed(findLoops(components, options));
	const note = `more than ${options.maxLoops} triangles: longer loops were not looked for`;
	return { longer: [], complete: false, note };
}

function listed({ pairs, start, pair, sign, triangles, complete, note }: Loops): Longer {
	const longer: Walk[] = [];
	for (let loop = triangles; loop < start.length - 1; loop++) {
		const walk: number[] = [];
		for (let i = start[loop]!; i < start[loop + 1]!; i++) {
			walk.push(sign[i]! > 0 ? pairs.low[pair[i]!]! : pairs.high[pair[i]!]!);
		}
		longer.push(walk);
	}
	return { longer, complete, note };
}

/** Triangles f < g < h in that order. */
function eachTriangle(
	{ K, start, neighbour }: PairGraph,
	visit: (run: ArrayLike<number>) => void,
): void {
	const mark = new Int32Array(K).fill(-1);
	const run = new Int32Array(3);
	for (let f = 0; f < K; f++) {
		for (let i = start[f]!; i < start[f + 1]!; i++) mark[neighbour[i]!] = f;
		for (let i = start[f]!; i < start[f + 1]!; i++) {
			const g = neighbour[i]!;
			if (g < f) continue;
			for (let j = start[g]!; j < start[g + 1]!; j++) {
				const h = neighbour[j]!;
				if (h < g || mark[h] !== f) continue;
				run[0] = f;
				run[1] = g;
				run[2] = h;
				visit(run);
			}
		}
	}
}
