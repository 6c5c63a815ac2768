/** A flow on a weighted graph split into gradient, curl and harmonic part. */
import { conjugateGradients, type LinearSystem } from './conjugate-gradients.js';
import { type Edges, laplacianSystem } from './graph-laplacian.js';

/** Closed triangles: triangle t runs edges edge[3t] … edge[3t + 2], with sign +1 low → high. */
export interface Triangles {
	readonly edge: Int32Array;
	readonly sign: Int8Array;
}

export interface FlowGraph extends Edges {
	/** W > 0, one per edge */
	readonly weight: Float64Array;
	/** null where triangles span every loop: then all that is no gradient is curl */
	readonly triangles: Triangles | null;
}

/** One number per edge each; they add up to the flow and are orthogonal under W. */
export interface FlowParts {
	/** x_low − x_high of some x on the nodes */
	readonly gradient: Float64Array;
	/** W⁻¹ B′φ of some φ on the triangles */
	readonly curl: Float64Array;
	/** closed round every triangle, and without divergence (after weighting) */
	readonly harmonic: Float64Array;
}

/** Conjugate gradients give up after so many steps. */
const STEPS = 2000;

/**
 * The weighted Hodge decomposition of a flow on the edges of a graph: the gradient nearest to it, the
 * part nearest to the rest that is a sum of flows round triangles, and what remains. Distance is
 * Σ W (…)² over the edges.
 *
 * @param graph S nodes, each on an edge; W of each edge
 * @param flow one number per edge, low → high
 * @param tolerance of the solutions, in the norm of the distance, relative to the flow
 * @returns the three parts
 * Source: Jiang, Lim, Yao, Ye, Math. Program. 127, 203 (2011).
 *
 * @example three nodes in a ring, flow [2, 1, 0] along it, W = 1: gradient [1, 0, −1], curl [1, 1, 1]
 */
export function hodgeParts(graph: FlowGraph, flow: Float64Array, tolerance: number): FlowParts {
	const { low, high, weight, triangles } = graph;
	const source = new Float64Array(graph.nodes);
	for (let e = 0; e < flow.length; e++) {
		source[low[e]!]! += weight[e]! * flow[e]!;
		source[high[e]!]! -= weight[e]! * flow[e]!;
	}
	// Relative to the whole flow: a part that is nothing but rounding has no solution of its own.
	const scale = Math.sqrt(flow.reduce((sum, value, e) => sum + weight[e]! * value * value, 0));
	const stop = { tolerance, scale, steps: Math.max(STEPS, 20 * graph.nodes) };
	const x = conjugateGradients(laplacianSystem(graph, weight), source, stop);
	const gradient = flow.map((_, e) => x[low[e]!]! - x[high[e]!]!);
	const rest = flow.map((value, e) => value - gradient[e]!);
	if (triangles === null) return { gradient, curl: rest, harmonic: new Float64Array(flow.length) };

	const system = triangleSystem(weight, triangles);
	const sums = sumRound(triangles, rest, new Float64Array(system.size));
	const phi = conjugateGradients(system, sums, stop);
	const curl = spread(triangles, phi, { weight, out: new Float64Array(weight.length) });
	return { gradient, curl, harmonic: rest.map((value, e) => value - curl[e]!) };
}

/** B flow: its sum round each triangle. */
function sumRound({ edge, sign }: Triangles, flow: Float64Array, out: Float64Array): Float64Array {
	for (let t = 0, i = 0; t < out.length; t++) {
		let sum = 0;
		for (const end = i + 3; i < end; i++) sum += sign[i]! * flow[edge[i]!]!;
		out[t] = sum;
	}
	return out;
}

/** W⁻¹ B′φ. */
function spread(
	{ edge, sign }: Triangles,
	phi: Float64Array,
	{ weight, out }: { readonly weight: Float64Array; readonly out: Float64Array },
): Float64Array {
	out.fill(0);
	for (let t = 0, i = 0; t < phi.length; t++) {
		for (const end = i + 3; i < end; i++) out[edge[i]!]! += sign[i]! * phi[t]!;
	}
	for (let e = 0; e < out.length; e++) out[e]! /= weight[e]!;
	return out;
}

/** B W⁻¹ B′ over the triangles. */
function triangleSystem(weight: Float64Array, triangles: Triangles): LinearSystem {
	const size = triangles.edge.length / 3;
	const diagonal = new Float64Array(size);
	for (const [i, e] of triangles.edge.entries()) diagonal[Math.floor(i / 3)]! += 1 / weight[e]!;
	const flow = { weight, out: new Float64Array(weight.length) };
	return {
		size,
		diagonal,
		multiply: (phi, out) => sumRound(triangles, spread(triangles, phi, flow), out),
	};
}
