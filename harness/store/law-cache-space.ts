/** How much a cache of laws holds, and which laws go when it holds too much. */
import type { StoreDatabase } from './database.js';

/** Laws that are looked for at once. */
const CHUNK = 1024;

/** Tells the bytes that a file holds, without its free pages, which the next laws fill. */
export function sizeOf(database: StoreDatabase): () => number {
	const query = database.prepareRaw<readonly [number]>(
		`SELECT (page_count - freelist_count) * page_size
		FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
	);
	return () => (query.get([]) as readonly [number])[0];
}

/**
 * Removes laws, those not used for longest first, until the file holds so many bytes at most. To be
 * called within a transaction.
 * @param before only laws last used before that day go
 * @returns removes down to a number of bytes; false where all that may go is gone and it is not enough
 */
export function roomMaker(database: StoreDatabase, before: number): (bytes: number) => boolean {
	const size = sizeOf(database);
	const oldest = database.prepareRaw<readonly [number]>(
		`SELECT id FROM laws WHERE used < ? ORDER BY used, id LIMIT ${CHUNK}`,
	);
	const remove = database.prepare('DELETE FROM laws WHERE id = ?');
	return (bytes) => {
		while (size() > bytes) {
			const ids = oldest.all([before]);
			if (ids.length === 0) return false;
			for (const [id] of ids) {
				remove.run([id]);
				if (size() <= bytes) break;
			}
		}
		return true;
	};
}
