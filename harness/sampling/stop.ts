import type { Token, Tokenizer } from '../engine/engine.js';
import type { SamplingSetting } from '../experiment/experiment.js';

/** How a completion ended. */
export interface Ending {
	/** Everything drawn, the stop token included. */
	readonly tokens: readonly Token[];
	/** The answer: decoded text before the end token or the first stop string. */
	readonly text: string;
	/** No stop within the token limit. */
	readonly truncated: boolean;
}

/**
 * The stop rule: a completion ends at an end-of-generation token, before the first stop string,
 * or at the token limit. Blanks (spaces, tabs) at the very beginning are left out of the search,
 * so that " " can end a word although answers begin with a blank.
 * @returns null while the completion goes on
 */
export function endingOf(
	tokenizer: Tokenizer,
	tokens: readonly Token[],
	setting: SamplingSetting,
): Ending | null {
	const last = tokens[tokens.length - 1];
	if (last === undefined) return null;
	if (tokenizer.isEnd(last)) {
		return { tokens, text: tokenizer.detokenize(tokens.slice(0, -1)), truncated: false };
	}
	const text = tokenizer.detokenize(tokens);
	const stop = firstStop(text, setting.stop);
	if (stop !== null) return { tokens, text: text.slice(0, stop), truncated: false };
	return tokens.length >= setting.maxTokens ? { tokens, text, truncated: true } : null;
}

function firstStop(text: string, stops: readonly string[]): number | null {
	let start = 0;
	while (text[start] === ' ' || text[start] === '\t') start++;
	let first: number | null = null;
	for (const stop of stops) {
		const at = text.indexOf(stop, start);
		if (at >= 0 && (first === null || at < first)) first = at;
	}
	return first;
}
