import type { TaskSpec } from '../experiment.js';
import { quote } from '../faults.js';
import { prospectsOf, type ReadingRule } from './prospects.js';
import {
	firstRun,
	PLAIN_CORES,
	PLAIN_TAIL,
	plainReadings,
	type Reading,
	type Task,
} from './reading.js';

const AROUND = /[\p{P}\p{S}]/u;

/** States are a list; a completion is one of them or nothing. Case matters. */
export function closedTask(spec: Extract<TaskSpec, { kind: 'closed' }>): Task {
	const states = new Set(spec.states);
	const candidates = spec.read === 'whole' ? plainReadings : firstWordReadings;
	const rule = spec.read === 'whole' ? WHOLE : FIRST_WORD;
	return {
		kind: 'closed',
		isState: (text) => states.has(text),
		prospects: (list) => prospectsOf(list, rule),
		read(completion): Reading {
			const readings = candidates(completion);
			const state = readings.find((reading) => states.has(reading));
			if (state !== undefined) return { state };
			const last = readings.at(-1) ?? '';
			if (last === '') return { rejected: 'unparsable', reason: 'the completion is empty' };
			return { rejected: 'invalid', reason: `${quote(last)} is no state of the task` };
		},
	};
}

const same = (text: string): string => text;

const WHOLE: ReadingRule = { fold: same, cores: PLAIN_CORES, tail: PLAIN_TAIL };

/**
 * Covers `firstWordReadings`. What follows the first white space is not read; of that, one character is
 * kept, after which a word cannot go on.
 */
const FIRST_WORD: ReadingRule = {
	fold: same,
	cores(beginning) {
		const word = /^\S*\s?/.exec(beginning)?.[0] ?? '';
		const cores = [word];
		let start = 0;
		for (const character of word) {
			if (!AROUND.test(character)) break;
			start += character.length;
			cores.push(word.slice(start));
		}
		return cores;
	},
	tail: (text) => [...text].every((c) => AROUND.test(c) || c.trim() === ''),
};

/** The first word as it stands, then without punctuation and symbols at either end. */
function firstWordReadings(completion: string): readonly string[] {
	const run = firstRun(completion);
	const characters = [...run];
	let from = 0;
	let to = characters.length;
	while (from < to && AROUND.test(characters[from] as string)) from++;
	while (to > from && AROUND.test(characters[to - 1] as string)) to--;
	return [run, characters.slice(from, to).join('')];
}
