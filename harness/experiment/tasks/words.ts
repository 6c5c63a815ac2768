import type { TaskSpec } from '../experiment.js';
import { quote } from '../faults.js';
import { prospectsOf } from './prospects.js';
import { PLAIN_CORES, PLAIN_TAIL, plainReadings, type Reading, type Task } from './reading.js';

const LETTERS = /^[A-Za-z]+$/;

/** Sum of the values A = 1 … Z = 26, whatever the case. @throws RangeError for anything but letters A–Z a–z */
export function letterSum(word: string): number {
	if (!LETTERS.test(word))
		throw new RangeError(`${quote(word)} is not a word of the letters A–Z a–z`);
	let sum = 0;
	for (let i = 0; i < word.length; i++) sum += word.charCodeAt(i) & 31;
	return sum;
}

/** States are words in upper case whose letters sum to a number, in a list where one is given. */
export function wordsTask(spec: Extract<TaskSpec, { kind: 'words' }>): Task {
	const list = spec.words === null ? null : new Set(spec.words);
	const read = (completion: string): Reading => {
		const word = plainReadings(completion).find((reading) => LETTERS.test(reading));
		if (word === undefined) return { rejected: 'unparsable', reason: whyNoWord(completion) };
		const sum = letterSum(word);
		if (sum !== spec.letterSum)
			return {
				rejected: 'invalid',
				reason: `the letters of ${quote(word)} sum to ${sum}, not ${spec.letterSum}`,
			};
		const state = word.toUpperCase();
		if (list !== null && !list.has(state))
			return { rejected: 'invalid', reason: `${quote(state)} is not in the list of words` };
		return { state };
	};
	return {
		kind: 'words',
		read,
		isState(text) {
			const reading = read(text);
			return 'state' in reading && reading.state === text;
		},
		prospects: (states) =>
			prospectsOf(states, {
				fold: (text) => text.toUpperCase(),
				cores: PLAIN_CORES,
				tail: PLAIN_TAIL,
			}),
	};
}

function whyNoWord(completion: string): string {
	const text = completion.trim();
	if (text === '') return 'the completion is empty';
	return `${quote(text)} is not one word of the letters A–Z`;
}
