/** The GGUF container (version 3): value types, tensor types and their block sizes, limits. */

export const MAGIC = 'GGUF';
export const VERSION = 3;
export const DEFAULT_ALIGNMENT = 32;

/** Value types in the order of their codes in the file (0 … 12). */
export const VALUE_TYPES = [
	'uint8',
	'int8',
	'uint16',
	'int16',
	'uint32',
	'int32',
	'float32',
	'bool',
	'string',
	'array',
	'uint64',
	'int64',
	'float64',
] as const;
export type GgufValueType = (typeof VALUE_TYPES)[number];
export type GgufScalarType = Exclude<GgufValueType, 'array'>;

/** 64-bit integers are bigint, other numbers number. */
export type GgufScalar = number | bigint | boolean | string;

export interface GgufScalarValue {
	readonly type: GgufScalarType;
	readonly value: GgufScalar;
}
export interface GgufArrayValue {
	readonly type: 'array';
	readonly items: GgufValueType;
	/** Scalars of type `items`; arrays (each a GgufArrayValue) where items is 'array'. */
	readonly value: readonly GgufScalar[] | readonly GgufArrayValue[];
}
export type GgufValue = GgufScalarValue | GgufArrayValue;

/** Bytes of one value; strings and arrays carry their length. */
export const VALUE_BYTES: Readonly<Record<Exclude<GgufScalarType, 'string'>, number>> = {
	uint8: 1,
	int8: 1,
	uint16: 2,
	int16: 2,
	uint32: 4,
	int32: 4,
	float32: 4,
	bool: 1,
	uint64: 8,
	int64: 8,
	float64: 8,
};

export interface TensorType {
	readonly name: string;
	/** Elements in a block; a row must be a whole number of blocks. */
	readonly block: number;
	/** Bytes of a block. */
	readonly bytes: number;
}

const type = (name: string, block: number, bytes: number): TensorType => ({ name, block, bytes });

/** ggml's tensor types by their code in the file; absent codes were withdrawn. */
export const TENSOR_TYPES: ReadonlyMap<number, TensorType> = new Map([
	[0, type('F32', 1, 4)],
	[1, type('F16', 1, 2)],
	[2, type('Q4_0', 32, 18)],
	[3, type('Q4_1', 32, 20)],
	[6, type('Q5_0', 32, 22)],
	[7, type('Q5_1', 32, 24)],
	[8, type('Q8_0', 32, 34)],
	[9, type('Q8_1', 32, 36)],
	[10, type('Q2_K', 256, 84)],
	[11, type('Q3_K', 256, 110)],
	[12, type('Q4_K', 256, 144)],
	[13, type('Q5_K', 256, 176)],
	[14, type('Q6_K', 256, 210)],
	[15, type('Q8_K', 256, 292)],
	[16, type('IQ2_XXS', 256, 66)],
	[17, type('IQ2_XS', 256, 74)],
	[18, type('IQ3_XXS', 256, 98)],
	[19, type('IQ1_S', 256, 50)],
	[20, type('IQ4_NL', 32, 18)],
	[21, type('IQ3_S', 256, 110)],
	[22, type('IQ2_S', 256, 82)],
	[23, type('IQ4_XS', 256, 136)],
	[24, type('I8', 1, 1)],
	[25, type('I16', 1, 2)],
	[26, type('I32', 1, 4)],
	[27, type('I64', 1, 8)],
	[28, type('F64', 1, 8)],
	[29, type('IQ1_M', 256, 56)],
	[30, type('BF16', 1, 2)],
	[34, type('TQ1_0', 256, 54)],
	[35, type('TQ2_0', 256, 66)],
	[39, type('MXFP4', 32, 17)],
	[40, type('NVFP4', 64, 36)],
	[41, type('Q1_0', 128, 18)],
	[42, type('Q2_0', 64, 18)],
]);

/** Names of `general.file_type`, llama.cpp's name of a whole file's quantisation. */
export const FILE_TYPES: ReadonlyMap<number, string> = new Map([
	[0, 'F32'],
	[1, 'F16'],
	[2, 'Q4_0'],
	[3, 'Q4_1'],
	[7, 'Q8_0'],
	[8, 'Q5_0'],
	[9, 'Q5_1'],
	[10, 'Q2_K'],
	[11, 'Q3_K_S'],
	[12, 'Q3_K_M'],
	[13, 'Q3_K_L'],
	[14, 'Q4_K_S'],
	[15, 'Q4_K_M'],
	[16, 'Q5_K_S'],
	[17, 'Q5_K_M'],
	[18, 'Q6_K'],
	[19, 'IQ2_XXS'],
	[20, 'IQ2_XS'],
	[21, 'Q2_K_S'],
	[22, 'IQ3_XS'],
	[23, 'IQ3_XXS'],
	[24, 'IQ1_S'],
	[25, 'IQ4_NL'],
	[26, 'IQ3_S'],
	[27, 'IQ3_M'],
	[28, 'IQ2_S'],
	[29, 'IQ2_M'],
	[30, 'IQ4_XS'],
	[31, 'IQ1_M'],
	[32, 'BF16'],
	[36, 'TQ1_0'],
	[37, 'TQ2_0'],
	[38, 'MXFP4_MOE'],
	[39, 'NVFP4'],
	[40, 'Q1_0'],
	[41, 'Q2_0'],
]);

/** What a header may ask for. Real files stay below a tenth of each. */
export const LIMITS = {
	tensors: 4 * 65_536,
	keys: 65_536,
	/** Bytes of one string. */
	string: 64 * 2 ** 20,
	/** Bytes of a key, as the format has it. */
	key: 65_535,
	/** Bytes of a tensor's name: ggml keeps 64 with the final zero. */
	tensorName: 63,
	nesting: 4,
	/** Array elements in the whole header. */
	elements: 2 ** 24,
	/** Bytes before the tensor data. */
	header: 256 * 2 ** 20,
} as const;

export function align(offset: number, alignment: number): number {
	return Math.ceil(offset / alignment) * alignment;
}
