import { type Bounded, shareInterval, sumInterval } from '../../numerics/mover.js';
import type { Loops } from '../loops/loops.js';
import type { FlowData, FlowOptions } from './flow-data.js';
import {
	correlation,
	type FlowEnergies,
	type FlowEnergy,
	flowEnergies,
	type WeighedFlow,
	weighedFlow,
} from './flow-energy.js';
import { formNoise } from './form-noise.js';
import { nullTables } from './null-flow.js';
import { weighedGraph } from './weighed-graph.js';

const METHOD =
	'weighted HodgeRank of l = log T(g|f) − log T(f|g), weights 1 / Var l, noise taken out';

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
 * average: states − parts of the graph, independent triangles, the other independent loops. Shares are of
 * the energies floored at 0; intervals: of each energy as of a noisy sum of squares, combined.
 *
 * @param data see `FlowData`
 * @param options see `FlowOptions`
 * @returns see `FlowShares`; null with a reason where there is no loop or no energy above the noise
 * Source: Jiang, Lim, Yao, Ye, Math. Program. 127, 203 (2011); intervals: `cautiousInterval`,
 *   `shareInterval`.
 *
 * @example C_AB = C_BC = C_AC = 400, C_BA = C_CB = C_CA = 200, attempts 1200, 1000, 800:
 *   gradient 0.732157885, curl 0.267842115, harmonic 0
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
	const note = flow.rank < graph.loops ? cutTriangles(loops) : null;
	const shares = share(flow, flowEnergies(flow, noise, graph.loops));
	const reason = shares === null ? 'no energy above the sampling noise' : null;
	return { ...none, ...shares, note, reason };
}

/** Where only some triangles were kept, what they do not reach counts as harmonic. */
function cutTriangles({ note }: Loops): string | null {
	return note?.includes(' triangles') ? `curl is what these reach: ${note}` : null;
}

/** The shares of the energies; null where there is none. */
function share(
	flow: WeighedFlow,
	energies: FlowEnergies,
): Pick<FlowShares, 'gradient' | 'curl' | 'harmonic'> | null {
	const { gradient, curl, harmonic, residual } = energies;
	// Floors at 0 must not make curl and harmonic part more than the residual that they split.
	const floored = curl.bounded.value + harmonic.bounded.value;
	const fit = floored > 0 ? residual.bounded.value / floored : 0;
	const [c, h] = [scaleValue(curl.bounded, fit), scaleValue(harmonic.bounded, fit)];
	const g = gradient.bounded;
	const r = residual.bounded;
	const found = {
		gradient: shareInterval(g, r, correlation(flow, gradient, [residual])),
		curl: shareInterval(c, sumInterval([g, h]), correlation(flow, curl, [gradient, harmonic])),
		harmonic: shareInterval(h, sumInterval([g, c]), correlation(flow, harmonic, [gradient, curl])),
	};
	if (found.gradient === null || found.curl === null || found.harmonic === null) return null;
	return {
		gradient: record(gradient, found.gradient),
		curl: record(curl, found.curl),
		harmonic: record(harmonic, found.harmonic),
	};
}

function scaleValue({ value, lower, upper }: Bounded, factor: number): Bounded {
	return { value: value * factor, lower: Math.min(lower, value * factor), upper };
}

function record({ energy, dimensions }: FlowEnergy, { value, lower, upper }: Bounded): FlowShare {
	return { value, interval95: { lower, upper }, energy, dimensions };
}

/** The record of shares that were not asked for. */
export function leftOutFlow(): FlowShares {
	const none = { gradient: null, curl: null, harmonic: null, pairs: 0, pairsLeftOut: 0 };
	return { method: METHOD, ...none, note: null, reason: 'left out, as asked' };
}
