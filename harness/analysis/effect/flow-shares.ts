import { hodgeParts } from '../../numerics/hodge.js';
import { type Bounded, shareInterval, sumInterval } from '../../numerics/mover.js';
import { shiftInterval } from '../../numerics/shift-bound.js';
import type { FlowData, FlowOptions } from './flow-data.js';
import { type FormNoise, formNoise, type NoisyFlow } from './form-noise.js';
import { nullTables } from './null-flow.js';
import { trianglesOf, type WeighedGraph, weighedGraph } from './weighed-graph.js';

const METHOD =
	'weighted HodgeRank of l = log T(g|f) − log T(f|g), weights 1 / Var l, noise taken out';
const LEVEL = 0.95;
const TOLERANCE = 1e-10;
/** Noise is never taken to be a smaller share of what it would be without known attempts. */
const LEAST = 0.05;

/** One part of the flow l. */
export interface FlowShare {
	/** of the energies of all three parts, in [0, 1] */
	readonly value: number;
	readonly interval95: { readonly lower: number; readonly upper: number };
	/** Σ W (part of l)² with its noise taken out; may be negative (its share is then 0) */
	readonly energy: number;
	/** dimensions of the part: the energy that pure noise would have */
	readonly dimensions: number;
}

export interface FlowShares {
	readonly method: typeof METHOD;
	/** of a potential; null (all three) where nothing can be shared out */
	readonly gradient: FlowShare | null;
	/** sums of flows round triangles */
	readonly curl: FlowShare | null;
	/** round longer loops only */
	readonly harmonic: FlowShare | null;
	/** pairs the shares run over */
	readonly pairs: number;
	/** inner pairs left out, because they were seen only once */
	readonly pairsLeftOut: number;
	/** what limits the split of curl from harmonic; null if nothing does */
	readonly note: string | null;
	readonly reason: string | null;
}

/**
 * How much of the log-ratio flow l_fg = log T(g|f) − log T(f|g) is the gradient of a potential, how much
 * runs round triangles (curl), how much round longer loops only (harmonic).
 *
 * l̂ = V_f − V_g + ε̂, W = 1 / Var ε̂ (close to 1/(1/C_fg + 1/C_gf) for large counts near detailed
 * balance). Each part's energy Σ W (part)² loses what noise adds to it, its number of dimensions on the
 * average: states − parts of the graph, independent triangles, the other independent loops. From the
 * gradient's noise goes what the known attempts C_f cannot add to it, Σ W (1/C_f + 1/C_g), and the
 * weights' dependence on the fit is corrected to first order. Shares are
 * of the energies floored at 0; intervals: of each energy as of a noisy sum of squares, combined.
 *
 * @param data see `FlowData`
 * @param options see `FlowOptions`
 * @returns see `FlowShares`; null with a reason where there is no loop or no energy above the noise
 * Source: Jiang, Lim, Yao, Ye, Math. Program. 127, 203 (2011); intervals: `shiftInterval`,
 *   `shareInterval`.
 */
export async function flowShares(data: FlowData, options: FlowOptions): Promise<FlowShares> {
	const { loops, estimates } = data;
	const { low } = loops.pairs;
	const graph = weighedGraph(loops.pairs, estimates.used);
	const pairs = graph.pair.length;
	const counts = { pairs, pairsLeftOut: low.length - pairs };
	const none = { method: METHOD, gradient: null, curl: null, harmonic: null, ...counts } as const;
	if (graph.loops === 0) {
		const reason = 'no loop among the pairs seen more than once: every flow is a gradient';
		return { ...none, note: null, reason };
	}
	const flow = weighedFlow(data, graph);
	const noise = await formNoise(flow, () => nullTables(data, graph, options.seed), options);
	const energies = energiesOf(flow, noise, {
		gradient: pairs - graph.loops,
		curl: flow.rank,
		harmonic: graph.loops - flow.rank,
	});
	const shares = NAMES.map((name) => shareOf(energies, name));
	const [gradient = null, curl = null, harmonic = null] = shares;
	// A random subset of the triangles may span less than all of them.
	const note = loops.triangles > 0 && flow.rank < graph.loops ? loops.note : null;
	const reason = gradient === null ? 'no energy above the sampling noise' : null;
	return { ...none, gradient, curl, harmonic, note, reason };
}

const NAMES = ['gradient', 'curl', 'harmonic'] as const;
type Name = (typeof NAMES)[number];

interface WeighedFlow extends NoisyFlow {
	/** ε̂ */
	readonly value: Float64Array;
	/** V_f − V_g of the fit */
	readonly drop: Float64Array;
	/** Var ε̂ near the log-odds seen */
	readonly seen: Float64Array;
	/** 1 / C_f of each node; 0 where C_f is not known */
	readonly perAttempt: Float64Array;
	/** independent loops that triangles span */
	readonly rank: number;
}

