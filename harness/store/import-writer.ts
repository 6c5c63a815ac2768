import { HarnessError, UsageError } from '../errors.js';
import { canonicalJson } from '../experiment/identity.js';
import { StoreDatabase } from './database.js';
import { isWriteFailure, sqliteCode } from './failures.js';
import type { KnownSampling, StoredImport } from './imports.js';
import { WriterLease } from './lease.js';
import type { Query } from './query.js';

/** Rows between two turns of others. */
const TURN = 20_000;

/** One table of counts to be stored. */
export interface ImportRecord extends Omit<StoredImport, 'id' | 'createdAt' | 'notes'> {
	/** JSON text of an object. */
	readonly notes: string;
	/** Names, each once. */
	readonly states: readonly string[];
	/** Pairs of positions in `states`, each once. */
	readonly pairs: Iterable<readonly [source: number, target: number, count: number]>;
	/** C_f by position in `states`; null where attempts per source were not recorded. */
	readonly attempts: ReadonlyMap<number, number> | null;
}

export interface ImportHandle {
	readonly id: number;
	/** The database held it already: nothing was added. */
	readonly existed: boolean;
	/** Numbers of earlier imports under the same labels, from other files. */
	readonly besides: readonly number[];
}

/**
 * Stores tables in one transaction: all of them, or nothing. A table that is there already, from
 * the same file under the same labels, is left as it is.
 *
 * @param turn called every few thousand rows: lets others have their turn; what it throws ends the
 *   import with nothing written
 * @throws UsageError for a file that is not ours, or where a table is there with other attempts
 * @throws HarnessError where another writer is at work or the disk is full
 */
export async function storeImports(
	file: string,
	records: readonly ImportRecord[],
	turn: () => Promise<void>,
): Promise<ImportHandle[]> {
	const database = opened(file);
	try {
		return await storeIn(database, records, turn);
	} finally {
		database.close();
	}
}

function opened(file: string): StoreDatabase {
	try {
		return StoreDatabase.forWriting(file);
	} catch (error) {
		throw withoutResume(error, file);
	}
}

/** The same in a database that is open. */
export async function storeIn(
	database: StoreDatabase,
	records: readonly ImportRecord[],
	turn: () => Promise<void>,
): Promise<ImportHandle[]> {
	const lease = WriterLease.take(database);
	try {
		return await database.writeSlowly(async () => {
			lease.renew();
			const writer = new ImportWriter(database, turn);
			const handles: ImportHandle[] = [];
			for (const record of records) handles.push(await writer.store(record));
			return handles;
		});
	} catch (error) {
		throw withoutResume(error, database.file);
	} finally {
		release(lease);
	}
}

/** A lease that cannot be given back lapses by itself; it must not hide how the import ended. */
function release(lease: WriterLease): void {
	try {
		lease.release();
	} catch (error) {
		if (!(error instanceof HarnessError)) throw error;
	}
}

class ImportWriter {
	readonly #database: StoreDatabase;
	readonly #turn: () => Promise<void>;
	#rows = 0;

	constructor(database: StoreDatabase, turn: () => Promise<void>) {
		this.#database = database;
		this.#turn = turn;
	}

	async store(record: ImportRecord): Promise<ImportHandle> {
		const existing = this.#existing(record);
		if (existing !== null) return { id: existing, existed: true, besides: [] };
		const besides = this.#besides(record);
		const id = this.#add(record);
		const states = await this.#states(record.states);
		const addCount = this.#prepare(
			'INSERT INTO import_counts (import_id, source_id, target_id, count) VALUES (?, ?, ?, ?)',
		);
		const paired = new Uint8Array(states.length);
		for (const [source, target, count] of record.pairs) {
			addCount.run([id, states[source] as number, states[target] as number, count]);
			paired[source] = paired[target] = 1;
			if (this.#due()) await this.#turn();
		}
		for (const state of record.attempts?.keys() ?? []) paired[state] = 1;
		for (const [i, state] of states.entries())
			if (paired[i] === 0) addCount.run([id, state, state, 0]);
		const addAttempts = this.#prepare(
			'INSERT INTO import_attempts (import_id, source_id, attempts) VALUES (?, ?, ?)',
		);
		for (const [state, attempts] of record.attempts ?? []) {
			addAttempts.run([id, states[state] as number, attempts]);
			if (this.#due()) await this.#turn();
		}
		return { id, existed: false, besides };
	}

