import { type Faults, quote } from './faults.js';
import { letterSum } from './tasks/words.js';

/**
 * Reads a list of words, one a line; `#` begins a comment, blank lines count for nothing.
 * @returns `sound`: every line is fit; `words`: upper-case, sorted, without repetition, and only words of the given letter sum: no
 *   other word can ever be a state, and so two lists that mean the same task are the same task
 */
export function readWordList(
	text: string,
	sum: number,
	{ file, faults }: { readonly file: string; readonly faults: Faults },
): { readonly words: string[]; readonly sound: boolean } {
	let sound = true;
	const words = new Set<string>();
	for (const [i, line] of text.split('\n').entries()) {
		const comment = line.indexOf('#');
		const word = (comment < 0 ? line : line.slice(0, comment)).trim();
		if (word === '') continue;
		if (!/^[A-Za-z]+$/.test(word)) {
			sound = false;
			faults.addIn(file, i + 1, `found ${quote(word)}; allowed: one word of the letters A–Z`);
		} else if (letterSum(word) === sum) words.add(word.toUpperCase());
	}
	return { words: [...words].sort(), sound };
}
