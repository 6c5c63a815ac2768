import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import SQLite from 'better-sqlite3';
import { HarnessError, UsageError } from '../errors.js';
import { explain, isWriteFailure, sqliteCode } from './failures.js';
import { inspectFile } from './header.js';
import { checkReads } from './reads.js';
import { APPLICATION_ID, SCHEMA_VERSION, STEPS } from './schema.js';

export type SqlValue = number | string | null | Uint8Array;
/** Integers come as bigint, whatever their size. */
export type AskedValue = SqlValue | bigint;

/** How long to wait for a lock that another connection holds for a moment. */
const BUSY_MS = 5000;

/** How long the end of writing waits for readers, and how often it looks. */
const FOLD_MS = 2000;
const FOLD_EVERY_MS = 50;

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
	 * Any statement that only reads, for a person's own questions; rows come as they are asked for,
	 * integers as bigint.
	 * @throws UsageError where the SQL is wrong or would change something
	 */
	ask(sql: string): { columns: string[]; rows: Iterable<AskedValue[]> } {
		checkReads(sql);
		let statement: SQLite.Statement;
		try {
			statement = this.#db.prepare(sql);
		} catch (cause) {
			throw new UsageError(`the query is refused: ${(cause as Error).message}`, { cause });
		}
		if (!statement.reader || !statement.readonly)
			throw new UsageError('only statements that read (SELECT …) can be asked');
		const columns = statement.columns().map(({ name }) => name);
		return { columns, rows: this.#each(statement.raw(true).safeIntegers(true)) };
	}

	*#each(statement: SQLite.Statement): Generator<AskedValue[]> {
		try {
			for (const row of statement.iterate()) yield row as AskedValue[];
		} catch (error) {
			if (!/^SQLITE_(ERROR|TOOBIG|MISMATCH|RANGE)$/.test(sqliteCode(error) ?? ''))
				this.#fail(error);
			throw new UsageError(`the query failed: ${(error as Error).message}`, { cause: error });
		}
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

	/** Runs `work` on one snapshot: that of the transaction it is called in, if it is in one. */
	read<T>(work: () => T): T {
		if (this.#db.inTransaction) return work();
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

	/**
	 * Writes what the database holds now into a new file: one snapshot, whatever a writer does
	 * meanwhile, without free pages, the same bytes for the same rows.
	 * @throws HarnessError where the file cannot be written
	 */
	copyTo(file: string): void {
		try {
			this.#db.prepare('VACUUM INTO ?').run(file);
		} catch (cause) {
			throw new HarnessError(
				`${this.file} cannot be copied to ${file}: ${(cause as Error).message}. Is there room on that disk?`,
				{ cause },
			);
		}
	}

	/** Writes the file anew without free pages, which may still hold what was deleted. */
	compact(): void {
		try {
			this.#db.exec('VACUUM');
		} catch (error) {
			throw this.#explain(error);
		}
	}

	/**
	 * What SQLite's own checks and the references between tables find wrong; empty: nothing. The file
	 * must be writable, though nothing is written: of a read-only one SQLite leaves out the CHECKs.
	 * @throws UsageError where it is not writable
	 */
	integrity(): string[] {
		checkWritable(this.file);
		let db: SQLite.Database | undefined;
		try {
			db = new SQLite(this.file, { fileMustExist: true, timeout: BUSY_MS });
			db.pragma('query_only = ON');
			const said = (db.pragma('integrity_check') as { integrity_check: string }[])
				.map((row) => row.integrity_check)
				.filter((text) => text !== 'ok');
			const dangling = db.pragma('foreign_key_check') as { table: string; parent: string }[];
			return [
				...tally(said).map(([text, n]) => (n === 1 ? text : `${text} (${n} times)`)),
				...tally(dangling.map(({ table, parent }) => `${table} → ${parent}`)).map(
					([names, n]) => `${n} rows refer to nothing: ${names}`,
				),
			];
		} catch (error) {
			if (sqliteCode(error) === null) throw error;
			return [(error as Error).message];
		} finally {
			db?.close();
		}
	}

	/** Tables, indexes and views with their SQL, and the same of a database made anew at its version. */
	schemaDifferences(): string[] {
		const sql = 'SELECT type || char(32) || name, sql FROM sqlite_schema WHERE sql IS NOT NULL';
		const fresh = new SQLite(':memory:');
		try {
			for (const step of STEPS.slice(0, this.#version())) fresh.exec(step);
			const rows = (db: SQLite.Database) =>
				new Map(db.prepare(sql).raw(true).all() as [name: string, sql: string][]);
			const [here, meant] = [rows(this.#db), rows(fresh)];
			return [...new Set([...here.keys(), ...meant.keys()])]
				.filter((name) => here.get(name) !== meant.get(name))
				.map((name) => {
					if (!meant.has(name)) return `${name} is not part of a detbal database`;
					return here.has(name) ? `${name} is not as detbal makes it` : `${name} is missing`;
				});
		} finally {
			fresh.close();
		}
	}

	get open(): boolean {
		return this.#db.open;
	}

	/** Idempotent. A writer leaves one plain file, where no reader keeps it open. */
	close(): void {
		if (!this.#db.open) return;
		try {
			if (!this.#db.readonly) this.#foldIn();
		} finally {
			this.#db.close();
		}
	}

	/**
	 * Leaves WAL. SQLite refuses at once while a reader has the file open, whatever the busy timeout:
	 * one that only looks is waited for. Else the log stays beside the file: nothing is lost, the next
	 * opening folds it in.
	 */
	#foldIn(): void {
		for (let waited = 0; ; waited += FOLD_EVERY_MS) {
			try {
				this.#db.pragma('journal_mode = DELETE');
				return;
			} catch (error) {
				const code = sqliteCode(error);
				if (code === null) throw error;
				if (!code.startsWith('SQLITE_BUSY') || waited >= FOLD_MS) return;
				Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FOLD_EVERY_MS);
			}
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

/** Different texts in order of appearance, with how often each is there. */
function tally(texts: readonly string[]): [text: string, count: number][] {
	const counts = new Map<string, number>();
	for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
	return [...counts];
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
