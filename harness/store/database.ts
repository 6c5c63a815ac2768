import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import SQLite from 'better-sqlite3';
import { UsageError } from '../errors.js';
import { explain, isWriteFailure, sqliteCode } from './failures.js';
import { inspectFile } from './header.js';
import { APPLICATION_ID, SCHEMA_VERSION, STEPS } from './schema.js';

export type SqlValue = number | string | null | Uint8Array;

/** How long to wait for a lock that another connection holds for a moment. */
const BUSY_MS = 5000;

/** A prepared statement. Parameters are positional; every failure names the file. */
export class Query<Row> {
	readonly #statement: SQLite.Statement;
	readonly #rethrow: (error: unknown) => never;

	constructor(statement: SQLite.Statement, rethrow: (error: unknown) => never) {
		this.#statement = statement;
		this.#rethrow = rethrow;
	}

	/** Rows changed. */
	run(parameters: readonly SqlValue[]): number {
		checkValues(parameters);
		try {
			return this.#statement.run(parameters).changes;
		} catch (error) {
			return this.#rethrow(error);
		}
	}

	get(parameters: readonly SqlValue[]): Row | undefined {
		checkValues(parameters);
		try {
			return this.#statement.get(parameters) as Row | undefined;
		} catch (error) {
			return this.#rethrow(error);
		}
	}

	all(parameters: readonly SqlValue[]): Row[] {
		checkValues(parameters);
		try {
			return this.#statement.all(parameters) as Row[];
		} catch (error) {
			return this.#rethrow(error);
		}
	}
}

/** The door to SQLite: the only place that knows the library. */
export class StoreDatabase {
	readonly file: string;
	readonly #db: SQLite.Database;

	private constructor(file: string, db: SQLite.Database) {
		this.file = file;
		this.#db = db;
	}

	/**
	 * Opens a database of ours for writing; makes it where the file is missing or empty.
	 * @throws UsageError for a file that is not ours, too new, or not writable
	 */
	static forWriting(name: string): StoreDatabase {
		const file = resolveName(name);
		const folder = dirname(file);
		if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
			throw new UsageError(`the folder of ${file} does not exist: make it, or name another file`);
		const found = inspectFile(file);
		checkWritable(folder);
		if (found !== 'missing') checkWritable(file);
		return StoreDatabase.#open(file, { readonly: false });
	}

	/** Opens a database of ours for reading only. @throws UsageError also where it is missing or empty */
	static forReading(name: string): StoreDatabase {
		const file = resolveName(name);
		const found = inspectFile(file);
		if (found === 'missing')
			throw new UsageError(`${file} does not exist: check the name (\`detbal run\` makes one)`);
		if (found === 'empty') throw isEmpty(file);
		return StoreDatabase.#open(file, { readonly: true });
	}

