import type { Token, Tokenizer } from '../engine/engine.js';
import type { Prompt } from '../experiment/experiment.js';
import type { PromptText } from '../experiment/template.js';

/**
 * Tokens of a prompt, split into the head shared by all sources and the rest. The split depends on
 * the template and the state alone, never on which other sources are asked. The last token before
 * the state stays out of the head, because a tokenizer may merge it with the state.
 */
export function splitPrompt(
	tokenizer: Tokenizer,
	text: Pick<PromptText, 'before' | 'render' | 'special'>,
	state: string,
): Prompt {
	const before = withBos(tokenizer, tokenizer.tokenize(text.before, text.special)).slice(0, -1);
	const all = withBos(tokenizer, tokenizer.tokenize(text.render(state), text.special));
	let shared = 0;
	const longest = Math.min(before.length, all.length - 1);
	while (shared < longest && before[shared] === all[shared]) shared++;
	return { head: all.slice(0, shared), rest: all.slice(shared) };
}

/** Puts the beginning-of-sequence token in front unless the text brought its own. */
function withBos({ facts: { bos } }: Tokenizer, tokens: Token[]): Token[] {
	return bos === null || tokens[0] === bos ? tokens : [bos, ...tokens];
}
