/** Calibration models as GGUF bytes: real files whose transition kernel through llama.cpp is known. */
import type { GgufValue } from '../../harness/engine/gguf/format.js';
import { f32, type TensorData, writeGguf } from '../../harness/engine/gguf/write.js';
import {
	ARCHITECTURE_NAMES,
	ARCHITECTURES,
	type Architecture,
	type ArchitectureName,
	SIZE,
} from './architectures.js';
import { type Block, constructBlock } from './block.js';
import { embedding } from './features.js';
import { KERNEL_NAMES, type KernelName } from './kernels.js';
import type { Linear, Norm } from './linear.js';
import { readOut } from './read-out.js';
import { scalar, type Vocabulary } from './vocabulary.js';

export interface CalibrationModel {
	readonly id: string;
	readonly architecture: ArchitectureName;
	readonly kernel: KernelName;
}

/** Every architecture with every kernel. */
export const CALIBRATION_MODELS: readonly CalibrationModel[] = ARCHITECTURE_NAMES.flatMap(
	(architecture) =>
		KERNEL_NAMES.map((kernel) => ({ id: `${architecture}-${kernel}`, architecture, kernel })),
);

/** Bytes of the GGUF file; the same on every machine. */
export function buildCalibrationModel(name: ArchitectureName, kernel: KernelName): Uint8Array {
	const architecture = ARCHITECTURES[name];
	const vocabulary = architecture.vocabulary();
	const block = constructBlock(architecture);
	const tensors = [
		f32('token_embd.weight', [SIZE.embedding, vocabulary.size], embeddings(vocabulary)),
		...blockTensors(architecture, block),
		f32(
			'output.weight',
			[SIZE.embedding, vocabulary.size],
			readOut(architecture, block, { vocabulary, kernel }),
		),
	];
	return writeGguf(metadata(architecture, vocabulary, kernel), tensors);
}

function metadata(
	{ name, norm, epsilon, keyValueHeads, keys, chatTemplate }: Architecture,
	vocabulary: Vocabulary,
	kernel: KernelName,
): Map<string, GgufValue> {
	const u32 = (value: number) => scalar('uint32', value);
	const text = (value: string) => scalar('string', value);
	const epsilonKey = norm === 'rms' ? 'layer_norm_rms_epsilon' : 'layer_norm_epsilon';
	const general: [string, GgufValue][] = [
		['general.architecture', text(name)],
		['general.type', text('model')],
		['general.name', text(`detbal calibration ${name} ${kernel}`)],
		['general.license', text('MIT')],
		['general.file_type', u32(0)],
	];
	const own: [string, GgufValue][] = [
		['context_length', u32(SIZE.context)],
		['embedding_length', u32(SIZE.embedding)],
		['block_count', u32(1)],
		['feed_forward_length', u32(SIZE.hidden)],
		['attention.head_count', u32(SIZE.heads)],
		['attention.head_count_kv', u32(keyValueHeads)],
		[`attention.${epsilonKey}`, scalar('float32', epsilon)],
		['vocab_size', u32(vocabulary.size)],
		...keys,
	];
	return new Map([
		...general,
		...own.map(([key, value]): [string, GgufValue] => [`${name}.${key}`, value]),
		...vocabulary.metadata,
		...(chatTemplate === null ? [] : [['tokenizer.chat_template', text(chatTemplate)] as const]),
	]);
}

function embeddings({ size, states, other }: Vocabulary): Float32Array {
	const rows = new Float32Array(size * SIZE.embedding);
	for (let token = 0; token < size; token++) {
		const state = states.indexOf(token);
		const kind = state >= 0 ? { state } : token === other ? 'other' : 'plain';
		rows.set(embedding(kind), token * SIZE.embedding);
	}
	return rows;
}

function blockTensors({ fused }: Architecture, block: Block): TensorData[] {
	const { query, key, value } = block;
	const positions =
		block.positions === null
			? []
			: [f32('position_embd.weight', [SIZE.embedding, SIZE.context], block.positions)];
	const projections = fused
		? linear('blk.0.attn_qkv', stack([query, key, value]))
		: [
				...linear('blk.0.attn_q', query),
				...linear('blk.0.attn_k', key),
				...linear('blk.0.attn_v', value),
			];
	return [
		...positions,
		...norm('blk.0.attn_norm', block.attentionNorm),
		...projections,
		...linear('blk.0.attn_output', block.attentionOutput),
		...norm('blk.0.ffn_norm', block.hiddenNorm),
		...(block.gate === null ? [] : linear('blk.0.ffn_gate', block.gate)),
		...linear('blk.0.ffn_up', block.up),
		...linear('blk.0.ffn_down', block.down),
		...norm('output_norm', block.outputNorm),
	];
}

/** One map whose outputs are those of the parts, one after the other. */
function stack(parts: readonly Linear[]): Linear {
	const join = (arrays: readonly Float32Array[]) =>
		Float32Array.from(arrays.flatMap((array) => [...array]));
	return {
		inputs: SIZE.embedding,
		outputs: parts.reduce((sum, { outputs }) => sum + outputs, 0),
		weight: join(parts.map(({ weight }) => weight)),
		bias: join(parts.map(({ bias, outputs }) => bias ?? new Float32Array(outputs))),
	};
}

function linear(name: string, { inputs, outputs, weight, bias }: Linear): TensorData[] {
	return [
		f32(`${name}.weight`, [inputs, outputs], weight),
		...(bias === null ? [] : [f32(`${name}.bias`, [outputs], bias)]),
	];
}

function norm(name: string, { weight, bias }: Norm): TensorData[] {
	return [
		f32(`${name}.weight`, [weight.length], weight),
		...(bias === null ? [] : [f32(`${name}.bias`, [bias.length], bias)]),
	];
}