	static #open(file: string, { readonly }: { readonly: boolean }): StoreDatabase {
		let db: SQLite.Database | undefined;
		try {
			db = new SQLite(file, { readonly, fileMustExist: readonly, timeout: BUSY_MS });
			db.pragma('foreign_keys = ON');
			const door = new StoreDatabase(file, db);
			const version = door.#version();
			if (readonly) {
				if (version === 0) throw isEmpty(file);
				return door;
			}
			// NORMAL may lose the last commits at power loss; FULL costs about a tenth in speed.
			db.pragma('synchronous = FULL');
			// The schema first, in rollback mode: then the main file alone says whose it is. Where
			// WAL is not to be had (some network disks) the old mode is as safe, only slower.
			door.#upgrade(version);
			db.pragma('journal_mode = WAL');
			return door;
		} catch (error) {
			db?.close();
			throw explain(error, file, null);
		}
	}

	/** Version of the schema, 0 for a database without content. */
	#version(): number {
		const version = this.#integer('user_version');
		if (version === 0 && this.#integer('page_count') === 0) return 0;
		if (this.#integer('application_id') !== APPLICATION_ID)
			throw new UsageError(
				`${this.file} is a SQLite database of another program, left untouched: name a detbal database`,
			);
		if (version > SCHEMA_VERSION)
			throw new UsageError(
				`${this.file} was written by a newer detbal (schema ${version}, this one knows ${SCHEMA_VERSION}): install that version`,
			);
		return version;
	}

	/** Each step and the record of it in one transaction; another process may be at it too. */
	#upgrade(version: number): void {
		for (let step = version; step < SCHEMA_VERSION; step++)
			this.write(() => {
				if (this.#integer('user_version') !== step) return;
				this.#db.pragma(`application_id = ${APPLICATION_ID}`);
				this.#db.exec(STEPS[step] as string);
				this.#db.pragma(`user_version = ${step + 1}`);
			});
	}

	#integer(pragma: string): number {
		return this.#db.pragma(pragma, { simple: true }) as number;
	}

	/** Rows as objects. The caller states what a row holds, as the SQL does. */
	prepare<Row extends object>(sql: string): Query<Row> {
		return new Query<Row>(this.#compile(sql), (error) => this.#fail(error));
	}

	/** Rows as arrays of columns. */
	prepareRaw<Row extends readonly SqlValue[]>(sql: string): Query<Row> {
		return new Query<Row>(this.#compile(sql).raw(true), (error) => this.#fail(error));
	}

	/**
	 * Any statement that only reads, for a person's own questions.
	 * @throws UsageError where the SQL is wrong or would change something
	 */
	ask(sql: string): { columns: string[]; rows: SqlValue[][] } {
		let statement: SQLite.Statement;
		try {
			statement = this.#db.prepare(sql);
		} catch (cause) {
			throw new UsageError(`the query is refused: ${(cause as Error).message}`, { cause });
		}
		if (!statement.reader || !statement.readonly)
			throw new UsageError('only statements that read (SELECT …) can be asked');
		const columns = statement.columns().map(({ name }) => name);
		const rows = new Query<SqlValue[]>(statement.raw(true), (error) => this.#fail(error));
		return { columns, rows: rows.all([]) };
	}

	/** Runs `work` in one transaction that holds the write lock; all of it is committed, or nothing. */
	write<T>(work: () => T): T {
		return this.#transaction('BEGIN IMMEDIATE', work);
	}

	/** `write` for work that lets others have their turn: until it ends, this connection does nothing else. */
	async writeSlowly<T>(work: () => Promise<T>): Promise<T> {
		try {
			this.#db.exec('BEGIN IMMEDIATE');
			const result = await work();
			this.#db.exec('COMMIT');
			return result;
		} catch (error) {
			throw this.#undone(error);
		}
	}

	/** Runs `work` on one snapshot. */
	read<T>(work: () => T): T {
		return this.#transaction('BEGIN', work);
	}

	#transaction<T>(begin: string, work: () => T): T {
		try {
			this.#db.exec(begin);
			const result = work();
			this.#db.exec('COMMIT');
			return result;
		} catch (error) {
			throw this.#undone(error);
		}
	}

	/** Rolls back; what is to be thrown. */
	#undone(error: unknown): unknown {
		// SQLite may have rolled back by itself.
		if (this.#db.open && this.#db.inTransaction) this.#db.exec('ROLLBACK');
		return this.#explain(error);
	}

	get open(): boolean {
		return this.#db.open;
	}

	/** Idempotent. A writer leaves one plain file, where no reader has it open. */
	close(): void {
		if (!this.#db.open) return;
		try {
			if (!this.#db.readonly) this.#db.pragma('journal_mode = DELETE');
		} catch (error) {
			// The log stays beside the file: nothing is lost, the next opening folds it in.
			if (sqliteCode(error) === null) throw error;
		} finally {
			this.#db.close();
		}
	}

	#compile(sql: string): SQLite.Statement {
		try {
			return this.#db.prepare(sql);
		} catch (error) {
			return this.#fail(error);
		}
	}

	/** Inside a transaction the error travels on as it is: only after the rollback can safe attempts be counted. */
	#fail(error: unknown): never {
		throw this.#db.open && this.#db.inTransaction ? error : this.#explain(error);
	}

	#explain(error: unknown): unknown {
		const code = sqliteCode(error);
		const full = code !== null && isWriteFailure(code);
		return explain(error, this.file, full ? this.#committedAttempts() : null);
	}

	#committedAttempts(): number | null {
		try {
			return this.#db.prepare('SELECT count(*) FROM attempts').pluck().get() as number;
		} catch {
			return null;
		}
	}
}

function isEmpty(file: string): UsageError {
	return new UsageError(`${file} is empty: no run was ever written to it; name another file`);
}

function resolveName(name: string): string {
	if (typeof name !== 'string') throw new TypeError(`the name of a database is ${typeof name}`);
	if (name === '' || name.includes('\0'))
		throw new UsageError(`${JSON.stringify(name)} cannot name a database: give a file name`);
	return resolve(name);
}

/** better-sqlite3 would bind NaN and undefined as NULL without a word. */
function checkValues(parameters: readonly SqlValue[]): void {
	for (const value of parameters)
		if (value === undefined || (typeof value === 'number' && !Number.isFinite(value)))
			throw new TypeError(`${value} cannot be stored: absence is null, a number is finite`);
}

function checkWritable(path: string): void {
	try {
		accessSync(path, constants.W_OK);
	} catch (cause) {
		throw new UsageError(
			`${path} cannot be written: ${(cause as Error).message}. Change its permissions, or name another file`,
			{ cause },
		);
	}
}
