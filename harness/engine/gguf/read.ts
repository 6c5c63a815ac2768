/**
 * The header of an untrusted GGUF file, checked before native code sees it: llama.cpp trusts much
 * of what a header says, and a wrong one can end the process without a word.
 */
import { closeSync, fstatSync, openSync, type Stats, statSync } from 'node:fs';
import { UsageError } from '../../errors.js';
import { Cursor, quote } from './cursor.js';
import {
	DEFAULT_ALIGNMENT,
	type GgufArrayValue,
	type GgufScalar,
	type GgufValue,
	type GgufValueType,
	LIMITS,
	MAGIC,
	VALUE_BYTES,
	VALUE_TYPES,
	VERSION,
} from './format.js';
import { looksLike } from './looks-like.js';
import { type GgufTensor, placeTensors, readTensorInfos } from './read-tensors.js';

export type { GgufTensor };

export interface GgufHeader {
	readonly version: number;
	readonly metadata: ReadonlyMap<string, GgufValue>;
	readonly tensors: readonly GgufTensor[];
	readonly fileBytes: number;
}

/**
 * Header of the file at `path`; reads no tensor data.
 * @throws UsageError for a missing or unreadable file, one that is not GGUF (saying what it looks
 * like), is truncated, is of an unsupported version or byte order, announces absurd counts, or
 * places a tensor outside the file
 */
export function readGgufHeader(path: string): GgufHeader {
	checkFile(path);
	let descriptor: number;
	try {
		descriptor = openSync(path, 'r');
	} catch (error) {
		throw unreadable(path, error);
	}
	try {
		return parse(new Cursor(descriptor, path, fstatSync(descriptor).size));
	} catch (error) {
		throw isSystemError(error) ? unreadable(path, error) : error;
	} finally {
		closeSync(descriptor);
	}
}

function checkFile(path: string): void {
	let stats: Stats;
	try {
		stats = statSync(path);
	} catch (error) {
		throw unreadable(path, error);
	}
	if (stats.isDirectory())
		throw new UsageError(`${path} is a directory. Give the path of the .gguf file inside it.`);
	// A pipe or device has no size to check against and may never end.
	if (!stats.isFile())
		throw new UsageError(`${path} is not a regular file. Give the path of a .gguf file.`);
	if (stats.size === 0)
		throw new UsageError(`${path} is empty (0 bytes). Fetch or convert the model again.`);
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
	return error instanceof Error && 'syscall' in error;
}

function unreadable(path: string, error: unknown): UsageError {
	const { code, message } = error as NodeJS.ErrnoException;
	if (code === 'ENOENT' || code === 'ENOTDIR')
		return new UsageError(`${path}: no such file. Check the path of the model.`);
	if (code === 'EACCES' || code === 'EPERM')
		return new UsageError(`${path}: no permission to read it. Change its permissions.`);
	return new UsageError(`${path}: cannot be read: ${message}. Check the path of the model.`);
}

function parse(cursor: Cursor): GgufHeader {
	const version = readVersion(cursor);
	// A tensor needs 24 bytes of header at the very least and a key 13: larger counts are nonsense.
	const tensorCount = cursor.count('the number of tensors', LIMITS.tensors);
	const keyCount = cursor.count('the number of keys', LIMITS.keys);
	if (tensorCount * 24 + keyCount * 13 > cursor.left)
		throw cursor.fault(
			`${tensorCount} tensors and ${keyCount} keys are announced, too many for ${cursor.fileBytes} bytes`,
			'The file is truncated or damaged; fetch it again.',
		);
	const metadata = readMetadata(cursor, keyCount);
	const infos = readTensorInfos(cursor, tensorCount);
	const tensors = placeTensors(cursor, infos, alignmentOf(cursor, metadata));
	return { version, metadata, tensors, fileBytes: cursor.fileBytes };
}

