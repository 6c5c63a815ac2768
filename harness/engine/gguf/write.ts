/** GGUF version 3 as bytes: the same metadata and tensors give the same bytes on every machine. */
import {
	align,
	DEFAULT_ALIGNMENT,
	type GgufArrayValue,
	type GgufScalar,
	type GgufScalarType,
	type GgufValue,
	MAGIC,
	TENSOR_TYPES,
	VALUE_BYTES,
	VALUE_TYPES,
	VERSION,
} from './format.js';

/** Little-endian data of one tensor; dims in ggml's order (the contiguous one first). */
export interface TensorData {
	readonly name: string;
	readonly dims: readonly number[];
	/** Name of a ggml type ('F32', 'F16', 'Q8_0' …). */
	readonly type: string;
	readonly data: Uint8Array;
}

/** F32 tensor from numbers. @throws RangeError where the dims do not hold the numbers */
export function f32(name: string, dims: readonly number[], values: Float32Array): TensorData {
	const data = new Uint8Array(values.length * 4);
	const view = new DataView(data.buffer);
	values.forEach((value, i) => {
		view.setFloat32(i * 4, value, true);
	});
	return { name, dims, type: 'F32', data };
}

/**
 * Bytes of a file with these keys and tensors, in the order given.
 * @throws RangeError for an unknown type, or data whose length is not what dims and type ask for
 */
export function writeGguf(
	metadata: ReadonlyMap<string, GgufValue>,
	tensors: readonly TensorData[],
): Uint8Array {
	const out = new ByteSink();
	out.bytes(new TextEncoder().encode(MAGIC));
	out.scalar('uint32', VERSION);
	out.scalar('uint64', BigInt(tensors.length));
	out.scalar('uint64', BigInt(metadata.size));
	for (const [key, value] of metadata) {
		out.string(key);
		writeValue(out, value);
	}
	let offset = 0;
	for (const { name, dims, type, data } of tensors) {
		const code = tensorCode(name, dims, type, data.length);
		out.string(name);
		out.scalar('uint32', dims.length);
		for (const dim of dims) out.scalar('uint64', BigInt(dim));
		out.scalar('uint32', code);
		out.scalar('uint64', BigInt(offset));
		offset = align(offset + data.length, DEFAULT_ALIGNMENT);
	}
	for (const { data } of tensors) {
		out.pad(DEFAULT_ALIGNMENT);
		out.bytes(data);
	}
	out.pad(DEFAULT_ALIGNMENT);
	return out.finish();
}

function tensorCode(name: string, dims: readonly number[], type: string, bytes: number): number {
	for (const [code, known] of TENSOR_TYPES) {
		if (known.name !== type) continue;
		const elements = dims.reduce((a, b) => a * b, 1);
		const expected = (elements / known.block) * known.bytes;
		if (bytes !== expected)
			throw new RangeError(
				`tensor ${name}: ${bytes} bytes, [${dims}] of ${type} needs ${expected}`,
			);
		return code;
	}
	throw new RangeError(`tensor ${name}: unknown type ${type}`);
}

function writeValue(out: ByteSink, value: GgufValue): void {
	out.scalar('uint32', VALUE_TYPES.indexOf(value.type));
	if (value.type === 'array') writeArray(out, value);
	else out.scalar(value.type, value.value);
}

function writeArray(out: ByteSink, { items, value }: GgufArrayValue): void {
	out.scalar('uint32', VALUE_TYPES.indexOf(items));
	out.scalar('uint64', BigInt(value.length));
	for (const item of value) {
		if (items === 'array') writeArray(out, item as GgufArrayValue);
		else out.scalar(items, item as GgufScalar);
	}
}

type Put = (view: DataView, at: number, value: GgufScalar) => void;

const PUT: Readonly<Record<keyof typeof VALUE_BYTES, Put>> = {
	uint8: (view, at, value) => view.setUint8(at, Number(value)),
	int8: (view, at, value) => view.setInt8(at, Number(value)),
	uint16: (view, at, value) => view.setUint16(at, Number(value), true),
	int16: (view, at, value) => view.setInt16(at, Number(value), true),
	uint32: (view, at, value) => view.setUint32(at, Number(value), true),
	int32: (view, at, value) => view.setInt32(at, Number(value), true),
	float32: (view, at, value) => view.setFloat32(at, Number(value), true),
	float64: (view, at, value) => view.setFloat64(at, Number(value), true),
	bool: (view, at, value) => view.setUint8(at, Number(value)),
	uint64: (view, at, value) => view.setBigUint64(at, BigInt(value), true),
	int64: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
};

class ByteSink {
	private buffer = new Uint8Array(1 << 16);
	private view = new DataView(this.buffer.buffer);
	private length = 0;

	private grow(by: number): number {
		const start = this.length;
		this.length += by;
		if (this.length > this.buffer.length) {
			const larger = new Uint8Array(Math.max(this.length, 2 * this.buffer.length));
			larger.set(this.buffer);
			this.buffer = larger;
			this.view = new DataView(larger.buffer);
		}
		return start;
	}

	bytes(data: Uint8Array): void {
		const start = this.grow(data.length);
		this.buffer.set(data, start);
	}

	pad(alignment: number): void {
		this.grow(align(this.length, alignment) - this.length);
	}

	string(text: string): void {
		const data = new TextEncoder().encode(text);
		this.scalar('uint64', BigInt(data.length));
		this.bytes(data);
	}

	scalar(type: GgufScalarType, value: GgufScalar): void {
		if (type === 'string') {
			this.string(String(value));
			return;
		}
		const at = this.grow(VALUE_BYTES[type]);
		PUT[type](this.view, at, value);
	}

	finish(): Uint8Array {
		return this.buffer.slice(0, this.length);
	}
}
