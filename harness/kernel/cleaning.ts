/**
 * Byte-pair and word-piece vocabularies of llama.cpp leave blanks out of what they decode: that before one
 * of ? ! . , that before 's 'm 're 've, and both around an apostrophe between two (llama_vocab's
 * clean_spaces). So what is decoded does not always begin with what was decoded before. Here is what it may
 * begin with instead: a cover, good for vocabularies that leave out nothing too.
 */

/** At its end a blank that may be left out, or an apostrophe whose blank may be, or may come back. */
const UNSETTLED = /(?: |'|'[rv])$/;
const MARKS = ['?', '!', '.', ','];

/** Beginnings, this text among them, one of which a decoded text has that this one grows into. */
export function laterBeginnings(text: string): readonly string[] {
	if (!UNSETTLED.test(text)) return [text];
	const found = [text, ...withoutBlanks(text)];
	if (text.endsWith(' ')) for (const mark of MARKS) found.push(text.slice(0, -1) + mark);
	if (text.endsWith("'")) for (const mark of MARKS) found.push(`${text.slice(0, -1)} '${mark}`);
	return found;
}

/**
 * What comes of a text when a token is put on it.
 * @returns takes what the token adds after a letter; gives every text that may come of it, blanks between
 *   them left out or not, or null where that cannot be told
 */
export function growthOf(text: string): (piece: string) => readonly string[] | null {
	if (!UNSETTLED.test(text)) return (piece) => [text + piece];
	if (!text.endsWith("'")) {
		const texts = [text, ...withoutBlanks(text).map((lost) => lost.replace(/'$/, ''))];
		const rest = (piece: string) => new Set([piece, piece.replace(/^' /, "'")]);
		return (piece) => texts.flatMap((before) => [...rest(piece)].map((part) => before + part));
	}
	const texts = [text, `${text.slice(0, -1)} '`, ...withoutBlanks(text)];
	return (piece) => {
		if (piece.includes("'")) return null;
		return texts.flatMap((before) => [before + piece, before + piece.replace(/^ /, '')]);
	};
}

/** Without one or two blanks before an apostrophe that is there or may follow. */
function withoutBlanks(text: string): readonly string[] {
	const found = /( {1,2})('[rv]?)?$/.exec(text);
	if (found === null) return [];
	const [, blanks, mark = "'"] = found as unknown as readonly [string, string, string?];
	const before = text.slice(0, found.index);
	return blanks.length === 2 ? [`${before}${mark}`, `${before} ${mark}`] : [`${before}${mark}`];
}
