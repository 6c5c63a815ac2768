/** How far the schema of a database is, and the steps that it lacks. */
import { UsageError } from '../errors.js';
import { kindOf, type Schema } from './kinds.js';

/** What is needed of an open connection. */
interface Connection {
	pragma(source: string, options?: { readonly simple: boolean }): unknown;
	exec(sql: string): unknown;
}

/**
 * Version of the schema, 0 for a database without content.
 * @param file the name it is told by
 * @throws UsageError for a database of another kind, or a newer one
 */
export function versionOf(
	db: Pick<Connection, 'pragma'>,
	{ file, schema }: { readonly file: string; readonly schema: Schema },
): number {
	const version = integer(db, 'user_version');
	if (version === 0 && integer(db, 'page_count') === 0) return 0;
	checkKind(integer(db, 'application_id'), { file, schema });
	const known = schema.steps.length;
	if (version > known)
		throw new UsageError(
			`${file} was written by a newer detbal (schema ${version}, this one knows ${known}): install that version`,
		);
	return version;
}

/** @throws UsageError unless a file with this application id is of the kind wanted */
export function checkKind(
	applicationId: number,
	{ file, schema }: { readonly file: string; readonly schema: Schema },
): void {
	if (applicationId === schema.applicationId) return;
	throw new UsageError(
		`${file} is ${kindOf(applicationId)}, left untouched: ${schema.nameInstead}`,
	);
}

/**
 * Brings a schema up to this version: each step and the record of it in one transaction; another process
 * may be at it too.
 *
 * @param db open for writing
 * @param from the schema, and the version it has
 * @param write runs what it is given in one transaction that holds the write lock
 */
export function upgrade(
	db: Connection,
	{ schema, version }: { readonly schema: Schema; readonly version: number },
	write: (work: () => void) => void,
): void {
	// Without effect where another process has made the file meanwhile.
	if (version === 0) for (const pragma of schema.pragmas) db.pragma(pragma);
	for (let step = version; step < schema.steps.length; step++)
		write(() => {
			if (integer(db, 'user_version') !== step) return;
			db.pragma(`application_id = ${schema.applicationId}`);
			db.exec(schema.steps[step] as string);
			db.pragma(`user_version = ${step + 1}`);
		});
}

function integer(db: Pick<Connection, 'pragma'>, pragma: string): number {
	return db.pragma(pragma, { simple: true }) as number;
}
