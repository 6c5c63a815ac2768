import { hodgeParts } from '../../numerics/hodge.js';
import { cautiousInterval, type NoisySquares } from '../../numerics/shift-bound.js';
import type { FlowData, FlowOptions } from './flow-data.js';
import { formNoise } from './form-noise.js';
import {
	kernelEntropy,
	plugInFlux,
	type ReversibleFlux,
	reversibleFlux,
	tilted,
} from './kernel-flux.js';
import { nullTables } from './null-flow.js';
import { largestPart, type WeighedGraph, weighedGraph } from './weighed-graph.js';

const METHODS = {
	exact: 'quadratic form in the log-odds off detailed balance, scaled to the exact expression',
	quadratic: 'quadratic form in the log-odds off detailed balance (small violations)',
} as const;
const LEVEL = 0.95;
const TOLERANCE = 1e-10;
/** The exact expression is evaluated up to so many states; beyond, the quadratic form is reported. */
const MOST_STATES = 20_000;
/** The plug-in of a table with one-way pairs, infinite anyway, up to so many. */
const MOST_ONE_WAY = 2000;

export interface EntropyProduction {
	readonly method: (typeof METHODS)[keyof typeof METHODS];
	/** nats per attempt, bias removed, ≥ 0; null with a reason where no loop can carry a current */
	readonly value: number | null;
	readonly interval95: { readonly lower: number; readonly upper: number } | null;
	/** what sampling noise alone would give, and was removed; nats per attempt */
	readonly bias: number | null;
	/** of the observed frequencies as they are, nats per attempt; null if infinite or not reached */
	readonly plugIn: number | null;
	/** the two-way pairs' part of it */
	readonly plugInTwoWay: number | null;
	/** pairs used that were seen in one direction only: their log-ratio is estimated as finite */
	readonly oneWayPairs: number;
	/** their share of the transitions used */
	readonly oneWayShare: number;
	/** pairs between states of the component left out, because they were seen only once */
	readonly pairsLeftOut: number;
	/** their share of the transitions inside the component */
	readonly leftOutShare: number;
	/** states the kernel is followed on: the most that pairs seen more than once join */
	readonly states: number;
	/** number of their strongly connected component; null where there is none */
	readonly component: number | null;
	readonly note: string | null;
	readonly reason: string | null;
}

/**
 * Entropy production per step, ½ Σ (π_f T_fg − π_g T_gf) log (π_f T_fg / π_g T_gf), π stationary, of the
 * kernel on the largest set of states that pairs seen more than once join. Every attempt is a step: self,
 * refused and other outcomes stay where they are; transitions out of the set are left out.
 *
 * Near detailed balance it is ε′N ε, the energy of ε without its gradient part, weighted by the mean flux
 * of each pair. That form is estimated without bias (each pair's own square by an unbiased one) and has
 * an interval as a noisy sum of squares. Value and limits are then carried over to the exact expression
 * along ε = s ε̃, with ε̃ the likely sizes of ε under the signs seen: exact for strong driving and many
 * counts, the quadratic form for weak driving. One-way pairs have a finite ε̂ there.
 *
 * @param data see `FlowData`
 * @param options see `FlowOptions`
 * @returns see `EntropyProduction`
 * Source: Schnakenberg, Rev. Mod. Phys. 48, 571 (1976), section VII; interval: `cautiousInterval`.
 *
 * @example 1000 attempts each, 400 from A to B, B to C, C to A, 200 the other way: value 0.137459264,
 *   plugIn 0.138629436
 */
export async function entropyProduction(
	data: FlowData,
	options: FlowOptions,
): Promise<EntropyProduction> {
	const { pairs } = data.loops;
	const joined = weighedGraph(pairs, data.estimates.used);
	const graph = weighedGraph(pairs, largestPart(joined, pairs));
	const counts = describe(data, graph);
	if (graph.loops === 0 || counts.component === null) {
		const none = { value: null, interval95: null, bias: null, plugIn: null, plugInTwoWay: null };
		const reason = 'no loop among the pairs seen more than once';
		return { method: METHODS.exact, ...none, ...counts, note: null, reason };
	}
	const kernel = reversibleFlux(data, graph);
	const form = await quadraticForm(data, kernel, options);
	const interval = cautiousInterval(form.q, form.squares, LEVEL);
	const shifts = [Math.max(0, form.signal), interval.lower, interval.upper];
	const exact = shifts.map((shift) => exactAt(shift, form, kernel));
	const reached = exact.every((x) => x !== null);
	const [value, lower, upper] = exact.map((x, i) => (reached ? x! : shifts[i]!));
	const plugIn = plugInEntropy(data, counts);
	const notes = [
		...(reached ? [] : ['the exact expression was not reached']),
		...(plugIn === null ? ['the plug-in was not reached'] : []),
		...(data.table.attemptsRecorded ? [] : ['attempts, and so steps, are by convention']),
	];
	return {
		method: reached ? METHODS.exact : METHODS.quadratic,
		value: value!,
		interval95: { lower: Math.min(lower!, value!), upper: Math.max(upper!, value!) },
		bias: form.squares.noise,
		plugIn: plugIn?.all ?? null,
		plugInTwoWay: plugIn?.twoWay ?? null,
		...counts,
		note: notes.length === 0 ? null : notes.join('; '),
		reason: null,
	};
}

function plugInEntropy(data: FlowData, { component, oneWayPairs, states }: Counts) {
	if (states > (oneWayPairs > 0 ? MOST_ONE_WAY : MOST_STATES) || component === null) return null;
	return kernelEntropy(plugInFlux(data, component));
}

