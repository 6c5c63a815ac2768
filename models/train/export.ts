/**
 * Trained weights to GGUF, in the names and layouts of llama.cpp. For maintainers:
 * node --import tsx models/train/export.ts FOLDER OUT.gguf [Q8_0|Q4_0]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GgufScalar, GgufScalarType, GgufValue } from '../../harness/engine/gguf/format.js';
import { f32, type TensorData, writeGguf } from '../../harness/engine/gguf/write.js';
import { type Quantisation, quantise } from './quantise.js';
import { readTensors, type Tensor } from './safetensors.js';

/** What train.py writes beside the weights. */
export interface TrainedModel {
	readonly architecture: 'llama' | 'gpt2' | 'qwen3' | 'mamba2';
	readonly law: 'reversible' | 'driven';
	readonly seed: number;
	readonly steps: number;
	/** Step, and nats a word above the entropy of the law, averaged since the step before. */
	readonly curve: readonly (readonly [number, number])[];
	readonly tokens: readonly string[];
	readonly merges: readonly string[];
}

/** llama.cpp's token types. */
const NORMAL = 1;
const CONTROL = 3;
const END = '<|end|>';
const FILE_TYPE = { F32: 0, Q8_0: 7, Q4_0: 2 } as const;

/** The bytes of the GGUF file of a folder that train.py wrote; `type` for matrices, all else stays F32. */
export function exportModel(folder: string, type: 'F32' | Quantisation): Uint8Array {
	const model = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as TrainedModel;
	const tensors = readTensors(join(folder, 'weights.safetensors'));
	return writeGguf(
		metadata(model, tensors, type),
		[...tensors].map(([name, tensor]) => tensorData(name, tensor, type)),
	);
}

function metadata(
	{ architecture, law, tokens, merges }: TrainedModel,
	tensors: ReadonlyMap<string, Tensor>,
	type: keyof typeof FILE_TYPE,
): Map<string, GgufValue> {
	const end = tokens.indexOf(END);
	return new Map<string, GgufValue>([
		['general.architecture', text(architecture)],
		['general.type', text('model')],
		['general.name', text(`detbal words ${architecture} ${law}`)],
		['general.license', text('MIT')],
		['general.file_type', u32(FILE_TYPE[type])],
		...own(architecture, tensors).map(([key, value]): [string, GgufValue] => [
			`${architecture}.${key}`,
			value,
		]),
		['tokenizer.ggml.model', text('gpt2')],
		['tokenizer.ggml.pre', text('gpt-2')],
		['tokenizer.ggml.tokens', array('string', tokens)],
		[
			'tokenizer.ggml.token_type',
			array(
				'int32',
				tokens.map((token) => (token === END ? CONTROL : NORMAL)),
			),
		],
		['tokenizer.ggml.merges', array('string', merges)],
		['tokenizer.ggml.bos_token_id', u32(end)],
		['tokenizer.ggml.eos_token_id', u32(end)],
		['tokenizer.ggml.add_bos_token', { type: 'bool', value: false }],
	]);
}

/** The keys of an architecture, sizes read off the tensors. */
function own(
	architecture: TrainedModel['architecture'],
	tensors: ReadonlyMap<string, Tensor>,
): [string, GgufValue][] {
	const shape = (name: string) => tensors.get(name)?.shape ?? [];
	const [vocabulary = 0, width = 0] = shape('token_embd');
	const blocks = [...tensors.keys()].filter((name) => name.endsWith('.attn_norm.weight')).length;
	const common: [string, GgufValue][] = [
		['vocab_size', u32(vocabulary)],
		['context_length', u32(512)],
		['embedding_length', u32(width)],
		['block_count', u32(blocks)],
	];
	if (architecture === 'mamba2') {
		const [inner = 0] = shape('blk.0.ssm_norm');
		const [mixed = 0, taps = 0] = shape('blk.0.ssm_conv1d_weight');
		return [
			...common,
			['feed_forward_length', u32(0)],
			['attention.head_count', u32(0)],
			['attention.layer_norm_rms_epsilon', { type: 'float32', value: 1e-6 }],
			['ssm.conv_kernel', u32(taps)],
			['ssm.inner_size', u32(inner)],
			['ssm.state_size', u32((mixed - inner) / 2)],
			['ssm.time_step_rank', u32(shape('blk.0.ssm_d')[0] ?? 0)],
			['ssm.group_count', u32(1)],
		];
	}
	const head = 32;
	const kv = architecture === 'gpt2' ? width : (shape('blk.0.attention.attn_k.weight')[0] ?? 0);
	const attention: [string, GgufValue][] = [
		...common,
		['feed_forward_length', u32(shape('blk.0.ffn_up.weight')[0] ?? 0)],
		['attention.head_count', u32(width / head)],
		['attention.head_count_kv', u32(kv / head)],
	];
	if (architecture === 'gpt2')
		return [...attention, ['attention.layer_norm_epsilon', { type: 'float32', value: 1e-5 }]];
	return [
		...attention,
		['attention.layer_norm_rms_epsilon', { type: 'float32', value: 1e-6 }],
		['attention.key_length', u32(head)],
		['attention.value_length', u32(head)],
		['rope.dimension_count', u32(head)],
		['rope.freq_base', { type: 'float32', value: 10_000 }],
	];
}

function tensorData(name: string, tensor: Tensor, type: 'F32' | Quantisation): TensorData {
	const { ggml, dims, values } = inGgml(name, tensor);
	const matrix = dims.length === 2 && dims.every((n) => n >= 32) && !ggml.startsWith('position');
	if (type === 'F32' || !matrix) return f32(ggml, dims, values);
	return { name: ggml, dims, type, data: quantise(values, type) };
}

/** ggml's name and dims (the contiguous one first) of a tensor of architectures.py. */
function inGgml(
	name: string,
	{ shape, values }: Tensor,
): { readonly ggml: string; readonly dims: readonly number[]; readonly values: Float32Array } {
	const reversed = [...shape].reverse();
	const flat = name.replace('.attention.', '.');
	const [, block, part] = /^(blk\.\d+)\.(.*)$/.exec(flat) ?? [];
	switch (part) {
		case 'log_a':
			return {
				ggml: `${block}.ssm_a`,
				dims: [1, ...shape],
				values: values.map((a) => -Math.exp(a)),
			};
		case 'ssm_d':
			return { ggml: `${block}.ssm_d`, dims: [1, ...shape], values };
		case 'ssm_norm':
			return { ggml: `${block}.ssm_norm.weight`, dims: [...shape, 1], values };
		case 'ssm_conv1d_weight':
		case 'ssm_conv1d_bias':
		case 'ssm_dt_bias':
			return { ggml: `${block}.${part.replace(/_(weight|bias)$/, '.$1')}`, dims: reversed, values };
		default:
			return { ggml: flat.endsWith('_embd') ? `${flat}.weight` : flat, dims: reversed, values };
	}
}

function text(value: string): GgufValue {
	return { type: 'string', value };
}

function u32(value: number): GgufValue {
	return { type: 'uint32', value };
}

function array(items: GgufScalarType, value: readonly GgufScalar[]): GgufValue {
	return { type: 'array', items, value };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const [folder, out, type = 'F32'] = process.argv.slice(2);
	if (!folder || !out) throw new Error('usage: export.ts FOLDER OUT.gguf [Q8_0|Q4_0]');
	writeFileSync(out, exportModel(folder, type as 'F32' | Quantisation));
}
