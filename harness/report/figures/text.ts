/** Text for a figure: safe in XML, of known width. Everything a model or a file named is hostile. */

import { safeLine } from '../../safe-text.js';

/** What XML 1.0 forbids beside control characters, and its like in Arabic presentation forms. */
const NO_CHARACTER = /[\ufdd0-\ufdef\ufffe\uffff]/g;

/**
 * Text without anything that XML forbids or that turns the direction of writing: shown as ␦; halves of
 * surrogate pairs as �.
 */
export function safe(text: string): string {
	return safeLine(text).replace(NO_CHARACTER, '␦');
}

/**
 * A name as a label: safe, and cut to so many characters, or to so many pixels of 10 px text.
 *
 * @example shownName('CONSTANTINOPOLITAN') // 'CONSTANTINOPOLI…'
 */
export function shownName(name: string, most = 16, pixels = Infinity): string {
	const whole = [...safe(name.slice(0, 64))];
	const fits = whole.length <= most && name.length <= 64;
	if (fits && widthOf(whole.join('')) <= pixels) return whole.join('');
	const kept = whole.slice(0, most - 1);
	while (kept.length > 1 && widthOf(`${kept.join('')}…`) > pixels) kept.pop();
	return `${kept.join('')}…`;
}

/** Advances of DejaVu Sans from blank to tilde, hundredths of an em. */
const ADVANCES = (
	'32 40 46 84 64 95 78 27 39 39 50 84 32 36 32 34 64 64 64 64 64 64 64 64 64 64 34 34 84 84 84 53 ' +
	'100 68 69 70 77 63 58 77 75 29 29 66 56 86 75 79 60 79 69 63 61 73 68 99 69 61 69 39 34 39 84 50 ' +
	'50 61 63 55 63 62 35 63 63 28 28 58 28 97 63 61 63 63 41 52 39 63 59 82 59 59 52 64 34 64 84'
)
	.split(' ')
	.map(Number);

/** Of a character, em; of letters beyond ASCII a round number. */
function advance(character: string): number {
	const code = character.codePointAt(0)!;
	if (code >= 32 && code < 127) return ADVANCES[code - 32]! / 100;
	if (code < 0x1100) return 0.66;
	// Punctuation, arrows and signs; beyond them ideographs and emoji.
	return code < 0x2c00 ? 0.86 : 1.05;
}

export interface Type {
	readonly size: number;
	readonly bold: boolean;
}

/** Width of a text, pixels, by the widths of DejaVu Sans, which is wider than most. */
export function widthOf(text: string, { size, bold }: Type = { size: 10, bold: false }): number {
	let width = 0;
	for (const character of text) width += advance(character);
	return width * size * (bold ? 1.1 : 1);
}

/** Text longer than this has no room in any figure. */
const LONGEST = 1200;

/** Lines no wider than `width` pixels, broken at line breaks and blanks; longer words, and what is too long, cut. */
export function linesWithin(text: string, width: number, type: Type): readonly string[] {
	const all = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
	return all.split('\n').flatMap((line) => filled(line.replaceAll(' %', '\u00a0%'), width, type));
}

function filled(text: string, width: number, type: Type): readonly string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of safe(text).split(' ')) {
		const longer = line === '' ? word : `${line} ${word}`;
		if (widthOf(longer, type) <= width) {
			line = longer;
			continue;
		}
		if (line !== '') lines.push(line);
		line = cut(word, width, type);
	}
	return [...lines, line];
}

function cut(word: string, width: number, type: Type): string {
	if (widthOf(word, type) <= width) return word;
	let kept = '';
	for (const character of word) {
		if (widthOf(`${kept}${character}…`, type) > width) break;
		kept += character;
	}
	return `${kept}…`;
}