type Counts = Pick<
	EntropyProduction,
	'oneWayPairs' | 'oneWayShare' | 'pairsLeftOut' | 'leftOutShare' | 'states' | 'component'
>;

/** What of the component's pairs and transitions is used. */
function describe({ loops, components }: FlowData, graph: WeighedGraph): Counts {
	const { low, up, down } = loops.pairs;
	const first = graph.state[0];
	const component = first === undefined ? null : components.of[first]!;
	let pairs = 0;
	let inside = 0;
	for (let i = 0; i < low.length; i++) {
		if (components.of[low[i]!] !== component) continue;
		pairs += 1;
		inside += up[i]! + down[i]!;
	}
	let used = 0;
	let oneWay = 0;
	let oneWayPairs = 0;
	for (const i of graph.pair) {
		const n = up[i]! + down[i]!;
		used += n;
		if (up[i]! > 0 && down[i]! > 0) continue;
		oneWay += n;
		oneWayPairs += 1;
	}
	return {
		oneWayPairs,
		oneWayShare: used > 0 ? oneWay / used : 0,
		pairsLeftOut: pairs - graph.pair.length,
		leftOutShare: inside > 0 ? (inside - used) / inside : 0,
		states: graph.nodes,
		component,
	};
}

interface Form {
	/** unbiased estimate of ε′N ε, nats per attempt; may be negative */
	readonly signal: number;
	/** signal + noise, ≥ 0 */
	readonly q: number;
	readonly squares: NoisySquares;
	/** ε̃: likely sizes of ε with the signs seen */
	readonly direction: Float64Array;
	/** ε̃′N ε̃ */
	readonly likelyEnergy: number;
}

async function quadraticForm(
	data: FlowData,
	{ graph, mean }: ReversibleFlux,
	options: FlowOptions,
): Promise<Form> {
	const { loops, estimates } = data;
	const of = (x: Float64Array): Float64Array => Float64Array.from(graph.pair, (i) => x[i]!);
	const { nodes, low, high } = graph;
	const flow = { nodes, low, high, weight: mean, triangles: null };
	const [variance, value, square] = [
		of(estimates.variance),
		of(estimates.value),
		of(estimates.square),
	];
	const excess = square.map((x, e) => value[e]! ** 2 - x);
	const squareVariance = of(estimates.squareVariance);
	const noisy = { graph: flow, variance, excess, gradientExcess: excess, squareVariance };
	const { residual } = await formNoise(noisy, () => nullTables(data, graph, options.seed), options);

	const direction = likely(value, variance, estimates.spread);
	const rest = hodgeParts(flow, value, TOLERANCE).curl;
	const likelyRest = hodgeParts(flow, direction, TOLERANCE).curl;
	const plain = energy(mean, rest);
	const likelyEnergy = energy(mean, likelyRest);
	const signal = plain - residual.excess;
	const seen = of(estimates.varianceSeen);
	const spread = rest.reduce((sum, x, e) => sum + (mean[e]! * x) ** 2 * seen[e]!, 0);
	const total = Float64Array.from(graph.pair, (i) => loops.pairs.up[i]! + loops.pairs.down[i]!);
	// The fluxes are estimates too: each pair's part of the signal errs by 1 in √n.
	const fluxes = likelyRest.reduce((sum, x, e) => sum + (mean[e]! * x * x) ** 2 / total[e]!, 0);
	const ofFluxes = likelyEnergy > 0 ? (Math.max(0, signal) * fluxes) / (4 * likelyEnergy ** 2) : 0;
	const normalSlope = plain > 0 ? spread / plain : residual.normalVariance / (2 * residual.noise);
	const squares = {
		noise: residual.noise,
		variance: residual.variance,
		slope: (normalSlope * residual.variance) / residual.normalVariance + ofFluxes,
	};
	return { signal, q: Math.max(0, signal + residual.noise), squares, direction, likelyEnergy };
}

/**
 * √E(ε² | ε̂) with the sign seen, for normal ε of mean square τ² and normal noise v: ε̂ itself where it is
 * well measured, about τ where it is not. The signs alone where no spread τ² is seen beyond the noise.
 */
function likely(value: Float64Array, variance: Float64Array, spread: number): Float64Array {
	if (spread === 0) return value.map(Math.sign);
	return value.map((x, e) => {
		const kept = spread / (spread + variance[e]!);
		return Math.sign(x) * Math.hypot(kept * x, Math.sqrt(kept * variance[e]!));
	});
}

function energy(mean: Float64Array, flow: Float64Array): number {
	return flow.reduce((sum, x, e) => sum + mean[e]! * x * x, 0);
}

/** The exact entropy production where the quadratic form is `shift`; null if it was not reached. */
function exactAt(
	shift: number,
	{ direction, likelyEnergy }: Form,
	kernel: ReversibleFlux,
): number | null {
	if (shift === 0) return 0;
	if (!(likelyEnergy > 0) || kernel.graph.nodes > MOST_STATES) return null;
	const scale = Math.sqrt(shift / likelyEnergy);
	const tilt = direction.map((x) => scale * x);
	return kernelEntropy(tilted(kernel, tilt))?.all ?? null;
}

/** The record of an entropy production that was not asked for. */
export function leftOutEntropy(): EntropyProduction {
	const none = { value: null, interval95: null, bias: null, plugIn: null, plugInTwoWay: null };
	const counts = { oneWayPairs: 0, oneWayShare: 0, pairsLeftOut: 0, leftOutShare: 0, states: 0 };
	const why = { component: null, note: null, reason: 'left out, as asked' };
	return { method: METHODS.exact, ...none, ...counts, ...why };
}
