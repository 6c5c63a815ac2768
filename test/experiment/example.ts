import { UsageError } from '../../harness/errors.js';
import type { Experiment } from '../../harness/experiment/experiment.js';
import { parseExperiment } from '../../harness/experiment/parse.js';

/** A sound experiment, one key a line, so that tests can replace a key and know its line. */
export const SOUND: Readonly<Record<string, string>> = {
	name: 'abc', // line 1
	seed: '7', // line 2
	task: '{ kind: closed, states: [A, B, C] }', // line 3
	sources: '{ design: fixed }', // line 4
	attempts: '5', // line 5
	models: '[ { id: m } ]', // line 6
	templates: '[ { id: plain, text: "After {state} comes" } ]', // line 7
	sampling: '{ temperature: 1 }', // line 8
	engine: '{ gpu: cpu }', // line 9
};

/** The sound experiment with some keys replaced (null: left out), in place. */
export function yaml(changes: Readonly<Record<string, string | null>> = {}): string {
	const keys = new Set([...Object.keys(SOUND), ...Object.keys(changes)]);
	return [...keys]
		.map((key) => [key, key in changes ? changes[key] : SOUND[key]] as const)
		.filter(([, value]) => value !== null)
		.map(([key, value]) => `${key}: ${value}\n`)
		.join('');
}

export function read(text: string, directory = '/data'): Experiment {
	return parseExperiment(text, { file: 'x.yaml', directory });
}

/** The message of the UsageError that `f` must throw. */
export function refusal(f: () => unknown): string {
	try {
		f();
	} catch (error) {
		if (error instanceof UsageError) return error.message;
		throw error;
	}
	throw new Error('accepted, but it must be refused');
}
