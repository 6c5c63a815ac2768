import type { TaskSpec } from '../experiment.js';
import type { Prospects, ReadingRule } from './prospects.js';

/**
 * What a completion says. invalid: it parses, but is no state of the task; unparsable: it cannot
 * be read at all. The reason is a short sentence that quotes at most a few characters.
 */
export type Reading =
	| { readonly state: string }
	| { readonly rejected: 'invalid' | 'unparsable'; readonly reason: string };

/** Reads completions. Total: no text, however long or broken, makes `read` throw or crawl. */
export interface Task {
	readonly kind: TaskSpec['kind'];
	read(completion: string): Reading;
	/** Exactly as written; `read(state)` gives every state back. */
	isState(text: string): boolean;
	/**
	 * Which of some states a completion may still be read as.
	 * @param states of the task, without repetition
	 */
	prospects(states: readonly string[]): Prospects;
}

const PAIRS: ReadonlyMap<string, string> = new Map([
	['"', '"'],
	["'", "'"],
	['`', '`'],
	['“', '”'],
	['‘', '’'],
	['«', '»'],
]);
const SENTENCE_END = new Set([...'.,;:!?…']);

/**
 * The ways a careful reader would take a completion, plainest first: as it stands without the
 * white space around it, then without the sentence's punctuation at its end, without one pair of
 * quotes or asterisks (*word*, **word**) around it, and without punctuation inside that pair.
 */
export function plainReadings(completion: string): readonly string[] {
	const trimmed = completion.trim();
	const ended = dropSentenceEnd(trimmed);
	const bare = unwrap(ended);
	return [trimmed, ended, bare, dropSentenceEnd(bare)];
}

/** Covers `plainReadings`: what it may take off before and behind a state. */
export const PLAIN_CORES: ReadingRule['cores'] = (beginning) => {
	const cores = [beginning];
	if (PAIRS.has(beginning[0] as string)) cores.push(beginning.slice(1).trimStart());
	for (let stars = 1; stars <= 3 && beginning[stars - 1] === '*'; stars++)
		cores.push(beginning.slice(stars).trimStart());
	return cores;
};

const CLOSERS = new Set([...PAIRS.values(), '*']);

export const PLAIN_TAIL: ReadingRule['tail'] = (text) =>
	[...text].every((c) => SENTENCE_END.has(c) || CLOSERS.has(c) || c.trim() === '');

/** The first run of characters that are not white space; empty where there is none. */
export function firstRun(completion: string): string {
	// Cut first: a state is short, and matching must not depend on a megabyte behind it.
	return /^\S*/.exec(completion.trimStart().slice(0, 2_000))?.[0] ?? '';
}

function dropSentenceEnd(text: string): string {
	let end = text.length;
	while (end > 0 && SENTENCE_END.has(text[end - 1] as string)) end--;
	return text.slice(0, end).trimEnd();
}

function unwrap(text: string): string {
	const first = text[0];
	if (first === undefined || text.length < 3) return text;
	if (first === '*') {
		let stars = 0;
		while (stars < 3 && text[stars] === '*') stars++;
		const marks = '*'.repeat(stars);
		return text.length > 2 * stars && text.endsWith(marks)
			? text.slice(stars, -stars).trim()
			: text;
	}
	return PAIRS.get(first) === text.at(-1) ? text.slice(1, -1).trim() : text;
}
