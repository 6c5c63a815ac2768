/** Reversible kernels with a known potential, and tables drawn from them. */
import { findComponents } from '../../../harness/analysis/table/components.js';
import type { Comparable } from '../../../harness/analysis/universality/shared-part.js';
import type { Stream } from '../../../harness/numerics/stream.js';
import { type Kernel, sampleTable, tableOf } from '../synthetic.js';

/** T(g|f) = S_fg exp(−V_g) / Z with log-normal symmetric S; almost every attempt of one row is valid. */
export function kernelOf(V: readonly number[], spread: number, stream: Stream): Kernel {
	const T = V.map(() => new Array<number>(V.length).fill(0));
	for (let f = 0; f < V.length; f++) {
		for (let g = f + 1; g < V.length; g++) {
			const S = Math.exp(spread * stream.normal());
			T[f]![g] = S * Math.exp(-V[g]!);
			T[g]![f] = S * Math.exp(-V[f]!);
		}
	}
	const Z = 1.02 * Math.max(...T.map((row) => row.reduce((sum, x) => sum + x, 0)));
	return T.map((row) => row.map((x) => x / Z));
}

export const normals = (K: number, stream: Stream): number[] =>
	Array.from({ length: K }, () => stream.normal());

export function drawn(V: readonly number[], attempts: number, stream: Stream): Comparable {
	const table = sampleTable(kernelOf(V, 0.5, stream), attempts, stream);
	return { table, components: findComponents(table) };
}

export function counted(counts: Readonly<Record<string, number>>, spare = 0): Comparable {
	const table = tableOf(counts, spare);
	return { table, components: findComponents(table) };
}
