/** How far the schema of a database is, and the steps that it lacks. */
import { UsageError } from '../errors.js';
import { APPLICATION_ID, SCHEMA_VERSION, STEPS } from './schema.js';

/** What is needed of an open connection. */
interface Connection {
	pragma(source: string, options?: { readonly simple: boolean }): unknown;
	exec(sql: string): unknown;
}

/**
 * Version of the schema, 0 for a database without content.
 * @throws UsageError for a database that is not ours or too new; `file` is the name it is told by
 */
export function versionOf(db: Connection, file: string): number {
	const version = integer(db, 'user_version');
	if (version === 0 && integer(db, 'page_count') === 0) return 0;
	if (integer(db, 'application_id') !== APPLICATION_ID)
		throw new UsageError(
			`${file} is a SQLite database of another program, left untouched: name a detbal database`,
		);
	if (version > SCHEMA_VERSION)
		throw new UsageError(
			`${file} was written by a newer detbal (schema ${version}, this one knows ${SCHEMA_VERSION}): install that version`,
		);
	return version;
}

/**
 * Brings a schema up to this version: each step and the record of it in one transaction; another process
 * may be at it too.
 *
 * @param db open for writing
 * @param version the one it has
 * @param write runs what it is given in one transaction that holds the write lock
 */
export function upgrade(db: Connection, version: number, write: (work: () => void) => void): void {
	for (let step = version; step < SCHEMA_VERSION; step++)
		write(() => {
			if (integer(db, 'user_version') !== step) return;
			db.pragma(`application_id = ${APPLICATION_ID}`);
			db.exec(STEPS[step] as string);
			db.pragma(`user_version = ${step + 1}`);
		});
}

function integer(db: Connection, pragma: string): number {
	return db.pragma(pragma, { simple: true }) as number;
}