function weighedFlow({ table, loops, fit, estimates }: FlowData, graph: WeighedGraph): WeighedFlow {
	const of = (x: Float64Array): Float64Array => Float64Array.from(graph.pair, (i) => x[i]!);
	const { nodes, low, high, state } = graph;
	const { triangles, rank } = trianglesOf(graph, loops);
	const variance = of(estimates.variance);
	const weight = variance.map((v) => 1 / v);
	const V = Float64Array.from(state, (f) => fit.theta[f]! - Math.log(table.attempts[f]!));
	const drop = variance.map((_, e) => V[low[e]!]! - V[high[e]!]!);
	const value = of(estimates.value);
	const excess = of(estimates.square).map((square, e) => value[e]! ** 2 - square);
	const lean = of(estimates.lean);
	const recorded = table.attemptsRecorded ? 1 : 0;
	return {
		graph: { nodes, low, high, weight, triangles: rank < graph.loops ? triangles : null },
		variance,
		excess,
		gradientExcess: excess.map((x, e) => x - variance[e]! * drop[e]! * lean[e]!),
		squareVariance: of(estimates.squareVariance),
		value,
		drop,
		seen: of(estimates.varianceSeen),
		perAttempt: Float64Array.from(state, (f) => recorded / table.attempts[f]!),
		rank,
	};
}

interface Energy {
	readonly energy: number;
	readonly dimensions: number;
	readonly bounded: Bounded;
}

/** Energy of each part of l̂, its noise taken out, and its interval. */
function energiesOf(
	flow: WeighedFlow,
	noise: Readonly<Record<Name, FormNoise>>,
	dimensions: Readonly<Record<Name, number>>,
): Readonly<Record<Name, Energy>> {
	const { graph, drop, perAttempt } = flow;
	const parts = hodgeParts(graph, flow.value, TOLERANCE);
	const gradient = parts.gradient.map((x, e) => x + drop[e]!);
	// The attempts are given: what they would vary by is in v, but not in the counts.
	const given = graph.weight.reduce(
		(sum, w, e) => sum + w * (perAttempt[graph.low[e]!]! + perAttempt[graph.high[e]!]!),
		0,
	);
	const of = (name: Name, part: Float64Array, given: number): Energy =>
		energyOf(flow, part, { noise: noise[name], dimensions: dimensions[name], given });
	return {
		gradient: of('gradient', gradient, given),
		curl: of('curl', parts.curl, 0),
		harmonic: of('harmonic', parts.harmonic, 0),
	};
}

function energyOf(
	{ graph, seen, perAttempt }: WeighedFlow,
	part: Float64Array,
	{
		noise,
		dimensions,
		given,
	}: {
		readonly noise: FormNoise;
		readonly dimensions: number;
		readonly given: number;
	},
): Energy {
	if (dimensions === 0) {
		return { energy: 0, dimensions, bounded: { value: 0, lower: 0, upper: 0 } };
	}
	const divergence = new Float64Array(graph.nodes);
	let plain = 0;
	let spread = 0;
	for (let e = 0; e < part.length; e++) {
		const flux = graph.weight[e]! * part[e]!;
		plain += flux * part[e]!;
		spread += flux * flux * seen[e]!;
		divergence[graph.low[e]!]! += flux;
		divergence[graph.high[e]!]! -= flux;
	}
	const known = divergence.reduce((sum, x, k) => sum + x * x * perAttempt[k]!, 0);
	const energy = plain - noise.excess + given;
	const pure = Math.max(dimensions - given, dimensions * LEAST);
	const heavier = Math.max(1, noise.variance / noise.normalVariance);
	const variance = 2 * pure * heavier;
	const slope = plain > 0 ? (heavier * Math.max(spread - known, spread * LEAST)) / plain : heavier;
	const q = Math.max(0, energy + pure);
	const interval = shiftInterval(q, { noise: pure, variance, slope }, LEVEL);
	const value = Math.max(0, energy);
	const lower = Math.min(interval.lower, value);
	return { energy, dimensions, bounded: { value, lower, upper: Math.max(interval.upper, value) } };
}

function shareOf(energies: Readonly<Record<Name, Energy>>, name: Name): FlowShare | null {
	const others = NAMES.filter((other) => other !== name).map((other) => energies[other].bounded);
	const found = shareInterval(energies[name].bounded, sumInterval(others));
	if (found === null) return null;
	const { value, lower, upper } = found;
	const { energy, dimensions } = energies[name];
	return { value, interval95: { lower, upper }, energy, dimensions };
}
