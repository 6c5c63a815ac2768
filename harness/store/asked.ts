/** A person's own SQL: it is refused where it would change something. */
import { UsageError } from '../errors.js';
import { sqliteCode } from './failures.js';
import type { SqlValue } from './query.js';
import { checkReads } from './reads.js';

/** Integers come as bigint, whatever their size. */
export type AskedValue = SqlValue | bigint;

/** What is needed of the library's statement. */
interface Statement {
	readonly reader: boolean;
	readonly readonly: boolean;
	columns(): readonly { readonly name: string }[];
	raw(on: boolean): this;
	safeIntegers(on: boolean): this;
	iterate(): Iterable<unknown>;
}

interface Asked {
	/** Compiles SQL as the library does. */
	readonly prepare: (sql: string) => Statement;
	/** What is not the fault of the SQL. */
	readonly rethrow: (error: unknown) => never;
}

/**
 * Any statement that only reads; rows come as they are asked for.
 * @throws UsageError where the SQL is wrong or would change something, also while rows are read
 */
export function askReading(
	sql: string,
	{ prepare, rethrow }: Asked,
): { columns: string[]; rows: Iterable<AskedValue[]> } {
	checkReads(sql);
	let statement: Statement;
	try {
		statement = prepare(sql);
	} catch (cause) {
		throw new UsageError(`the query is refused: ${(cause as Error).message}`, { cause });
	}
	if (!statement.reader || !statement.readonly)
		throw new UsageError('only statements that read (SELECT …) can be asked');
	const columns = statement.columns().map(({ name }) => name);
	return { columns, rows: each(statement.raw(true).safeIntegers(true), rethrow) };
}

function* each(statement: Statement, rethrow: Asked['rethrow']): Generator<AskedValue[]> {
	try {
		for (const row of statement.iterate()) yield row as AskedValue[];
	} catch (error) {
		if (!/^SQLITE_(ERROR|TOOBIG|MISMATCH|RANGE)$/.test(sqliteCode(error) ?? '')) rethrow(error);
		throw new UsageError(`the query failed: ${(error as Error).message}`, { cause: error });
	}
}
