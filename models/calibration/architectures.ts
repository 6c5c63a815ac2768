/** The four blocks of llama.cpp that are built, as data: what differs, and the keys a loader needs. */
import type { GgufValue } from '../../harness/engine/gguf/format.js';
import { byteLevel, scalar, sentencePiece, type Vocabulary } from './vocabulary.js';

export type ArchitectureName = 'llama' | 'qwen2' | 'gpt2' | 'gptneox';
export const ARCHITECTURE_NAMES: readonly ArchitectureName[] = [
	'llama',
	'qwen2',
	'gpt2',
	'gptneox',
];

/** Sizes shared by all four. Head 0 finds states, head 1 looks at the template. */
export const SIZE = { embedding: 64, heads: 2, head: 32, hidden: 48, context: 1024 } as const;

export interface Architecture {
	readonly name: ArchitectureName;
	/** 'rms' divides by the root mean square; 'layer' subtracts the mean first and adds a bias. */
	readonly norm: 'rms' | 'layer';
	readonly epsilon: number;
	/** Key-value heads; 1 is shared by both heads. */
	readonly keyValueHeads: 1 | 2;
	readonly attentionBias: boolean;
	/** Q, K and V in one tensor. */
	readonly fused: boolean;
	/** 'silu' gates a second projection; 'gelu' stands alone, with biases. */
	readonly activation: 'silu' | 'gelu';
	/** The feed-forward part reads the block's input, not what attention made of it. */
	readonly parallel: boolean;
	readonly learnedPositions: boolean;
	readonly vocabulary: () => Vocabulary;
	/** Keys of the block, without `<name>.` before them. */
	readonly keys: ReadonlyMap<string, GgufValue>;
	readonly chatTemplate: string | null;
}

/**
 * Rotation by position p turns the pair i of n by p·base^(−2i/n). The one dimension that carries a
 * score is in the last pair, so at this base it turns by less than 1e-8 within the context.
 */
const STILL_BASE = scalar('float32', 1e12);

const PLAIN_CHAT =
	"{% for message in messages %}<|{{ message['role'] }}|> {{ message['content'] }}\n{% endfor %}{% if add_generation_prompt %}<|assistant|> {% endif %}";
const CHAT_ML =
	"{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

const rms = { norm: 'rms', epsilon: 1e-6, keyValueHeads: 1, fused: false } as const;
const layer = { norm: 'layer', epsilon: 1e-5, keyValueHeads: 2, fused: true } as const;
const endOfText: [string] = ['<|endoftext|>'];

export const ARCHITECTURES: Readonly<Record<ArchitectureName, Architecture>> = {
	llama: {
		...rms,
		name: 'llama',
		attentionBias: false,
		activation: 'silu',
		parallel: false,
		learnedPositions: false,
		vocabulary: sentencePiece,
		keys: new Map([
			['rope.dimension_count', scalar('uint32', SIZE.head)],
			['rope.freq_base', STILL_BASE],
		]),
		chatTemplate: PLAIN_CHAT,
	},
	qwen2: {
		...rms,
		name: 'qwen2',
		attentionBias: true,
		activation: 'silu',
		parallel: false,
		learnedPositions: false,
		vocabulary: () =>
			byteLevel({
				pre: 'qwen2',
				controls: ['<|endoftext|>', '<|im_start|>', '<|im_end|>'],
				end: '<|im_end|>',
			}),
		keys: new Map([['rope.freq_base', STILL_BASE]]),
		chatTemplate: CHAT_ML,
	},
	gpt2: {
		...layer,
		name: 'gpt2',
		attentionBias: true,
		activation: 'gelu',
		parallel: false,
		learnedPositions: true,
		vocabulary: () => byteLevel({ pre: 'gpt-2', controls: endOfText, end: '<|endoftext|>' }),
		keys: new Map(),
		chatTemplate: null,
	},
	gptneox: {
		...layer,
		name: 'gptneox',
		attentionBias: true,
		activation: 'gelu',
		parallel: true,
		learnedPositions: false,
		vocabulary: () => byteLevel({ pre: 'olmo', controls: endOfText, end: '<|endoftext|>' }),
		// A quarter of each head turns, as in Pythia; the score lies in the part that does not.
		keys: new Map([
			['rope.dimension_count', scalar('uint32', SIZE.head / 4)],
			['use_parallel_residual', scalar('bool', true)],
		]),
		chatTemplate: null,
	},
};
