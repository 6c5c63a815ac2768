import type { PairGraph, Walk } from '../table/pair-graph.js';

/**
 * Shortest paths of a graph from one state through states above it, found breadth first. The arrays are
 * made once and used for root after root.
 */
export class ShortestPaths {
	readonly #graph: PairGraph;
	readonly #depth: Int32Array;
	/** paths to each state that keep above the root */
	readonly #ways: Float64Array;
	readonly #queue: Int32Array;
	#root = -1;
	#size = 0;

	constructor(graph: PairGraph) {
		this.#graph = graph;
		this.#depth = new Int32Array(graph.K).fill(-1);
		this.#ways = new Float64Array(graph.K);
		this.#queue = new Int32Array(graph.K);
	}

	/** Looks from `root` down to the depth given; forgets the root before. */
	from(root: number, deepest: number): void {
		const { start, neighbour } = this.#graph;
		for (const f of this.reached) {
			this.#depth[f] = -1;
			this.#ways[f] = 0;
		}
		this.#root = root;
		this.#queue[0] = root;
		this.#size = 1;
		this.#depth[root] = 0;
		this.#ways[root] = 1;
		for (let at = 0; at < this.#size; at++) {
			const f = this.#queue[at]!;
			const below = this.#depth[f]! + 1;
			if (below > deepest) break;
			for (let i = start[f]!; i < start[f + 1]!; i++) {
				const g = neighbour[i]!;
				if (this.#depth[g] === -1) {
					this.#depth[g] = below;
					this.#queue[this.#size++] = g;
				}
				if (this.#depth[g] === below && g > root) this.#ways[g]! += this.#ways[f]!;
			}
		}
	}

	/** States reached, the root first, by depth. */
	get reached(): Int32Array {
		return this.#queue.subarray(0, this.#size);
	}

	depth(f: number): number {
		return this.#depth[f]!;
	}

	/** Number of shortest paths from the root to f through states above the root. */
	ways(f: number): number {
		return this.#ways[f]!;
	}

	/** Visits the neighbours of f at the same depth that such paths lead to. */
	eachBeside(f: number, visit: (g: number) => void): void {
		const { start, neighbour } = this.#graph;
		for (let i = start[f]!; i < start[f + 1]!; i++) {
			const g = neighbour[i]!;
			if (this.#depth[g] === this.#depth[f] && this.#ways[g]! > 0) visit(g);
		}
	}

	/** All those paths, without the root. */
	to(f: number): Walk[] {
		if (f === this.#root) return [[]];
		const { start, neighbour } = this.#graph;
		const paths: Walk[] = [];
		for (let i = start[f]!; i < start[f + 1]!; i++) {
			const g = neighbour[i]!;
			if (this.#depth[g] !== this.#depth[f]! - 1 || this.#ways[g] === 0) continue;
			for (const path of this.to(g)) paths.push([...path, f]);
		}
		return paths;
	}
}
