import { HarnessError } from '../errors.js';
import { checkAttempt, checkLaw, OUTCOME_IDS, type PlannedCell } from './check.js';
import { StoreDatabase } from './database.js';
import { type DoctorRecord, insertDoctor } from './doctors.js';
import { sqliteCode } from './failures.js';
import { Interner } from './intern.js';
import { WriterLease } from './lease.js';
import { Planner } from './plan.js';
import type { Query, SqlValue } from './query.js';
import type { AttemptRecord, Design, LawRecord, RunHandle, RunPlan } from './records.js';
import { encodeTokens } from './tokens.js';

/** Attempts (or laws) that are committed together at the latest. */
export const BATCH = 4096;
/** Attempts inserted by one statement: fewer calls into SQLite. */
const ROWS = 64;
const COLUMNS = 7;

/**
 * The one writer of a database. Attempts and laws are buffered and committed in batches; whatever
 * happens to the process, all batches before the last are in the file, and none in part.
 */
export class StoreWriter {
	readonly #database: StoreDatabase;
	readonly #lease: WriterLease;
	readonly #interner: Interner;
	readonly #insertRows: Query<object>;
	readonly #insertRow: Query<object>;
	readonly #insertLaw: Query<object>;
	readonly #cells = new Map<number, PlannedCell>();
	readonly #trees = new Set<number>();
	#attempts: AttemptRecord[] = [];
	#laws: LawRecord[] = [];
	#committed = 0;
	#broken = false;

