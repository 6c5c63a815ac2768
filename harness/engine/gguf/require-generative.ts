/** Which models can be asked for the law of the next token. */
import { UsageError } from '../../errors.js';
import type { GgufHeader } from './read.js';

/** Encoders without a head for the next token, by llama.cpp's names. */
const ENCODERS = new Set([
	'bert',
	'modern-bert',
	'nomic-bert',
	'nomic-bert-moe',
	'neo-bert',
	'jina-bert-v2',
	'jina-bert-v3',
	'eurobert',
	'gemma-embedding',
	'llama-embed',
	't5encoder',
]);

/** Architectures that hold no causal language model at all. */
const OTHER_KINDS: Readonly<Record<string, string>> = {
	clip: 'a vision projector',
	t5: 'an encoder-decoder model',
	'wavtokenizer-dec': 'an audio decoder',
};

/**
 * Passes a header of a causal language model and nothing else.
 * @throws UsageError for an embedding model, an adapter, projector or other part, one piece of a
 * split file, and a header without architecture, tokens or `token_embd.weight`
 */
export function requireGenerative(header: GgufHeader, path: string): void {
	const fault = requirements(header);
	if (fault !== null) throw new UsageError(`${path}: ${fault}`);
}

function requirements(header: GgufHeader): string | null {
	const value = (key: string) => header.metadata.get(key)?.value;
	const kind = value('general.type');
	if (typeof kind === 'string' && kind !== 'model')
		return `the file holds not a model but ${JSON.stringify(kind.slice(0, 40))} (key general.type). Give the base model's file.`;
	const pieces = Number(value('split.count') ?? 1);
	if (pieces > 1)
		return `this is one of ${pieces} pieces of a split model (key split.count). Merge them with llama-gguf-split --merge and give the merged file.`;
	const architecture = value('general.architecture');
	if (typeof architecture !== 'string' || architecture === '')
		return 'key general.architecture is missing. Convert the model again with a current llama.cpp.';
	return unsuitable(header, architecture) ?? incomplete(header);
}

function unsuitable({ metadata }: GgufHeader, architecture: string): string | null {
	const remedy = 'Give a generative (causal) language model.';
	const other = Object.hasOwn(OTHER_KINDS, architecture) ? OTHER_KINDS[architecture] : undefined;
	if (other !== undefined)
		return `architecture "${architecture}" is ${other}, not a causal language model. ${remedy}`;
	if (ENCODERS.has(architecture))
		return `architecture "${architecture}" only makes embeddings, it has no law of the next token. ${remedy}`;
	for (const [key, { value }] of metadata) {
		if (key.endsWith('.attention.causal') && value === false)
			return `attention is not causal (key ${key}), so there is no law of the next token. ${remedy}`;
		if (key.endsWith('.pooling_type') && Number(value) !== 0)
			return `the model pools its outputs into an embedding (key ${key}). ${remedy}`;
	}
	return null;
}

function incomplete({ metadata, tensors }: GgufHeader): string | null {
	const tokens = metadata.get('tokenizer.ggml.tokens');
	if (tokens?.type !== 'array' || tokens.items !== 'string' || tokens.value.length === 0)
		return 'the file has no tokenizer (key tokenizer.ggml.tokens). Convert the model again with its tokenizer.';
	if (!tensors.some(({ name }) => name === 'token_embd.weight'))
		return 'tensor token_embd.weight is missing: the file holds a vocabulary or a part of a model. Give the whole model.';
	return null;
}
