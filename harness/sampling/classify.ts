import type { Task } from '../experiment/tasks/task.js';
import type { Ending } from './stop.js';
import type { Classified } from './tree.js';

/** The one outcome of a completion from `source`. */
export function classify(task: Task, source: string, ending: Ending): Classified {
	if (ending.truncated) return { outcome: 'truncated', target: null };
	const reading = task.read(ending.text);
	if ('rejected' in reading) return { outcome: reading.rejected, target: null };
	return { outcome: reading.state === source ? 'self' : 'valid', target: reading.state };
}
