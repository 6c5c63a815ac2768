/** Columns that text takes on a terminal; the door to get-east-asian-width. */
import { eastAsianWidth } from 'get-east-asian-width';

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Columns of a text without control characters: two for wide characters (CJK, emoji), none for what
 * is combined with the character before it.
 * @example displayWidth('e\u0301 漢') // 4
 */
export function displayWidth(text: string): number {
	if (isPlain(text)) return text.length;
	let width = 0;
	for (const { segment } of GRAPHEMES.segment(text)) width += graphemeWidth(segment);
	return width;
}

/**
 * The text if it fits `width` columns, else its beginning and an ellipsis in so many.
 * @param width a whole number ≥ 1
 * @example cutTo('漢字かな', 5) // '漢字…'
 */
export function cutTo(text: string, width: number): string {
	// No character is narrower than nothing: a text this long need not be measured to its end.
	const head = text.length > 16 * width + 64 ? text.slice(0, 16 * width + 64) : text;
	if (head === text && displayWidth(text) <= width) return text;
	let [kept, used] = ['', 0];
	for (const { segment } of GRAPHEMES.segment(head)) {
		used += graphemeWidth(segment);
		if (used > width - 1) break;
		kept += segment;
	}
	return `${kept.toWellFormed()}…`;
}

export function padStart(text: string, width: number): string {
	return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

export function padEnd(text: string, width: number): string {
	return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

function isPlain(text: string): boolean {
	return /^[\x20-\x7e]*$/.test(text);
}

/** Marks and characters that show nothing have no width; an emoji drawn as one is as wide as one. */
function graphemeWidth(grapheme: string): number {
	if (/^[\p{Default_Ignorable_Code_Point}\p{Mark}\p{Format}]+$/u.test(grapheme)) return 0;
	if (/\p{Emoji_Presentation}|\ufe0f/u.test(grapheme)) return 2;
	return eastAsianWidth(grapheme.codePointAt(0) as number);
}
