import type { TaskSpec } from '../experiment.js';
import { quote } from '../faults.js';
import { firstRun, plainReadings, type Reading, type Task } from './reading.js';

const AROUND = /[\p{P}\p{S}]/u;

/** States are a list; a completion is one of them or nothing. Case matters. */
export function closedTask(spec: Extract<TaskSpec, { kind: 'closed' }>): Task {
	const states = new Set(spec.states);
	const candidates = spec.read === 'whole' ? plainReadings : firstWordReadings;
	return {
		kind: 'closed',
		isState: (text) => states.has(text),
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
