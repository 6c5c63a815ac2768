/** Kernels as the fluxes of their pairs, and their entropy production. */
import { type KernelFlux, stationaryOccupation } from '../../numerics/stationary-flux.js';
import type { FlowData } from './flow-data.js';
import { type WeighedGraph, weighedGraph } from './weighed-graph.js';

/** Potentials further up than this, in nats, count as this far up. */
const DEEPEST = 500;

/** The reversible fit on some pairs, its π with sum 1 over their states. */
export interface ReversibleFlux {
	readonly graph: WeighedGraph;
	readonly reference: Float64Array;
	/** π_low T(high|low) = π_high T(low|high) of each edge */
	readonly mean: Float64Array;
	/** P(low → high | pair), and 1 less it */
	readonly up: Float64Array;
	readonly down: Float64Array;
}

/**
 * Entropy production per step of a kernel: Σ over pairs of J log (flux low → high / flux high → low) in its
 * stationary state, which is Schnakenberg's ½ Σ over ordered pairs.
 *
 * @param flux the kernel: fluxes of each pair under some π with sum 1
 * @returns nats per step ≥ 0 of all pairs and of the two-way ones; `all` is null (infinite) where a pair
 *   is one-way. null if the stationary state was not reached
 * Source: Schnakenberg, Rev. Mod. Phys. 48, 571 (1976), section VII.
 *
 * @example a ring of three, T 0.4 one way and 0.2 the other: all 0.2 log 2 = 0.13862943611198905
 */
export function kernelEntropy(
	flux: KernelFlux,
): { readonly all: number | null; readonly twoWay: number } | null {
	const rho = stationaryOccupation(flux);
	if (rho === null) return null;
	let twoWay = 0;
	let oneWay = 0;
	for (let e = 0; e < flux.forward.length; e++) {
		const there = rho[flux.low[e]!]! * flux.forward[e]!;
		const back = rho[flux.high[e]!]! * flux.backward[e]!;
		if (there > 0 && back > 0) twoWay += (there - back) * Math.log(there / back);
		else oneWay += 1;
	}
	return { all: oneWay > 0 ? null : twoWay, twoWay };
}

/** The fluxes of the reversible fit: π ∝ C_f exp(−θ_f), T(g|f) = n P(f → g | pair) / C_f. */
export function reversibleFlux(
	{ table, loops, fit }: FlowData,
	graph: WeighedGraph,
): ReversibleFlux {
	const { pairs } = loops;
	const theta = Float64Array.from(graph.state, (f) => fit.theta[f]!);
	const lowest = theta.reduce((least, x) => Math.min(least, x), Infinity);
	// Fluxes stay above the smallest numbers: such a state is never there in any case.
	const share = theta.map((x) => Math.exp(Math.max(-DEEPEST, lowest - x)));
	const raw = share.map((x, k) => table.attempts[graph.state[k]!]! * x);
	const sum = raw.reduce((total, x) => total + x, 0);
	const up = Float64Array.from(graph.pair, (i) => fit.up[i]!);
	const total = Float64Array.from(graph.pair, (i) => pairs.up[i]! + pairs.down[i]!);
	const down = up.map((_, e) => 1 / (1 + Math.exp(theta[graph.low[e]!]! - theta[graph.high[e]!]!)));
	const mean = total.map((n, e) => {
		const a = n * up[e]! * share[graph.low[e]!]!;
		const b = n * down[e]! * share[graph.high[e]!]!;
		return Math.max(a, b) / sum;
	});
	return { graph, reference: raw.map((x) => x / sum), mean, up, down };
}

/** The kernel with the same pair totals and log-odds that lie ε off detailed balance. */
export function tilted(
	{ graph, reference, mean, up, down }: ReversibleFlux,
	tilt: Float64Array,
): KernelFlux {
	const { nodes, low, high } = graph;
	return {
		nodes,
		low,
		high,
		reference,
		forward: tilt.map((x, e) => mean[e]! / (up[e]! + down[e]! * Math.exp(-x))),
		backward: tilt.map((x, e) => mean[e]! / (up[e]! * Math.exp(x) + down[e]!)),
	};
}

/** The observed frequencies C_fg / C_f on one strongly connected component. */
export function plugInFlux(data: FlowData, component: number): KernelFlux {
	const { low, up, down } = data.loops.pairs;
	const inside = Uint8Array.from(low, (f) => (data.components.of[f] === component ? 1 : 0));
	const graph = weighedGraph(data.loops.pairs, inside);
	const { reference } = reversibleFlux(data, graph);
	const perAttempt = reference.map((x, k) => x / data.table.attempts[graph.state[k]!]!);
	return {
		nodes: graph.nodes,
		low: graph.low,
		high: graph.high,
		reference,
		forward: Float64Array.from(graph.pair, (i, e) => perAttempt[graph.low[e]!]! * up[i]!),
		backward: Float64Array.from(graph.pair, (i, e) => perAttempt[graph.high[e]!]! * down[i]!),
	};
}
