import { canonicalJson, decidingNumerics } from '../experiment/identity.js';
import type { StoredCell, StoreReader } from '../store/reader.js';

/**
 * The cells of each kernel in the order they were planned: model × template × sampling setting; the
 * seeds together, different tasks and numerics apart.
 * @param run number of one run; null: all runs
 */
export function cellsByKernel(reader: StoreReader, run: number | null): StoredCell[][] {
	const kernels = new Map<string, StoredCell[]>();
	const runs = reader.runs().filter(({ id }) => run === null || id === run);
	for (const cell of runs.flatMap(({ id }) => reader.cells(id))) {
		const { model, template, sampling, task, numerics } = cell.identities;
		const deciding = decidingNumerics(reader.identity(numerics));
		const key = canonicalJson([model, template, sampling, task, deciding]);
		const members = kernels.get(key) ?? [];
		members.push(cell);
		kernels.set(key, members);
	}
	return [...kernels.values()];
}
