/** The list of tensors in a GGUF header, and their places in the file. */
import { type Cursor, quote } from './cursor.js';
import { align, LIMITS, TENSOR_TYPES } from './format.js';

export interface GgufTensor {
	readonly name: string;
	/** 1 to 4 sizes, the contiguous dimension first. */
	readonly dims: readonly number[];
	/** ggml's name: 'F32', 'Q4_K' … */
	readonly type: string;
	/** From the beginning of the file. */
	readonly offset: number;
	readonly bytes: number;
}

export interface TensorInfo extends Omit<GgufTensor, 'offset'> {
	/** From the beginning of the tensor data. */
	readonly dataOffset: bigint;
}

/** @throws UsageError for a name, shape or type that ggml does not know */
export function readTensorInfos(cursor: Cursor, count: number): TensorInfo[] {
	const infos: TensorInfo[] = [];
	const names = new Set<string>();
	for (let i = 0; i < count; i++) {
		const at = cursor.offset;
		const name = cursor.string(`the name of tensor ${i}`, LIMITS.tensorName);
		if (names.has(name)) throw cursor.fault(`tensor ${quote(name)} occurs twice`, undefined, at);
		names.add(name);
		infos.push(readTensorInfo(cursor, name));
	}
	return infos;
}

function readTensorInfo(cursor: Cursor, name: string): TensorInfo {
	const label = `tensor ${quote(name)}`;
	const rank = cursor.uint32(`the rank of ${label}`);
	if (rank < 1 || rank > 4)
		throw cursor.fault(`${label} has ${rank} dimensions, 1 to 4 are allowed`);
	const dims: number[] = [];
	for (let i = 0; i < rank; i++) {
		// No dimension can exceed the bits of the file: the densest type takes more than one a weight.
		const dim = cursor.count(`dimension ${i} of ${label}`, Math.max(1, cursor.fileBytes * 8));
		if (dim === 0) throw cursor.fault(`dimension ${i} of ${label} is 0`);
		dims.push(dim);
	}
	const code = cursor.uint32(`the type of ${label}`);
	const type = TENSOR_TYPES.get(code);
	if (type === undefined)
		throw cursor.fault(
			`${label} has the unknown type ${code}`,
			'The file is damaged, or its quantisation was withdrawn or is newer than this program.',
		);
	const row = dims[0] ?? 0;
	if (row % type.block !== 0)
		throw cursor.fault(
			`${label} has rows of ${row}, not a multiple of ${type.name}'s block ${type.block}`,
		);
	const elements = dims.reduce((product, dim) => product * BigInt(dim), 1n);
	const bytes = (elements / BigInt(type.block)) * BigInt(type.bytes);
	if (bytes > BigInt(cursor.fileBytes))
		throw cursor.fault(
			`${label} [${dims.join(', ')}] of ${type.name} needs ${bytes} bytes, the file has ${cursor.fileBytes}`,
			'The file is truncated or damaged; fetch it again.',
		);
	const dataOffset = cursor.scalar('uint64', `the offset of ${label}`) as bigint;
	return { name, dims, type: type.name, bytes: Number(bytes), dataOffset };
}

/** llama.cpp asks for tensors without gaps in the order of the header; so no two can overlap. */
export function placeTensors(
	cursor: Cursor,
	infos: readonly TensorInfo[],
	alignment: number,
): GgufTensor[] {
	const start = align(cursor.offset, alignment);
	let expected = 0;
	return infos.map(({ dataOffset, ...tensor }) => {
		if (dataOffset !== BigInt(expected))
			throw cursor.fault(
				`tensor ${quote(tensor.name)} is placed at ${dataOffset} of the data, expected ${expected} (alignment ${alignment})`,
				'The file is damaged; fetch it again.',
			);
		const offset = start + expected;
		if (offset + tensor.bytes > cursor.fileBytes)
			throw cursor.fault(
				`tensor ${quote(tensor.name)} ends at byte ${offset + tensor.bytes}, the file has ${cursor.fileBytes}`,
				'It is truncated; fetch it again.',
				offset,
			);
		expected = align(expected + tensor.bytes, alignment);
		return { ...tensor, offset };
	});
}
