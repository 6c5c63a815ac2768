import { UsageError } from '../errors.js';
import { quote } from '../experiment/faults.js';
import { nearest } from '../experiment/nearest.js';
import { type Outcomes, sourceDraws, sourceOutcomes } from '../store/browse.js';
import { digestsOf } from '../store/digests.js';
import { storedDoctors } from '../store/doctors.js';
import { importedGroups, type StoredImport, storedImports } from '../store/imports.js';
import {
	type StoredAttempt,
	type StoredCell,
	type StoredLaw,
	type StoredRun,
	StoreReader,
} from '../store/reader.js';
import type { IdentityKind } from '../store/records.js';
import { type StoredRerun, storedReruns } from '../store/reruns.js';
import { importedTable } from './imported-table.js';
import { type CellFilter, cellsOf, filtered, oneCell, type ShownCell } from './shown-cells.js';

export interface ShowRequest {
	readonly db: string;
	/** null: the only one */
	readonly run: number | null;
	readonly cells: CellFilter;
	/** first cell or draw of the page, from 0, and how many */
	readonly from: number;
	readonly limit: number;
	readonly signal: AbortSignal;
}

export interface ShownRun {
	readonly db: string;
	readonly run: Omit<StoredRun, 'config'> & { readonly config: unknown };
	readonly digest: string;
	readonly planned: number;
	readonly done: number;
	readonly identities: readonly {
		readonly kind: IdentityKind;
		readonly sha256: string;
		readonly content: unknown;
	}[];
	/** how many the filter lets through, and those of the page */
	readonly cellsInAll: number;
	readonly cells: readonly (ShownCell & { readonly digest: string })[];
	readonly reruns: readonly StoredRerun[];
	/** what detbal doctor had found when the run was begun */
	readonly doctors: readonly ShownDoctor[];
}

export interface ShownDoctor {
	readonly sha256: string;
	readonly createdAt: string;
	readonly toolVersion: string;
	/** the document of detbal doctor --json */
	readonly content: unknown;
}

export interface ShownSource {
	readonly db: string;
	readonly run: number;
	readonly cell: ShownCell;
	readonly source: string;
	/** of all its attempts in this cell */
	readonly outcomes: Outcomes;
	/** the model's answer to the template alone; null where it was not recorded */
	readonly rootLaw: StoredLaw | null;
	readonly draws: readonly StoredAttempt[];
	/** where the next page begins; null at the end */
	readonly next: number | null;
}

export interface ShownImport extends StoredImport {
	readonly db: string;
	readonly states: number;
	readonly pairs: number;
	readonly outcomes: Outcomes;
}

/**
 * One run in full: its identities, its cells and their digests.
 * @throws UsageError where there is no such run or cell, or which is meant is not said
 */
export async function showRun(request: ShowRequest): Promise<ShownRun> {
	const { db, from, limit, signal } = request;
	return reading(db, async (reader) => {
		const { config, ...run } = chosenRun(reader, request.run);
		const all = cellsOf(reader, run.id);
		const cells = filtered(all, request.cells);
		const digests = await digestsOf(reader, run.id, signal);
		const { planned, done } = reader.progress(run.id);
		return {
			db,
			run: { ...run, config: JSON.parse(config) as unknown },
			digest: digests.digest,
			planned,
			done,
			identities: identitiesOf(reader, all),
			cellsInAll: cells.length,
			cells: cells
				.slice(from, from + limit)
				.map((cell) => ({ ...cell, digest: digests.cells.get(cell.id) as string })),
			reruns: storedReruns(reader).filter((rerun) => rerun.run === run.id),
			doctors: storedDoctors(reader)
				.filter((doctor) => doctor.run === run.id)
				.map(({ sha256, createdAt, toolVersion, content }) => ({
					...{ sha256, createdAt, toolVersion },
					content: JSON.parse(content) as unknown,
				})),
		};
	});
}

/**
 * The draws of one source in one cell.
 * @throws UsageError also where it has none, or several cells are meant
 */
