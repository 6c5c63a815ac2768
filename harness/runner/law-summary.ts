import { createHash } from 'node:crypto';
import type { NextTokenLaw, Token } from '../engine/engine.js';

/** What is kept of a law: enough to recognise another answer bit for bit, and to show it. */
export interface LawSummary {
	/** First 16 bytes of the sha256 of all logits (float32, least significant byte first). */
	readonly checksum: Uint8Array;
	readonly logNormalizer: number;
	/** The likeliest tokens, likeliest first, the lower id on ties; log-probabilities in nats. */
	readonly top: readonly { readonly token: Token; readonly logProbability: number }[];
}

const TOP = 8;

export function summarise(law: NextTokenLaw): LawSummary {
	const { logits, logNormalizer } = law;
	const bytes = new Uint8Array(logits.buffer, logits.byteOffset, logits.byteLength);
	return {
		checksum: createHash('sha256').update(bytes).digest().subarray(0, 16),
		logNormalizer,
		top: likeliest(logits).map((token) => ({
			token,
			logProbability: (logits[token] as number) - logNormalizer,
		})),
	};
}

function likeliest(logits: Float32Array): Token[] {
	const best: Token[] = [];
	/** What a token must exceed to enter. */
	let least = -Infinity;
	for (let token = 0; token < logits.length; token++) {
		const logit = logits[token] as number;
		if (!(logit > least)) continue;
		let at = best.length;
		while (at > 0 && (logits[best[at - 1] as Token] as number) < logit) at--;
		best.splice(at, 0, token);
		if (best.length > TOP) best.pop();
		if (best.length === TOP) least = logits[best[TOP - 1] as Token] as number;
	}
	return best;
}
