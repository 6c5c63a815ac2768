/** Content addresses of kept laws. */
import { createHash } from 'node:crypto';
import { canonicalJson, decidingNumerics, sha256Hex } from '../experiment/identity.js';
import { encodeTokens } from './tokens.js';

/** What is needed of an engine's identity. */
export interface LawOrigin {
	readonly modelSha256: string;
	readonly architecture: string;
	readonly numerics: Readonly<Record<string, string | number | boolean>>;
}

/** What is needed of a path; its split is part of the shape in which it is evaluated. */
export interface LawPath {
	readonly head: readonly number[];
	readonly rest: readonly number[];
	readonly completion: readonly number[];
}

/** What is needed of a law. */
export interface KeptLaw {
	readonly logits: Float32Array;
	readonly logNormalizer: number;
}

/** Everything that decides the bits of the laws of an engine, as canonical JSON, and its sha256 (hex). */
export function originOf({ modelSha256, architecture, numerics }: LawOrigin): {
	readonly content: string;
	readonly sha256: string;
} {
	const content = canonicalJson({
		modelSha256,
		architecture,
		numerics: decidingNumerics(numerics),
	});
	return { content, sha256: sha256Hex(`detbal/laws/1\n${content}`) };
}

/** 32 bytes: sha256 over the origin and the three parts of the path, each with its length before it. */
export function lawKey(originSha256: string, { head, rest, completion }: LawPath): Buffer {
	const hash = createHash('sha256').update(originSha256);
	for (const part of [head, rest, completion])
		hash.update(encodeTokens([part.length])).update(encodeTokens(part));
	return hash.digest();
}

/** 16 bytes over everything that is kept of a law, and where it belongs. */
export function lawChecksum(key: Uint8Array, logNormalizer: number, logits: Uint8Array): Buffer {
	const number = Buffer.alloc(8);
	number.writeDoubleLE(logNormalizer);
	return createHash('sha256').update(key).update(number).update(logits).digest().subarray(0, 16);
}
