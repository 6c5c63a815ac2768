/** What to mend before a run can be repeated, and what is only worth knowing. */
import type { DoctorDocument, Remedy } from './doctor-document.js';
import { KNOBS } from './doctor-knobs.js';
import { usableCores } from './doctor-machine.js';

/** Rows that must show no change, and what it means where they do. */
const MUST_BE_EQUAL: Readonly<Record<string, string>> = {
	'asked twice': 'the same question gets two answers: nothing can be repeated',
	'slot and neighbours': 'what else is asked changes an answer: the order of work changes runs',
	'reused cells': 'what was asked before changes an answer: the order of work changes runs',
	'fresh process': 'another process gets other answers: a rerun finds other transitions',
};
/** Settings that a run resumed may change: they were measured to change nothing. */
const SHOULD_BE_EQUAL: Readonly<Record<string, string>> = {
	[KNOBS.threads]: 'write engine.threads into the experiment',
	[KNOBS.contextSize]: 'write engine.contextSize into the experiment',
};
const LITTLE_MEMORY = 2 ** 30;
const LITTLE_DISK = 2 ** 30;

/** @param found all of the document but this */
export function remedies(found: Omit<DoctorDocument, 'mend'>): Remedy[] {
	return [...ofRows(found), ...ofModels(found), ...ofMachine(found)];
}

function ofRows({ models }: Pick<DoctorDocument, 'models'>): Remedy[] {
	return models.flatMap(({ id, rows }) =>
		rows.flatMap(({ knob, to, equal }): Remedy[] => {
			if (equal !== false) return [];
			const fatal = MUST_BE_EQUAL[knob];
			if (fatal !== undefined)
				return [
					{
						must: true,
						text: `${id}, ${knob}: ${fatal}. Reinstall node-llama-cpp, try engine.gpu: cpu and engine.threads: 1, and report it`,
					},
				];
			const advice = SHOULD_BE_EQUAL[knob];
			if (advice === undefined) return [];
			return [{ must: false, text: `${id}: ${knob} ${to} changes bits here: ${advice}` }];
		}),
	);
}

function ofModels({ embedded }: Pick<DoctorDocument, 'embedded'>): Remedy[] {
	return embedded
		.filter(({ state }) => state !== 'ok')
		.map(({ id, state }) => ({
			must: true,
			text: `${id}: the file is ${state}: install detbal again`,
		}));
}

function ofMachine({ machine, threads }: Pick<DoctorDocument, 'machine' | 'threads'>): Remedy[] {
	const { memory, diskFree } = machine;
	return [
		...(threads.oversubscribed
			? [
					{
						must: false,
						text: `more wants to run than ${usableCores(machine)} cores can: runs are slow, not different. End other programs${threads.used > 1 ? ', or set engine.threads: 1' : ''}`,
					},
				]
			: []),
		...(memory.available < LITTLE_MEMORY
			? [{ must: false, text: 'less than 1 GiB of memory is free: end other programs' }]
			: []),
		...(diskFree !== null && diskFree < LITTLE_DISK
			? [{ must: false, text: 'less than 1 GiB of disk is free where results go: make room' }]
			: []),
	];
}
