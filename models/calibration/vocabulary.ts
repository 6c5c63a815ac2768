/**
 * Two tokenizers that can read any text and hold each state as one user-defined token, which
 * llama.cpp splits out of a text before anything else.
 */
import type { GgufScalar, GgufScalarType, GgufValue } from '../../harness/engine/gguf/format.js';
import { OTHER, STATES } from './kernels.js';

/** llama.cpp's token types. */
const NORMAL = 1;
const UNKNOWN = 2;
const CONTROL = 3;
const USER_DEFINED = 4;
const BYTE = 6;

export interface Vocabulary {
	readonly size: number;
	/** Token of each state, in the order of STATES. */
	readonly states: readonly number[];
	readonly other: number;
	/** The token forced after a state. */
	readonly end: number;
	readonly metadata: ReadonlyMap<string, GgufValue>;
}

interface Entry {
	readonly text: string;
	readonly type: number;
	readonly score: number;
}

export const scalar = (type: GgufScalarType, value: GgufScalar): GgufValue => ({ type, value });
const array = (items: GgufScalarType, value: readonly GgufScalar[]): GgufValue => ({
	type: 'array',
	items,
	value,
});
const control = (text: string): Entry => ({ text, type: CONTROL, score: 0 });
const words: readonly Entry[] = [...STATES, OTHER].map((text) => ({
	text,
	type: USER_DEFINED,
	score: 0,
}));

function vocabulary(
	entries: readonly Entry[],
	end: string,
	keys: [string, GgufValue][],
): Vocabulary {
	const id = (text: string) => entries.findIndex((entry) => entry.text === text);
	const metadata = new Map<string, GgufValue>([
		...keys,
		[
			'tokenizer.ggml.tokens',
			array(
				'string',
				entries.map(({ text }) => text),
			),
		],
		[
			'tokenizer.ggml.token_type',
			array(
				'int32',
				entries.map(({ type }) => type),
			),
		],
		['tokenizer.ggml.eos_token_id', scalar('uint32', id(end))],
	]);
	return { size: entries.length, states: STATES.map(id), other: id(OTHER), end: id(end), metadata };
}

/** SentencePiece with byte fallback, as llama 2: a few pieces, all bytes, the words. */
export function sentencePiece(): Vocabulary {
	const pieces = ['▁', 'a', 'e', 'h', 't', '▁a', '▁t', 'he', '▁the'];
	const entries: Entry[] = [
		{ text: '<unk>', type: UNKNOWN, score: 0 },
		control('<s>'),
		control('</s>'),
		...Array.from({ length: 256 }, (_, byte) => ({
			text: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
			type: BYTE,
			score: 0,
		})),
		...pieces.map((text, rank) => ({ text, type: NORMAL, score: -rank })),
		...words,
	];
	return vocabulary(entries, '</s>', [
		['tokenizer.ggml.model', scalar('string', 'llama')],
		['tokenizer.ggml.pre', scalar('string', 'default')],
		[
			'tokenizer.ggml.scores',
			array(
				'float32',
				entries.map(({ score }) => score),
			),
		],
		['tokenizer.ggml.bos_token_id', scalar('uint32', 1)],
		['tokenizer.ggml.unknown_token_id', scalar('uint32', 0)],
		['tokenizer.ggml.add_bos_token', scalar('bool', true)],
		['tokenizer.ggml.add_eos_token', scalar('bool', false)],
	]);
}

export interface ByteLevelOptions {
	/** llama.cpp's name of the pre-tokenizer. */
	readonly pre: string;
	/** Control tokens; the first stands for the beginning of a text. */
	readonly controls: readonly [string, ...string[]];
	readonly end: string;
}

/** Byte-level pairs as GPT-2: all bytes, a few merges, the words, the control tokens. */
export function byteLevel({ pre, controls, end }: ByteLevelOptions): Vocabulary {
	const merges = ['Ġ t', 'h e', 'Ġt he', 'Ġ a'];
	const entries: Entry[] = [
		...byteAlphabet().map((text) => ({ text, type: NORMAL, score: 0 })),
		...merges.map((pair) => ({ text: pair.replace(' ', ''), type: NORMAL, score: 0 })),
		...words,
		...controls.map(control),
	];
	const bos = entries.findIndex(({ text }) => text === controls[0]);
	return vocabulary(entries, end, [
		['tokenizer.ggml.model', scalar('string', 'gpt2')],
		['tokenizer.ggml.pre', scalar('string', pre)],
		['tokenizer.ggml.merges', array('string', merges)],
		['tokenizer.ggml.bos_token_id', scalar('uint32', bos)],
		['tokenizer.ggml.add_bos_token', scalar('bool', false)],
	]);
}

/** GPT-2's printable stand-ins for the 256 bytes: itself where printable, else from U+0100 on. */
function byteAlphabet(): string[] {
	const printable = (b: number) =>
		(b >= 0x21 && b <= 0x7e) || (b >= 0xa1 && b <= 0xac) || (b >= 0xae && b <= 0xff);
	let next = 0x100;
	return Array.from({ length: 256 }, (_, b) => String.fromCharCode(printable(b) ? b : next++));
}
