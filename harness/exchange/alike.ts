/** One form for texts that differ only by case, Unicode form (NFC, NFD, NFKC, NFKD) or blanks around. */
function folded(text: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is told by its whole range
	if (/^[\x00-\x7f]*$/.test(text)) return text.trim().toLowerCase();
	// Upper case first: only it takes ß and SS to one form.
	return text.normalize('NFKC').trim().toUpperCase().toLowerCase().normalize('NFKC');
}

/**
 * States that a reader might take for one another, in groups of two or more.
 *
 * @param states distinct texts
 * @returns groups in the order in which their second states come
 *
 * @example alikeStates(['Fig', 'plum', 'FIG ']) // [['Fig', 'FIG ']]
 */
export function alikeStates(states: readonly string[]): string[][] {
	const first = new Map<string, string>();
	const groups = new Map<string, string[]>();
	for (const state of states) {
		const key = folded(state);
		const earlier = first.get(key);
		if (earlier === undefined) first.set(key, state);
		else {
			const group = groups.get(key);
			if (group === undefined) groups.set(key, [earlier, state]);
			else group.push(state);
		}
	}
	return [...groups.values()];
}
