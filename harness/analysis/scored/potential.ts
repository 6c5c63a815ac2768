/** The potential nearest to a scored kernel, and how much of its log ratios it explains. */
import { solveLaplacian } from '../../numerics/graph-laplacian.js';
import { type WeighedGraph, weighedGraph } from '../effect/weighed-graph.js';
import { relateToReference } from '../table/reference.js';
import { overShapes, type Square, type Uncertain } from './kernel.js';
import type { ScoredPairs } from './pairs.js';

export interface ScoredPotential {
	readonly state: string;
	/** V in nats above the lowest state it is connected with by pairs found both ways; null if it has none */
	readonly value: number | null;
	/** largest change of the value over the other evaluation shapes; null where none was tried */
	readonly jitter: number | null;
	/** change of the value with every transition at its bound: an indication; null where there is none */
	readonly leftOut: number | null;
	/** relative to the largest component that it is connected with; null where mass was left out that could decide otherwise */
	readonly unbounded: '+inf' | '-inf' | null;
	/** stationary probability; null where not known */
	readonly stationary: number | null;
	/** number of its strongly connected component */
	readonly component: number;
	/** why value is null */
	readonly reason: string | null;
}

export interface ScoredFlow {
	/** gradient share, every pair alike; null with a reason where there is no loop or no flow */
	readonly gradient: Uncertain | null;
	/** the same with the weights of a sampled run; null where they are not known */
	readonly typical: Uncertain | null;
	/** pairs found both ways */
	readonly pairs: number;
	readonly reason: string | null;
}

/** Of the largest residual a solution leaves: conjugate gradients do no better in floating point. */
const SOLVED = 1e-14;
/** Below this rms, in nats, log ratios are nothing but rounding. */
const ROUNDING = 1e-12;

/** A flow l on pairs found both ways. */
class PairFlow {
	readonly graph: WeighedGraph;
	readonly #m: number;

	constructor({ twoWay }: ScoredPairs) {
		const { inner, of } = twoWay;
		this.graph = weighedGraph(inner, new Uint8Array(inner.low.length).fill(1));
		this.#m = of.length;
	}

	/** l_fg = log T(g|f) − log T(f|g) of each edge; null where one is not finite. */
	ratios(log: Float64Array): Float64Array | null {
		const { low, high, state } = this.graph;
		const m = this.#m;
		const l = Float64Array.from(low, (a, e) => {
			const [f, g] = [state[a]!, state[high[e]!]!];
			return log[f * m + g]! - log[g * m + f]!;
		});
		return l.every(Number.isFinite) ? l : null;
	}

	/** V on the nodes with least Σ W (l − V_low + V_high)². */
	nearest(l: Float64Array, weight: Float64Array): Float64Array {
		const b = new Float64Array(this.graph.nodes);
		for (const [e, value] of l.entries()) {
			b[this.graph.low[e]!]! += weight[e]! * value;
			b[this.graph.high[e]!]! -= weight[e]! * value;
		}
		return solveLaplacian(this.graph, weight, b, SOLVED);
	}

	/** 1 − Σ W (l − V_low + V_high)² / Σ W l² */
	gradientShare(log: Float64Array, weight: Float64Array): number | null {
		const l = this.ratios(log);
		if (l === null) return null;
		const V = this.nearest(l, weight);
		let [all, rest, sum] = [0, 0, 0];
		for (const [e, value] of l.entries()) {
			const left = value - V[this.graph.low[e]!]! + V[this.graph.high[e]!]!;
			all += weight[e]! * value * value;
			rest += weight[e]! * left * left;
			sum += weight[e]!;
		}
		return all > ROUNDING * ROUNDING * sum ? Math.max(0, 1 - rest / all) : null;
	}
}

/**
 * Gradient share of the log ratios l_fg = log T(g|f) − log T(f|g): 1 − Σ W (l − V_f + V_g)² / Σ W l² at the
 * best V, over pairs found both ways. W = 1, every log T being known equally well, or W = 1 / v of a sampled
 * run (`typical`). With every pair present and W = 1, Σ (l − V_f + V_g)² is Σ A² over all triangles divided by
 * the number of states.
 *
 * @param squares the base first, then its variants
 * @param pairs of the base
 * @param variance `typicalVariance`, or null
 * @returns see `ScoredFlow`
 * Source: Jiang, Lim, Yao, Ye, Math. Program. 127, 203 (2011), section 4.
 *
 * @example T 0.4 and 0.2 round three states: 0, all is cyclic
 */
