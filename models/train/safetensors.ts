/** The safetensors format, as much of it as train.py writes: F32 tensors in row-major order. */
import { readFileSync } from 'node:fs';

export interface Tensor {
	/** The contiguous dimension last, as PyTorch has it. */
	readonly shape: readonly number[];
	readonly values: Float32Array;
}

interface Entry {
	readonly dtype: string;
	readonly shape: readonly number[];
	readonly data_offsets: readonly [number, number];
}

/** @throws Error for a tensor that is not F32, or not wholly in the file */
export function readTensors(path: string): Map<string, Tensor> {
	const file = readFileSync(path);
	const start = 8 + Number(file.readBigUInt64LE(0));
	const header = JSON.parse(file.toString('utf8', 8, start)) as Record<string, Entry>;
	return new Map(
		Object.entries(header).map(
			([
				name,
				{
					dtype,
					shape,
					data_offsets: [from, to],
				},
			]) => {
				const elements = shape.reduce((a, b) => a * b, 1);
				if (dtype !== 'F32' || to - from !== 4 * elements || start + to > file.length)
					throw new Error(`${path}: tensor ${name} is not ${elements} whole F32 values`);
				const values = new Float32Array(elements);
				for (let i = 0; i < elements; i++) values[i] = file.readFloatLE(start + from + 4 * i);
				return [name, { shape, values }];
			},
		),
	);
}
