/** Exact kernels into a database: planned, then filled source by source. */
import { UsageError } from '../errors.js';
import { canonicalJson, decidingNumerics } from '../experiment/identity.js';
import { StoreDatabase } from './database.js';
import { differences } from './identity.js';
import { Interner } from './intern.js';
import {
	KERNEL_IDENTITIES,
	type KernelPlan,
	type KernelRowRecord,
	kernelKey,
	rowSources,
	storedKernels,
} from './kernels.js';
import { WriterLease } from './lease.js';
import type { SqlValue } from './query.js';
import { StoreReader } from './reader.js';

/** Rows wait no longer than this for those that are committed with them. */
const COMMIT_EVERY_MS = 250;

/** The one writer of exact kernels into a database: rows are committed whole, some of them together. */
export class KernelWriter {
	readonly #database: StoreDatabase;
	readonly #lease: WriterLease;
	readonly #interner: Interner;
	#waiting: { readonly kernel: number; readonly row: KernelRowRecord }[] = [];
	#lastCommit = 0;

	private constructor(database: StoreDatabase) {
		this.#database = database;
		this.#lease = WriterLease.take(database);
		this.#interner = new Interner(database);
	}

	/**
	 * Opens (or makes) the database and takes the writer lease.
	 * @throws UsageError for a file that cannot be ours or cannot be written
	 * @throws HarnessError where another writer is at work
	 */
	static open(file: string): KernelWriter {
		const database = StoreDatabase.forWriting(file);
		try {
			return new KernelWriter(database);
		} catch (error) {
			database.close();
			throw error;
		}
	}

	/**
	 * Plans a kernel, or finds the one that is there.
	 * @returns its id and the sources whose rows are there
	 * @throws UsageError where it was begun under other numerics
	 */
	plan(plan: KernelPlan): { readonly id: number; readonly done: ReadonlySet<string> } {
		const key = kernelKey(plan);
		return this.#write(() => {
			const reader = StoreReader.within(this.#database);
			const known = storedKernels(reader).find((k) => k.key === key && k.shape === plan.shape);
			if (known === undefined) return { id: this.#add(key, plan), done: new Set<string>() };
			const recorded = decidingNumerics(reader.identity(known.identities.numerics));
			const here = decidingNumerics(plan.identities.numerics.content);
			const changed = differences(recorded, here);
			if (changed.length > 0) {
				throw new UsageError(
					`${this.#database.file} holds part of this kernel under other numerics (${changed.join('; ')}): ` +
						'its rows would not be of one kind. Write elsewhere with --db.',
				);
			}
			return { id: known.id, done: new Set(rowSources(reader, known.id)) };
		});
	}

	/**
	 * Adds the row of a source; commits now and then.
	 * @throws RangeError for a number that is none, HarnessError as `flush` does
	 */
	add(kernel: number, row: KernelRowRecord): void {
		checkRow(row);
		this.#waiting.push({ kernel, row });
		if (performance.now() - this.#lastCommit >= COMMIT_EVERY_MS) this.flush();
	}

	/** Commits the rows that wait, all or none. @throws HarnessError for a full disk or a lease lost */
	flush(): void {
		const rows = this.#waiting;
		this.#waiting = [];
		if (rows.length > 0)
			this.#write(() => {
				for (const { kernel, row } of rows) this.#addRow(kernel, row);
			});
		this.#lastCommit = performance.now();
	}

	#addRow(kernel: number, row: KernelRowRecord): void {
		const { outcomes, elsewhere, leftOut, evaluations, reached } = row;
		const source = this.#interner.state(row.source);
		this.#run(
			`INSERT INTO kernel_rows (kernel_id, source_id, invalid, unparsable, truncated, elsewhere,
					left_out, evaluations, reached) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			[
				kernel,
				source,
				outcomes?.invalid ?? null,
				outcomes?.unparsable ?? null,
				outcomes?.truncated ?? null,
				finite(elsewhere),
				finite(leftOut),
				evaluations,
				reached ? 1 : 0,
			],
		);
		const add = this.#database.prepare(
			`INSERT INTO kernel_entries (kernel_id, source_id, target_id, log_found, log_bound)
				VALUES (?, ?, ?, ?, ?)`,
		);
		for (const { target, logFound, logBound } of row.entries)
			add.run([
				kernel,
				source,
				this.#interner.state(target),
				orNothing(logFound),
				orNothing(logBound),
			]);
	}

	/** Commits what waits (not what failed to be). Idempotent. */
	close(): void {
		if (!this.#database.open) return;
		try {
			this.flush();
		} finally {
			this.#shut();
		}
	}

	#shut(): void {
		try {
			this.#lease.release();
		} finally {
			this.#database.close();
		}
	}

	#add(key: string, plan: KernelPlan): number {
		const { identities } = plan;
		for (const kind of KERNEL_IDENTITIES)
			this.#run(
				'INSERT INTO identities (sha256, kind, content) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
				[identities[kind].sha256, kind, canonicalJson(identities[kind].content)],
			);
		const [id] = this.#database
			.prepareRaw<readonly [number]>(
				`INSERT INTO kernels (key, shape, name, config, model_label, template_label, model_sha256,
					template_sha256, task_sha256, sampling_sha256, numerics_sha256, kind, epsilon,
					most_evaluations, sources, created_at, tool_version)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			)
			.get([
				key,
				plan.shape,
				plan.name,
				plan.config,
				plan.modelLabel,
				plan.templateLabel,
				...KERNEL_IDENTITIES.map((kind) => identities[kind].sha256),
				plan.kind,
				plan.epsilon,
				plan.mostEvaluations,
				plan.sources.length,
				new Date().toISOString(),
				plan.toolVersion,
			]) as readonly [number];
		return id;
	}

	#run(sql: string, parameters: readonly SqlValue[]): void {
		this.#database.prepare(sql).run(parameters);
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
}

function checkRow({ entries, elsewhere, leftOut }: KernelRowRecord): void {
	finite(elsewhere);
	finite(leftOut);
	for (const { logFound, logBound } of entries) {
		orNothing(logFound);
		orNothing(logBound);
	}
}

/** SQLite takes NaN for NULL without a word. */
function finite(mass: number): number {
	if (!Number.isFinite(mass)) throw new RangeError(`${mass} is no mass`);
	return mass;
}

function orNothing(log: number): number | null {
	if (Number.isNaN(log) || log > 0) throw new RangeError(`${log} is no log-probability`);
	return log === -Infinity ? null : log;
}
