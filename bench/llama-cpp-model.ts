/**
 * A llama of random weights in Q8_0. What matters of it is how long it takes and how peaked its laws
 * are.
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { GgufScalar, GgufScalarType, GgufValue } from '../harness/engine/gguf/format.js';
import { f32, type TensorData, writeGguf } from '../harness/engine/gguf/write.js';
import { halfBits } from '../models/train/quantise.js';

export interface RandomShape {
	/** More than 258: all bytes, two made-up pieces and the end are in it. */
	readonly vocabulary: number;
	/** A multiple of 32 and of heads. */
	readonly width: number;
	readonly inner: number;
	readonly blocks: number;
	readonly heads: number;
}

/** The shape of a small real model: 134 million parameters. */
export const SMALL_REAL: RandomShape = {
	vocabulary: 32_000,
	width: 768,
	inner: 2048,
	blocks: 12,
	heads: 12,
};

const Q8_0 = 7;
/** Values that share a scale, and their bytes with it. */
const BLOCK = 32;
const BLOCK_BYTES = 34;
/** Standard deviation of the whole numbers −128 … 127. */
const BYTE_DEVIATION = 73.9;

/**
 * Writes the model unless it is there.
 * @param peak standard deviation of the logits: 0.5 gives nearly flat laws, 4 to 6 laws as peaked as a
 * trained model's
 */
export function makeRandomModel(path: string, peak: number, shape = SMALL_REAL): void {
	if (existsSync(path)) return;
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(`${path}.part`, writeGguf(metadata(shape), tensors(shape, peak)));
	renameSync(`${path}.part`, path);
}

function* names(shape: RandomShape): Generator<[name: string, dims: readonly [number, number]]> {
	const { vocabulary, width, inner, blocks } = shape;
	for (let i = 0; i < blocks; i++) {
		for (const part of ['attn_q', 'attn_k', 'attn_v', 'attn_output']) {
			yield [`blk.${i}.${part}.weight`, [width, width]];
		}
		yield [`blk.${i}.ffn_gate.weight`, [width, inner]];
		yield [`blk.${i}.ffn_up.weight`, [width, inner]];
		yield [`blk.${i}.ffn_down.weight`, [inner, width]];
	}
	yield ['output.weight', [width, vocabulary]];
}

function tensors(shape: RandomShape, peak: number): TensorData[] {
	const { vocabulary, width, blocks } = shape;
	const next = randomWords();
	const ones = (name: string, value: number) =>
		f32(name, [width], new Float32Array(width).fill(value));
	return [
		matrix('token_embd.weight', [width, vocabulary], { deviation: 1, next }),
		...Array.from(names(shape), ([name, dims]) =>
			matrix(name, dims, { deviation: 1 / Math.sqrt(dims[0]), next }),
		),
		...Array.from({ length: blocks }, (_, i) => [
			ones(`blk.${i}.attn_norm.weight`, 1),
			ones(`blk.${i}.ffn_norm.weight`, 1),
		]).flat(),
		// The rows of `output` have norm 1, so this is the deviation of the logits.
		ones('output_norm.weight', peak),
	];
}

/** xorshift32 from a fixed seed. */
function randomWords(): () => number {
	let x = 20251210;
	return () => {
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		return x;
	};
}

function matrix(
	name: string,
	dims: readonly [number, number],
	{ deviation, next }: { readonly deviation: number; readonly next: () => number },
): TensorData {
	const blocks = (dims[0] * dims[1]) / BLOCK;
	const data = new Uint8Array(blocks * BLOCK_BYTES);
	const halves = new Uint16Array(data.buffer);
	for (let i = 0; i < halves.length; i++) halves[i] = next();
	const scale = halfBits(deviation / BYTE_DEVIATION);
	for (let i = 0; i < blocks; i++) halves[(i * BLOCK_BYTES) / 2] = scale;
	return { name, dims, type: 'Q8_0', data };
}

function metadata(shape: RandomShape): Map<string, GgufValue> {
	const scalar = (type: GgufScalarType, value: GgufScalar): GgufValue => ({ type, value });
	const u32 = (value: number) => scalar('uint32', value);
	const tokens = vocabularyOf(shape.vocabulary);
	return new Map<string, GgufValue>([
		['general.architecture', scalar('string', 'llama')],
		['general.name', scalar('string', 'detbal benchmark, random weights')],
		['general.file_type', u32(Q8_0)],
		['llama.vocab_size', u32(shape.vocabulary)],
		['llama.context_length', u32(4096)],
		['llama.embedding_length', u32(shape.width)],
		['llama.block_count', u32(shape.blocks)],
		['llama.feed_forward_length', u32(shape.inner)],
		['llama.attention.head_count', u32(shape.heads)],
		['llama.attention.head_count_kv', u32(shape.heads)],
		['llama.attention.layer_norm_rms_epsilon', scalar('float32', 1e-6)],
		['llama.rope.dimension_count', u32(shape.width / shape.heads)],
		['llama.rope.freq_base', scalar('float32', 10_000)],
		['tokenizer.ggml.model', scalar('string', 'gpt2')],
		['tokenizer.ggml.pre', scalar('string', 'gpt-2')],
		['tokenizer.ggml.tokens', { type: 'array', items: 'string', value: tokens }],
		[
			'tokenizer.ggml.token_type',
			{
				type: 'array',
				items: 'int32',
				value: tokens.map((_, i) => (i === tokens.length - 1 ? 3 : 1)),
			},
		],
		['tokenizer.ggml.merges', { type: 'array', items: 'string', value: ['Ġ t', 'h e'] }],
		['tokenizer.ggml.eos_token_id', u32(tokens.length - 1)],
		['tokenizer.ggml.bos_token_id', u32(tokens.length - 1)],
		['tokenizer.ggml.add_bos_token', scalar('bool', true)],
	]);
}

/** All bytes, so that any text can be read, a token a byte; then made-up words; then the end. */
function vocabularyOf(size: number): string[] {
	const printable = (b: number) =>
		(b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || (b >= 0xae && b <= 0xff);
	let next = 0x100;
	const tokens = Array.from({ length: 256 }, (_, b) =>
		String.fromCharCode(printable(b) ? b : next++),
	);
	tokens.push('Ġt', 'he');
	for (let i = 0; tokens.length < size - 1; i++) {
		tokens.push(`w${i.toString(26).replace(/[0-9]/g, (d) => 'qrstuvwxyz'.charAt(Number(d)))}`);
	}
	return [...tokens, '<|end|>'];
}
