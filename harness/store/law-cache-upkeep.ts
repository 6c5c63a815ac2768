/** What is done to a cache of laws between runs: look, prune, clear. */
import { HarnessError } from '../errors.js';
import { StoreDatabase } from './database.js';
import { LAW_CACHE } from './kinds.js';
import { today } from './law-cache.js';
import { roomMaker } from './law-cache-space.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Laws of one model under one numerics identity. */
export interface KeptGroup {
	/** What the last experiment called the model. */
	readonly model: string;
	readonly modelSha256: string;
	readonly architecture: string;
	/** All of the numerics identity that decides bits. */
	readonly numerics: Readonly<Record<string, unknown>>;
	readonly laws: number;
	/** of their logits */
	readonly bytes: number;
	/** day, UTC, as 2026-01-31 */
	readonly lastUsed: string;
}

export interface CacheListing {
	readonly file: string;
	/** of the file, when the log of changes is folded in */
	readonly bytes: number;
	/** latest used first */
	readonly groups: readonly KeptGroup[];
}

/**
 * What a cache holds.
 * @throws UsageError, HarnessError for a file that is no cache of laws or cannot be read
 */
export function listCache(file: string): CacheListing {
	const database = StoreDatabase.forReading(file, LAW_CACHE);
	try {
		const groups = database
			.prepareRaw<readonly [string, string, number, number, number]>(
				`SELECT identities.label, identities.content, count(*), sum(laws.bytes), max(laws.used)
				FROM laws JOIN identities ON identities.id = laws.identity_id
				GROUP BY identities.id ORDER BY max(laws.used) DESC, identities.label, identities.id`,
			)
			.all([])
			.map(([model, content, laws, bytes, used]): KeptGroup => {
				const { modelSha256, architecture, numerics } = JSON.parse(content);
				const lastUsed = new Date(used * DAY_MS).toISOString().slice(0, 10);
				return { model, modelSha256, architecture, numerics, laws, bytes, lastUsed };
			});
		return { file: database.file, bytes: bytesOf(database), groups };
	} finally {
		database.close();
	}
}

export interface PruneRequest {
	readonly file: string;
	/** Laws not used for more days go; null: whatever their age. */
	readonly olderThan: number | null;
	/** Bytes that the file may hold; those not used for longest go first; null: as many as it does. */
	readonly maxBytes: number | null;
}

export interface Pruned {
	readonly file: string;
	/** Laws removed, and left. */
	readonly removed: number;
	readonly left: number;
	/** Bytes of the file, when the log of changes is folded in. */
	readonly before: number;
	readonly after: number;
	/** Why the file could not be made smaller; the space within is free for new laws. */
	readonly notShrunk: string | null;
}

/**
 * Removes laws from a cache, which may be in use.
 * @throws UsageError, HarnessError for a file that is no cache of laws or cannot be written
 */
export function pruneCache({ file, olderThan, maxBytes }: PruneRequest): Pruned {
	return tended(file, (database) => {
		if (olderThan !== null)
			database.prepare('DELETE FROM laws WHERE used < ?').run([today() - olderThan]);
		if (maxBytes !== null) roomMaker(database, Number.MAX_SAFE_INTEGER)(maxBytes);
	});
}

/** Removes every law. @throws UsageError, HarnessError as `pruneCache` does */
export function clearCache(file: string): Pruned {
	return tended(file, (database) => {
		database.prepare('DELETE FROM contents').run([]);
		database.prepare('DELETE FROM laws').run([]);
	});
}

/** Does it in one transaction and makes the file as small as what is left. */
function tended(name: string, work: (database: StoreDatabase) => void): Pruned {
	// A file that is missing or empty is none to tend: it is not to be made.
	StoreDatabase.forReading(name, LAW_CACHE).close();
	const database = StoreDatabase.forWriting(name, LAW_CACHE);
	try {
		const before = bytesOf(database);
		const counts = database.write(() => {
			const all = lawsIn(database);
			work(database);
			database
				.prepare('DELETE FROM identities WHERE id NOT IN (SELECT identity_id FROM laws)')
				.run([]);
			return { before: all, after: lawsIn(database) };
		});
		const removed = counts.before - counts.after;
		const notShrunk = removed === 0 ? null : shrink(database);
		const after = bytesOf(database);
		return { file: database.file, removed, left: counts.after, before, after, notShrunk };
	} finally {
		database.close();
	}
}

/** Needs room for what is left, which a full disk may not have, and nobody else at work. */
function shrink(database: StoreDatabase): string | null {
	try {
		database.compact();
		return null;
	} catch (error) {
		if (error instanceof HarnessError) return error.message;
		throw error;
	}
}

function lawsIn(database: StoreDatabase): number {
	const query = database.prepareRaw<readonly [number]>('SELECT count(*) FROM laws');
	return (query.get([]) as readonly [number])[0];
}

function bytesOf(database: StoreDatabase): number {
	const query = database.prepareRaw<readonly [number]>(
		'SELECT page_count * page_size FROM pragma_page_count, pragma_page_size',
	);
	return (query.get([]) as readonly [number])[0];
}
