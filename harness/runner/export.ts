import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { CountTable } from '../analysis/table/counts.js';
import { HarnessError, UsageError } from '../errors.js';
import type { OutputColumn, OutputTable } from '../exchange/table-file.js';
import { checkTableFiles, type TableFile, writeTableFiles } from '../exchange/write.js';
import { importedGroups, type KnownSampling, storedImports } from '../store/imports.js';
import { StoreReader } from '../store/reader.js';
import { readGroups } from './groups.js';
import { importedTable } from './imported-table.js';

export interface ExportRequest {
	readonly db: string;
	/** Number of the one run or import to write; both null: all of both. */
	readonly run: number | null;
	readonly import: number | null;
	/** .csv or .parquet; null: not wanted. */
	readonly counts: string | null;
	readonly attempts: string | null;
	readonly force: boolean;
	readonly signal: AbortSignal;
}

export interface ExportResult {
	readonly db: string;
	readonly groups: number;
	readonly files: readonly { readonly file: string; readonly rows: number }[];
	readonly notices: readonly string[];
}

/** A kernel as the columns of a file name it. */
interface Labelled {
	readonly model: string;
	readonly template: string;
	readonly sampling: KnownSampling;
	readonly table: CountTable;
}

/**
 * Writes counts and attempts of a database, seeds of one kernel counted together.
 * @throws UsageError, HarnessError where there is nothing to write, groups could not be told apart,
 *   or a file cannot be written; no file is left in part
 */
export async function exportDatabase(request: ExportRequest): Promise<ExportResult> {
	const { db, counts, attempts, force, signal } = request;
	if (counts === null && attempts === null)
		throw new UsageError('say what to write with --counts FILE or --attempts FILE, or both');
	checkTableFiles(
		[counts, attempts].filter((file) => file !== null),
		force,
	);
	if ([counts, attempts].some((file) => file !== null && resolve(file) === resolve(db)))
		throw new UsageError(`${db} is the database itself: name another file`);
	const reader = StoreReader.open(db);
	try {
		const missing = checkSelection(reader, request);
		const { groups, notices } = gather(reader, request);
		const tables: TableFile[] = [];
		if (counts !== null) tables.push({ file: counts, table: countsTable(groups) });
		if (attempts !== null) tables.push({ file: attempts, table: attemptsTable(db, groups) });
		const turn = async () => {
			await setImmediate();
			signal.throwIfAborted();
		};
		const rows = await writeTableFiles(tables, { force, turn });
		return {
			db,
			groups: groups.length,
			files: tables.map(({ file }, i) => ({ file, rows: rows[i] as number })),
			notices: [
				...(missing > 0 ? [`interim: ${missing} planned attempts are not made yet`] : []),
				...notices,
			],
		};
	} finally {
		reader.close();
	}
}

/** Attempts planned and not made. @throws UsageError where a number is that of nothing */
function checkSelection(reader: StoreReader, request: ExportRequest): number {
	const runs = reader.runs();
	const held = {
		run: runs.map(({ id }) => id),
		import: storedImports(reader).map(({ id }) => id),
	};
	for (const kind of ['run', 'import'] as const) {
		const wanted = request[kind];
		if (wanted !== null && !held[kind].includes(wanted))
			throw new UsageError(
				`${request.db} holds no ${kind} ${wanted}; it holds ${held[kind].join(', ') || 'none'}`,
			);
	}
	return held.run
		.filter((id) => wants(request, 'run', id))
		.reduce((sum, id) => {
			const { planned, done } = reader.progress(id);
			return sum + planned - done;
		}, 0);
}

function wants(request: ExportRequest, kind: 'run' | 'import', id: number): boolean {
	if (request.run === null && request.import === null) return true;
	return request[kind] === id;
}

