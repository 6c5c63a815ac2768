/** Text from models, files and other people, made safe for the reader that it is shown to. */

/**
 * What can drive a terminal or turn the order of its text: control characters (C0, DEL, C1),
 * bidirectional controls, and the separators of lines and paragraphs.
 */
const HOSTILE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/**
 * Text for a terminal: what could drive it becomes ␦, but lines stay lines.
 * @example safeText('a\u001b[2J\nb') // 'a␦[2J\nb'
 */
export function safeText(text: string): string {
	return text.toWellFormed().replace(HOSTILE, (c) => (c === '\n' ? c : '␦'));
}

/** `safeText` of one line: a line break becomes ␦ too. */
export function safeLine(text: string): string {
	return text.toWellFormed().replace(HOSTILE, '␦');
}

/**
 * A JSON document of the same value whose text drives no terminal and holds no line break that only
 * some readers know.
 * @param json as JSON.stringify writes it: outside of strings it holds ASCII only
 * @example safeJson('"a\u2028b"') // '"a\\u2028b"'
 */
export function safeJson(json: string): string {
	return json.replace(HOSTILE, (c) =>
		c === '\n' ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}
