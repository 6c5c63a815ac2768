import { quote } from '../experiment/faults.js';

/** Longest name of a state: a quote that is never closed would swallow the rest of a file. */
export const NAME_MOST = 10_000;

/** Why a text cannot name a state, a model or a template; null where it can. */
export function nameProblem(name: string): string | null {
	if (name.trim() === '')
		return `found ${name === '' ? 'an empty name' : `the blank name ${quote(name)}`}; allowed: a name of at least one visible character`;
	if (name.length > NAME_MOST)
		return `found a name of ${name.length} characters (${quote(name, 40)}); allowed: at most ${NAME_MOST}`;
	if (!name.isWellFormed())
		return `found ${quote(name)}, which holds half of a surrogate pair; allowed: Unicode text`;
	return null;
}

/** What is said to be allowed where a count is wanted. */
export const COUNT_ALLOWED = `a whole number from 0 to ${Number.MAX_SAFE_INTEGER} (2^53 − 1), written in digits`;

export type Whole = { readonly value: number } | { readonly problem: string };

/**
 * A count as it is written. Its digits decide, not the double they would be rounded to.
 * @example readWhole('12') // { value: 12 }
 * @example readWhole('12.0') // { value: 12 }
 */
export function readWhole(written: string): Whole {
	if (/^\d{1,17}(\.0{1,17})?$/.test(written)) {
		const value = Number(written);
		// 2^53 + 1 would be read as 2^53: both are above the largest.
		if (value <= Number.MAX_SAFE_INTEGER) return { value };
	}
	return { problem: `found ${quote(written, 40)}; allowed: ${COUNT_ALLOWED}` };
}
