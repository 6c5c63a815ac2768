import type { TaskSpec } from '../experiment.js';
import { closedTask } from './closed.js';
import type { Task } from './reading.js';
import { wordsTask } from './words.js';

export type { Reading, Task } from './reading.js';

/** One maker for each kind of task: a new kind is a new line here and a new file. */
const MAKERS: {
	readonly [K in TaskSpec['kind']]: (spec: Extract<TaskSpec, { kind: K }>) => Task;
} = {
	closed: closedTask,
	words: wordsTask,
};

export function makeTask(spec: TaskSpec): Task {
	const make = MAKERS[spec.kind] as (spec: TaskSpec) => Task;
	return make(spec);
}
