/** What sampling noise does to the energies of the parts of a flow, by probing them. */
import { type FlowGraph, type FlowParts, hodgeParts } from '../../numerics/hodge.js';
import { Stream } from '../../numerics/stream.js';
import { PURPOSE } from '../purposes.js';
import type { Panel, Resample } from '../resample.js';

export const PART_NAMES = ['gradient', 'curl', 'harmonic', 'residual'] as const;
export type PartName = (typeof PART_NAMES)[number];

/** A graph with the noise of the flow on it, length P each. */
export interface NoisyFlow {
	readonly graph: FlowGraph;
	/** v = Var ε̂ */
	readonly variance: Float64Array;
	/** ε̂² less the estimate of ε²: what each edge's own square has to lose in the parts without gradient */
	readonly excess: Float64Array;
	/** what l̂² has to lose in the gradient part */
	readonly gradientExcess: Float64Array;
	/** variance of the estimate of ε² */
	readonly squareVariance: Float64Array;
}

/** Of one part's energy x′N x, N = W × (projection on the part). */
export interface FormNoise {
	/** Σ N_ii excess_i: to be taken from the energy */
	readonly excess: number;
	/** Σ N_ii v_i: the energy of pure noise */
	readonly noise: number;
	/** 2 tr (N v)²: the variance of that energy for normal noise */
	readonly normalVariance: number;
	/** of the estimate: Σ N_ii² (squareVariance_i − 2 v_i²) more */
	readonly variance: number;
}

export interface ProbeInput extends NoisyFlow {
	/** uint32 */
	readonly seed: number;
	/** true: draw i probes edge i alone, and all P draws together are exact */
	readonly exact: boolean;
}

/** Up to so many edges each is probed by itself. */
export const EXACT_EDGES = 600;
/** Random probes beyond: traces of projections are then right to a few per cent of their spread. */
export const RANDOM_DRAWS = 40;

const NUMBERS = 4;

/** One row: four numbers for each of PART_NAMES (see `formNoise`); their mean over the rows is wanted. */
export const formNoisePanel: Panel<ProbeInput> = {
	name: 'form-noise',
	width: NUMBERS * PART_NAMES.length,
	draw(input, from, to) {
		const rows = new Float64Array((to - from) * this.width);
		for (let i = from; i < to; i++) {
			const row = rows.subarray((i - from) * this.width, (i - from + 1) * this.width);
			if (input.exact) probeEdge(input, i, row);
			else probeAtRandom(input, i, row);
		}
		return rows;
	},
};

/**
 * Noise of the energy of each part of a noisy flow: by probing with every edge where the graph is
 * small, else with random signs.
 *
 * @param flow the graph and its noise
 * @param seed uint32 of the random signs
 * @param resample who makes the draws
 * Source: Hutchinson, Commun. Stat. Simul. Comput. 19, 433 (1990).
 */
export async function formNoise(
	flow: NoisyFlow,
	seed: number,
	resample: Resample,
): Promise<Readonly<Record<PartName, FormNoise>>> {
	const P = flow.variance.length;
	const exact = P <= EXACT_EDGES;
	const draws = exact ? P : RANDOM_DRAWS;
	const rows = await resample(formNoisePanel, { ...flow, seed, exact }, draws);
	const mean = (column: number): number => {
		let sum = 0;
		for (let i = 0; i < draws; i++) sum += rows[i * formNoisePanel.width + column]!;
		return sum / draws;
	};
	const of = (k: number): FormNoise => ({
		excess: mean(NUMBERS * k),
		noise: mean(NUMBERS * k + 1),
		normalVariance: mean(NUMBERS * k + 2),
		variance: mean(NUMBERS * k + 2) + Math.max(0, mean(NUMBERS * k + 3)),
	});
	return { gradient: of(0), curl: of(1), harmonic: of(2), residual: of(3) };
}

function excessOf(flow: NoisyFlow, part: PartName): Float64Array {
	return part === 'gradient' ? flow.gradientExcess : flow.excess;
}

/** √v ∘ z through each projection, times W. */
function probe(
	{ graph, variance, exact }: ProbeInput,
	z: Float64Array,
): Record<PartName, Float64Array> {
	const tolerance = exact ? 1e-8 : 1e-4;
	const noise = z.map((x, e) => x * Math.sqrt(variance[e]!));
	const parts: FlowParts = hodgeParts(graph, noise, tolerance);
	const weighted = (x: Float64Array): Float64Array => x.map((y, e) => y * graph.weight[e]!);
	const curl = weighted(parts.curl);
	const harmonic = weighted(parts.harmonic);
	const residual = curl.map((x, e) => x + harmonic[e]!);
	return { gradient: weighted(parts.gradient), curl, harmonic, residual };
}

/** Edge e's share of every trace, exactly; times P, since rows are averaged. */
function probeEdge(flow: ProbeInput, e: number, row: Float64Array): void {
	const { variance, squareVariance } = flow;
	const P = variance.length;
	const z = new Float64Array(P);
	z[e] = 1;
	const v = variance[e]!;
	const found = probe(flow, z);
	for (const [k, name] of PART_NAMES.entries()) {
		const y = found[name];
		const own = y[e]! / Math.sqrt(v);
		let spread = 0;
		for (let i = 0; i < P; i++) spread += 2 * variance[i]! * y[i]! * y[i]!;
		row[NUMBERS * k] = P * own * excessOf(flow, name)[e]!;
		row[NUMBERS * k + 1] = P * own * v;
		row[NUMBERS * k + 2] = P * spread;
		row[NUMBERS * k + 3] = P * own * own * (squareVariance[e]! - 2 * v * v);
	}
}

/** Every trace by random signs; the squares of diagonal entries from two independent probes. */
function probeAtRandom(flow: ProbeInput, draw: number, row: Float64Array): void {
	const { variance, squareVariance, seed } = flow;
	const stream = new Stream([seed, PURPOSE.formNoise], draw);
	const signs = (): Float64Array => variance.map(() => (stream.next() < 0.5 ? -1 : 1));
	const z = [signs(), signs()];
	const found = z.map((signs) => probe(flow, signs));
	for (const [k, name] of PART_NAMES.entries()) {
		const excess = excessOf(flow, name);
		const sums = new Float64Array(NUMBERS);
		for (let i = 0; i < variance.length; i++) {
			const v = variance[i]!;
			const y = found.map((parts) => parts[name][i]!);
			const own = y.map((value, j) => (z[j]![i]! * value) / Math.sqrt(v));
			sums[0]! += ((own[0]! + own[1]!) / 2) * excess[i]!;
			sums[1]! += ((own[0]! + own[1]!) / 2) * v;
			sums[2]! += v * (y[0]! * y[0]! + y[1]! * y[1]!);
			sums[3]! += own[0]! * own[1]! * (squareVariance[i]! - 2 * v * v);
		}
		row.set(sums, NUMBERS * k);
	}
}
