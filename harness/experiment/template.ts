import { UsageError } from '../errors.js';
import { applyChatTemplate } from './chat-template.js';
import type { TemplateSpec } from './experiment.js';
import { distance } from './nearest.js';

/** Where a template takes the state. */
export const PLACEHOLDER = '{state}';

/** Every `{state}` becomes the state, letter for letter: `$&` or `{state}` in it mean nothing. */
export function renderTemplate(text: string, state: string): string {
	return text.split(PLACEHOLDER).join(state);
}

/** Parts like {State}, { state }, {states} or {{state}} that were surely meant as the placeholder. */
export function misspeltPlaceholders(text: string): string[] {
	const found: string[] = [];
	for (const match of text.matchAll(/\{([^{}]{1,12})\}/g)) {
		const [whole, inner = ''] = match;
		const word = inner.trim().toLowerCase();
		const doubled = text[match.index - 1] === '{' && text[match.index + whole.length] === '}';
		// One letter too many or too few; another letter in its place ({stage}) may be meant.
		const slip = word.length !== 5 && distance(word, 'state') === 1;
		if (word === 'state' && doubled) found.push(`{${whole}}`);
		else if (whole !== PLACEHOLDER && (word === 'state' || slip)) found.push(whole);
	}
	return found;
}

/** A template made ready for one model. */
export interface PromptText {
	/** The text before the first state: what all prompts of the template begin with. */
	readonly before: string;
	render(state: string): string;
	/** Control tokens are written out in the text and must be read as such. */
	readonly special: boolean;
	/** The chat template itself writes the model's BOS first; do not add another. */
	readonly hasBos: boolean;
}

export interface PromptModel {
	/** Name of the model in messages. */
	readonly id: string;
	readonly bosText: string;
	readonly eosText: string;
}

/**
 * The text of every prompt of a template for a model. With `chat: true` the model's own chat
 * template is applied once, around a mark that no text holds, and the state is put in literally.
 * @throws UsageError where the model has no chat template, or it fails, or it does not pass the
 *   state on unchanged
 */
export function promptText(
	template: TemplateSpec,
	chatTemplate: string | null,
	model: PromptModel,
): PromptText {
	if (!template.chat)
		return { ...piecewise(template.text.split(PLACEHOLDER)), special: false, hasBos: false };
	const where = `template ${template.id} (chat: true) on model ${model.id}`;
	if (chatTemplate === null)
		throw new UsageError(
			`${where}: the model file has no chat template; use chat: false, or another model`,
		);
	const mark = unusedMark(template.text + chatTemplate);
	const reply = applyChatTemplate(chatTemplate, {
		content: renderTemplate(template.text, mark),
		bosText: model.bosText,
		eosText: model.eosText,
	});
	if ('fault' in reply) throw new UsageError(`${where}: ${reply.fault}`);
	const pieces = reply.text.split(mark);
	if (pieces.length < template.text.split(PLACEHOLDER).length)
		throw new UsageError(
			`${where}: the model's chat template drops or rewrites the state; use chat: false, or another model`,
		);
	const hasBos = model.bosText !== '' && reply.text.startsWith(model.bosText);
	return { ...piecewise(pieces), special: true, hasBos };
}

function piecewise(pieces: readonly string[]): Pick<PromptText, 'before' | 'render'> {
	return { before: pieces[0] ?? '', render: (state) => pieces.join(state) };
}

/** Both cases, a quote and an angle bracket show a chat template that changes or escapes its input. */
function unusedMark(text: string): string {
	let mark = '\ue000aA"<\ue001';
	while (text.includes(mark)) mark = `\ue000${mark}`;
	return mark;
}
