import SQLite from 'better-sqlite3';
import { HarnessError } from '../errors.js';
import { type AskedValue, askReading } from './asked.js';
import { explain, isWriteFailure, sqliteCode } from './failures.js';
import { RUN_DATABASE, type Schema } from './kinds.js';
import { checkWritable, isEmpty, readableFile, writableFile } from './openable.js';
import { Query, type SqlValue } from './query.js';
import { faultsIn, schemaFaults } from './soundness.js';
import { upgrade, versionOf } from './upgrade.js';
import { foldIn } from './wal.js';

/** How long to wait for a lock that another connection holds for a moment. */
const BUSY_MS = 5000;

/** The door to SQLite: the only place that knows the library. */
export class StoreDatabase {
	readonly file: string;
	readonly #db: SQLite.Database;
	readonly #schema: Schema;

	private constructor(file: string, db: SQLite.Database, schema: Schema) {
		this.file = file;
		this.#db = db;
		this.#schema = schema;
	}

	/**
	 * Opens a database of ours for writing; makes it where the file is missing or empty.
	 * @param schema its kind
	 * @throws UsageError for a file that is not ours, too new, or not writable
	 */
	static forWriting(name: string, schema: Schema = RUN_DATABASE): StoreDatabase {
		return StoreDatabase.#open(writableFile(name, schema), { schema, readonly: false });
	}

	/** Opens a database of ours for reading only. @throws UsageError also where it is missing or empty */
	static forReading(name: string, schema: Schema = RUN_DATABASE): StoreDatabase {
		return StoreDatabase.#open(readableFile(name, schema), { schema, readonly: true });
	}

	static #open(
		file: string,
		{ schema, readonly }: { readonly schema: Schema; readonly readonly: boolean },
	): StoreDatabase {
		let db: SQLite.Database | undefined;
		try {
			db = new SQLite(file, { readonly, fileMustExist: readonly, timeout: BUSY_MS });
			db.pragma('foreign_keys = ON');
			const door = new StoreDatabase(file, db, schema);
			const version = versionOf(db, { file, schema });
			if (readonly) {
				if (version === 0) throw isEmpty(file, schema);
				return door;
			}
			// NORMAL may lose the last commits at power loss; FULL costs about a tenth in speed.
			db.pragma('synchronous = FULL');
			// The schema first, in rollback mode: then the main file alone says whose it is. Where
			// WAL is not to be had (some network disks) the old mode is as safe, only slower.
			upgrade(db, { schema, version }, (work) => door.write(work));
			db.pragma('journal_mode = WAL');
			return door;
		} catch (error) {
			db?.close();
			throw explain(error, file, { schema, safe: null });
		}
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
		return askReading(sql, {
			prepare: (text) => this.#db.prepare(text),
			rethrow: (error) => this.#fail(error),
		});
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
			return faultsIn(db);
		} catch (error) {
			if (sqliteCode(error) === null) throw error;
			return [(error as Error).message];
		} finally {
			db?.close();
		}
	}

	/** Tables, indexes and views with their SQL, and the same of a database made anew at its version. */
	schemaDifferences(): string[] {
		const fresh = new SQLite(':memory:');
		try {
			const version = versionOf(this.#db, { file: this.file, schema: this.#schema });
			for (const step of this.#schema.steps.slice(0, version)) fresh.exec(step);
			return schemaFaults(this.#db, fresh);
		} finally {
			fresh.close();
		}
	}

	get open(): boolean {
		return this.#db.open;
	}

	/** Idempotent. A writer leaves one plain file, where nobody else has it open. */
	close(): void {
		if (!this.#db.open) return;
		try {
			if (!this.#db.readonly) foldIn(this.#db, !this.#schema.shared);
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
		return explain(error, this.file, {
			schema: this.#schema,
			safe: full ? this.#committedAttempts() || null : null,
		});
	}

	#committedAttempts(): number | null {
		try {
			return this.#db.prepare('SELECT count(*) FROM attempts').pluck().get() as number;
		} catch {
			return null;
		}
	}
}
