import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { HarnessError } from '../errors.js';
import { byBytes, whyUnfit } from './names.js';
import type { ZipSource } from './zip.js';

/** A file that goes into the archive. */
export interface PayloadFile {
	/** below data/ */
	readonly path: string;
	readonly bytes: number;
	/** lower-case hex */
	readonly sha512: string;
	/** one sentence on what it is, for the crate; null: see the folder it is in */
	readonly about: string | null;
	readonly content: Content;
}

export type Content = { readonly text: Uint8Array } | { readonly file: string };

const PIECE = 2 ** 18;

/** Collects the files of an archive, hashing each. */
export class Payload {
	readonly #files = new Map<string, PayloadFile>();
	readonly #signal: AbortSignal;

	constructor(signal: AbortSignal) {
		this.#signal = signal;
	}

	/** @throws HarnessError where the path cannot be in an archive or is taken */
	addText(path: string, text: string | Uint8Array, about: string | null = null): PayloadFile {
		const bytes = typeof text === 'string' ? Buffer.from(text, 'utf8') : text;
		return this.#add({
			path,
			bytes: bytes.length,
			sha512: sha512Of(bytes),
			about,
			content: { text: bytes },
		});
	}

	/** The file must stay as it is until the archive is written. */
	async addFile(path: string, file: string, about: string | null = null): Promise<PayloadFile> {
		const hash = createHash('sha512');
		for await (const chunk of piecesOf({ file }, this.#signal)) hash.update(chunk);
		const sha512 = hash.digest('hex');
		return this.#add({ path, bytes: statSync(file).size, sha512, about, content: { file } });
	}

	#add(file: PayloadFile): PayloadFile {
		const why = whyUnfit(`data/${file.path}`);
		if (why !== null)
			throw new HarnessError(`${JSON.stringify(file.path)} cannot be archived: the name ${why}`);
		const key = file.path.toLowerCase();
		if (this.#files.has(key))
			throw new HarnessError(`two files would be archived as ${file.path}; name them apart`);
		this.#files.set(key, file);
		return file;
	}

	/** In order of path. */
	files(): PayloadFile[] {
		return [...this.#files.values()].sort((a, b) => byBytes(a.path, b.path));
	}
}

export function sha512Of(bytes: Uint8Array): string {
	return createHash('sha512').update(bytes).digest('hex');
}

/** Models and pictures are as small as they get. */
const INCOMPRESSIBLE = /\.(gguf|png|gz|zip)$/;

/** What a zip file is made of; a file that changed since it was hashed is an error. */
export function toSource(
	name: string,
	file: Pick<PayloadFile, 'bytes' | 'sha512' | 'content'>,
	signal: AbortSignal,
): ZipSource {
	return {
		name,
		bytes: file.bytes,
		stored: INCOMPRESSIBLE.test(name),
		async *chunks() {
			const hash = createHash('sha512');
			for await (const chunk of piecesOf(file.content, signal)) {
				hash.update(chunk);
				yield chunk;
			}
			if (hash.digest('hex') !== file.sha512)
				throw new HarnessError(`${name} changed while it was being archived; try again`);
		},
	};
}

async function* piecesOf(content: Content, signal: AbortSignal): AsyncGenerator<Uint8Array> {
	if ('text' in content) yield content.text;
	else
		for await (const chunk of createReadStream(content.file, { highWaterMark: PIECE, signal }))
			yield chunk as Uint8Array;
}

/** sha512 (hex) of a file of any size, or of what `write` put into a new one. */
export async function sha512File(file: string, signal: AbortSignal): Promise<string> {
	const hash = createHash('sha512');
	for await (const chunk of piecesOf({ file }, signal)) hash.update(chunk);
	return hash.digest('hex');
}

/** Opens a new file for writing and reading. @throws where it exists */
export const newFile = (file: string) => open(file, 'wx+', 0o644);
