/**
 * A process of its own that answers questions: `node helper-child.js MODULE` calls the functions
 * that MODULE exports, one at a time. It ends with the process that started it.
 */
import { constants, setPriority } from 'node:os';
import type { HelperReply, HelperRequest } from './helper.js';

type Answers = Readonly<Record<string, (input: unknown) => unknown>>;

const [, , module] = process.argv as [string, string, string];
let turn: Promise<void> = Promise.resolve();

function tell(reply: HelperReply): void {
	if (process.connected) process.send?.(reply, undefined, undefined, () => undefined);
}

async function answer({ id, method, input }: HelperRequest): Promise<void> {
	try {
		const answers = (await import(module)) as Answers;
		const work = answers[method];
		if (work === undefined) throw new Error(`${module} exports no ${method}`);
		const start = performance.now();
		const result = (await work(input)) ?? null;
		tell({ id, result, milliseconds: performance.now() - start });
	} catch (error) {
		const { name, message, stack } = error as Error;
		const known = name === 'UsageError' || name === 'HarnessError';
		tell({ id, fault: known ? message : String(stack ?? error) });
	}
}

process.on('message', (request: HelperRequest) => {
	turn = turn.then(() => answer(request));
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C on a terminal reaches every process; the one that asks says when to end.
process.on('SIGINT', () => undefined);
try {
	// A run that goes on beside it comes first.
	setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
	// Not allowed here: then it is as quick as the run.
}
