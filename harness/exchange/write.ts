import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import { HarnessError, UsageError } from '../errors.js';
import { writeCsv } from './csv-file.js';
import { writeJsonLines } from './jsonl-file.js';
import { writeParquet } from './parquet-file.js';
import type { OutputTable, Turn } from './table-file.js';

const WRITERS = { '.csv': writeCsv, '.jsonl': writeJsonLines, '.parquet': writeParquet } as const;

export interface TableFile {
	readonly file: string;
	readonly table: OutputTable;
}

/**
 * Refuses what cannot be written, before any work is done.
 * @throws UsageError for another ending than .csv, .jsonl or .parquet, a folder that is missing, a file that
 *   is there (unless `force`), one file named twice
 */
export function checkTableFiles(files: readonly string[], force: boolean): void {
	for (const [i, file] of files.entries()) {
		writerOf(file);
		const stats = statSync(file, { throwIfNoEntry: false });
		if (stats?.isDirectory()) throw new UsageError(`${file} is a folder: name a file inside it`);
		if (stats !== undefined && !stats.isFile())
			throw new UsageError(`${file} is a device or a pipe: name a regular file`);
		if (!statSync(dirname(resolve(file)), { throwIfNoEntry: false })?.isDirectory())
			throw new UsageError(`the folder of ${file} does not exist: make it, or name another file`);
		if (files.slice(0, i).some((other) => resolve(other) === resolve(file)))
			throw new UsageError(`${file} is named twice: give each table a file of its own`);
		if (!force) refuseExisting(file);
	}
}

/**
 * Writes tables, each into a file that appears whole or not at all.
 * @returns rows of each
 * @throws UsageError as `checkTableFiles` does; HarnessError where the disk refuses
 */
export async function writeTableFiles(
	tables: readonly TableFile[],
	{ force, turn }: { readonly force: boolean; readonly turn: Turn },
): Promise<number[]> {
	checkTableFiles(
		tables.map(({ file }) => file),
		force,
	);
	const drafts = tables.map(({ file }) => `${file}.${randomUUID()}.partial`);
	try {
		const rows: number[] = [];
		for (const [i, { file, table }] of tables.entries())
			rows.push(await writeDraft(drafts[i] as string, { file, table }, turn));
		for (const [i, { file }] of tables.entries()) {
			if (!force) refuseExisting(file);
			renameSync(drafts[i] as string, file);
		}
		return rows;
	} finally {
		for (const draft of drafts) rmSync(draft, { force: true });
	}
}

async function writeDraft(draft: string, { file, table }: TableFile, turn: Turn): Promise<number> {
	try {
		const rows = await writerOf(file)(draft, table, turn);
		const descriptor = openSync(draft, 'r+');
		try {
			fsyncSync(descriptor);
		} finally {
			closeSync(descriptor);
		}
		return rows;
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : '';
		if (!/^(ENOSPC|EDQUOT|EIO|EROFS|EACCES|EPERM|EFBIG)$/.test(code)) throw error;
		throw new HarnessError(
			`cannot write ${file}: ${(error as Error).message}. Nothing was written: free some space or name a file elsewhere`,
			{ cause: error },
		);
	}
}

function refuseExisting(file: string): void {
	if (existsSync(file))
		throw new UsageError(`${file} exists: name another file, or overwrite it with --force`);
}

function writerOf(file: string) {
	const ending = extname(file).toLowerCase();
	const known = Object.keys(WRITERS) as (keyof typeof WRITERS)[];
	const found = known.find((one) => one === ending);
	if (found !== undefined) return WRITERS[found];
	throw new UsageError(
		`${file} ends in ${ending === '' ? 'nothing' : ending}; allowed: ${known.join(', ')}, which say the format`,
	);
}
