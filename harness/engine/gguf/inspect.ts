/** What a model file says about itself, without loading it. */
import { FILE_TYPES, type GgufScalar } from './format.js';
import { type GgufHeader, readGgufHeader } from './read.js';
import { sha256File } from './sha256-file.js';

/** null where the file does not say. */
export interface ModelInspection {
	readonly path: string;
	readonly bytes: number;
	readonly sha256: string;
	readonly architecture: string | null;
	readonly name: string | null;
	/** Name by general.file_type, else the type that holds most bytes. */
	readonly quantisation: string | null;
	/** Tensor type that holds most bytes. */
	readonly dominantType: string | null;
	/** Elements of all tensors. */
	readonly parameters: number;
	readonly contextLength: number | null;
	readonly vocabularySize: number | null;
	readonly tokenizerModel: string | null;
	readonly hasChatTemplate: boolean;
	readonly bosId: number | null;
	readonly eosId: number | null;
	readonly addBos: boolean | null;
}

/** @throws UsageError as readGgufHeader does; any well-formed GGUF is described, generative or not */
export async function inspectModel(path: string): Promise<ModelInspection> {
	const header = readGgufHeader(path);
	return { path, sha256: await sha256File(path), ...inspectHeader(header) };
}

/** The same without what only the file's bytes can tell. */
export function inspectHeader(header: GgufHeader): Omit<ModelInspection, 'path' | 'sha256'> {
	const { metadata } = header;
	const scalar = (key: string): GgufScalar | null => {
		const entry = metadata.get(key);
		return entry === undefined || entry.type === 'array' ? null : entry.value;
	};
	const text = (key: string) => {
		const value = scalar(key);
		return typeof value === 'string' ? value : null;
	};
	const number = (key: string) => {
		const value = scalar(key);
		return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : null;
	};
	const architecture = text('general.architecture');
	const dominantType = dominant(header);
	const fileType = number('general.file_type');
	const addBos = scalar('tokenizer.ggml.add_bos_token');
	const tokens = metadata.get('tokenizer.ggml.tokens');
	return {
		bytes: header.fileBytes,
		architecture,
		name: text('general.name'),
		quantisation: (fileType === null ? undefined : FILE_TYPES.get(fileType)) ?? dominantType,
		dominantType,
		parameters: header.tensors.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0),
		contextLength: number(`${architecture}.context_length`),
		vocabularySize: tokens?.type === 'array' ? tokens.value.length : null,
		tokenizerModel: text('tokenizer.ggml.model'),
		hasChatTemplate: text('tokenizer.chat_template') !== null,
		bosId: number('tokenizer.ggml.bos_token_id'),
		eosId: number('tokenizer.ggml.eos_token_id'),
		addBos: typeof addBos === 'boolean' ? addBos : null,
	};
}

function dominant({ tensors }: GgufHeader): string | null {
	const bytes = new Map<string, number>();
	for (const tensor of tensors)
		bytes.set(tensor.type, (bytes.get(tensor.type) ?? 0) + tensor.bytes);
	let best: string | null = null;
	for (const [type, total] of bytes)
		if (best === null || total > (bytes.get(best) ?? 0)) best = type;
	return best;
}