export function scoredFlow(
	squares: readonly Square[],
	pairs: ScoredPairs,
	variance: Float64Array | null,
): ScoredFlow {
	const flow = new PairFlow(pairs);
	const { graph } = flow;
	const none = { gradient: null, typical: null, pairs: graph.pair.length };
	if (graph.loops === 0) {
		return { ...none, reason: 'no loop of pairs found both ways: every flow is a gradient' };
	}
	const even = new Float64Array(graph.pair.length).fill(1);
	const gradient = overShapes(squares, (log) => flow.gradientShare(log, even));
	if (gradient === null) return { ...none, reason: 'no flow: every pair is as likely both ways' };
	const sampled = variance === null ? null : weights(graph, variance);
	return {
		...none,
		gradient,
		typical:
			sampled === null ? null : overShapes(squares, (log) => flow.gradientShare(log, sampled)),
		reason: null,
	};
}

/** W = 1 / v relative to the largest; null where a pair has none. */
function weights({ low, high, state }: WeighedGraph, variance: Float64Array): Float64Array | null {
	const m = Math.sqrt(variance.length);
	const weight = Float64Array.from(low, (a, e) => 1 / variance[state[a]! * m + state[high[e]!]!]!);
	const most = weight.reduce((x, y) => Math.max(x, y), 0);
	const relative = weight.map((w) => w / most);
	return relative.every((w) => w > 0) ? relative : null;
}

/**
 * The potential with least Σ (l_fg − V_f + V_g)² over pairs found both ways, every pair alike; the lowest state
 * of each connected part is 0. Under detailed balance π ∝ exp(−V), exactly.
 *
 * @param squares the base first, then its variants
 * @param pairs of the base
 * @param stationary π of each state, or null
 * @returns one record per source, in order
 * Source: Jiang, Lim, Yao, Ye, Math. Program. 127, 203 (2011), eq. 14.
 */
export function scoredPotential(
	squares: readonly Square[],
	pairs: ScoredPairs,
	stationary: Float64Array | null,
): ScoredPotential[] {
	const flow = new PairFlow(pairs);
	const { states } = squares[0]!;
	const gauged = (log: Float64Array) => gaugedPotential(flow, log, states.length);
	const found = gauged(squares[0]!.found)!;
	const others = squares.slice(1).map((square) => gauged(square.found));
	const left = gauged(squares[0]!.bound);
	const relation = relateToReference(pairs.table, pairs.components);
	const mayBeBounded = pairs.open + pairs.unfound > 0;
	return states.map((state, f) => {
		const value = Number.isNaN(found[f]) ? null : found[f]!;
		const jitters = others.map((other) =>
			other === null ? null : Math.abs(other[f]! - found[f]!),
		);
		const known = value !== null && jitters.length > 0 && !jitters.includes(null);
		return {
			state,
			value,
			jitter: known ? Math.max(...(jitters as number[])) : null,
			leftOut: value === null || left === null ? null : Math.abs(left[f]! - value),
			stationary: stationary === null ? null : stationary[f]!,
			component: pairs.components.of[f]!,
			...standing(value, relation[f]!, mayBeBounded),
		};
	});
}

type Standing = Pick<ScoredPotential, 'unbounded' | 'reason'>;

function standing(
	value: number | null,
	{ unbounded, reason }: Standing,
	mayBeBounded: boolean,
): Standing {
	if (value !== null) return { unbounded: null, reason: null };
	if (reason === null) return { unbounded: null, reason: 'joined by one-way transitions alone' };
	return mayBeBounded
		? { unbounded: null, reason: `${reason}, as far as was followed` }
		: { unbounded, reason };
}

/** V by state, NaN for one without pairs; null where a ratio is not finite. */
function gaugedPotential(flow: PairFlow, log: Float64Array, m: number): Float64Array | null {
	const { graph } = flow;
	const l = flow.ratios(log);
	if (l === null) return null;
	const V = new Float64Array(m).fill(Number.NaN);
	if (l.length === 0) return V;
	const raw = flow.nearest(l, new Float64Array(l.length).fill(1));
	const lowest = new Float64Array(graph.nodes).fill(Infinity);
	for (const [k, part] of graph.part.entries()) lowest[part] = Math.min(lowest[part]!, raw[k]!);
	for (const [k, part] of graph.part.entries()) V[graph.state[k]!] = raw[k]! - lowest[part]!;
	return V;
}
