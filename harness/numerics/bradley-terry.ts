/** Maximum likelihood in the Bradley–Terry model, the logistic model of pair comparisons. */
import { type Edges, solveLaplacian } from './graph-laplacian.js';

/** Pair counts on the edges of a graph: `up` low → high, `down` high → low. */
export interface Comparisons extends Edges {
	readonly up: Float64Array;
	readonly down: Float64Array;
}

export interface BradleyTerryFit {
	/** θ, length S, θ[0] = 0: P(low → high | pair) = 1 / (1 + exp(θ_high − θ_low)) */
	readonly theta: Float64Array;
	/** n P (1 − P) on each edge: the weights of the Fisher information */
	readonly information: Float64Array;
	/** largest |gradient| of a node over the size of the terms it is a sum of */
	readonly gradient: number;
	readonly converged: boolean;
}

const TOLERANCE = 1e-10;
const LONGEST = 1000;

/**
 * Maximum likelihood θ of the Bradley–Terry model on one strongly connected graph, by Newton steps
 * from conjugate gradients. A step of length d (largest change of a log-odds) is shortened to
 * log(1 + d), which makes Newton's method converge from anywhere for logistic terms.
 *
 * @param data S ≥ 2 nodes; counts ≥ 0 with up + down > 0; strongly connected, or θ does not exist
 * @returns see `BradleyTerryFit`; `converged` false if the scaled gradient stayed above 1e-10
 * Source: Bradley, Terry, Biometrika 39, 324 (1952); existence: Ford, Am. Math. Mon. 64, 28 (1957);
 *   damping: Sun, Tran-Dinh, Math. Program. 178, 145 (2019), eq. 14 with ν = 2.
 *
 * @example two nodes, up 1, down 3 // theta [0, log 3 = 1.0986122886681098]
 */
export function fitBradleyTerry(data: Comparisons): BradleyTerryFit {
	const S = data.nodes;
	const theta = new Float64Array(S);
	let state = derivatives(data, theta);
	let last = Infinity;
	for (let step = 0; step < LONGEST; step++) {
		// One more step after the tolerance: it is nearly free and squares the error.
		if (state.gradient <= TOLERANCE && (last <= TOLERANCE || state.gradient === 0)) break;
		last = state.gradient;
		const accuracy = Math.max(1e-6, Math.min(0.1, state.gradient));
		const move = solveLaplacian(data, state.information, state.slope, accuracy);
		let longest = 0;
		for (let e = 0; e < data.up.length; e++) {
			longest = Math.max(longest, Math.abs(move[data.low[e]!]! - move[data.high[e]!]!));
		}
		const factor = longest < 1e-8 ? 1 : Math.log1p(longest) / longest;
		for (let i = 0; i < S; i++) theta[i]! += factor * move[i]!;
		state = derivatives(data, theta);
	}
	return {
		theta,
		information: state.information,
		gradient: state.gradient,
		converged: state.gradient <= TOLERANCE,
	};
}

function derivatives(data: Comparisons, theta: Float64Array) {
	const slope = new Float64Array(data.nodes);
	const size = new Float64Array(data.nodes);
	const information = new Float64Array(data.up.length);
	for (let e = 0; e < information.length; e++) {
		const a = data.low[e]!;
		const b = data.high[e]!;
		const up = data.up[e]!;
		const down = data.down[e]!;
		const odds = theta[a]! - theta[b]!;
		const p = 1 / (1 + Math.exp(-odds));
		const q = 1 / (1 + Math.exp(odds));
		// up − n p without cancellation
		const pull = up * q - down * p;
		const terms = up * q + down * p;
		slope[a]! += pull;
		slope[b]! -= pull;
		size[a]! += terms;
		size[b]! += terms;
		information[e] = (up + down) * p * q;
	}
	let gradient = 0;
	for (let i = 0; i < data.nodes; i++) {
		gradient = Math.max(gradient, Math.abs(slope[i]!) / size[i]!);
	}
	return { slope, information, gradient };
}
