import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { HarnessError } from '../errors.js';
import type { StoreDatabase } from './database.js';
import type { Query } from './query.js';

const HEARTBEAT_MS = 10_000;
/** A writer silent for longer has lost its claim. */
export const LAPSE_MS = 60_000;

/** Owners of this process that have ended: on a full disk their row may have had to stay. */
const ended = new Set<string>();

interface Holder {
	readonly owner: string;
	readonly pid: number;
	readonly host: string;
	readonly since: string;
	readonly heartbeat: string;
}

/**
 * The right to write, held by one process at a time. Every commit renews it in its own
 * transaction, so a writer that was thought dead and comes back cannot slip a batch in.
 */
export class WriterLease {
	readonly #owner = randomUUID();
	readonly #database: StoreDatabase;
	readonly #beat: Query<object>;
	readonly #timer: NodeJS.Timeout;

	private constructor(database: StoreDatabase) {
		this.#database = database;
		this.#beat = database.prepare('UPDATE writer SET heartbeat = ? WHERE owner = ?');
		database.write(() => this.#take());
		this.#timer = setInterval(() => this.#tick(), HEARTBEAT_MS);
		this.#timer.unref();
	}

	/** @throws HarnessError where another writer is alive; its process and what to do are named */
	static take(database: StoreDatabase): WriterLease {
		return new WriterLease(database);
	}

	#take(): void {
		const holder = this.#holder();
		if (holder !== undefined && isAlive(holder)) throw held(this.#database.file, holder);
		const now = new Date().toISOString();
		this.#database
			.prepare(`INSERT INTO writer (id, owner, pid, host, since, heartbeat) VALUES (1, ?, ?, ?, ?, ?)
				ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, pid = excluded.pid,
					host = excluded.host, since = excluded.since, heartbeat = excluded.heartbeat`)
			.run([this.#owner, process.pid, hostname(), now, now]);
	}

	/** To be called within each writing transaction. @throws HarnessError where another writer took over */
	renew(): void {
		if (this.#beat.run([new Date().toISOString(), this.#owner]) === 1) return;
		const holder = this.#holder();
		const by = holder === undefined ? 'another writer' : describe(holder);
		throw new HarnessError(
			`${this.#database.file} was taken over by ${by}, because this process gave no sign of life for ${LAPSE_MS / 1000} s. Its last batch was not written; go on with --resume when the other has ended`,
		);
	}

	release(): void {
		clearInterval(this.#timer);
		ended.add(this.#owner);
		this.#database.prepare('DELETE FROM writer WHERE owner = ?').run([this.#owner]);
	}

	#holder(): Holder | undefined {
		return this.#database
			.prepare<Holder>('SELECT owner, pid, host, since, heartbeat FROM writer')
			.get([]);
	}

	/** A beat that fails is no news: the next commit finds out, where it can be reported. */
	#tick(): void {
		try {
			this.#beat.run([new Date().toISOString(), this.#owner]);
		} catch {
			// see above
		}
	}
}

function isAlive({ owner, pid, host, heartbeat }: Holder): boolean {
	if (ended.has(owner)) return false;
	if (host === hostname() && !processExists(pid)) return false;
	// A heartbeat of the future comes from a clock that was wrong; it must not lock for ever.
	return Math.abs(Date.now() - Date.parse(heartbeat)) <= LAPSE_MS;
}

function processExists(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}

function describe({ pid, host, since }: Holder): string {
	return `process ${pid} on ${host} (writing since ${since})`;
}

function held(file: string, holder: Holder): HarnessError {
	return new HarnessError(
		`${file} is being written by ${describe(holder)}, last heard of at ${holder.heartbeat}. Wait for it to end or stop it; if it is gone already, try again ${LAPSE_MS / 1000} s after that time`,
	);
}
