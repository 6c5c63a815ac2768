/** Minimum of a convex action over the pairs of a graph, by damped Newton steps. */
import type { Edges } from './graph-laplacian.js';
import { type Elimination, eliminateLowDegrees, solveEliminated } from './low-degree.js';

/** Weights of the two directions of each edge of a graph, ≥ 0, one of them positive. */
export interface PairWeights extends Edges {
	/** a_e: weight of low → high */
	readonly up: Float64Array;
	/** b_e: weight of high → low */
	readonly down: Float64Array;
}

/** Weights whose graph was prepared, to be used with several kernels. */
export interface PreparedWeights extends PairWeights {
	readonly elimination: Elimination;
}

/** @param weights of a connected graph */
export const prepareWeights = (weights: PairWeights): PreparedWeights => ({
	...weights,
	elimination: eliminateLowDegrees(weights),
});

/** K(x) = exp(−x/2) or log(1 + exp(−x)). */
export type ActionKernel = 'exponential' | 'logistic';

export interface PairActionMinimum {
	/** V, length S, V[0] = 0 */
	readonly potential: Float64Array;
	/** a K″(x) + b K″(−x) of each edge */
	readonly curvature: Float64Array;
	/** A(V) */
	readonly value: number;
	/** largest |gradient| of a node over the size of the terms it is a sum of */
	readonly gradient: number;
	/** Newton steps */
	readonly iterations: number;
	/** gradient ≤ tolerance */
	readonly converged: boolean;
}

export interface ActionOptions {
	readonly kernel: ActionKernel;
	/** V to start from, length S, or null for 0: it changes the time only */
	readonly start: Float64Array | null;
	/** largest scaled gradient, and about the error in nats of a pair's difference; in [1e-12, 0.01] */
	readonly tolerance: number;
}

/** What every reported potential is solved to. */
export const TIGHT = 1e-10;

const LONGEST = 1000;
/** Relative residual of a step that only looks whether any pair has still to move. */
const GLANCE = 0.01;

/** |K‴| ≤ bend · K″ */
const BEND: Readonly<Record<ActionKernel, number>> = { exponential: 0.5, logistic: 1 };

/**
 * Minimises A(V) = Σ_e a_e K(x_e) + b_e K(−x_e), x_e = V_low − V_high, on one strongly connected
 * graph, by Newton steps (`solveEliminated`). Where |K‴| ≤ M K″, a step that changes a pair by
 * d at most is shortened by the factor log(1 + M d) / (M d); so shortened, Newton's method converges
 * from anywhere.
 *
 * @param weights S ≥ 2 nodes; strongly connected, or there is no minimum
 * @param options kernel, start and tolerance; with 'logistic', A is the negative log-likelihood of the
 *   Bradley–Terry model
 * @returns see `PairActionMinimum`; `converged` false if the scaled gradient stayed above tolerance
 * Source: Sun, Tran-Dinh, Math. Program. 178, 145 (2019), eq. 14 with ν = 2.
 *
 * @example two nodes, up 1, down 3, either kernel // potential [0, log 3 = 1.0986122886681098]
 */
export function minimisePairAction(
	weights: PreparedWeights,
	{ kernel, start, tolerance }: ActionOptions,
): PairActionMinimum {
	const V = start === null ? new Float64Array(weights.nodes) : start.map((v) => v - start[0]!);
	let state = derivatives(weights, kernel, V);
	let longest = Infinity;
	let iterations = 0;
	for (; iterations < LONGEST && state.gradient > 0; iterations++) {
		const near = state.gradient <= tolerance;
		// The gradient of weak pairs drowns in that of strong ones: a step must find none left to move.
		if (near && longest * GLANCE <= tolerance) break;
		const accuracy = near ? GLANCE : Math.max(1e-6, Math.min(0.1, state.gradient));
		const move = solveEliminated(weights.elimination, state.curvature, state.slope, accuracy);
		const last = longest;
		longest = longestChange(weights, move);
		if (near && longest > last / 2) break;
		const d = BEND[kernel] * longest;
		const factor = d < 1e-8 ? 1 : Math.log1p(d) / d;
		for (let i = 0; i < V.length; i++) V[i]! += factor * move[i]!;
		state = derivatives(weights, kernel, V);
	}
	return {
		potential: V,
		curvature: state.curvature,
		value: state.value,
		gradient: state.gradient,
		iterations,
		converged: state.gradient <= tolerance,
	};
}

function longestChange(edges: Edges, move: Float64Array): number {
	const { low, high } = edges;
	let longest = 0;
	for (let e = 0; e < low.length; e++) {
		longest = Math.max(longest, Math.abs(move[low[e]!]! - move[high[e]!]!));
	}
	return longest;
}

interface Derivatives {
	readonly value: number;
	/** minus the gradient, length S */
	readonly slope: Float64Array;
	readonly curvature: Float64Array;
	readonly gradient: number;
}

/** What each edge adds: −a K′(x), −b K′(−x), a K″(x) + b K″(−x); returns Σ a K(x) + b K(−x). */
type Terms = (weights: PairWeights, V: Float64Array, out: EdgeTerms) => number;

interface EdgeTerms {
	readonly up: Float64Array;
	readonly down: Float64Array;
	readonly curvature: Float64Array;
}

const exponentialTerms: Terms = ({ low, high, up, down }, V, out) => {
	let value = 0;
	for (let e = 0; e < up.length; e++) {
		const root = Math.exp((V[low[e]!]! - V[high[e]!]!) / 2);
		const a = up[e]! / root;
		const b = down[e]! * root;
		out.up[e] = a / 2;
		out.down[e] = b / 2;
		out.curvature[e] = (a + b) / 4;
		value += a + b;
	}
	return value;
};

const logisticTerms: Terms = ({ low, high, up, down }, V, out) => {
	let value = 0;
	for (let e = 0; e < up.length; e++) {
		const x = V[low[e]!]! - V[high[e]!]!;
		const small = Math.exp(-Math.abs(x));
		const q = 1 / (1 + small);
		const p = small * q;
		const a = up[e]!;
		const b = down[e]!;
		// log(1 + exp(−|x|)), and |x| more for the direction that climbs
		value += (a + b) * Math.log1p(small) + (x > 0 ? b : a) * Math.abs(x);
		out.up[e] = a * (x > 0 ? p : q);
		out.down[e] = b * (x > 0 ? q : p);
		out.curvature[e] = (a + b) * p * q;
	}
	return value;
};

const TERMS: Readonly<Record<ActionKernel, Terms>> = {
	exponential: exponentialTerms,
	logistic: logisticTerms,
};

function derivatives(weights: PairWeights, kernel: ActionKernel, V: Float64Array): Derivatives {
	const { nodes, low, high } = weights;
	const E = low.length;
	const edge = {
		up: new Float64Array(E),
		down: new Float64Array(E),
		curvature: new Float64Array(E),
	};
	const value = TERMS[kernel](weights, V, edge);
	const { up, down, curvature } = edge;
	const slope = new Float64Array(nodes);
	const size = new Float64Array(nodes);
	for (let e = 0; e < E; e++) {
		const pull = up[e]! - down[e]!;
		const both = up[e]! + down[e]!;
		slope[low[e]!]! += pull;
		slope[high[e]!]! -= pull;
		size[low[e]!]! += both;
		size[high[e]!]! += both;
	}
	let gradient = 0;
	for (let f = 0; f < nodes; f++) gradient = Math.max(gradient, Math.abs(slope[f]!) / size[f]!);
	return { value, slope, curvature, gradient };
}
