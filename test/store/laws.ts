/** Laws to keep, each told by a number. */
import type { KeptLaw, LawOrigin, LawPath } from '../../harness/store/law-key.js';

export const ORIGIN: LawOrigin = {
	modelSha256: 'a'.repeat(64),
	architecture: 'llama',
	numerics: { width: 16, backend: 'cpu', threads: 2, contextSize: 128 },
};

export function pathAt(i: number): LawPath {
	return { head: [1, 2], rest: [3, i], completion: [i % 7] };
}

/** Among its logits −∞, −0, a subnormal and numbers whose last bit counts. */
export function lawAt(i: number, vocabulary = 64): KeptLaw {
	const logits = Float32Array.from({ length: vocabulary }, (_, token) => Math.sin(i + token / 3));
	logits.set([-Infinity, -0, 1e-45, Math.fround(0.1)]);
	return { logits, logNormalizer: 1 / 3 + i };
}

export function sameLaw(one: KeptLaw | null | undefined, other: KeptLaw): boolean {
	if (!one) return false;
	const bytes = ({ logits }: KeptLaw) =>
		Buffer.from(logits.buffer, logits.byteOffset, logits.byteLength);
	return (
		Buffer.compare(bytes(one), bytes(other)) === 0 &&
		Object.is(one.logNormalizer, other.logNormalizer)
	);
}
