/**
 * Names inside an archive: of letters, digits and few signs, so that they mean the same file on
 * every system, whatever it does with case, accents, blanks or reserved words.
 */

const PART = /^[A-Za-z0-9_][A-Za-z0-9._+@-]*$/;
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;
const LONGEST_PATH = 240;
const LONGEST_NAME = 80;

/** Why a path with forward slashes cannot be in an archive, or null where it can. */
export function whyUnfit(path: string): string | null {
	if (path.length > LONGEST_PATH) return `is longer than ${LONGEST_PATH} characters`;
	for (const part of path.split('/')) {
		if (part === '' || part === '.' || part === '..') return 'leads elsewhere or nowhere';
		if (!PART.test(part) || part.endsWith('.'))
			return 'has a part that is not made of A-Z a-z 0-9 . _ + @ - alone';
		if (RESERVED.test(part)) return `has a part that Windows keeps for a device (${part})`;
	}
	return null;
}

/** A part of a path that reads like `text`. */
export function fitName(text: string): string {
	const name = text
		.replaceAll(/[^A-Za-z0-9._+@-]+/g, '_')
		.slice(0, LONGEST_NAME)
		.replace(/^[^A-Za-z0-9_]+/, '_')
		.replace(/\.+$/, '');
	return name === '' || RESERVED.test(name) ? `_${name}` : name;
}

/** Parts that read like the texts and differ from each other, in case too. */
export function fitNames(texts: readonly string[], extension: string): string[] {
	const used = new Set<string>();
	return texts.map((text) => {
		const stem = fitName(text);
		let name = `${stem}${extension}`;
		for (let i = 2; used.has(name.toLowerCase()); i++) name = `${stem}-${i}${extension}`;
		used.add(name.toLowerCase());
		return name;
	});
}

/** Order of UTF-8 bytes, which for such names is that of their characters. */
export function byBytes(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
