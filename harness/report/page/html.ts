/** HTML that cannot be forgotten to be escaped: what is put in is text, unless it was made here. */

/** A stretch of HTML that is safe as it stands: written by us, or escaped. */
export class Markup {
	/** Nominal: a plain object with a text is not markup. */
	readonly #text: string;
	constructor(text: string) {
		this.#text = text;
	}
	toString(): string {
		return this.#text;
	}
}

export type Part = Markup | string | number | null | readonly Part[];

/** Markup as it is: for our own files and for what escapes its texts itself (figures). */
export function trusted(text: string): Markup {
	return new Markup(text);
}

/**
 * A template of HTML. Strings and numbers are escaped, for text and for attribute values in double
 * quotes; null is nothing; lists are joined.
 *
 * @returns markup
 * @throws TypeError where a value stands in an attribute without quotes, or text in a tag
 *
 * @example html`<a title="${'"'}">${'<b>'}</a>` // <a title="&quot;">&lt;b&gt;</a>
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
	const inTag = placesOf(strings);
	let text = strings[0] as string;
	for (const [i, part] of parts.entries()) {
		// Whole attributes are markup: html`<td${attributes}>`. Text there could become one.
		if (inTag[i] && part !== null && !(part instanceof Markup)) {
			throw new TypeError(`text stands in a tag without quotes, after: ${strings[i]?.slice(-40)}`);
		}
		text += written(part) + (strings[i + 1] as string);
	}
	return new Markup(text);
}

/** Pieces of markup one after the other. */
export function joined(parts: readonly Part[]): Markup {
	return new Markup(parts.map(written).join(''));
}

const places = new WeakMap<TemplateStringsArray, readonly boolean[]>();

/** For each value whether it stands in a tag outside double quotes. */
function placesOf(strings: TemplateStringsArray): readonly boolean[] {
	const known = places.get(strings);
	if (known !== undefined) return known;
	let [inTag, quoted] = [false, false];
	const found = strings.slice(0, -1).map((text) => {
		for (const char of text) {
			if (quoted) quoted = char !== '"';
			else if (!inTag) inTag = char === '<';
			else if (char === '"') quoted = true;
			else if (char === '>') inTag = false;
		}
		if (inTag && !quoted && /[<=/]\s*$/.test(text)) {
			throw new TypeError(`a value stands in a tag without quotes, after: ${text.slice(-40)}`);
		}
		return inTag && !quoted;
	});
	places.set(strings, found);
	return found;
}

function written(part: Part): string {
	if (part === null) return '';
	if (part instanceof Markup) return part.toString();
	if (typeof part === 'object') return part.map(written).join('');
	return escaped(visible(String(part)));
}

const ENTITIES: Readonly<Record<string, string>> = {
	'&': '&amp;',
	'<': '&lt;',
	'>': '&gt;',
	'"': '&quot;',
	"'": '&#39;',
	'`': '&#96;',
};

function escaped(text: string): string {
	return text.replace(/[&<>"'`]/g, (char) => ENTITIES[char] as string);
}

/**
 * Text that shows what it holds: control, bidirectional and invisible formatting characters as ␦,
 * lone surrogates as U+FFFD. Line feeds and tabs stay.
 */
export function visible(text: string): string {
	return text.toWellFormed().replace(HOSTILE, '␦');
}

/** C0 and C1, soft hyphen, zero-width and direction marks, line separators, invisible operators, tags. */
const HOSTILE =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
	/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

/** The beginning of a text, and how long it is where that is not all of it. */
export interface Shortened {
	readonly text: string;
	/** in UTF-16 units; null: `text` is all */
	readonly length: number | null;
}

/** At most `most` UTF-16 units of a text; no character is cut in two. */
export function shortened(text: string, most: number): Shortened {
	if (text.length <= most) return { text, length: null };
	const code = text.charCodeAt(most - 1);
	const split = code >= 0xd800 && code < 0xdc00;
	return { text: text.slice(0, split ? most - 1 : most), length: text.length };
}

/** Longest name shown in a line; a table of them must stay a table. */
const NAME = 80;

/** A name in one line: line feeds and tabs visible too, long ones cut with their length. */
export function name(text: string): string {
	const { text: shown, length } = shortened(text, NAME);
	const line = visible(shown).replace(/[\n\t]/g, '␦');
	return length === null ? line : `${line}… (${length.toLocaleString('en-US')} characters)`;
}

/** Text in its own box, as it was written; of a long one the beginning, with its length. */
export function box(text: string, most: number): Markup {
	const { text: shown, length } = shortened(text, most);
	const rest =
		length === null
			? null
			: html`<p class="note">The first ${shown.length.toLocaleString('en-US')} of ${length.toLocaleString('en-US')} characters.</p>`;
	// The first line feed of a <pre> is not content.
	return html`<pre tabindex="0" class="text">${trusted('\n')}${shown}</pre>${rest}`;
}
