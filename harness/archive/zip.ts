/**
 * The door to zip files. Written so that the same entries give the same bytes anywhere: deflate is
 * the library's own WebAssembly (Node's depends on its version and on the processor), times and
 * modes are given, nothing of the machine enters. Read strictly: whatever another program could
 * read otherwise is refused.
 */
import type { FileHandle } from 'node:fs/promises';
import {
	configure,
	type Entry,
	ERR_AMBIGUOUS_ARCHIVE,
	ERR_UNSAFE_FILENAME,
	type FileEntry,
	Reader,
	ZipReader,
	ZipWriter,
} from '@zip.js/zip.js';
import { HarnessError } from '../errors.js';

configure({ useWebWorkers: false, useCompressionStream: false });

export interface ZipSource {
	/** with forward slashes */
	readonly name: string;
	readonly bytes: number;
	/** of files that do not become smaller */
	readonly stored: boolean;
	chunks(): AsyncIterable<Uint8Array>;
}

export interface WriteOptions {
	/** of every entry; 1980 to 2107, whole seconds, UTC */
	readonly modified: Date;
	readonly signal: AbortSignal;
}

const LEVEL = 6;
const REGULAR_FILE = 0o100644;

/**
 * Writes a zip file into an open, empty file; zip64 where sizes ask for it.
 * @throws HarnessError where a source has not the size it said; errors of the sources and the file
 */
export async function writeZip(
	file: FileHandle,
	sources: readonly ZipSource[],
	{ modified, signal }: WriteOptions,
): Promise<void> {
	const writer = new ZipWriter(toFile(file), {
		rawLastModDate: dosTime(modified),
		extendedTimestamp: false,
		unixMode: REGULAR_FILE,
		signal,
	});
	for (const source of sources) {
		const { name, bytes, stored } = source;
		const entry = await writer.add(
			name,
			{ readable: toStream(source), size: bytes },
			{ level: stored || bytes === 0 ? 0 : LEVEL },
		);
		// The library would store what it has no codec for, and the bytes would be others.
		const method = stored || bytes === 0 ? 0 : 8;
		if (entry.compressionMethod !== method)
			throw new HarnessError(
				`${name}: the compressor could not be loaded (WebAssembly is off?); run Node.js without --jitless`,
			);
	}
	await writer.close();
}

function toStream({ name, bytes, chunks }: ZipSource): ReadableStream<Uint8Array> {
	let seen = 0;
	const iterator = chunks()[Symbol.asyncIterator]();
	return new ReadableStream({
		async pull(controller) {
			const { value, done } = await iterator.next();
			seen += value?.length ?? 0;
			if (seen > bytes || (done && seen < bytes))
				throw new HarnessError(`${name} changed while it was being archived; try again`);
			if (done) controller.close();
			else controller.enqueue(value);
		},
		async cancel() {
			await iterator.return?.();
		},
	});
}

function toFile(file: FileHandle): WritableStream<Uint8Array> {
	return new WritableStream({
		async write(chunk) {
			let at = 0;
			while (at < chunk.length) at += (await file.write(chunk, at)).bytesWritten;
		},
	});
}

