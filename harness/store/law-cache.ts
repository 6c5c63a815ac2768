/** A cache of laws, open for a session: laws are read one by one and written in batches. */
import { StoreDatabase } from './database.js';
import { LAW_CACHE } from './kinds.js';
import { roomMaker } from './law-cache-space.js';
import {
	type KeptLaw,
	type LawOrigin,
	type LawPath,
	lawChecksum,
	lawKey,
	originOf,
} from './law-key.js';
import type { Query } from './query.js';

/** A batch is written when it holds so much, or when it has waited so long. */
const BATCH_BYTES = 16 * 2 ** 20;
const BATCH_LAWS = 4096;
const BATCH_MS = 3000;

const DAY_MS = 24 * 60 * 60 * 1000;

/** Days from 1970-01-01, UTC. */
export function today(): number {
	return Math.floor(Date.now() / DAY_MS);
}

/** What laws belong to: all that decides their bits. */
export interface Origin {
	readonly sha256: string;
	readonly content: string;
	/** What the experiment calls the model. */
	readonly label: string;
}

interface Pending {
	readonly origin: Origin;
	readonly key: Buffer;
	readonly logNormalizer: number;
	/** Float32, as in memory. */
	readonly logits: Buffer;
}

type Row = readonly [
	id: number,
	used: number,
	checksum: Uint8Array | null,
	logNormalizer: number | null,
	logits: Uint8Array | null,
];

/**
 * The laws of a file. Several processes may use one at once. Everything throws what StoreDatabase
 * throws; `LawKeeper` is the face of it that lets a run go on.
 */
export class LawCache {
	readonly #database: StoreDatabase;
	readonly #limit: number;
	/** A session counts as one day, the one it began on. */
	readonly #day = today();
	readonly #find: Query<Row>;
	readonly #insertLaw: Query<readonly [number]>;
	readonly #insertContent: Query<object>;
	readonly #pending = new Map<string, Pending>();
	#pendingBytes = 0;
	#lastFlush = performance.now();
	/** Laws served that were last used on an earlier day. */
	readonly #touched = new Set<number>();
	readonly #damaged = new Set<number>();

