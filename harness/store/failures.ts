import { HarnessError, UsageError } from '../errors.js';
import type { Schema } from './kinds.js';

/** SQLite's extended result code of an error or of its cause, or null. */
export function sqliteCode(error: unknown): string | null {
	if (!(error instanceof Error)) return null;
	if ('code' in error && typeof error.code === 'string' && error.code.startsWith('SQLITE_'))
		return error.code;
	return sqliteCode(error.cause);
}

/** True where SQLite could not write for want of space or because the disk refused. */
export function isWriteFailure(code: string): boolean {
	return code === 'SQLITE_FULL' || /^SQLITE_IOERR_(WRITE|FSYNC|SHM|TRUNCATE)/.test(code);
}

/**
 * An error of SQLite, said in terms of the file, with what to do. Other errors come back as they are.
 *
 * @param safe number of attempts known to be committed, or null
 */
export function explain(
	error: unknown,
	file: string,
	{ schema, safe }: { readonly schema: Schema; readonly safe: number | null },
): unknown {
	if (error instanceof UsageError || error instanceof HarnessError) return error;
	const code = sqliteCode(error);
	if (code === null || !(error instanceof Error)) return error;
	const reason = `${error.message} (${code})`;
	const options = { cause: error };

	if (isWriteFailure(code)) {
		const kept =
			safe === null ? 'Nothing committed is lost' : `${safe} attempts are safe in the file`;
		return new HarnessError(
			`cannot write ${file}, the disk is full or failing: ${reason}. ${kept}: ${schema.remedies.full}`,
			options,
		);
	}
	if (code === 'SQLITE_NOTADB')
		return new UsageError(
			`${file} is not a SQLite database: ${reason}. Check the name. ${schema.remedies.cut}`,
			options,
		);
	if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_IOERR'))
		return new HarnessError(
			`${file} is damaged or cannot be read: ${reason}. ${schema.remedies.damaged}`,
			options,
		);
	if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
		return new HarnessError(
			`${file} is locked by another program: ${reason}. Close what has it open, then try again`,
			options,
		);
	if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN'))
		return new UsageError(
			`${file} cannot be opened: ${reason}. The file and its folder must be writable: its writer may have been stopped before its last changes (${file}-wal) were folded in; otherwise copy all its files elsewhere`,
			options,
		);
	return new HarnessError(`${file}: SQLite refused: ${reason}`, options);
}
