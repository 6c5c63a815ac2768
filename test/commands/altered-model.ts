/** Calibration models with something wrong in them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GgufValue } from '../../harness/engine/gguf/format.js';
import { readGgufHeader } from '../../harness/engine/gguf/read.js';
import { type TensorData, writeGguf } from '../../harness/engine/gguf/write.js';

export interface Parts {
	readonly metadata: Map<string, GgufValue>;
	readonly tensors: TensorData[];
}

/** Writes a copy of `from` after `change`; returns its path. */
export function writeAltered(from: string, to: string, change: (parts: Parts) => void): string {
	const bytes = readFileSync(from);
	const header = readGgufHeader(from);
	const parts = {
		metadata: new Map(header.metadata),
		tensors: header.tensors.map(({ name, dims, type, offset, bytes: length }) => ({
			name,
			dims,
			type,
			data: new Uint8Array(bytes.subarray(offset, offset + length)),
		})),
	};
	change(parts);
	writeFileSync(to, writeGguf(parts.metadata, parts.tensors));
	return to;
}

export const number = (value: number): GgufValue => ({ type: 'uint32', value });
export const text = (value: string): GgufValue => ({ type: 'string', value });

export function tensor({ tensors }: Parts, name: string): TensorData {
	const found = tensors.find((one) => one.name === name);
	if (!found) throw new Error(`no tensor ${name}`);
	return found;
}

/** The elements of an array key, changed. */
export function changeArray(
	{ metadata }: Parts,
	key: string,
	change: (items: readonly unknown[]) => readonly unknown[],
): void {
	const entry = metadata.get(key);
	if (entry?.type !== 'array') throw new Error(`${key} is no array`);
	metadata.set(key, { ...entry, value: change(entry.value) } as GgufValue);
}

/** The head of a GGUF file: magic, version, number of tensors, number of keys, then what follows. */
export function gguf(tensors: bigint, keys: bigint, ...more: readonly Buffer[]): Buffer {
	const head = Buffer.alloc(24);
	head.write('GGUF', 'latin1');
	head.writeUInt32LE(3, 4);
	head.writeBigUInt64LE(tensors, 8);
	head.writeBigUInt64LE(keys, 16);
	return Buffer.concat([head, ...more]);
}

export function uint64(value: bigint): Buffer {
	const bytes = Buffer.alloc(8);
	bytes.writeBigUInt64LE(value);
	return bytes;
}

export function cutCopy(from: string, to: string, bytes: number): void {
	writeFileSync(to, readFileSync(from).subarray(0, bytes));
}

export const modelFile = (models: string, id: string): string => join(models, `${id}.gguf`);