export async function showSource(request: ShowRequest, source: string): Promise<ShownSource> {
	const { db, from, limit } = request;
	return reading(db, async (reader) => {
		const run = chosenRun(reader, request.run);
		const cell = oneCell(filtered(cellsOf(reader, run.id), request.cells));
		const draws = sourceDraws(reader, { cell: cell.id, source, from, limit: limit + 1 });
		if (draws.length === 0) throw noDraw(reader, { cell: cell.id, source, from });
		const { tree } = reader.cells(run.id).find(({ id }) => id === cell.id) as StoredCell;
		return {
			db,
			run: run.id,
			cell,
			source,
			outcomes: sourceOutcomes(reader, { cell: cell.id, source }),
			rootLaw: reader.law(tree, { source, path: [] }),
			draws: draws
				.slice(0, limit)
				.map((draw) => reader.attempt(cell.id, { source, draw }) as StoredAttempt),
			next: draws[limit] ?? null,
		};
	});
}

/** One import. @throws UsageError where there is no such import */
export async function showImport(db: string, wanted: number): Promise<ShownImport> {
	return reading(db, async (reader) => {
		for (const group of importedGroups(reader)) {
			if (group.id !== wanted) continue;
			const { columns, ...stored } = group;
			const { outcomes } = importedTable(group);
			return {
				db,
				...stored,
				states: columns.states.length,
				pairs: columns.count.length,
				outcomes,
			};
		}
		const held = storedImports(reader).map(({ id }) => id);
		throw new UsageError(`${db} holds no import ${wanted}; it holds ${held.join(', ') || 'none'}`);
	});
}

async function reading<T>(db: string, work: (reader: StoreReader) => Promise<T>): Promise<T> {
	const reader = StoreReader.open(db);
	try {
		return await work(reader);
	} finally {
		reader.close();
	}
}

function chosenRun(reader: StoreReader, wanted: number | null): StoredRun {
	const runs = reader.runs();
	const list = runs.map(({ id, name }) => `${id} (${name})`).join(', ') || 'none';
	const run = wanted === null ? runs[0] : runs.find(({ id }) => id === wanted);
	if (wanted !== null && run === undefined)
		throw new UsageError(`${reader.file} holds no run ${wanted}; it holds ${list}`);
	if (run === undefined) {
		const imports = storedImports(reader).map(({ id }) => id);
		throw new UsageError(
			imports.length === 0
				? `${reader.file} holds no run and no import`
				: `${reader.file} holds no run; show an import with --import: ${imports.join(', ')}`,
		);
	}
	if (wanted === null && runs.length > 1)
		throw new UsageError(`${reader.file} holds several runs: say which with --run: ${list}`);
	return run;
}

function noDraw(
	reader: StoreReader,
	{ cell, source, from }: { readonly cell: number; readonly source: string; readonly from: number },
): UsageError {
	const sources = reader.sources(cell).map(({ text }) => text);
	if (sources.includes(source))
		return new UsageError(`--from: ${quote(source)} has no draw ${from} or later in this cell`);
	const meant = nearest(source, sources);
	return new UsageError(
		`--source: no attempt was made from ${quote(source)} in this cell${meant === null ? '.' : `; did you mean ${quote(meant)}?`} It has ${sources.length} sources: ${sources
			.slice(0, 8)
			.map((text) => quote(text))
			.join(', ')}${sources.length > 8 ? ' …' : ''}`,
	);
}

function identitiesOf(reader: StoreReader, cells: readonly ShownCell[]): ShownRun['identities'] {
	const seen = new Map<string, ShownRun['identities'][number]>();
	for (const { identities } of cells)
		for (const [kind, sha256] of Object.entries(identities) as [IdentityKind, string][])
			if (!seen.has(kind + sha256))
				seen.set(kind + sha256, { kind, sha256, content: reader.identity(sha256) });
	return [...seen.values()].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind));
}

const KINDS: readonly IdentityKind[] = [
	'model',
	'template',
	'task',
	'sampling',
	'design',
	'numerics',
];