/** As in APPNOTE.TXT 4.4.6, in UTC: the format knows no zone, and the local one would differ. */
function dosTime(date: Date): number {
	const day =
		((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
	const time =
		(date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
	return ((day << 16) | time) >>> 0;
}

/** One file in a zip file, as its directory describes it: not to be believed before it is read. */
export interface ZipItem {
	readonly name: string;
	readonly bytes: number;
	readonly packed: number;
	/** what makes it unfit for an archive, or null */
	readonly fault: string | null;
	/**
	 * Gives the content in pieces, checked against the local header, the sizes and the CRC.
	 * @throws ZipFault
	 */
	read(sink: (chunk: Uint8Array) => Promise<void>, signal: AbortSignal): Promise<void>;
}

/** The zip file is damaged or says two things at once. */
export class ZipFault extends Error {
	override name = 'ZipFault';
}

export interface OpenZip {
	/** in the order of the directory; @throws ZipFault */
	items(): AsyncIterable<ZipItem>;
	/** after all were read: that nothing lies between them; null where nothing does */
	gap(): string | null;
}

/** Opens a zip file for reading; the file stays the caller's. */
export async function openZip(file: FileHandle): Promise<OpenZip> {
	const { size } = await file.stat();
	const reader = new ZipReader(new FileReader(file, size), {
		strictness: 'strict',
		filenameValidation: 'strict',
		checkOverlappingEntry: true,
		checkCrc32: true,
	});
	const entries: Entry[] = [];
	return {
		async *items() {
			try {
				for await (const entry of reader.getEntriesGenerator()) {
					entries.push(entry);
					yield toItem(entry);
				}
			} catch (error) {
				throw toFault(error);
			}
			if (reader.comment.length > 0) throw new ZipFault('it has a comment, which no archive has');
		},
		gap: () => gapIn(entries, reader.directoryOffset ?? size),
	};
}

function toItem(entry: Entry): ZipItem {
	return {
		name: entry.filename,
		bytes: entry.uncompressedSize,
		packed: entry.compressedSize,
		fault: faultOf(entry),
		async read(sink, signal) {
			let seen = 0;
			let refused: unknown = null;
			const writable = new WritableStream<Uint8Array>({
				async write(chunk) {
					seen += chunk.length;
					if (seen > entry.uncompressedSize)
						throw new ZipFault(
							`it holds more than the ${entry.uncompressedSize} bytes it declares`,
						);
					await sink(chunk).catch((error: unknown) => {
						refused = error;
						throw error;
					});
				},
			});
			try {
				await (entry as FileEntry).getData(writable, { signal });
			} catch (error) {
				signal.throwIfAborted();
				throw refused ?? toFault(error);
			}
		},
	};
}

const TYPE_MASK = 0o170000;
const ZIP64_FIELD = 1;

function faultOf(entry: Entry): string | null {
	const { encrypted, compressionMethod, directory, comment, extraField } = entry;
	const type = (entry.externalFileAttributes >>> 16) & TYPE_MASK;
	if (encrypted) return 'is encrypted, which no archive is';
	if (directory) return 'is a folder; an archive lists files only';
	if (type === 0o120000) return 'is a symbolic link';
	if (type !== 0o100000) return 'is not a regular file';
	if (![0, 8].includes(compressionMethod))
		return `is compressed by method ${compressionMethod}; an archive has 0 (stored) and 8 (deflate)`;
	if (comment !== '' || [...(extraField?.keys() ?? [])].some((id) => id !== ZIP64_FIELD))
		return 'has a comment or an extra field, which no archive has';
	return null;
}

/** Bytes that belong to no entry could be another file to a program that reads from the front. */
function gapIn(entries: readonly Entry[], directory: number): string | null {
	let at = 0;
	for (const entry of entries.toSorted((a, b) => a.offset - b.offset)) {
		if (entry.offset !== at) return `bytes ${at} to ${entry.offset} belong to no entry`;
		const local = (entry as FileEntry).localDirectory;
		if (local === undefined) return null;
		const { dataDescriptor: after } = local;
		const trailer = after ? (after.signature ? 4 : 0) + 4 + (after.zip64 ? 16 : 8) : 0;
		at = local.dataOffset + entry.compressedSize + trailer;
	}
	return at === directory ? null : `bytes ${at} to ${directory} belong to no entry`;
}

function toFault(error: unknown): unknown {
	if (error instanceof ZipFault || !(error instanceof Error)) return error;
	const { reason } = error as { reason?: string };
	if (error.message === ERR_AMBIGUOUS_ARCHIVE)
		return new ZipFault(`it can be read in two ways: ${reason ?? 'its parts disagree'}`);
	if (error.message === ERR_UNSAFE_FILENAME) {
		const { filename } = error as { filename?: string };
		return new ZipFault(
			`the name ${JSON.stringify(filename)} leads out of its folder or is no path`,
		);
	}
	return new ZipFault(error.message, { cause: error });
}

const LARGEST_PIECE = 64 * 2 ** 20;

/** Reads pieces of a file, wherever they are asked for; never more in memory than one piece. */
class FileReader extends Reader<FileHandle> {
	readonly #file: FileHandle;
	override size: number;

	constructor(file: FileHandle, size: number) {
		super(file);
		this.#file = file;
		this.size = size;
	}

	override async readUint8Array(index: number, length: number): Promise<Uint8Array> {
		// Contents are read in small pieces; only the directory is asked for at once.
		if (length > LARGEST_PIECE)
			throw new ZipFault(
				`its directory is larger than ${LARGEST_PIECE} bytes, which no archive's is`,
			);
		const data = new Uint8Array(Math.max(0, Math.min(length, this.size - index)));
		let at = 0;
		while (at < data.length) {
			const { bytesRead } = await this.#file.read(data, at, data.length - at, index + at);
			if (bytesRead === 0) return data.subarray(0, at);
			at += bytesRead;
		}
		return data;
	}
}
