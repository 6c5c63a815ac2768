import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { UsageError } from '../errors.js';

/** Bytes read at once. */
const CHUNK = 1 << 18;
const NEWLINE = 0x0a;

/** What some files begin with that are no text of ours, and what to do with them. */
const OTHER_FILES: readonly (readonly [begins: string, remedy: string])[] = [
	['\x1f\x8b', 'is compressed with gzip: unpack it first'],
	['PK\x03\x04', 'is a zip archive (or a spreadsheet): unpack it, or save it as CSV in UTF-8'],
	['PAR1', 'is a Parquet file: convert it to CSV first'],
	['SQLite format 3\0', 'is a SQLite database: a detbal database needs no import'],
	['\xff\xfe', 'is UTF-16 text: save it as UTF-8'],
	['\xfe\xff', 'is UTF-16 text: save it as UTF-8'],
];

/** A UTF-8 file read a chunk at a time, so that its size is no limit. A byte order mark is passed over. */
export class TextSource {
	readonly file: string;
	readonly size: number;
	readonly #descriptor: number;
	readonly #chunk: Buffer;
	readonly #hash = createHash('sha256');
	readonly #decoder = new TextDecoder('utf-8', { fatal: true });
	#bytesRead = 0;
	#lines = 0;

	private constructor(file: string, descriptor: number, size: number, chunkBytes: number) {
		this.file = file;
		this.#descriptor = descriptor;
		this.size = size;
		this.#chunk = Buffer.alloc(chunkBytes);
	}

	/**
	 * @param chunkBytes bytes read at once, at least 1
	 * @throws UsageError for what is missing, empty, no regular file or not to be read
	 */
	static open(file: string, chunkBytes: number = CHUNK): TextSource {
		const stats = statOf(file);
		// Looks before it opens: a pipe would block, a device never end.
		if (stats.isDirectory()) throw new UsageError(`${file} is a folder: name a file inside it`);
		if (!stats.isFile())
			throw new UsageError(`${file} is a device or a pipe: save its content to a file first`);
		if (stats.size === 0) throw new UsageError(`${file} is empty: there is nothing to import`);
		try {
			return new TextSource(file, openSync(file, 'r'), stats.size, chunkBytes);
		} catch (error) {
			throw cannotRead(file, error);
		}
	}

	get bytesRead(): number {
		return this.#bytesRead;
	}

	/** sha256 (lower-case hex) of the bytes, once all are read. */
	sha256(): string {
		return this.#hash.copy().digest('hex');
	}

	/** The next chunk, valid until the next call, as bytes and as text; null at the end. @throws UsageError where it is not UTF-8 */
	next(): { readonly bytes: Buffer; readonly text: string } | null {
		const bytes = this.#read();
		if (this.#bytesRead === bytes.length) this.#refuseOthers(bytes);
		let text: string;
		try {
			text = this.#decoder.decode(bytes, { stream: bytes.length > 0 });
		} catch {
			throw this.#notUtf8(bytes);
		}
		if (bytes.length === 0) return null;
		this.#lines += newlines(text);
		return { bytes, text };
	}

	close(): void {
		closeSync(this.#descriptor);
	}

	#read(): Buffer {
		try {
			const length = readSync(this.#descriptor, this.#chunk, 0, this.#chunk.length, null);
			const bytes = this.#chunk.subarray(0, length);
			this.#hash.update(bytes);
			this.#bytesRead += length;
			return bytes;
		} catch (error) {
			throw cannotRead(this.file, error);
		}
	}

	#refuseOthers(bytes: Buffer): void {
		const begins = bytes.toString('latin1', 0, 16);
		const other = OTHER_FILES.find(([magic]) => begins.startsWith(magic));
		if (other !== undefined) throw new UsageError(`${this.file} ${other[1]}`);
	}

	#notUtf8(bytes: Buffer): UsageError {
		// A character cut in two by the chunks is not at fault: its second half is passed over.
		let from = 0;
		while (((bytes[from] ?? 0) & 0xc0) === 0x80) from++;
		let line = this.#lines + 1;
		for (let end = bytes.indexOf(NEWLINE, from); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
			if (!isUtf8(bytes.subarray(from, end))) break;
			from = end + 1;
			line++;
		}
		return new UsageError(`${this.file}:${line}: this is not UTF-8 text: save the file as UTF-8`);
	}
}

function newlines(text: string): number {
	let count = 0;
	for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
	return count;
}

function statOf(file: string): Stats {
	try {
		return statSync(file);
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? error.code : undefined;
		if (code === 'ENOENT' || code === 'ENOTDIR')
			throw new UsageError(`${file} does not exist: check the name`);
		throw cannotRead(file, error);
	}
}

function cannotRead(file: string, cause: unknown): UsageError {
	const reason = cause instanceof Error ? cause.message : String(cause);
	return new UsageError(`${file} cannot be read (${reason}): check its permissions`, { cause });
}
