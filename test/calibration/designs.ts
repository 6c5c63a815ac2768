/** The designs and kernels that the calibration draws its data sets from. */
import { type CountRow, type CountTable, countTable } from '../../harness/analysis/table/counts.js';
import { Stream } from '../../harness/numerics/stream.js';
import { type Kernel, randomKernel, sampleTable, stateName } from '../analysis/synthetic.js';

export interface Design {
	readonly name: string;
	/** states of the kernel */
	readonly states: number;
	/** from each state (fixed), or in all (crawl) */
	readonly attempts: number;
	readonly crawl: boolean;
}

export const DESIGNS: readonly Design[] = [
	{ name: '10 × 500', states: 10, attempts: 500, crawl: false },
	{ name: '20 × 200', states: 20, attempts: 200, crawl: false },
	{ name: '20 × 1000', states: 20, attempts: 1000, crawl: false },
	{ name: '40 × 500', states: 40, attempts: 500, crawl: false },
	{ name: '8 × 8000', states: 8, attempts: 8000, crawl: false },
	{ name: '5 × 300', states: 5, attempts: 300, crawl: false },
	{ name: 'crawl 20,000', states: 1000, attempts: 20_000, crawl: true },
];

/**
 * T(g|f) ∝ S_fg exp(−V_g + a_fg): V of sd 0.5 nats (fixed) or 1 (crawl), log S of sd 0.5 or 1.5, a
 * antisymmetric of sd `noise`, so that the log-odds l change by 2a. Even: V = 0 and S = 1, on which any
 * test sees most. Independent: T(g|f) = q(g).
 */
export type Scenario =
	| { readonly noise: number; readonly even?: true }
	| { readonly independent: true };

export interface DataSet {
	readonly kernel: Kernel;
	readonly table: CountTable;
}

/** Data set `index` of a design and scenario: a pure function of its arguments. */
export function drawDataSet(design: Design, scenario: Scenario, index: number): DataSet {
	const stream = streamOf(design, scenario, index);
	const kernel = makeKernel(design, scenario, stream);
	const { attempts } = design;
	const table = design.crawl
		? sampleCrawl(kernel, attempts, stream)
		: sampleTable(kernel, attempts, stream);
	return { kernel, table };
}

export function streamOf(design: Design, scenario: Scenario, index: number): Stream {
	return new Stream([20251210, design.states * 1000 + scenarioNumber(scenario)], index);
}

function scenarioNumber(scenario: Scenario): number {
	if ('independent' in scenario) return 999;
	return Math.round(100 * scenario.noise) + (scenario.even ? 500 : 0);
}

function makeKernel(design: Design, scenario: Scenario, stream: Stream): Kernel {
	const even = 'noise' in scenario && scenario.even === true;
	const depth = even ? 0 : design.crawl ? 1 : 0.5;
	if ('noise' in scenario) {
		const spread = even ? 0 : design.crawl ? 1.5 : 0.5;
		return randomKernel(design.states, stream, { depth, spread, noise: 2 * scenario.noise });
	}
	const weight = Array.from({ length: design.states }, () => Math.exp(depth * stream.normal()));
	const all = 1.02 * weight.reduce((sum, w) => sum + w, 0);
	const row = weight.map((w) => w / all);
	return row.map(() => row);
}

/** The paper's crawl from state 0: a known state uniformly, one attempt, what comes back is known. */
export function sampleCrawl(kernel: Kernel, attempts: number, stream: Stream): CountTable {
	const known = [0];
	const seen = new Set(known);
	const made = new Map<number, number>();
	const counts = new Map<number, Map<number, number>>();
	const sums = kernel.map((row, f) => cumulative(row, f));
	for (let i = 0; i < attempts; i++) {
		const f = known[stream.below(known.length)]!;
		made.set(f, (made.get(f) ?? 0) + 1);
		const g = pick(sums[f]!, stream.next());
		if (g < 0) continue;
		const row = counts.get(f) ?? new Map<number, number>();
		row.set(g, (row.get(g) ?? 0) + 1);
		counts.set(f, row);
		if (seen.has(g)) continue;
		seen.add(g);
		known.push(g);
	}
	const rows: CountRow[] = [];
	for (const [f, row] of counts) {
		for (const [g, count] of row) {
			rows.push({ source: stateName(f), target: stateName(g), count });
		}
	}
	return countTable({
		rows,
		attempts: new Map([...made].map(([f, n]) => [stateName(f), n])),
	});
}

function cumulative(row: readonly number[], f: number): Float64Array {
	const sums = new Float64Array(row.length);
	let sum = 0;
	for (const [g, p] of row.entries()) {
		if (g !== f) sum += p;
		sums[g] = sum;
	}
	return sums;
}

/** −1 above the last sum: an outcome that is no state. */
function pick(sums: Float64Array, u: number): number {
	if (u >= sums[sums.length - 1]!) return -1;
	let low = 0;
	let high = sums.length - 1;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (sums[middle]! > u) high = middle;
		else low = middle + 1;
	}
	return low;
}
