import { setImmediate } from 'node:timers/promises';
import { cellDigest, joinDigests } from './digest.js';
import type { StoreReader } from './reader.js';

export interface RunDigests {
	readonly digest: string;
	/** by the number of the cell */
	readonly cells: ReadonlyMap<number, string>;
}

/**
 * Digest of a run and of each of its cells; Ctrl-C has its turn between two cells.
 * @throws the signal's reason once it is aborted
 */
export async function digestsOf(
	reader: StoreReader,
	run: number,
	signal: AbortSignal,
): Promise<RunDigests> {
	const digests: { id: number; key: string; digest: string }[] = [];
	for (const { id, key } of reader.cells(run)) {
		await setImmediate();
		signal.throwIfAborted();
		digests.push({ id, key, digest: cellDigest(reader, id) });
	}
	return {
		digest: joinDigests(digests),
		cells: new Map(digests.map(({ id, digest }) => [id, digest])),
	};
}