function readVersion(cursor: Cursor): number {
	const head = cursor.peek(512);
	if (head.toString('latin1', 0, 4) !== MAGIC)
		throw new UsageError(
			`${cursor.path} is not a GGUF file (its first bytes are not "GGUF"): ${looksLike(head)}`,
		);
	cursor.uint32('the magic');
	const version = cursor.uint32('the version');
	if (version !== 0 && (version & 0xffff) === 0)
		throw cursor.fault(
			'the file is big-endian',
			'Convert it to little-endian with gguf_convert_endian.py of llama.cpp.',
			4,
		);
	if (version < 2 || version > VERSION)
		throw cursor.fault(
			`GGUF version ${version} is not supported, only 2 and 3 are`,
			'Convert the model again with a current llama.cpp.',
			4,
		);
	return version;
}

function readMetadata(cursor: Cursor, count: number): Map<string, GgufValue> {
	const metadata = new Map<string, GgufValue>();
	const budget = { elements: LIMITS.elements };
	for (let i = 0; i < count; i++) {
		const at = cursor.offset;
		const key = cursor.string(`the name of key ${i}`, LIMITS.key);
		if (key === '') throw cursor.fault(`key ${i} has no name`, undefined, at);
		if (metadata.has(key)) throw cursor.fault(`key ${quote(key)} occurs twice`, undefined, at);
		const type = readType(cursor, key);
		if (type === 'array') metadata.set(key, readArray(cursor, key, { budget, depth: 1 }));
		else metadata.set(key, { type, value: cursor.scalar(type, `key ${quote(key)}`) });
	}
	return metadata;
}

function readType(cursor: Cursor, key: string): GgufValueType {
	const at = cursor.offset;
	const code = cursor.uint32(`the type of key ${quote(key)}`);
	const type = VALUE_TYPES[code];
	if (type === undefined)
		throw cursor.fault(
			`key ${quote(key)} has the unknown value type ${code}`,
			'The file is damaged or newer than this program.',
			at,
		);
	return type;
}

interface ArrayBounds {
	/** Elements the rest of the header may hold, shared by all its arrays. */
	readonly budget: { elements: number };
	readonly depth: number;
}

function readArray(cursor: Cursor, key: string, { budget, depth }: ArrayBounds): GgufArrayValue {
	const at = cursor.offset;
	if (depth > LIMITS.nesting)
		throw cursor.fault(`key ${quote(key)} nests arrays deeper than ${LIMITS.nesting}`);
	const items = readType(cursor, key);
	const what = `the array of key ${quote(key)}`;
	const count = cursor.count(`the length of ${what}`, budget.elements);
	const least = items === 'string' ? 8 : items === 'array' ? 12 : VALUE_BYTES[items];
	if (count * least > cursor.left)
		throw cursor.fault(
			`${what} announces ${count} elements of ${items}, but only ${cursor.left} bytes follow`,
			'The file is truncated or damaged; fetch it again.',
			at,
		);
	budget.elements -= count;
	// Grown by reading, never by the announced count.
	if (items === 'array') {
		const value: GgufArrayValue[] = [];
		for (let i = 0; i < count; i++)
			value.push(readArray(cursor, key, { budget, depth: depth + 1 }));
		return { type: 'array', items, value };
	}
	const value: GgufScalar[] = [];
	for (let i = 0; i < count; i++) value.push(cursor.scalar(items, what));
	return { type: 'array', items, value };
}

function alignmentOf(cursor: Cursor, metadata: ReadonlyMap<string, GgufValue>): number {
	const entry = metadata.get('general.alignment');
	if (entry === undefined) return DEFAULT_ALIGNMENT;
	const value = entry.value;
	if (entry.type !== 'uint32' || typeof value !== 'number' || !isPowerOfTwo(value))
		throw cursor.fault(
			`key "general.alignment" should be a uint32 power of two and is ${entry.type} ${String(value).slice(0, 40)}`,
		);
	return value;
}

function isPowerOfTwo(value: number): boolean {
	return value > 0 && 2 ** Math.round(Math.log2(value)) === value;
}