	/** @throws UsageError where the table is there and was counted in another way */
	#existing({ sha256, model, template, sampling, ...record }: ImportRecord): number | null {
		const stored = this.#database
			.prepare<{ id: number; format: string; total: number | null; attempts: string | null }>(
				`SELECT id, format, attempts_total AS total, attempts_sha256 AS attempts FROM imports
				WHERE sha256 = ? AND model = ? AND template = ? AND sampling = ?`,
			)
			.get([sha256, model, template, samplingJson(sampling)]);
		if (stored === undefined) return null;
		const differing = [
			stored.format === record.format ? null : `read as ${stored.format}, not ${record.format}`,
			stored.total === record.attemptsTotal
				? null
				: `${stored.total ?? 'unknown'} attempts in all, not ${record.attemptsTotal ?? 'unknown'}`,
			stored.attempts === record.attemptsSha256 ? null : 'another file of attempts per source',
		].filter((difference) => difference !== null);
		if (differing.length === 0) return stored.id;
		throw new UsageError(
			`${this.#database.file} holds ${record.origin} under these labels already, as import ${stored.id}, and otherwise (${differing.join('; ')}): give it another label with --model or --template, or import it into another database`,
		);
	}

	#besides({ sha256, model, template, sampling }: ImportRecord): number[] {
		return this.#database
			.prepareRaw<readonly [number]>(
				`SELECT id FROM imports WHERE sha256 <> ? AND model = ? AND template = ? AND sampling = ?
				ORDER BY id`,
			)
			.all([sha256, model, template, samplingJson(sampling)])
			.map(([id]) => id);
	}

	#add(record: ImportRecord): number {
		const row = this.#database
			.prepareRaw<readonly [number]>(
				`INSERT INTO imports (model, template, sampling, origin, sha256, bytes, format,
					attempts_total, attempts_origin, attempts_sha256, notes, created_at, tool_version)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			)
			.get([
				record.model,
				record.template,
				samplingJson(record.sampling),
				record.origin,
				record.sha256,
				record.bytes,
				record.format,
				record.attemptsTotal,
				record.attemptsOrigin,
				record.attemptsSha256,
				record.notes,
				new Date().toISOString(),
				record.toolVersion,
			]);
		return (row as readonly [number])[0];
	}

	/** Ids of the states, in their order. */
	async #states(states: readonly string[]): Promise<Float64Array> {
		const find = this.#database.prepareRaw<readonly [number]>(
			'SELECT id FROM states WHERE text = ?',
		);
		const add = this.#database.prepareRaw<readonly [number]>(
			'INSERT INTO states (text) VALUES (?) RETURNING id',
		);
		const ids = new Float64Array(states.length);
		for (const [i, text] of states.entries()) {
			ids[i] = (find.get([text]) ?? (add.get([text]) as readonly [number]))[0];
			if (this.#due()) await this.#turn();
		}
		return ids;
	}

	#prepare(sql: string): Query<object> {
		return this.#database.prepare(sql);
	}

	#due(): boolean {
		return ++this.#rows % TURN === 0;
	}
}

/** Members that are known, as in an identity. */
function samplingJson(sampling: KnownSampling): string {
	const known = Object.entries(sampling).filter(([, value]) => value !== null);
	return canonicalJson(Object.fromEntries(known));
}

/** What the store says of a full disk is meant for runs; an import has nothing to go on with. */
function withoutResume(error: unknown, file: string): unknown {
	const code = sqliteCode(error);
	if (!(error instanceof HarnessError) || code === null || !isWriteFailure(code)) return error;
	return new HarnessError(
		`cannot write ${file}, the disk is full or failing (${code}). Nothing of the import was written: free some space, then import again`,
		{ cause: error },
	);
}
