import type { CommandSpec } from '../command.js';

/** The command that teaches a shell the others: it needs to know them all. */
export function completionSpec(commands: readonly CommandSpec[]): CommandSpec {
	const itself: CommandSpec = {
		usage: 'completion [shell]',
		describe: 'print a script that completes detbal in a shell',
		positionals: {
			shell: { describe: 'bash, zsh or fish', choices: ['bash', 'zsh', 'fish'] },
		},
		options: {},
		examples: [
			['detbal completion bash', 'in ~/.bashrc: source <(detbal completion bash)'],
			['detbal completion fish > ~/.config/fish/completions/detbal.fish', 'for fish'],
		],
		load: async () => {
			const { completionRun } = await import('../completion.js');
			return { run: completionRun([...commands, itself]) };
		},
	};
	return itself;
}
