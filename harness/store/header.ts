import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { UsageError } from '../errors.js';
import type { Schema } from './kinds.js';
import { APPLICATION_ID } from './schema.js';
import { checkKind } from './upgrade.js';

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const HEADER_BYTES = 100;

/**
 * Judges a file by its first 100 bytes (https://sqlite.org/fileformat.html, section 1.3), before
 * SQLite opens it: opening alone may create a missing file or alter one of another program.
 *
 * @throws UsageError for anything that exists and is not a whole database of the kind wanted
 */
export function inspectFile(file: string, schema: Schema): 'missing' | 'empty' | 'ours' {
	const stats = statOf(file);
	if (stats === null) return 'missing';
	if (stats.isDirectory())
		throw new UsageError(`${file} is a folder, not a database: name a file inside it`);
	if (!stats.isFile()) throw new UsageError(`${file} is not a regular file: name a database file`);
	if (stats.size === 0) return 'empty';

	const header = readHeader(file);
	if (!header.subarray(0, MAGIC.length).equals(MAGIC) || header.length < HEADER_BYTES)
		throw new UsageError(
			`${file} is not a SQLite database (or was cut within its first ${HEADER_BYTES} bytes). Check the name. ${schema.remedies.cut}`,
		);
	checkKind(header.readUInt32BE(68), { file, schema });
	checkLength(file, { header, size: stats.size, schema });
	return 'ours';
}

/** True for a database of runs, whole or not. Never throws. */
export function isOurs(file: string): boolean {
	try {
		const header = readHeader(file);
		return (
			header.length === HEADER_BYTES &&
			header.subarray(0, MAGIC.length).equals(MAGIC) &&
			header.readUInt32BE(68) === APPLICATION_ID
		);
	} catch {
		return false;
	}
}

/** @throws UsageError where the file is shorter than its header says and no journal holds the rest */
function checkLength(
	file: string,
	{ header, size, schema }: { header: Buffer; size: number; schema: Schema },
): void {
	const field = header.readUInt16BE(16);
	const pageSize = field === 1 ? 65536 : field;
	const expected = pageSize * header.readUInt32BE(28);
	const journal = [`${file}-wal`, `${file}-journal`].some((name) => (statOf(name)?.size ?? 0) > 0);
	if (size < expected && !journal)
		throw new UsageError(
			`${file} is truncated: it holds ${size} of ${expected} bytes. ${schema.remedies.cut}`,
		);
}

function statOf(file: string): Stats | null {
	try {
		return statSync(file, { throwIfNoEntry: false }) ?? null;
	} catch (error) {
		throw cannotRead(file, error);
	}
}

function readHeader(file: string): Buffer {
	try {
		const descriptor = openSync(file, 'r');
		try {
			const buffer = Buffer.alloc(HEADER_BYTES);
			return buffer.subarray(0, readSync(descriptor, buffer, 0, HEADER_BYTES, 0));
		} finally {
			closeSync(descriptor);
		}
	} catch (error) {
		throw cannotRead(file, error);
	}
}

function cannotRead(file: string, cause: unknown): UsageError {
	const reason = cause instanceof Error ? cause.message : String(cause);
	return new UsageError(`${file} cannot be read (${reason}): check its permissions`, { cause });
}
