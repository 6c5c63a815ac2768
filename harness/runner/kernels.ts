import type { Divisions } from '../analysis/finding.js';
import type { CountTable } from '../analysis/table/counts.js';
import { HarnessError, UsageError } from '../errors.js';
import type { SamplingSetting } from '../experiment/experiment.js';
import { type ImportedGroup, importedGroups, storedImports } from '../store/imports.js';
import { type LooseCount, looseCounts } from '../store/loose.js';
import type { StoredCell, StoreReader } from '../store/reader.js';
import { type Group, groupsNow, readGroups } from './groups.js';
import { importedTable } from './imported-table.js';
import { without } from './settled.js';

/** Where an imported table came from. */
export interface Origin {
	readonly file: string;
	readonly sha256: string;
	readonly format: string;
}

/** One transition kernel that a database has counts of: of its own runs, or imported. */
export interface CountedKernel {
	readonly model: string;
	/** null for imported counts */
	readonly architecture: string | null;
	readonly template: string;
	/** what is not known of imported counts is null */
	readonly sampling: { readonly [Key in keyof SamplingSetting]?: SamplingSetting[Key] | null } & {
		readonly temperature: number | null;
	};
	readonly seeds: readonly number[];
	/** null for attempts of the database's own runs */
	readonly origin: Origin | null;
	/** of the database's own runs; empty for imported counts */
	readonly cells: readonly StoredCell[];
	/** where a run is not finished: of the draws before the first missing one of each source */
	readonly table: CountTable;
	/** attempts that are not in the table yet, because of an unfinished source */
	readonly loose: readonly LooseCount[];
	/** whether a grammar constrained the decoding: never in our own runs, imports may say `"constrained": true` */
	readonly constrained: boolean;
	/** the attempts by seed, half and predecessor; no table of more than `most` rows is made */
	readonly divisions: (most: number) => Divisions;
}

/** Attempts that are left out of the tables until their sources are finished. */
export function leftOutOf(kernels: readonly CountedKernel[]): number {
	const sum = ({ loose }: CountedKernel) => loose.reduce((all, { count }) => all + count, 0);
	return kernels.reduce((all, kernel) => all + sum(kernel), 0);
}

/**
 * Every kernel of a database, runs in the order they were planned, then imports.
 *
 * @param run number of one run; null: all runs and imports
 * @throws UsageError where the database holds no such run, HarnessError where it holds no attempts
 */
export function openKernels(
	reader: StoreReader,
	run: number | null,
): { readonly kernels: readonly CountedKernel[]; readonly missing: number } {
	const runs = reader.runs().filter(({ id }) => run === null || id === run);
	const imports = run === null ? [...importedGroups(reader)] : [];
	if (runs.length === 0 && imports.length === 0) throw nothing(reader, run);
	const missing = runs.reduce((sum, { id }) => {
		const { planned, done } = reader.progress(id);
		return sum + planned - done;
	}, 0);
	const own = missing > 0 ? ofUnfinished(reader, run) : counted(readGroups(reader, run));
	const kernels = [...own, ...imports.map(ofImport)];
	if (kernels.length === 0) {
		throw new HarnessError(
			`${reader.file} holds no attempts yet; go on with detbal run FILE --resume`,
		);
	}
	return { kernels, missing };
}

/** Whether a database has runs or imports: counts, and not exact kernels alone. */
export function holdsCounts(reader: StoreReader): boolean {
	return reader.runs().length > 0 || storedImports(reader).length > 0;
}

function nothing(reader: StoreReader, run: number | null): UsageError {
	const { file } = reader;
	if (run === null) {
		return new UsageError(
			`${file} holds no run and no imported data; make one with detbal run FILE --db ${file}, or detbal import FILE --db ${file}`,
		);
	}
	const list = reader.runs().map(({ id, name }) => `${id} (${name})`);
	return new UsageError(`${file} holds no run ${run}; it holds ${list.join(', ') || 'none'}`);
}

function counted(groups: readonly Group[]): CountedKernel[] {
	return groups.flatMap(({ table, strata, ...group }) =>
		table === null
			? []
			: [{ ...group, origin: null, table, loose: [], constrained: false, divisions: strata }],
	);
}

/** Without the attempts that are there because of what came of them, and not yet divided. */
function ofUnfinished(reader: StoreReader, run: number | null): CountedKernel[] {
	return reader.snapshot(() =>
		counted(groupsNow(reader, run)).flatMap((kernel) => {
			const ids = kernel.cells.map(({ id }) => id);
			const loose = looseCounts(reader, ids);
			if (loose.length === 0) return [kernel];
			const table = without(kernel.table, loose);
			const none = 'the run is not finished';
			const reasons = { seeds: none, halves: none, successions: none };
			const divisions = () => ({ seeds: null, halves: null, successions: null, reasons });
			return table === null ? [] : [{ ...kernel, table, loose, divisions }];
		}),
	);
}

function ofImport(group: ImportedGroup): CountedKernel {
	const { model, template, sampling, origin, sha256, format, notes } = group;
	const none = 'imported counts do not tell attempts apart';
	const reasons = { seeds: none, halves: none, successions: none };
	return {
		model,
		architecture: null,
		template,
		sampling,
		seeds: [],
		origin: { file: origin, sha256, format },
		cells: [],
		loose: [],
		table: importedTable(group),
		constrained: notes.constrained === true,
		divisions: () => ({ seeds: null, halves: null, successions: null, reasons }),
	};
}
