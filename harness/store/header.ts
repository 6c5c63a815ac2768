import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { APPLICATION_ID } from './schema.js';

const MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const HEADER_BYTES = 100;

/**
 * Judges a file by its first 100 bytes (https://sqlite.org/fileformat.html, section 1.3), before
 * SQLite opens it: opening alone may create a missing file or alter one of another program.
 *
 * @throws UsageError for anything that exists and is not a whole database of ours
 */
export function inspectFile(file: string): 'missing' | 'empty' | 'ours' {
	const stats = statOf(file);
	if (stats === null) return 'missing';
	if (stats.isDirectory())
		throw new UsageError(`${file} is a folder, not a database: name a file inside it`);
	if (!stats.isFile()) throw new UsageError(`${file} is not a regular file: name a database file`);
	if (stats.size === 0) return 'empty';

	const header = readHeader(file);
	if (!header.subarray(0, MAGIC.length).equals(MAGIC) || header.length < HEADER_BYTES)
		throw new UsageError(
			`${file} is not a SQLite database (or was cut within its first ${HEADER_BYTES} bytes): check the name, or restore it from a copy`,
		);
	if (header.readUInt32BE(68) !== APPLICATION_ID)
		throw new UsageError(
			`${file} is a SQLite database of another program, left untouched: name a detbal database`,
		);
	checkLength(file, { header, size: stats.size });
	return 'ours';
}

/** True for a database of ours, whole or not. Never throws. */
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
function checkLength(file: string, { header, size }: { header: Buffer; size: number }): void {
	const field = header.readUInt16BE(16);
	const pageSize = field === 1 ? 65536 : field;
	const expected = pageSize * header.readUInt32BE(28);
	const journal = [`${file}-wal`, `${file}-journal`].some((name) => (statOf(name)?.size ?? 0) > 0);
	if (size < expected && !journal)
		throw new UsageError(
			`${file} is truncated: it holds ${size} of ${expected} bytes. Restore it from a copy, or run the experiment into a new file`,
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
