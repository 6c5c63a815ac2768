/** What sampling noise does to the energies of the parts of a flow, by probing them. */
import { type FlowGraph, hodgeParts } from '../../numerics/hodge.js';
import { Stream } from '../../numerics/stream.js';
import { PURPOSE } from '../purposes.js';
import type { Panel, Resample } from '../resample.js';
import { type NullTables, nullFlow } from './null-flow.js';

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
	/** Σ N_ii excess_i, and what null tables have left after their own: to be taken from the energy */
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
	/** null: no null tables are drawn */
	readonly tables: NullTables | null;
}

/** Up to so many edges each is probed by itself. */
const EXACT_EDGES = 600;
/** Random probes and null tables beyond: they add a fortieth to the variance of an energy. */
const RANDOM_DRAWS = 40;
/** Fewer above so many edges in all draws together, but never below FEWEST_DRAWS. */
const MOST_EDGES = 4_000_000;
const FEWEST_DRAWS = 4;

/** Tolerance of random probes, whose own luck is larger. */
const LOOSE = 1e-4;
/** Null tables are drawn up to so many edges: beyond, the counts are what takes so long. */
const MOST_TABLES = 100_000;

/** Share of the noise that null tables may have left; 0.13 was seen where the fit took two thirds. */
const MOST_LEFT = 0.25;

/** Numbers of each part in a row. */
const COLUMN = { excess: 0, noise: 1, normalVariance: 2, own: 3, left: 4 } as const;
const COLUMNS = 5;

/** Their mean over the rows is wanted. */
export const formNoisePanel: Panel<ProbeInput> = {
	name: 'form-noise',
	width: COLUMNS * PART_NAMES.length,
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
 * Noise of the energy of each part of a noisy flow. Up to 600 edges by probing with every edge, exactly
 * for binomial counts about the fit. Beyond, by random signs, and with what the same estimate gives for
 * tables drawn from the exact conditional law of detailed balance: where the fit has nearly as many
 * parameters as there are pairs, counts about it are no longer binomial.
 *
 * @param flow the graph and its noise
 * @param tables makes the null tables ready; called where they are wanted
 * @param options seed of the random signs, and who makes the draws
 * Source: Hutchinson, Commun. Stat. Simul. Comput. 19, 433 (1990).
 */
export async function formNoise(
	flow: NoisyFlow,
	tables: () => NullTables,
	{ seed, resample }: { readonly seed: number; readonly resample: Resample },
): Promise<Readonly<Record<PartName, FormNoise>>> {
	const P = flow.variance.length;
	const exact = P <= EXACT_EDGES;
	const random = Math.max(FEWEST_DRAWS, Math.min(RANDOM_DRAWS, Math.floor(MOST_EDGES / P)));
	const draws = exact ? P : random;
	const input = { ...flow, seed, exact, tables: exact || P > MOST_TABLES ? null : tables() };
	const rows = await resample(formNoisePanel, input, draws);
	const mean = (column: number): number => {
		let sum = 0;
		for (let i = 0; i < draws; i++) sum += rows[i * formNoisePanel.width + column]!;
		return sum / draws;
	};
	// A null table varies as the observed one; a probe, of which a draw makes two, as much as noise does.
	const luck = exact ? 1 : 1 + (input.tables === null ? 1 / 2 : 1) / draws;
	const of = (k: number): FormNoise => {
		const at = COLUMNS * k;
		const noise = mean(at + COLUMN.noise);
		const normalVariance = mean(at + COLUMN.normalVariance);
		const variance = (normalVariance + Math.max(0, mean(at + COLUMN.own))) * luck;
		const left = mean(at + COLUMN.left);
		// More than sparse counts can leave is what walks have not forgotten of the observed table.
		const most = MOST_LEFT * noise + 4 * Math.sqrt(variance / draws);
		const excess = mean(at + COLUMN.excess) + (Math.abs(left) <= most ? left : 0);
		return { excess, noise, normalVariance, variance };
	};
	return { gradient: of(0), curl: of(1), harmonic: of(2), residual: of(3) };
}

function excessOf(flow: NoisyFlow, part: PartName): Float64Array {
	return part === 'gradient' ? flow.gradientExcess : flow.excess;
}

/** The parts of a flow, times W. */
function project(
	graph: FlowGraph,
	flow: Float64Array,
	tolerance: number,
): Record<PartName, Float64Array> {
	const parts = hodgeParts(graph, flow, tolerance);
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
	const v = variance[e]!;
	const noise = new Float64Array(P);
	noise[e] = Math.sqrt(v);
	const found = project(flow.graph, noise, 1e-8);
	for (const [k, name] of PART_NAMES.entries()) {
		const y = found[name];
		const own = y[e]! / Math.sqrt(v);
		let spread = 0;
		for (let i = 0; i < P; i++) spread += 2 * variance[i]! * y[i]! * y[i]!;
		row[COLUMNS * k + COLUMN.excess] = P * own * excessOf(flow, name)[e]!;
		row[COLUMNS * k + COLUMN.noise] = P * own * v;
		row[COLUMNS * k + COLUMN.normalVariance] = P * spread;
		row[COLUMNS * k + COLUMN.own] = P * own * own * (squareVariance[e]! - 2 * v * v);
	}
}

/** Every trace by random signs; the squares of diagonal entries from two independent probes. */
function probeAtRandom(flow: ProbeInput, draw: number, row: Float64Array): void {
	const { graph, variance, squareVariance, seed } = flow;
	const stream = new Stream([seed, PURPOSE.formNoise], draw);
	const root = variance.map(Math.sqrt);
	const random = (): Float64Array => root.map((x) => (stream.next() < 0.5 ? -x : x));
	const z = [random(), random()] as const;
	const found = [project(graph, z[0], LOOSE), project(graph, z[1], LOOSE)] as const;
	const own = new Float64Array(variance.length);
	const table = flow.tables === null ? null : nullFlow(flow.tables, draw);
	const left = table === null ? null : project(graph, table.value, LOOSE);
	for (const [k, name] of PART_NAMES.entries()) {
		const sums = row.subarray(COLUMNS * k, COLUMNS * (k + 1));
		const excess = excessOf(flow, name);
		const [first, second] = [found[0][name], found[1][name]];
		for (let i = 0; i < own.length; i++) {
			const v = variance[i]!;
			const one = (z[0][i]! * first[i]!) / v;
			const two = (z[1][i]! * second[i]!) / v;
			own[i] = (one + two) / 2;
			sums[COLUMN.excess]! += own[i]! * excess[i]!;
			sums[COLUMN.noise]! += own[i]! * v;
			sums[COLUMN.normalVariance]! += v * (first[i]! ** 2 + second[i]! ** 2);
			sums[COLUMN.own]! += one * two * (squareVariance[i]! - 2 * v * v);
		}
		if (table === null || left === null || name === 'gradient') continue;
		for (let i = 0; i < own.length; i++) {
			const energy = left[name][i]! ** 2 / graph.weight[i]!;
			sums[COLUMN.left]! += energy - own[i]! * table.excess[i]!;
		}
	}
}
