/**
 * A synthetic engine of any vocabulary. The law after a path is Zipf's, its ranks dealt to the tokens
 * anew at every path, so that the tree of completions branches as a language model's does.
 */
import { type Engine, logSumExp, type TokenPath } from '../harness/engine/engine.js';

export interface GrowthLaws {
	/** More than 96: a prompt is read a character a token. */
	readonly vocabulary: number;
	/** p(rank) ∝ rank^−exponent; 0: flat. */
	readonly exponent: number;
	/** Answers: the first word of a completion is one of them. */
	readonly states: readonly string[];
}

const END = 0;
/** Chance that a completion ends at each token after its first. */
const ENDS = 0.6;
const BLANK = 32;

export function openGrowthEngine({ vocabulary, exponent, states }: GrowthLaws): Engine {
	const others = vocabulary - 1;
	const ranks = Float32Array.from({ length: others }, (_, rank) => -exponent * Math.log(rank + 1));
	const going = logSumExp(ranks);
	const end = going + Math.log(ENDS / (1 - ENDS));
	const logNormalizer = going - Math.log(1 - ENDS);
	const contextSize = 1 << 20;
	const lawAfter = ({ rest, completion }: TokenPath) => {
		const logits = new Float32Array(vocabulary);
		const first = completion.length === 0;
		const shift = hashOf(completion, hashOf(rest, 1)) % others;
		logits[END] = first ? -Infinity : end;
		logits.set(ranks.subarray(shift), 1);
		logits.set(ranks.subarray(0, shift), 1 + others - shift);
		return { logits, logNormalizer: first ? going : logNormalizer };
	};
	return {
		identity: {
			modelSha256: 'growth',
			architecture: 'synthetic',
			numerics: { vocabulary, exponent },
		},
		facts: {
			trainContextSize: contextSize,
			vocabularySize: vocabulary,
			bos: null,
			bosText: '',
			eosText: '',
			chatTemplate: null,
		},
		contextSize,
		width: 16,
		tokenize: (text) => Array.from(text, (c) => 1 + ((c.charCodeAt(0) - BLANK) % others)),
		// Other tokens, other text: read by its first word, one of the states.
		detokenize: (tokens) => `${states[hashOf(tokens, 2) % states.length]} ${tokens.join(' ')}`,
		isEnd: (token) => token === END,
		laws: async (paths) => paths.map(lawAfter),
		async close() {},
	};
}

/** FNV-1a over 32-bit words, with a last stir. */
export function hashOf(tokens: readonly number[], seed: number): number {
	let hash = 0x811c9dc5 ^ seed;
	for (const token of tokens) hash = Math.imul(hash ^ token, 0x01000193);
	hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
	return (hash ^ (hash >>> 13)) >>> 0;
}
