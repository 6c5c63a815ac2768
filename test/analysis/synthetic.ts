/** Synthetic kernels with known answers, and count tables drawn from them. */
import { type CountRow, type CountTable, countTable } from '../../harness/analysis/table/counts.js';
import type { Stream } from '../../harness/numerics/stream.js';

/** T[f][g], g ≠ f; what a row lacks to 1 is the self outcome. */
export type Kernel = readonly (readonly number[])[];

export const stateName = (f: number): string => `s${String(f).padStart(4, '0')}`;

export interface KernelShape {
	/** sd of the potential, nats */
	readonly depth: number;
	/** sd of the log of the symmetric factor */
	readonly spread: number;
	/** sd of the antisymmetric log-odds; 0 is exactly reversible */
	readonly noise: number;
}

/** T(g|f) = S_fg exp(−V_g ± noise/2) / Z with symmetric S; one Z for all rows. */
export function randomKernel(K: number, stream: Stream, shape: KernelShape): Kernel {
	const V = Array.from({ length: K }, () => shape.depth * stream.normal());
	const T = Array.from({ length: K }, () => new Array<number>(K).fill(0));
	for (let f = 0; f < K; f++) {
		for (let g = f + 1; g < K; g++) {
			const S = Math.exp(shape.spread * stream.normal());
			const a = shape.noise * stream.normal();
			T[f]![g] = S * Math.exp(-V[g]! + a / 2);
			T[g]![f] = S * Math.exp(-V[f]! - a / 2);
		}
	}
	const Z = 1.02 * Math.max(...T.map((row) => row.reduce((sum, x) => sum + x, 0)));
	return T.map((row) => row.map((x) => x / Z));
}

/** Draws `attempts` outcomes from each state. */
export function sampleTable(kernel: Kernel, attempts: number, stream: Stream): CountTable {
	const rows: CountRow[] = [];
	const made: Record<string, number> = {};
	for (const [f, row] of kernel.entries()) {
		made[stateName(f)] = attempts;
		const counts = new Float64Array(row.length);
		const sums = cumulative(row);
		for (let i = 0; i < attempts; i++) {
			const g = pick(sums, stream.next());
			if (g >= 0 && g !== f) counts[g]! += 1;
		}
		for (const [g, count] of counts.entries()) {
			if (count > 0) rows.push({ source: stateName(f), target: stateName(g), count });
		}
	}
	return countTable({ rows, attempts: made });
}

function cumulative(row: readonly number[]): Float64Array {
	const sums = new Float64Array(row.length);
	let sum = 0;
	for (const [g, p] of row.entries()) {
		sum += p;
		sums[g] = sum;
	}
	return sums;
}

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

/** Counts given as `{ 'A>B': 3 }`; attempts: the counts' sum plus `spare` from every source. */
export function tableOf(counts: Readonly<Record<string, number>>, spare = 0): CountTable {
	const rows = Object.entries(counts).map(([key, count]) => {
		const [source, target] = key.split('>');
		return { source: source!, target: target!, count };
	});
	const attempts: Record<string, number> = {};
	for (const { source, count } of rows) attempts[source] = (attempts[source] ?? spare) + count;
	return countTable({ rows, attempts });
}
