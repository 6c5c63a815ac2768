import { createHash, type Hash } from 'node:crypto';
import type { StoreReader } from './reader.js';
import { UINT32_MAX } from './tokens.js';

/*
 * Digest of a cell: sha256 over these bytes; integers unsigned, least significant byte first.
 *
 *   "detbal/cell/1\n"                       14 bytes of ASCII
 *   for each source with attempts, in order of its UTF-8 bytes:
 *     01                                    1 byte
 *     length of the source                  4 bytes
 *     the source                            UTF-8
 *     for each of its attempts, in order of draw:
 *       02                                  1 byte
 *       draw                                4 bytes
 *       step, or ff ff ff ff for none       4 bytes
 *       outcome                             1 byte: 0 valid 1 self 2 invalid 3 unparsable 4 truncated
 *       target                              32 bytes: sha256 of its UTF-8, or zeros for none
 *       completion                          32 bytes: sha256 of: number of tokens (4), each token (4),
 *                                           length of the text (4), the text (UTF-8)
 *
 * Digest of a run: sha256 over "detbal/run/1\n" and, for each cell in order of its key's UTF-8
 * bytes: length of the key (4 bytes), the key, the cell's digest (32 bytes).
 *
 * Ids, labels, planned numbers, numerics and the order of insertion are not part of it.
 */

const RECORD = 74;
const BUFFERED = 1024 * RECORD;
const NO_STEP = UINT32_MAX;
/** Hashes kept in memory; past it they are made again. */
const LIMIT = 200_000;

type Row = readonly [
	draw: number,
	step: number | null,
	outcome: number,
	target: number | null,
	completion: number,
];

/** Digest (lower-case hex) of the transitions of one cell. */
export function cellDigest(reader: StoreReader, cell: number): string {
	return reader.snapshot(() => new CellHasher(reader).digest(cell).toString('hex'));
}

/** Digest (lower-case hex) of a run: two people compare one line. */
export function runDigest(reader: StoreReader, run: number): string {
	return reader.snapshot(() => {
		const hasher = new CellHasher(reader);
		return joinDigests(
			reader.cells(run).map(({ id, key }) => ({ key, digest: hasher.digest(id).toString('hex') })),
		);
	});
}

/** Digest of a run whose cells have these keys and digests, in any order. */
export function joinDigests(
	cells: readonly { readonly key: string; readonly digest: string }[],
): string {
	const hash = createHash('sha256').update('detbal/run/1\n', 'latin1');
	const ordered = cells
		.map(({ key, digest }) => ({ key: Buffer.from(key, 'utf8'), digest }))
		.sort((a, b) => Buffer.compare(a.key, b.key));
	for (const { key, digest } of ordered)
		hash.update(uint32(key.length)).update(key).update(Buffer.from(digest, 'hex'));
	return hash.digest('hex');
}

class CellHasher {
	readonly #reader: StoreReader;
	readonly #states = new Map<number, Buffer>();
	readonly #completions = new Map<number, Buffer>();
	readonly #buffer = Buffer.alloc(BUFFERED);

	constructor(reader: StoreReader) {
		this.#reader = reader;
	}

	digest(cell: number): Buffer {
		const hash = createHash('sha256').update('detbal/cell/1\n', 'latin1');
		for (const { id, text } of this.#reader.sources(cell)) {
			const source = Buffer.from(text, 'utf8');
			hash.update(Buffer.of(1)).update(uint32(source.length)).update(source);
			this.#addAttempts(hash, cell, id);
		}
		return hash.digest();
	}

	#addAttempts(hash: Hash, cell: number, source: number): void {
		const chunks = this.#reader.chunks<Row>(
			`SELECT draw, step, outcome, target_id, completion_id FROM attempts
			WHERE cell_id = ? AND source_id = ? AND draw > ? ORDER BY draw`,
			{ fixed: [cell, source], key: ([draw]) => draw },
		);
		for (const rows of chunks) this.#addRows(hash, rows);
	}

	#addRows(hash: Hash, rows: readonly Row[]): void {
		const buffer = this.#buffer;
		let at = 0;
		for (const [draw, step, outcome, target, completion] of rows) {
			buffer[at] = 2;
			buffer.writeUInt32LE(draw, at + 1);
			buffer.writeUInt32LE(step ?? NO_STEP, at + 5);
			buffer[at + 9] = outcome;
			if (target === null) buffer.fill(0, at + 10, at + 42);
			else buffer.set(this.#state(target), at + 10);
			buffer.set(this.#completion(completion), at + 42);
			at += RECORD;
			if (at === BUFFERED) {
				hash.update(buffer);
				at = 0;
			}
		}
		hash.update(buffer.subarray(0, at));
	}

	#state(id: number): Buffer {
		return remembered(this.#states, id, () => {
			const [row] = this.#reader.rows<readonly [string]>('SELECT text FROM states WHERE id = ?', [
				id,
			]);
			return createHash('sha256')
				.update((row as readonly [string])[0], 'utf8')
				.digest();
		});
	}

	#completion(id: number): Buffer {
		return remembered(this.#completions, id, () => {
			const [row] = this.#reader.rows<readonly [Uint8Array, string]>(
				'SELECT tokens, text FROM completions WHERE id = ?',
				[id],
			);
			const [tokens, text] = row as readonly [Uint8Array, string];
			const bytes = Buffer.from(text, 'utf8');
			return createHash('sha256')
				.update(uint32(tokens.length / 4))
				.update(tokens)
				.update(uint32(bytes.length))
				.update(bytes)
				.digest();
		});
	}
}

function remembered(map: Map<number, Buffer>, id: number, make: () => Buffer): Buffer {
	let value = map.get(id);
	if (value === undefined) {
		value = make();
		if (map.size >= LIMIT) map.clear();
		map.set(id, value);
	}
	return value;
}

function uint32(value: number): Buffer {
	const bytes = Buffer.alloc(4);
	bytes.writeUInt32LE(value, 0);
	return bytes;
}
