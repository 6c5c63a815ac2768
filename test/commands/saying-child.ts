/**
 * Runs in a process of its own, so that what reaches its terminal can be read: several commands one
 * after another, as cli.ts runs them. Argument: JSON list of [name, arguments].
 */
import type { Arguments } from '../../harness/commands/command.js';
import { COMMANDS } from '../../harness/commands/index.js';
import { openIo } from '../../harness/commands/io.js';

const steps = JSON.parse(process.argv[2] ?? '[]') as [name: string, args: Arguments][];
for (const [name, args] of steps) {
	const command = COMMANDS.find(({ usage }) => usage.split(' ')[0] === name);
	if (!command) throw new Error(`no command ${name}`);
	const { run } = await command.load();
	await run(args, openIo(args.json === true, new AbortController().signal));
}
