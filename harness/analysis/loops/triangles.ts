import { Stream } from '../../numerics/stream.js';
import { PURPOSE } from '../purposes.js';
import type { PairGraph, Walk } from '../table/pair-graph.js';

export interface TriangleOptions {
	/** largest number of loops kept, an integer ≥ 1 */
	readonly maxLoops: number;
	/** uint32 */
	readonly seed: number;
}

/**
 * All triangles f < g < h in order of (f, g, h). Above `maxLoops`, each is kept with probability
 * maxLoops / (number of triangles), by a seeded draw.
 *
 * @returns walks, and whether they are all there are
 */
export function findTriangles(
	graph: PairGraph,
	options: TriangleOptions,
): { walks: Walk[]; complete: boolean; total: number } {
	let total = 0;
	eachTriangle(graph, () => {
		total += 1;
	});
	const complete = total <= options.maxLoops;
	const share = options.maxLoops / total;
	const draw = new Stream([options.seed, PURPOSE.loops], 0);
	const walks: Walk[] = [];
	eachTriangle(graph, (f, g, h) => {
		if (complete || draw.next() < share) walks.push([f, g, h]);
	});
	return { walks, complete, total };
}

function eachTriangle(graph: PairGraph, visit: (f: number, g: number, h: number) => void): void {
	const { start, neighbour } = graph;
	const mark = new Int32Array(graph.K).fill(-1);
	for (let f = 0; f < graph.K; f++) {
		for (let i = start[f]!; i < start[f + 1]!; i++) mark[neighbour[i]!] = f;
		for (let i = start[f]!; i < start[f + 1]!; i++) {
			const g = neighbour[i]!;
			if (g < f) continue;
			for (let j = start[g]!; j < start[g + 1]!; j++) {
				const h = neighbour[j]!;
				if (h > g && mark[h] === f) visit(f, g, h);
			}
		}
	}
}
