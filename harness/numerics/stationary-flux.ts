/** The stationary occupation of a kernel, relative to a reference occupation that is near it. */
import { dot } from './conjugate-gradients.js';
import { gmres } from './gmres.js';
import { type Edges, solveLaplacian } from './graph-laplacian.js';

export interface KernelFlux extends Edges {
	/** π_low T(high|low) on each edge under the reference occupation π, ≥ 0 */
	readonly forward: Float64Array;
	/** π_high T(low|high); forward + backward > 0 */
	readonly backward: Float64Array;
	/** π of each node, > 0 */
	readonly reference: Float64Array;
}

const STOP = { tolerance: 1e-8, basis: 200, restarts: 2 };
const SOLVE = 1e-10;

/**
 * Stationary occupation π_f ρ_f of a kernel on a connected graph, as ρ: the net fluxes
 * J = ρ_low forward − ρ_high backward leave each node as they reach it. Only ratios of fluxes count,
 * so rates of any size will do. The equation is preconditioned by the Laplacian of the mean fluxes:
 * near detailed balance, ρ = 1, a few steps suffice however slowly the kernel mixes.
 *
 * @param flux the kernel; its directed graph strongly connected
 * @returns ρ with Σ π ρ = Σ π, or null if no solution with ρ > 0 was reached
 * Source: Kirchhoff's law at each node; solver: `gmres` over `solveLaplacian`.
 *
 * @example two nodes, forward [1], backward [3], reference [1, 1] // [1.5, 0.5]
 */
export function stationaryOccupation(flux: KernelFlux): Float64Array | null {
	const { low, high, forward, backward, reference } = flux;
	const S = flux.nodes;
	const mean = forward.map((a, e) => (a + backward[e]!) / 2);
	const total = reference.reduce((sum, x) => sum + x, 0);
	/** the ρ, without its mean, whose mean fluxes would make the same divergence as ρ's net fluxes */
	const balance = (rho: Float64Array): Float64Array => {
		const source = new Float64Array(S);
		for (let e = 0; e < forward.length; e++) {
			const J = rho[low[e]!]! * forward[e]! - rho[high[e]!]! * backward[e]!;
			source[low[e]!]! += J;
			source[high[e]!]! -= J;
		}
		const x = solveLaplacian(flux, mean, source, SOLVE);
		const centre = dot(x, reference) / total;
		return x.map((value) => value - centre);
	};
	const start = balance(new Float64Array(S).fill(1));
	const y = gmres(
		balance,
		start.map((x) => -x),
		STOP,
	);
	if (y === null) return null;
	const rho = y.map((x) => 1 + x);
	return rho.every((x) => x > 0) ? rho : null;
}