	private constructor(database: StoreDatabase) {
		this.#database = database;
		this.#lease = WriterLease.take(database);
		this.#interner = new Interner(database);
		const row = `(${Array(COLUMNS).fill('?').join(', ')})`;
		const insert = `INSERT INTO attempts
			(cell_id, source_id, draw, step, outcome, target_id, completion_id) VALUES`;
		this.#insertRow = database.prepare(`${insert} ${row}`);
		this.#insertRows = database.prepare(`${insert} ${Array(ROWS).fill(row).join(', ')}`);
		this.#insertLaw = database.prepare(
			`INSERT INTO laws (tree_id, source_id, path, checksum, log_normalizer, top)
			VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tree_id, source_id, path) DO NOTHING`,
		);
	}

	/**
	 * Opens (or makes) the database and takes the writer lease.
	 * @throws UsageError for a file that cannot be ours or cannot be written
	 * @throws HarnessError where another writer is at work
	 */
	static open(file: string): StoreWriter {
		return StoreWriter.on(StoreDatabase.forWriting(file));
	}

	/** The same on a database that is open already; closed with the writer, or where it is refused. */
	static on(database: StoreDatabase): StoreWriter {
		try {
			return new StoreWriter(database);
		} catch (error) {
			database.close();
			throw error;
		}
	}

	get file(): string {
		return this.#database.file;
	}

	/** Attempts committed by this writer. */
	get committed(): number {
		return this.#committed;
	}

	/**
	 * Plans a run, all or nothing; again for a run that is there already (resume, extension).
	 * @throws TypeError, RangeError for a plan that is not one
	 * @throws UsageError, HarnessError where the stored run of this key cannot become the one planned
	 */
	planRun(plan: RunPlan): RunHandle {
		const handle = this.#write(() => new Planner(this.#database, this.#interner).plan(plan));
		for (const { id, tree } of handle.cells) {
			this.#cells.set(id, this.#plannedCell(id));
			this.#trees.add(tree);
		}
		return handle;
	}

	/**
	 * Keeps with a run what the doctor found.
	 * @throws UsageError, HarnessError where the database cannot take it
	 */
	keepDoctor(run: number, doctor: DoctorRecord): void {
		this.#write(() => insertDoctor(this.#database, run, doctor));
	}

	/**
	 * Adds attempts to the batch; commits whenever it is full.
	 * @throws TypeError, RangeError for an attempt that is not one or is not planned (none is added)
	 * @throws HarnessError as `flush` does
	 */
	append(attempts: readonly AttemptRecord[]): void {
		for (const attempt of attempts) checkAttempt(attempt, this.#cells.get(attempt.cell));
		for (const attempt of attempts) {
			this.#attempts.push(attempt);
			if (this.#attempts.length >= BATCH) this.flush();
		}
	}

	/**
	 * Adds laws to the batch. One that is there with the same checksum is passed over.
	 * @throws TypeError, RangeError for a law that is not one (none is added)
	 * @throws HarnessError as `flush` does
	 */
	appendLaws(laws: readonly LawRecord[]): void {
		for (const law of laws) checkLaw(law, this.#trees);
		for (const law of laws) {
			this.#laws.push(law);
			if (this.#laws.length >= BATCH) this.flush();
		}
	}

	/**
	 * Commits the batch in one transaction, all or nothing.
	 * @throws HarnessError for a full disk, a lease lost, an attempt that is there already, or a law
	 * that was another one before. The batch stays; `flush` may be called again.
	 */
	flush(): void {
		if (this.#attempts.length === 0 && this.#laws.length === 0) return;
		this.#broken = true;
		try {
			this.#write(() => {
				for (const law of this.#laws) this.#addLaw(law);
				this.#addAttempts();
			});
		} catch (error) {
			throw this.#explainDuplicate(error);
		}
		this.#broken = false;
		this.#committed += this.#attempts.length;
		this.#attempts = [];
		this.#laws = [];
	}

	/**
	 * Commits what is left (not a batch that failed to commit: --resume makes it again), gives the
	 * lease back and closes the file. Idempotent.
	 */
	close(): void {
		if (!this.#database.open) return;
		try {
			if (!this.#broken) this.flush();
		} finally {
			this.#release();
			this.#database.close();
		}
	}

	#write<T>(work: () => T): T {
		try {
			return this.#database.write(() => {
				this.#lease.renew();
				return work();
			});
		} catch (error) {
			this.#interner.forget();
			throw error;
		}
	}

	#addAttempts(): void {
		// In the order of the primary key, each page is touched once per batch.
		const attempts = this.#attempts.sort(byKey);
		const whole = attempts.length - (attempts.length % ROWS);
		const binds: SqlValue[] = new Array(ROWS * COLUMNS).fill(0);
		for (let from = 0; from < whole; from += ROWS) {
			for (let i = 0; i < ROWS; i++)
				this.#bind(attempts[from + i] as AttemptRecord, binds, i * COLUMNS);
			this.#insertRows.run(binds);
		}
		const one: SqlValue[] = new Array(COLUMNS).fill(0);
		for (let i = whole; i < attempts.length; i++) {
			this.#bind(attempts[i] as AttemptRecord, one, 0);
			this.#insertRow.run(one);
		}
	}

	#bind(attempt: AttemptRecord, binds: SqlValue[], at: number): void {
		binds[at] = attempt.cell;
		binds[at + 1] = this.#interner.state(attempt.source);
		binds[at + 2] = attempt.draw;
		binds[at + 3] = attempt.step;
		binds[at + 4] = OUTCOME_IDS.get(attempt.outcome) as number;
		binds[at + 5] = attempt.target === null ? null : this.#interner.state(attempt.target);
		binds[at + 6] = this.#interner.completion(attempt.tokens, attempt.text);
	}

	#addLaw({ tree, source, path, checksum, logNormalizer, top }: LawRecord): void {
		const key = [tree, this.#interner.state(source), encodeTokens(path)] as const;
		const topJson = JSON.stringify(top.map((entry) => [entry.token, entry.logProbability]));
		if (this.#insertLaw.run([...key, checksum, logNormalizer, topJson]) > 0) return;
		const stored = this.#database
			.prepareRaw<readonly [Uint8Array]>(
				'SELECT checksum FROM laws WHERE tree_id = ? AND source_id = ? AND path = ?',
			)
			.get(key);
		if (stored !== undefined && Buffer.compare(stored[0], checksum) === 0) return;
		throw new HarnessError(
			`${this.file}: from ${JSON.stringify(source)}, after tokens [${path.join(', ')}], the model gave another law than before. Its bits are not repeatable here: \`detbal doctor\` tells which setting changes them`,
		);
	}

	/** What a run plan says of a cell, as it stands in the file (an earlier plan may say more). */
	#plannedCell(id: number): PlannedCell {
		const [design, attempts] = this.#database
			.prepareRaw<readonly [Design, number]>('SELECT design, attempts FROM cells WHERE id = ?')
			.get([id]) as readonly [Design, number];
		const sources = this.#database
			.prepareRaw<readonly [string, number]>(
				`SELECT states.text, states.id FROM plan JOIN states ON states.id = plan.source_id
				WHERE plan.cell_id = ?`,
			)
			.all([id]);
		return { design, attempts, sources: new Map(sources) };
	}

	#explainDuplicate(error: unknown): unknown {
		if (sqliteCode(error) !== 'SQLITE_CONSTRAINT_PRIMARYKEY') return error;
		const stored = this.#database.prepare(
			`SELECT 1 FROM attempts JOIN states ON states.id = attempts.source_id
			WHERE cell_id = ? AND states.text = ? AND draw = ?`,
		);
		const seen = new Set<string>();
		for (const { cell, source, draw } of this.#attempts) {
			const key = JSON.stringify([cell, source, draw]);
			if (seen.has(key) || stored.get([cell, source, draw]) !== undefined)
				return new HarnessError(
					`${this.file}: cell ${cell}, source ${JSON.stringify(source)}, draw ${draw} is there already: plan only what is missing. Nothing of this batch was written`,
					{ cause: error },
				);
			seen.add(key);
		}
		return error;
	}

	/** A lease that cannot be given back lapses by itself; it must not hide how the run ended. */
	#release(): void {
		try {
			this.#lease.release();
		} catch (error) {
			if (!(error instanceof HarnessError)) throw error;
		}
	}
}

function byKey(a: AttemptRecord, b: AttemptRecord): number {
	if (a.cell !== b.cell) return a.cell - b.cell;
	if (a.source !== b.source) return a.source < b.source ? -1 : 1;
	return a.draw - b.draw;
}
