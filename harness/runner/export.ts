import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { HarnessError, UsageError } from '../errors.js';
import type { OutputTable } from '../exchange/table-file.js';
import { checkTableFiles, type TableFile, writeTableFiles } from '../exchange/write.js';
import { importedGroups, storedImports } from '../store/imports.js';
import { StoreReader } from '../store/reader.js';
import { attemptsTable } from './export-attempts.js';
import {
	attemptsPerSourceTable,
	countsTable,
	kernelTable,
	type Labelled,
	labels,
	potentialsTable,
} from './export-tables.js';
import { readGroups } from './groups.js';
import { importedTable } from './imported-table.js';

/** What can be written, each into a file of its own. */
export const EXPORTS = [
	'counts',
	'attempts-per-source',
	'attempts',
	'kernel',
	'potentials',
] as const;
export type Export = (typeof EXPORTS)[number];

export interface ExportRequest {
	readonly db: string;
	/** Number of the one run or import to write; both null: all of both. */
	readonly run: number | null;
	readonly import: number | null;
	/** .csv, .jsonl or .parquet; null: not wanted. */
	readonly files: Readonly<Record<Export, string | null>>;
	readonly force: boolean;
	readonly signal: AbortSignal;
}

export interface ExportResult {
	readonly db: string;
	/** kernels that were written; null where only single attempts were */
	readonly groups: number | null;
	readonly files: readonly {
		readonly what: Export;
		readonly file: string;
		readonly rows: number;
	}[];
	readonly notices: readonly string[];
}

/**
 * Writes tables of a database: seeds of one kernel counted together, or every attempt by itself.
 * @throws UsageError, HarnessError where there is nothing to write, groups could not be told apart,
 *   or a file cannot be written; no file is left in part
 */
export async function exportDatabase(request: ExportRequest): Promise<ExportResult> {
	const { db, force, signal } = request;
	const wanted = EXPORTS.filter((what) => request.files[what] !== null);
	const files = wanted.map((what) => request.files[what] as string);
	if (files.length === 0)
		throw new UsageError(
			`say what to write: ${EXPORTS.map((what) => `--${what} FILE`).join(', ')}`,
		);
	checkTableFiles(files, force);
	if (files.some((file) => resolve(file) === resolve(db)))
		throw new UsageError(`${db} is the database itself: name another file`);
	const reader = StoreReader.open(db);
	try {
		const missing = checkSelection(reader, request);
		const notices = missing > 0 ? [`interim: ${missing} planned attempts are not made yet`] : [];
		const kernels = wanted.some((what) => what !== 'attempts');
		const groups = kernels ? gather(reader, request, notices) : [];
		const tables = wanted.map((what, i): TableFile => {
			const file = files[i] as string;
			return { file, table: tableOf(what, { reader, request, groups, notices }) };
		});
		const turn = async () => {
			await setImmediate();
			signal.throwIfAborted();
		};
		const rows = await writeTableFiles(tables, { force, turn });
		return {
			db,
			groups: kernels ? groups.length : null,
			files: tables.map(({ file }, i) => ({
				what: wanted[i] as Export,
				file,
				rows: rows[i] as number,
			})),
			notices: [...new Set(notices)],
		};
	} finally {
		reader.close();
	}
}

interface Source {
	readonly reader: StoreReader;
	readonly request: ExportRequest;
	readonly groups: readonly Labelled[];
	readonly notices: string[];
}

function tableOf(what: Export, source: Source): OutputTable {
	if (what === 'attempts') return everyAttempt(source);
	if (what === 'counts') return countsTable(source.groups);
	if (what === 'potentials') return potentialsTable(source.groups);
	const groups = recorded(what, source);
	return what === 'kernel' ? kernelTable(groups) : attemptsPerSourceTable(groups);
}

/** @throws UsageError where no group has attempts per source */
function recorded(what: Export, { request, groups, notices }: Source): Labelled[] {
	const kept = groups.filter(({ table }) => table.attemptsRecorded);
	if (kept.length === 0)
		throw new UsageError(
			`${request.db}: attempts per source were not recorded; leave out --${what}`,
		);
	if (kept.length < groups.length && what === 'kernel')
		notices.push(
			`${groups.length - kept.length} of ${groups.length} groups are not in the table of kernels: their attempts per source were not recorded`,
		);
	return kept;
}

/** @throws UsageError where only imports are wanted, HarnessError where nothing was attempted */
function everyAttempt({ reader, request }: Source): OutputTable {
	const runs = reader.runs().filter(({ id }) => wants(request, 'run', id));
	if (runs.length === 0)
		throw new UsageError(
			`${request.db}: imports hold counts, not single attempts; leave out --attempts`,
		);
	const cells = runs.flatMap(({ id }) => reader.cells(id));
	if (!cells.some(({ id }) => reader.sources(id).length > 0)) throw nothingYet(request.db);
	return attemptsTable(reader, cells);
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
	notices: string[],
): readonly Labelled[] {
	const groups: Labelled[] = [];
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
	if (groups.length === 0) throw nothingYet(request.db);
	refuseTwins(groups, request.db);
	return groups;
}

function nothingYet(db: string): HarnessError {
	return new HarnessError(
		`${db} holds no attempts yet: run an experiment with detbal run, or import a table with detbal import`,
	);
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
