import type { Token } from '../engine/engine.js';
import { quote } from './faults.js';

export interface PromptWarning {
	readonly code: 'double-bos' | 'trailing-blank' | 'state-missing' | 'no-stop' | 'same-prompt';
	/** What is wrong and what to do. */
	readonly message: string;
}

/** One prompt exactly as the engine will be given it. */
export interface LintedPrompt {
	readonly templateId: string;
	/** Rendered by the model's chat template. */
	readonly chat: boolean;
	readonly state: string;
	readonly rendered: string;
	/** The whole prompt, an added BOS included. */
	readonly tokens: readonly Token[];
	readonly bos: Token | null;
	readonly bosText: string;
	/** A BOS token was put before the tokens of the text. */
	readonly bosAdded: boolean;
	readonly stop: readonly string[];
	/** The model has a token that ends a generation. */
	readonly hasEndToken: boolean;
}

/** What would silently ruin a measurement with this prompt; empty where nothing would. */
export function lintPrompt(prompt: LintedPrompt): PromptWarning[] {
	const { chat, state, rendered, tokens, bos, bosText, bosAdded } = prompt;
	const warnings: PromptWarning[] = [];
	const warn = (code: PromptWarning['code'], message: string) =>
		warnings.push({ code, message: `template ${prompt.templateId}: ${message}` });

	const twoTokens = bos !== null && tokens[0] === bos && tokens[1] === bos;
	const twoTexts = bosAdded && bosText !== '' && rendered.startsWith(bosText);
	if (twoTokens || twoTexts)
		warn(
			'double-bos',
			`the prompt begins with the model's BOS (${quote(bosText)}) twice, which no model was trained on; take it out of the template's text`,
		);
	// A chat template ends as its model was trained; a plain text ends as its author typed it.
	if (!chat && /[^\S\n\r]$/.test(rendered))
		warn(
			'trailing-blank',
			'the prompt ends with a blank, but most vocabularies put the blank into the next word, so the answer begins off the beaten path; take the blank away and let the model write it',
		);
	if (!rendered.includes(state))
		warn(
			'state-missing',
			`the prompt does not hold the state ${quote(state)}, so the answer cannot depend on it; put {state} into the template`,
		);
	if (prompt.stop.length === 0 && !prompt.hasEndToken)
		warn(
			'no-stop',
			'nothing ends an answer: the model has no end token and sampling.stop is empty, so every attempt is truncated; give sampling.stop, such as ["\\n"]',
		);
	return warnings;
}

/** Warns of different states whose prompts are the same tokens: their rows of the kernel are one row. */
export function lintPromptSet(
	templateId: string,
	prompts: readonly { readonly state: string; readonly tokens: readonly Token[] }[],
): PromptWarning[] {
	const first = new Map<string, string>();
	const warnings: PromptWarning[] = [];
	for (const { state, tokens } of prompts) {
		const key = tokens.join(' ');
		const twin = first.get(key);
		if (twin === undefined) first.set(key, state);
		else if (twin !== state)
			warnings.push({
				code: 'same-prompt',
				message: `template ${templateId}: the states ${quote(twin)} and ${quote(state)} make the same prompt, so the model cannot tell them apart; rename one of them`,
			});
	}
	return warnings;
}
