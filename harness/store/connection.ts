import type { AskedValue } from './asked.js';
import type { StoreDatabase } from './database.js';
import type { Query, SqlValue } from './query.js';

/** Rows fetched at once by what streams. */
const CHUNK = 4096;

/** A statement whose last parameter is a lower bound on the key by which its rows are ordered. */
export interface Page<Row> {
	/** The parameters before the last. */
	readonly fixed: readonly SqlValue[];
	readonly key: (row: Row) => number;
}

/** A database open for reading, with its statements prepared once. */
export class ReadConnection {
	readonly #database: StoreDatabase;
	readonly #queries = new Map<string, Query<readonly SqlValue[]>>();

	protected constructor(database: StoreDatabase) {
		this.#database = database;
	}

	get file(): string {
		return this.#database.file;
	}

	/** Idempotent. */
	close(): void {
		this.#database.close();
	}

	/** Runs `work` on one snapshot, whatever a writer commits meanwhile. */
	snapshot<T>(work: () => T): T {
		return this.#database.read(work);
	}

	/** A question in SQL, answered whole. @throws UsageError where the SQL is wrong or does not only read */
	query(sql: string): { columns: string[]; rows: SqlValue[][] } {
		const { columns, rows } = this.#database.ask(sql);
		const plain = (value: AskedValue) => (typeof value === 'bigint' ? Number(value) : value);
		return { columns, rows: [...rows].map((row) => row.map(plain)) };
	}

	/** A question in SQL, row by row. @throws UsageError as `query` does, also while rows are read */
	ask(sql: string): { columns: string[]; rows: Iterable<AskedValue[]> } {
		return this.#database.ask(sql);
	}

	/** Rows of a statement as arrays. For this folder: others have the methods of the reader. */
	rows<Row extends readonly SqlValue[]>(sql: string, parameters: readonly SqlValue[]): Row[] {
		let query = this.#queries.get(sql);
		if (query === undefined) {
			query = this.#database.prepareRaw(sql);
			this.#queries.set(sql, query);
		}
		return query.all(parameters) as unknown as Row[];
	}

	/** Rows of a statement as objects. */
	protected records<Row extends object>(sql: string, parameters: readonly SqlValue[]): Row[] {
		return this.#database.prepare<Row>(sql).all(parameters);
	}

	/** All rows of a statement, a chunk at a time in memory. */
	*pages<Row extends readonly SqlValue[]>(sql: string, page: Page<Row>): Generator<Row> {
		for (const rows of this.chunks(sql, page)) yield* rows;
	}

	*chunks<Row extends readonly SqlValue[]>(
		sql: string,
		{ fixed, key }: Page<Row>,
	): Generator<readonly Row[]> {
		let after = -1;
		for (;;) {
			const rows = this.rows<Row>(`${sql} LIMIT ${CHUNK}`, [...fixed, after]);
			yield rows;
			const last = rows.at(-1);
			if (last === undefined || rows.length < CHUNK) return;
			after = key(last);
		}
	}
}

/** Steps of the schema that a database has. */
export function schemaVersion(connection: ReadConnection): number {
	const [[version] = [0]] = connection.rows<readonly [number]>(
		'SELECT user_version FROM pragma_user_version',
		[],
	);
	return version;
}
