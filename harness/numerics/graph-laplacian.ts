/** A weighted undirected graph as a linear operator, and its solution by conjugate gradients. */

/** S nodes; edge e joins low[e] and high[e]. Weights are given with each call. */
export interface Edges {
	readonly nodes: number;
	readonly low: Int32Array;
	readonly high: Int32Array;
}

function multiply(edges: Edges, weight: Float64Array, x: Float64Array, out: Float64Array): void {
	out.fill(0);
	for (let e = 0; e < weight.length; e++) {
		const a = edges.low[e]!;
		const b = edges.high[e]!;
		const flow = weight[e]! * (x[a]! - x[b]!);
		out[a]! += flow;
		out[b]! -= flow;
	}
}

function dot(x: Float64Array, y: Float64Array): number {
	let sum = 0;
	for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
	return sum;
}

/**
 * Solves L x = b for the Laplacian L of a connected weighted graph, by conjugate gradients with the
 * diagonal as preconditioner.
 *
 * @param edges the graph, connected, S nodes
 * @param weight one positive number per edge
 * @param b length S, with sum 0 (up to rounding)
 * @param tolerance the residual's norm relative to b's, in the preconditioned norm
 * @returns x with x[0] = 0, length S; the best found if 20 S steps do not reach the tolerance
 * Source: Golub and Van Loan, Matrix Computations, 4th ed., algorithm 11.5.1.
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
	const diagonal = new Float64Array(S);
	for (let e = 0; e < weight.length; e++) {
		diagonal[edges.low[e]!]! += weight[e]!;
		diagonal[edges.high[e]!]! += weight[e]!;
	}
	const x = new Float64Array(S);
	// Rounding leaves b with a small sum, which no x can reach.
	const mean = b.reduce((sum, value) => sum + value, 0) / S;
	const r = b.map((value) => value - mean);
	const z = r.map((value, i) => value / diagonal[i]!);
	const p = Float64Array.from(z);
	const Lp = new Float64Array(S);
	let rz = dot(r, z);
	const target = rz * tolerance * tolerance;

	for (let step = 0; step < 20 * S + 20 && rz > target; step++) {
		multiply(edges, weight, p, Lp);
		const alpha = rz / dot(p, Lp);
		if (!Number.isFinite(alpha)) break;
		for (let i = 0; i < S; i++) {
			x[i]! += alpha * p[i]!;
			r[i]! -= alpha * Lp[i]!;
			z[i] = r[i]! / diagonal[i]!;
		}
		const next = dot(r, z);
		const beta = next / rz;
		rz = next;
		for (let i = 0; i < S; i++) p[i] = z[i]! + beta * p[i]!;
	}
	const gauge = x[0] ?? 0;
	return x.map((value) => value - gauge);
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
