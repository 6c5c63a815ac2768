/** What the estimates of a table should be, from the kernel that it was drawn from. */
import type { FlowData } from '../../harness/analysis/effect/flow-data.js';
import { kernelEntropy } from '../../harness/analysis/effect/kernel-flux.js';
import {
	largestPart,
	trianglesOf,
	weighedGraph,
} from '../../harness/analysis/effect/weighed-graph.js';
import type { CountTable } from '../../harness/analysis/table/counts.js';
import { hodgeParts } from '../../harness/numerics/hodge.js';
import { fitQuasiIndependence } from '../../harness/numerics/quasi-independence.js';
import type { Kernel } from '../analysis/synthetic.js';

/** T(g|f) by the table's own numbers of states. */
export type KernelOf = (f: number, g: number) => number;

export function kernelOf(kernel: Kernel, table: CountTable): KernelOf {
	const number = table.states.map((name) => Number(name.slice(1)));
	return (f, g) => kernel[number[f]!]![number[g]!]!;
}

/** rms of the true affinities over the loops of the estimate, with its weights. */
export function trueAffinity({ loops, estimates }: FlowData, T: KernelOf): number {
	const { low, high } = loops.pairs;
	let squares = 0;
	let weights = 0;
	for (let loop = 0; loop < loops.start.length - 1; loop++) {
		let A = 0;
		let noise = 0;
		for (let i = loops.start[loop]!; i < loops.start[loop + 1]!; i++) {
			const p = loops.pair[i]!;
			A += loops.sign[i]! * Math.log(T(low[p]!, high[p]!) / T(high[p]!, low[p]!));
			noise += estimates.used[p] === 1 ? estimates.variance[p]! : Infinity;
		}
		squares += (A * A) / noise;
		weights += 1 / noise;
	}
	return Math.sqrt(squares / weights);
}

/** Energy share of the cyclic part of the true l, with the weights of the estimate. */
export function trueCyclicShare({ loops, estimates }: FlowData, T: KernelOf): number {
	const { low, high } = loops.pairs;
	const graph = weighedGraph(loops.pairs, estimates.used);
	const { triangles, rank } = trianglesOf(graph, loops);
	const weight = Float64Array.from(graph.pair, (p) => 1 / estimates.variance[p]!);
	const l = Float64Array.from(graph.pair, (p) =>
		Math.log(T(low[p]!, high[p]!) / T(high[p]!, low[p]!)),
	);
	const { nodes } = graph;
	const inner = { nodes, low: graph.low, high: graph.high, weight };
	const flow = { ...inner, triangles: rank < graph.loops ? triangles : null };
	const parts = hodgeParts(flow, l, 1e-10);
	const energy = (part: Float64Array): number =>
		part.reduce((sum, x, e) => sum + weight[e]! * x * x, 0);
	const cyclic = energy(parts.curl) + energy(parts.harmonic);
	return cyclic / (cyclic + energy(parts.gradient));
}

/** Entropy production of the true kernel on the pairs that the estimate follows. */
export function trueEntropy({ loops, estimates }: FlowData, T: KernelOf): number {
	const joined = weighedGraph(loops.pairs, estimates.used);
	const graph = weighedGraph(loops.pairs, largestPart(joined, loops.pairs));
	const { nodes, low, high, state } = graph;
	const reference = new Float64Array(nodes).fill(1 / nodes);
	const rate = (a: number, b: number): number => T(state[a]!, state[b]!) / nodes;
	const found = kernelEntropy({
		nodes,
		low,
		high,
		reference,
		forward: Float64Array.from(low, (a, e) => rate(a, high[e]!)),
		backward: Float64Array.from(high, (b, e) => rate(b, low[e]!)),
	});
	return found?.all ?? Number.NaN;
}

/** I of the true kernel, sources weighed by the valid transitions of the table. */
export function trueInformation(kernel: Kernel, table: CountTable): number {
	const K = kernel.length;
	const rows = new Float64Array(K);
	for (const [f, name] of table.states.entries()) {
		for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) {
			rows[Number(name.slice(1))]! += table.count[i]!;
		}
	}
	const expected = kernel.map((row, f) => {
		const all = row.reduce((sum, x, g) => sum + (g === f ? 0 : x), 0);
		return row.map((x, g) => (g === f ? 0 : (rows[f]! * x) / all));
	});
	const columns = new Float64Array(K);
	for (const row of expected) for (const [g, x] of row.entries()) columns[g]! += x;
	const fit = fitQuasiIndependence(rows, columns)!;
	const total = rows.reduce((sum, n) => sum + n, 0);
	let I = 0;
	for (const [f, row] of expected.entries()) {
		for (const [g, x] of row.entries()) if (x > 0) I += x * Math.log(x / (fit.a[f]! * fit.b[g]!));
	}
	return I / total;
}
