/** Maximum likelihood in the Bradley–Terry model, the logistic model of pair comparisons. */
import { minimisePairAction, type PairWeights, prepareWeights, TIGHT } from './pair-action.js';

/** Pair counts on the edges of a graph: `up` low → high, `down` high → low. */
export type Comparisons = PairWeights;

export interface BradleyTerryFit {
	/** θ, length S, θ[0] = 0: P(low → high | pair) = 1 / (1 + exp(θ_high − θ_low)) */
	readonly theta: Float64Array;
	/** n P (1 − P) on each edge: the weights of the Fisher information */
	readonly information: Float64Array;
	/** largest |gradient| of a node over the size of the terms it is a sum of */
	readonly gradient: number;
	readonly converged: boolean;
}

/**
 * Maximum likelihood θ of the Bradley–Terry model on one strongly connected graph: the least logistic
 * action of the counts.
 *
 * @param data S ≥ 2 nodes; counts ≥ 0 with up + down > 0; strongly connected, or θ does not exist
 * @returns see `BradleyTerryFit`; `converged` false if the scaled gradient stayed above 1e-10
 * Source: Bradley, Terry, Biometrika 39, 324 (1952); existence: Ford, Am. Math. Mon. 64, 28 (1957);
 *   method: `minimisePairAction`.
 *
 * @example two nodes, up 1, down 3 // theta [0, log 3 = 1.0986122886681098]
 */
export function fitBradleyTerry(data: Comparisons): BradleyTerryFit {
	const options = { kernel: 'logistic', start: null, tolerance: TIGHT } as const;
	const least = minimisePairAction(prepareWeights(data), options);
	return {
		theta: least.potential,
		information: least.curvature,
		gradient: least.gradient,
		converged: least.converged,
	};
}
