import { type CountTable, countTable } from '../analysis/table/counts.js';
import { type LooseCount, looseCounts } from '../store/loose.js';
import type { StoredCell, StoreReader } from '../store/reader.js';
import { stateOrder } from '../store/tally.js';
import { cellsByKernel } from './cells-by-kernel.js';
import { countGroup } from './group-counts.js';

export interface SettledKernel {
	readonly cells: readonly StoredCell[];
	/** of the attempts before the first that is missing, from each source; null where there is none */
	readonly table: CountTable | null;
}

/** The kernels of a database that may be being written, on one snapshot, without loose attempts. */
export function settledKernels(reader: StoreReader): SettledKernel[] {
	return reader.snapshot(() => {
		const order = stateOrder(reader);
		return cellsByKernel(reader, null).map((cells) => {
			const ids = cells.map(({ id }) => id);
			const counted = countGroup(reader, order, ids);
			if (counted === null) return { cells, table: null };
			return { cells, table: without(counted.table, looseCounts(reader, ids)) };
		});
	});
}

/** The table less some of its attempts; null where none is left. */
export function without(table: CountTable, loose: readonly LooseCount[]): CountTable | null {
	if (loose.length === 0) return table;
	const index = new Map(table.states.map((state, i) => [state, i]));
	const place = (state: string) => index.get(state) as number;
	const attempts = Float64Array.from(table.attempts);
	const outcomes = { ...table.outcomes };
	const pairs = new Map<string, [source: number, target: number, count: number]>();
	for (let f = 0; f < table.states.length; f++) {
		pairs.set(`${f} ${f}`, [f, f, table.self[f]!]);
		for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) {
			const g = table.target[i]!;
			pairs.set(`${f} ${g}`, [f, g, table.count[i]!]);
		}
	}
	for (const { source, target, outcome, count } of loose) {
		attempts[place(source)]! -= count;
		outcomes[outcome] -= count;
		if (target !== null) pairs.get(`${place(source)} ${place(target)}`)![2] -= count;
	}
	if (attempts.every((n) => n === 0)) return null;
	const rows = [...pairs.values()].filter(([, , count]) => count > 0);
	return countTable({
		states: table.states,
		source: Int32Array.from(rows, ([f]) => f),
		target: Int32Array.from(rows, ([, g]) => g),
		count: Float64Array.from(rows, ([, , n]) => n),
		attempts,
		outcomes,
	});
}