function gather(
	reader: StoreReader,
	request: ExportRequest,
): { readonly groups: readonly Labelled[]; readonly notices: readonly string[] } {
	const groups: Labelled[] = [];
	const notices: string[] = [];
	if (request.import === null || request.run !== null)
		for (const group of readGroups(reader, request.run)) {
			const { model, template, table } = group;
			const { temperature, topK, topP, minP } = group.sampling;
			const sampling = { temperature, topK, topP, minP };
			if (table !== null) groups.push({ model, template, sampling, table });
		}
	for (const group of importedGroups(reader)) {
		if (!wants(request, 'import', group.id)) continue;
		groups.push({ ...group, table: importedTable(group) });
		if (group.attemptsTotal !== null && group.columns.attempts === null)
			notices.push(
				`import ${group.id}: that ${group.attemptsTotal} attempts were made in all is in no column; say it again with detbal import --attempts ${group.attemptsTotal}`,
			);
	}
	if (groups.length === 0)
		throw new HarnessError(
			`${request.db} holds no attempts yet: run an experiment with detbal run, or import a table with detbal import`,
		);
	refuseTwins(groups, request.db);
	return { groups, notices };
}

/** Groups of one name would be one table to whoever reads the file. */
function refuseTwins(groups: readonly Labelled[], db: string): void {
	const seen = new Set<string>();
	for (const group of groups) {
		const key = JSON.stringify(labels(group));
		if (seen.has(key))
			throw new UsageError(
				`${db} holds two groups ${JSON.stringify(group.model)} × ${JSON.stringify(group.template)} of one sampling setting, which differ in what no column says (model file, task, numerics or origin): write one run at a time with --run N, one import with --import N`,
			);
		seen.add(key);
	}
}

const LABELS: readonly OutputColumn[] = [
	{ name: 'model', type: 'text', nullable: false },
	{ name: 'template', type: 'text', nullable: false },
	{ name: 'temperature', type: 'real', nullable: true },
	{ name: 'top_k', type: 'whole', nullable: true },
	{ name: 'top_p', type: 'real', nullable: true },
	{ name: 'min_p', type: 'real', nullable: true },
];

function labels({ model, template, sampling }: Labelled): readonly (string | number | null)[] {
	const { temperature, topK, topP, minP } = sampling;
	return [model, template, temperature, topK, topP, minP];
}

function countsTable(groups: readonly Labelled[]): OutputTable {
	const columns: readonly OutputColumn[] = [
		...LABELS,
		{ name: 'source', type: 'text', nullable: false },
		{ name: 'target', type: 'text', nullable: false },
		{ name: 'count', type: 'whole', nullable: false },
	];
	return { columns, rows: countRows(groups) };
}

/** Pairs with a count, in binary order of source, then target. */
function* countRows(groups: readonly Labelled[]): Generator<readonly (string | number | null)[]> {
	for (const group of groups) {
		const { states, rowStart, target, count, self } = group.table;
		const named = labels(group);
		for (const [f, source] of states.entries()) {
			const diagonal = [...named, source, source, self[f] as number];
			let due = (self[f] as number) > 0;
			for (let i = rowStart[f] as number; i < (rowStart[f + 1] as number); i++) {
				const g = target[i] as number;
				if (due && g > f) {
					yield diagonal;
					due = false;
				}
				yield [...named, source, states[g] as string, count[i] as number];
			}
			if (due) yield diagonal;
		}
	}
}

/** @throws UsageError where no group has attempts per source */
function attemptsTable(db: string, groups: readonly Labelled[]): OutputTable {
	const recorded = groups.filter(({ table }) => table.attemptsRecorded);
	if (recorded.length === 0)
		throw new UsageError(`${db}: attempts per source were not recorded; leave out --attempts`);
	const columns: readonly OutputColumn[] = [
		...LABELS,
		{ name: 'source', type: 'text', nullable: false },
		{ name: 'attempts', type: 'whole', nullable: false },
	];
	return { columns, rows: attemptRows(recorded) };
}

/** Sources with attempts, in binary order. */
function* attemptRows(groups: readonly Labelled[]): Generator<readonly (string | number | null)[]> {
	for (const group of groups) {
		const { states, attempts } = group.table;
		for (const [f, source] of states.entries()) {
			const made = attempts[f] as number;
			if (made > 0) yield [...labels(group), source, made];
		}
	}
}
