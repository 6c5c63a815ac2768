import { type CountTable, countTable } from '../analysis/table/counts.js';
import type { SamplingSetting } from '../experiment/experiment.js';
import { canonicalJson, decidingNumerics } from '../experiment/identity.js';
import type { StoreReader } from '../store/reader.js';
import type { StoredCell } from '../store/stored.js';

/** Model × template × sampling setting: one kernel; its seeds are counted together. */
export interface Group {
	readonly model: string;
	readonly architecture: string;
	readonly template: string;
	readonly sampling: SamplingSetting;
	readonly seeds: readonly number[];
	readonly cells: readonly number[];
	/** null where no attempt was made yet. */
	readonly table: CountTable | null;
}

/** Groups of a database in the order they were planned; kernels of different tasks stay apart. */
export function readGroups(reader: StoreReader, run: number | null): Group[] {
	return reader.snapshot(() => {
		const cells = reader
			.runs()
			.filter(({ id }) => run === null || id === run)
			.flatMap(({ id }) => reader.cells(id));
		const groups = new Map<string, StoredCell[]>();
		for (const cell of cells) {
			const { model, template, sampling, task } = cell.identities;
			const key = canonicalJson([model, template, sampling, task, kernelNumerics(reader, cell)]);
			groups.set(key, [...(groups.get(key) ?? []), cell]);
		}
		return [...groups.values()].map((members) => readGroup(reader, members));
	});
}

function kernelNumerics(reader: StoreReader, { identities }: StoredCell): unknown {
	return decidingNumerics(reader.identity(identities.numerics));
}

function readGroup(reader: StoreReader, members: readonly StoredCell[]): Group {
	const first = members[0] as StoredCell;
	const cells = members.map(({ id }) => id);
	const attempts = reader.attemptsPerSource(cells);
	const model = reader.identity(first.identities.model) as { architecture: string };
	return {
		model: first.modelLabel,
		architecture: model.architecture,
		template: first.templateLabel,
		sampling: reader.identity(first.identities.sampling) as SamplingSetting,
		seeds: [...new Set(members.map(({ seed }) => seed))].sort((a, b) => a - b),
		cells,
		table:
			attempts.length === 0
				? null
				: countTable({
						rows: reader.counts(cells),
						attempts: new Map(attempts.map((a) => [a.source, a.attempts])),
						outcomes: reader.outcomes(cells),
					}),
	};
}
