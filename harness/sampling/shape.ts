import type { NextTokenLaw, Token } from '../engine/engine.js';
import type { SamplingSetting } from '../experiment/experiment.js';

/**
 * The distribution a draw is taken from: token tokens[i] owns [lower[i], upper[i]) of [0, total),
 * in token-id order over the whole vocabulary. Where only the likelier part is kept, the intervals
 * of the others are gaps: a draw that falls into one needs the law in full, and then gives the
 * token that it would have given at once.
 */
export interface Distribution {
	readonly tokens: Int32Array;
	readonly lower: Float64Array;
	readonly upper: Float64Array;
	readonly total: number;
	/** No gaps. */
	readonly complete: boolean;
}

/**
 * Temperature and truncation, in llama.cpp's order: top-k, top-p, min-p on the model's law, then
 * temperature. Ties go to the lower token id.
 *
 * top-p keeps the shortest run of likeliest tokens whose mass, among those that top-k left, is at
 * least topP; min-p keeps tokens with p ≥ minP · p_max. Temperature 0 keeps the likeliest token.
 */
export function shapeLaw(law: NextTokenLaw, setting: SamplingSetting): Distribution {
	const { logits } = law;
	const max = logits.reduce((a, b) => Math.max(a, b), -Infinity);
	if (setting.temperature === 0) return accumulate([logits.indexOf(max)], () => 1);
	const kept = candidates(logits, max, setting);
	return accumulate(kept, (token) =>
		Math.exp(((logits[token] as number) - max) / setting.temperature),
	);
}

/** Token ids that survive truncation, in id order. */
function candidates(logits: Float32Array, max: number, setting: SamplingSetting): Token[] {
	const all: Token[] = [];
	for (let token = 0; token < logits.length; token++) {
		if ((logits[token] as number) > -Infinity) all.push(token);
	}
	const cutsK = setting.topK > 0 && setting.topK < all.length;
	if (!cutsK && setting.topP >= 1 && setting.minP <= 0) return all;
	const logit = (token: Token) => logits[token] as number;
	let kept = all.sort((a, b) => logit(b) - logit(a) || a - b);
	if (cutsK) kept = kept.slice(0, setting.topK);
	if (setting.topP < 1) kept = nucleus(kept, (token) => Math.exp(logit(token) - max), setting.topP);
	if (setting.minP > 0) {
		const least = max + Math.log(setting.minP);
		kept = kept.filter((token) => logit(token) >= least);
	}
	return kept.sort((a, b) => a - b);
}

function nucleus(ordered: Token[], weight: (token: Token) => number, topP: number): Token[] {
	let total = 0;
	for (const token of ordered) total += weight(token);
	let mass = 0;
	for (let i = 0; i < ordered.length; i++) {
		mass += weight(ordered[i] as Token);
		if (mass >= topP * total) return ordered.slice(0, i + 1);
	}
	return ordered;
}

function accumulate(tokens: readonly Token[], weight: (token: Token) => number): Distribution {
	const kept: Token[] = [];
	const upper: number[] = [];
	let total = 0;
	for (const token of tokens) {
		const next = total + weight(token);
		if (next > total) {
			kept.push(token);
			upper.push(next);
			total = next;
		}
	}
	const upperBounds = Float64Array.from(upper);
	const lower = new Float64Array(kept.length);
	lower.set(upperBounds.subarray(0, -1), 1);
	return { tokens: Int32Array.from(kept), lower, upper: upperBounds, total, complete: true };
}

/**
 * Token at the quantile u of a distribution (inverse distribution function, token-id order).
 * @param u in [0, 1)
 * @returns null where u falls into a gap of an incomplete distribution
 */
export function tokenAt(distribution: Distribution, u: number): Token | null {
	const { tokens, lower, upper, total, complete } = distribution;
	const x = u * total;
	let low = 0;
	let high = tokens.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((lower[middle] as number) <= x) low = middle + 1;
		else high = middle;
	}
	const found = low - 1;
	if (found >= 0 && x < (upper[found] as number)) return tokens[found] as Token;
	// u · total can round up to total: the last token owns that point.
	return complete ? (tokens[tokens.length - 1] as Token) : null;
}

/**
 * Keeps the likeliest tokens of a distribution that will be used again, at most `most`, and those
 * in `also`.
 */
export function likelierPart(
	distribution: Distribution,
	most: number,
	also: ReadonlySet<Token> = new Set(),
): Distribution {
	const { tokens, lower, upper, total } = distribution;
	if (tokens.length <= most) return distribution;
	const width = (i: number) => (upper[i] as number) - (lower[i] as number);
	const ranked = Array.from(tokens.keys()).sort((a, b) => width(b) - width(a) || a - b);
	const kept = ranked
		.filter((i, rank) => rank < most || also.has(tokens[i] as Token))
		.sort((a, b) => a - b);
	return {
		tokens: Int32Array.from(kept, (i) => tokens[i] as number),
		lower: Float64Array.from(kept, (i) => lower[i] as number),
		upper: Float64Array.from(kept, (i) => upper[i] as number),
		total,
		complete: false,
	};
}