	private constructor(database: StoreDatabase, limit: number) {
		this.#database = database;
		this.#limit = limit;
		this.#find = database.prepareRaw<Row>(
			`SELECT laws.id, laws.used, checksum, log_normalizer, logits
			FROM laws LEFT JOIN contents ON contents.law_id = laws.id WHERE laws.key = ?`,
		);
		// A law that another process stored meanwhile is the same one.
		this.#insertLaw = database.prepareRaw<readonly [number]>(
			`INSERT INTO laws (identity_id, key, bytes, used) VALUES (?, ?, ?, ?)
			ON CONFLICT (key) DO NOTHING RETURNING id`,
		);
		this.#insertContent = database.prepare(
			'INSERT INTO contents (law_id, checksum, log_normalizer, logits) VALUES (?, ?, ?, ?)',
		);
	}

	/**
	 * Opens a cache, or makes it where the file is missing or empty.
	 * @param limit bytes that the file may hold
	 * @throws UsageError for a file that is no cache of laws, too new, cut short or not writable
	 * @throws HarnessError where it cannot be read or written
	 */
	static open(file: string, limit: number): LawCache {
		const database = StoreDatabase.forWriting(file, LAW_CACHE);
		try {
			return new LawCache(database, limit);
		} catch (error) {
			database.close();
			throw error;
		}
	}

	/** The law after a path, 'damaged' where it is not as it was stored, null where there is none. */
	get(origin: Origin, path: LawPath): KeptLaw | 'damaged' | null {
		const key = lawKey(origin.sha256, path);
		const pending = this.#pending.get(key.toString('latin1'));
		if (pending) return lawOf(pending.logNormalizer, pending.logits);
		const row = this.#find.get([key]);
		if (row === undefined) return null;
		const [id, used, checksum, logNormalizer, logits] = row;
		if (
			checksum === null ||
			logNormalizer === null ||
			logits === null ||
			Buffer.compare(checksum, lawChecksum(key, logNormalizer, logits)) !== 0
		) {
			this.#damaged.add(id);
			return 'damaged';
		}
		if (used < this.#day) this.#touched.add(id);
		return lawOf(logNormalizer, logits);
	}

	/** Adds a law to the batch. @returns true where the batch is to be written */
	put(origin: Origin, path: LawPath, { logits, logNormalizer }: KeptLaw): boolean {
		const key = lawKey(origin.sha256, path);
		// A copy: the law belongs to who asked for it.
		const bytes = Buffer.from(new Float32Array(logits).buffer);
		this.#pending.set(key.toString('latin1'), { origin, key, logNormalizer, logits: bytes });
		this.#pendingBytes += bytes.length;
		return (
			this.#pendingBytes >= BATCH_BYTES ||
			this.#pending.size >= BATCH_LAWS ||
			performance.now() - this.#lastFlush >= BATCH_MS
		);
	}

	get pendingBytes(): number {
		return this.#pendingBytes;
	}

	/**
	 * Writes what waits, in one transaction: damaged laws are removed, uses are noted, and where the
	 * file would pass its limit, laws that were not used for longest make room.
	 * @returns false where that is not enough room, because the rest was used today: the others are dropped
	 */
	flush(): boolean {
		this.#lastFlush = performance.now();
		if (this.#pending.size + this.#touched.size + this.#damaged.size === 0) return true;
		const fits = this.#database.write(() => {
			this.#removeDamaged();
			this.#noteUses();
			return this.#insertPending();
		});
		this.drop();
		return fits;
	}

	/** Forgets what waits to be written. */
	drop(): void {
		this.#pending.clear();
		this.#pendingBytes = 0;
		this.#touched.clear();
		this.#damaged.clear();
	}

	/** Idempotent. What waits is not written. */
	close(): void {
		this.#database.close();
	}

	#removeDamaged(): void {
		const remove = this.#database.prepare('DELETE FROM laws WHERE id = ?');
		for (const id of this.#damaged) remove.run([id]);
	}

	#noteUses(): void {
		const note = this.#database.prepare('UPDATE laws SET used = ? WHERE id = ?');
		for (const id of this.#touched) note.run([this.#day, id]);
	}

	/** @returns false where there was no room for all of them */
	#insertPending(): boolean {
		const makeRoom = roomMaker(this.#database, this.#day);
		const ids = new Map<Origin, number>();
		for (const law of this.#pending.values()) {
			const { origin } = law;
			if (!makeRoom(this.#limit - law.logits.length)) return false;
			const id = ids.get(origin) ?? this.#enter(origin);
			ids.set(origin, id);
			this.#insert(law, id);
		}
		return true;
	}

	/** Entered with each batch: another process may have cleared the cache meanwhile. */
	#enter({ sha256, content, label }: Origin): number {
		const row = this.#database
			.prepareRaw<readonly [number]>(
				`INSERT INTO identities (sha256, content, label) VALUES (?, ?, ?)
				ON CONFLICT (sha256) DO UPDATE SET label = excluded.label RETURNING id`,
			)
			.get([sha256, content, label]);
		return (row as readonly [number])[0];
	}

	#insert({ key, logNormalizer, logits }: Pending, identity: number): void {
		const row = this.#insertLaw.get([identity, key, logits.length, this.#day]);
		if (row === undefined) return;
		const checksum = lawChecksum(key, logNormalizer, logits);
		this.#insertContent.run([row[0], checksum, logNormalizer, logits]);
	}
}

/** @param label what the experiment calls the model */
export function originNamed(identity: LawOrigin, label: string): Origin {
	return { ...originOf(identity), label };
}

/** A law of its own, aligned. */
function lawOf(logNormalizer: number, bytes: Uint8Array): KeptLaw {
	const own = new Uint8Array(bytes);
	return { logits: new Float32Array(own.buffer), logNormalizer };
}
