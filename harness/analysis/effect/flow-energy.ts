/** Energies of the parts of the log-ratio flow, with their noise taken out. */
import { hodgeParts } from '../../numerics/hodge.js';
import type { Bounded } from '../../numerics/mover.js';
import { cautiousInterval } from '../../numerics/shift-bound.js';
import type { FlowData } from './flow-data.js';
import type { FormNoise, NoisyFlow, PartName } from './form-noise.js';
import { trianglesOf, type WeighedGraph } from './weighed-graph.js';

const LEVEL = 0.95;
const TOLERANCE = 1e-10;
/** Noise is never taken to be a smaller share of what it would be without known attempts. */
const LEAST = 0.05;
/** A correlation beyond is not believed: two energies of noise alone have none. */
const MOST = 0.9;

export interface WeighedFlow extends NoisyFlow {
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

export function weighedFlow(
	{ table, loops, fit, estimates }: FlowData,
	graph: WeighedGraph,
): WeighedFlow {
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

export interface FlowEnergy {
	/** Σ W (part of l)², noise taken out; may be negative */
	readonly energy: number;
	/** what pure noise would give it */
	readonly dimensions: number;
	/** floored at 0, with its 95 % interval */
	readonly bounded: Bounded;
	/** variance of `energy` */
	readonly variance: number;
	/** W (part of l̂), of each edge */
	readonly flux: Float64Array;
}

/** Correlation of an energy with the sum of some others, from what the signals make of the noise. */
export function correlation(
	{ seen }: WeighedFlow,
	one: FlowEnergy,
	others: readonly FlowEnergy[],
): number {
	const covariance = (a: FlowEnergy, b: FlowEnergy): number =>
		4 * seen.reduce((sum, v, e) => sum + a.flux[e]! * b.flux[e]! * v, 0);
	let shared = 0;
	let variance = 0;
	for (const [i, other] of others.entries()) {
		shared += covariance(one, other);
		variance += other.variance;
		for (const next of others.slice(i + 1)) variance += 2 * covariance(other, next);
	}
	const found = shared / Math.sqrt(one.variance * variance);
	return found > -MOST && found < MOST ? found : 0;
}

export type FlowEnergies = Readonly<Record<PartName, FlowEnergy>>;

/**
 * Energy of each part of l̂, its noise taken out, and its interval. The gradient's energy is corrected to
 * first order for the weights' dependence on the fit, and for the attempts: C_f is given, so what it would
 * vary by, Σ W (1/C_f + 1/C_g), is in Var ε̂ but not in the counts.
 */
export function flowEnergies(
	flow: WeighedFlow,
	noise: Readonly<Record<PartName, FormNoise>>,
	loops: number,
): FlowEnergies {
	const { graph, drop, perAttempt, rank } = flow;
	const { gradient, curl, harmonic } = hodgeParts(graph, flow.value, TOLERANCE);
	const given = graph.weight.reduce(
		(sum, w, e) => sum + w * (perAttempt[graph.low[e]!]! + perAttempt[graph.high[e]!]!),
		0,
	);
	const of = (part: Float64Array, rest: Omit<Dues, 'noise'>, name: PartName): FlowEnergy =>
		energyOf(flow, part, { noise: noise[name], ...rest });
	const whole = gradient.map((x, e) => x + drop[e]!);
	const residual = curl.map((x, e) => x + harmonic[e]!);
	return {
		gradient: of(whole, { dimensions: drop.length - loops, given }, 'gradient'),
		curl: of(curl, { dimensions: rank, given: 0 }, 'curl'),
		harmonic: of(harmonic, { dimensions: loops - rank, given: 0 }, 'harmonic'),
		residual: of(residual, { dimensions: loops, given: 0 }, 'residual'),
	};
}

/** What an energy owes to noise. */
interface Dues {
	readonly noise: FormNoise;
	readonly dimensions: number;
	/** what known attempts take off its noise */
	readonly given: number;
}

function energyOf(
	{ graph, seen, perAttempt }: WeighedFlow,
	part: Float64Array,
	{ noise, dimensions, given }: Dues,
): FlowEnergy {
	if (dimensions === 0) {
		const bounded = { value: 0, lower: 0, upper: 0 };
		return { energy: 0, dimensions, bounded, variance: 0, flux: part };
	}
	const flux = part.map((x, e) => graph.weight[e]! * x);
	const divergence = new Float64Array(graph.nodes);
	let plain = 0;
	let spread = 0;
	for (let e = 0; e < part.length; e++) {
		plain += flux[e]! * part[e]!;
		spread += flux[e]! ** 2 * seen[e]!;
		divergence[graph.low[e]!]! += flux[e]!;
		divergence[graph.high[e]!]! -= flux[e]!;
	}
	const known = divergence.reduce((sum, x, k) => sum + x * x * perAttempt[k]!, 0);
	const energy = plain - noise.excess + given;
	const pure = Math.max(dimensions - given, dimensions * LEAST);
	const heavier = Math.max(1, noise.variance / noise.normalVariance);
	const quiet = 2 * pure * heavier;
	const slope = plain > 0 ? (heavier * Math.max(spread - known, spread * LEAST)) / plain : heavier;
	const q = Math.max(0, energy + pure);
	const interval = cautiousInterval(q, { noise: pure, variance: quiet, slope }, LEVEL);
	const value = Math.max(0, energy);
	const lower = Math.min(interval.lower, value);
	const bounded = { value, lower, upper: Math.max(interval.upper, value) };
	return { energy, dimensions, bounded, variance: quiet + 4 * slope * value, flux };
}
