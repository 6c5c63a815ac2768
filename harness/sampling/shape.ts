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
export function shapeLaw({ logits }: NextTokenLaw, setting: SamplingSetting): Distribution {
	const max = largest(logits);
	const { temperature } = setting;
	if (temperature === 0) return accumulate(Int32Array.of(logits.indexOf(max)), Float64Array.of(1));
	const tokens = candidates(logits, max, setting);
	const weights = new Float64Array(tokens.length);
	for (let i = 0; i < tokens.length; i++) {
		weights[i] = Math.exp(((logits[tokens[i] as Token] as number) - max) / temperature);
	}
	return accumulate(tokens, weights);
}

function largest(logits: Float32Array): number {
	let max = -Infinity;
	for (let token = 0; token < logits.length; token++) {
		const logit = logits[token] as number;
		if (logit > max) max = logit;
	}
	return max;
}

/**
 * Token ids that survive truncation, in id order.
 * @param max the largest logit
 * @throws RangeError where a vocabulary of more than 2^21 tokens is to be truncated
 */
export function candidates(
	logits: Float32Array,
	max: number,
	setting: SamplingSetting,
): Int32Array<ArrayBuffer> {
	const all = possible(logits);
	const cutsK = setting.topK > 0 && setting.topK < all.length;
	if (!cutsK && setting.topP >= 1 && setting.minP <= 0) return all;
	let kept = likeliestFirst(all, logits);
	if (cutsK) kept = kept.subarray(0, setting.topK);
	if (setting.topP < 1) {
		kept = nucleus(kept, (token) => Math.exp((logits[token] as number) - max), setting.topP);
	}
	if (setting.minP > 0) {
		const least = max + Math.log(setting.minP);
		kept = kept.filter((token) => (logits[token] as number) >= least);
	}
	return kept.slice().sort();
}

/** Tokens of a finite logit. */
function possible(logits: Float32Array): Int32Array<ArrayBuffer> {
	const tokens = new Int32Array(logits.length);
	let count = 0;
	for (let token = 0; token < logits.length; token++) {
		if ((logits[token] as number) > -Infinity) tokens[count++] = token;
	}
	return count === tokens.length ? tokens : tokens.slice(0, count);
}

/** Room for the token id below the bits of its logit, in a double's 53. */
const ID_SPAN = 2 ** 21;

/** Tokens by logit, the lower id on ties: sorted as plain numbers, many times faster than by comparison. */
function likeliestFirst(tokens: Int32Array, logits: Float32Array): Int32Array<ArrayBuffer> {
	if (logits.length > ID_SPAN)
		throw new RangeError(`a vocabulary of ${logits.length} tokens cannot be truncated`);
	const one = new Float32Array(1);
	const bits = new Int32Array(one.buffer);
	const keys = new Float64Array(tokens.length);
	for (let i = 0; i < tokens.length; i++) {
		const token = tokens[i] as Token;
		// + 0: −0 equals 0.
		one[0] = (logits[token] as number) + 0;
		const pattern = bits[0] as number;
		// The patterns of negative numbers rise where the numbers fall.
		const rising = pattern < 0 ? -2147483648 - pattern : pattern;
		keys[i] = -rising * ID_SPAN + token;
	}
	keys.sort();
	const ordered = new Int32Array(keys.length);
	for (let i = 0; i < keys.length; i++) {
		const key = keys[i] as number;
		ordered[i] = key - Math.floor(key / ID_SPAN) * ID_SPAN;
	}
	return ordered;
}

function nucleus(
	ordered: Int32Array<ArrayBuffer>,
	weight: (token: Token) => number,
	topP: number,
): Int32Array<ArrayBuffer> {
	let total = 0;
	for (const token of ordered) total += weight(token);
	let mass = 0;
	for (let i = 0; i < ordered.length; i++) {
		mass += weight(ordered[i] as Token);
		if (mass >= topP * total) return ordered.subarray(0, i + 1);
	}
	return ordered;
}

/** Takes both arrays over. */
function accumulate(
	tokens: Int32Array<ArrayBuffer>,
	weights: Float64Array<ArrayBuffer>,
): Distribution {
	let count = 0;
	let total = 0;
	for (let i = 0; i < tokens.length; i++) {
		const next = total + (weights[i] as number);
		if (next > total) {
			tokens[count] = tokens[i] as Token;
			weights[count++] = next;
			total = next;
		}
	}
	const upper = count === weights.length ? weights : weights.slice(0, count);
	const lower = new Float64Array(count);
	lower.set(upper.subarray(0, -1), 1);
	return {
		tokens: count === tokens.length ? tokens : tokens.slice(0, count),
		lower,
		upper,
		total,
		complete: true,
	};
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
	const widths = upper.map((bound, i) => bound - (lower[i] as number));
	const ascending = widths.slice().sort();
	const least = most > 0 ? (ascending[tokens.length - most] as number) : Infinity;
	let ties = most;
	for (const width of widths) if (width > least) ties -= 1;
	const kept: number[] = [];
	for (let i = 0; i < tokens.length; i++) {
		const width = widths[i] as number;
		const ranked = width > least || (width === least && ties-- > 0);
		if (ranked || also.has(tokens[i] as Token)) kept.push(i);
	}
	return {
		tokens: Int32Array.from(kept, (i) => tokens[i] as number),
		lower: Float64Array.from(kept, (i) => lower[i] as number),
		upper: Float64Array.from(kept, (i) => upper[i] as number),
		total,
		complete: false,
	};
}
