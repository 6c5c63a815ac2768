/** A weighted undirected graph as a linear operator, and its solution by conjugate gradients. */
import { conjugateGradients, type LinearSystem } from './conjugate-gradients.js';

/** S nodes; edge e joins low[e] and high[e]. Weights are given with each call. */
export interface Edges {
	readonly nodes: number;
	readonly low: Int32Array;
	readonly high: Int32Array;
}

function apply(edges: Edges, weight: Float64Array, x: Float64Array, out: Float64Array): void {
	out.fill(0);
	for (let e = 0; e < weight.length; e++) {
		const a = edges.low[e]!;
		const b = edges.high[e]!;
		const flow = weight[e]! * (x[a]! - x[b]!);
		out[a]! += flow;
		out[b]! -= flow;
	}
}

/**
 * Solves L x = b for the Laplacian L of a weighted graph, by conjugate gradients with the diagonal as
 * preconditioner.
 *
 * @param edges the graph, S nodes, each on an edge
 * @param weight one positive number per edge
 * @param b length S, with sum 0 (up to rounding) over each connected part
 * @param tolerance the residual's norm relative to b's, in the preconditioned norm
 * @returns x with x[0] = 0, length S; the best found if 20 S steps do not reach the tolerance
 * Source: `conjugateGradients`.
 *
 * @example solveLaplacian(two nodes, weight [2], [1, -1], 1e-12) // [0, -0.5]
 */
export function solveLaplacian(
	edges: Edges,
	weight: Float64Array,
	b: Float64Array,
	tolerance: number,
): Float64Array {
	const S = edges.nodes;
	// Rounding leaves b with a small sum, which no x can reach.
	const mean = b.reduce((sum, value) => sum + value, 0) / S;
	const balanced = b.map((value) => value - mean);
	const stop = { tolerance, scale: null, steps: 20 * S + 20 };
	const x = conjugateGradients(laplacianSystem(edges, weight), balanced, stop);
	const gauge = x[0] ?? 0;
	return x.map((value) => value - gauge);
}

/** The Laplacian, each node on an edge. */
export function laplacianSystem(edges: Edges, weight: Float64Array): LinearSystem {
	const diagonal = new Float64Array(edges.nodes);
	for (let e = 0; e < weight.length; e++) {
		diagonal[edges.low[e]!]! += weight[e]!;
		diagonal[edges.high[e]!]! += weight[e]!;
	}
	return {
		size: edges.nodes,
		diagonal,
		multiply: (x, out) => apply(edges, weight, x, out),
	};
}

/**
 * The Laplacian with the row and column of one node left out, row by row: (S − 1) × (S − 1), the
 * other nodes in their order.
 */
export function groundedLaplacian(
	edges: Edges,
	weight: Float64Array,
	ground: number,
): Float64Array {
	const n = edges.nodes - 1;
	const matrix = new Float64Array(n * n);
	const at = (node: number): number => (node < ground ? node : node - 1);
	for (let e = 0; e < weight.length; e++) {
		const a = edges.low[e]!;
		const b = edges.high[e]!;
		const w = weight[e]!;
		if (a !== ground) matrix[at(a) * n + at(a)]! += w;
		if (b !== ground) matrix[at(b) * n + at(b)]! += w;
		if (a !== ground && b !== ground) {
			matrix[at(a) * n + at(b)]! -= w;
			matrix[at(b) * n + at(a)]! -= w;
		}
	}
	return matrix;
}
