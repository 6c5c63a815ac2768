import type { CountTable } from '../analysis/table/counts.js';
import type { SamplingSetting } from '../experiment/experiment.js';
import type { StoreReader } from '../store/reader.js';
import type { StoredCell } from '../store/stored.js';
import { type StateOrder, stateOrder } from '../store/tally.js';
import { cellsByKernel } from './cells-by-kernel.js';
import { type CountedGroup, countGroup } from './group-counts.js';
import { readStrata, type Strata } from './strata.js';

/** Model × template × sampling setting: one kernel; its seeds are counted together. */
export interface Group {
	readonly model: string;
	readonly architecture: string;
	readonly template: string;
	readonly sampling: SamplingSetting;
	readonly seeds: readonly number[];
	readonly cells: readonly StoredCell[];
	/** null where no attempt was made yet. */
	readonly table: CountTable | null;
	/**
	 * The same attempts by seed, by half and by predecessor: read when asked for, while the reader is
	 * open. No table of more than `most` rows is made.
	 */
	readonly strata: (most: number) => Strata;
}

/** Groups of a database in the order they were planned; kernels of different tasks stay apart. */
export function readGroups(reader: StoreReader, run: number | null): Group[] {
	return reader.snapshot(() => groupsNow(reader, run));
}

/** `readGroups` for who has a snapshot already. */
export function groupsNow(reader: StoreReader, run: number | null): Group[] {
	const order = stateOrder(reader);
	return cellsByKernel(reader, run).map((members) => readGroup(reader, order, members));
}

function readGroup(reader: StoreReader, order: StateOrder, members: readonly StoredCell[]): Group {
	const first = members[0] as StoredCell;
	const cells = members.map(({ id }) => id);
	const model = reader.identity(first.identities.model) as { architecture: string };
	const counted: CountedGroup | null = countGroup(reader, order, cells);
	return {
		model: first.modelLabel,
		architecture: model.architecture,
		template: first.templateLabel,
		sampling: reader.identity(first.identities.sampling) as SamplingSetting,
		seeds: [...new Set(members.map(({ seed }) => seed))].sort((a, b) => a - b),
		cells: members,
		table: counted === null ? null : counted.table,
		strata: (most) => readStrata(reader, { order, members, counted, most }),
	};
}
