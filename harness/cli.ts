#!/usr/bin/env node
/** The command line: the only file that imports yargs. */
import yargs, { type Argv } from 'yargs';
import { type Arguments, type CommandSpec, EXIT, flag } from './commands/command.js';
import { COMMANDS } from './commands/index.js';
import { HarnessError, UsageError } from './errors.js';
import { nearest } from './experiment/nearest.js';
import { safeText } from './safe-text.js';
import { version } from './version.js';

const interrupt = new AbortController();
let exitCode: number = EXIT.done;

function addCommand(parser: Argv, command: CommandSpec): Argv {
	return parser.command(
		command.usage,
		command.describe,
		(inner) => {
			for (const [name, { describe, choices }] of Object.entries(command.positionals)) {
				inner.positional(name, { describe, ...(choices ? { choices } : {}), type: 'string' });
			}
			for (const [name, option] of Object.entries(command.options)) {
				const { alias, choices, defaultText } = option;
				inner.option(name, {
					type: option.type,
					describe: option.describe,
					...(alias ? { alias } : {}),
					...(choices ? { choices } : {}),
					...(defaultText ? { defaultDescription: defaultText } : {}),
					...(option.type === 'boolean' || option.valueOptional ? {} : { requiresArg: true }),
				});
			}
			for (const [line, what] of command.examples) inner.example(line, what);
			return inner;
		},
		(args) => start(command, args),
	);
}

async function start(command: CommandSpec, args: Arguments): Promise<void> {
	try {
		// Loaded only now, so that help comes at once.
		const { openIo } = await import('./commands/io.js');
		const { run } = await command.load();
		exitCode = await run(args, openIo(flag(args, 'json'), interrupt.signal));
	} catch (error) {
		exitCode = report(error);
	}
}

/** Says what went wrong and chooses the exit code. */
function report(error: unknown): number {
	if (interrupt.signal.aborted) {
		const what = error instanceof HarnessError ? error.message : 'interrupted';
		process.stderr.write(safeText(`detbal: ${what}\n`));
		return EXIT.interrupted;
	}
	if (error instanceof UsageError || error instanceof HarnessError) {
		process.stderr.write(safeText(`detbal: ${error.message}\n`));
		return error instanceof UsageError ? EXIT.usage : EXIT.error;
	}
	process.stderr.write(`detbal: a fault of detbal itself, please report it:\n`);
	process.stderr.write(safeText(`${error instanceof Error ? error.stack : String(error)}\n`));
	return EXIT.error;
}

const nameOf = ({ usage }: CommandSpec) => usage.split(' ')[0] as string;

const firstWord = (argv: readonly string[]) => argv.find((word) => !word.startsWith('-'));

function givenCommand(argv: readonly string[]): CommandSpec | undefined {
	const given = firstWord(argv);
	return COMMANDS.find((known) => nameOf(known) === given);
}

/** What yargs found wrong, with the spelling that was meant and where to read on. */
function explain(message: string, argv: readonly string[]): string {
	const given = firstWord(argv);
	const command = givenCommand(argv);
	if (given !== undefined && !command) {
		const names = COMMANDS.map(nameOf);
		return `unknown command ${given}${meant(nearest(given, names))}; commands: ${names.join(', ')}`;
	}
	const [, unknown] = /^Unknown arguments?: ([^,]+)/.exec(message) ?? [];
	const option = unknown && command ? nearest(unknown, Object.keys(command.options)) : null;
	const see = ['detbal', ...(command ? [given] : []), '--help'].join(' ');
	return `${message}${meant(option === null ? null : `--${option}`)}\nSee: ${see}`;
}

function meant(word: string | null): string {
	return word === null ? '' : `; did you mean ${word}?`;
}

/** The first Ctrl-C lets the run commit what it has; the second leaves at once. */
function onInterrupt(): void {
	if (interrupt.signal.aborted) process.exit(EXIT.interrupted);
	interrupt.abort();
}

/** A reader that went away (`| head`) is no error. */
function quietOnClosedPipe(stream: NodeJS.WriteStream): void {
	stream.on('error', (error: NodeJS.ErrnoException) => {
		if (error.code === 'EPIPE') process.exit(exitCode);
		throw error;
	});
}

/** Options whose value may be left out take none from the word after them: `run --cache FILE` runs FILE. */
function withValues(argv: readonly string[]): string[] {
	const command = givenCommand(argv);
	return argv.map((word) => (command?.options[word.slice(2)]?.valueOptional ? `${word}=` : word));
}

async function main(argv: readonly string[]): Promise<void> {
	process.on('SIGINT', onInterrupt);
	process.on('SIGTERM', onInterrupt);
	quietOnClosedPipe(process.stdout);
	quietOnClosedPipe(process.stderr);
	let parser = yargs()
		.scriptName('detbal')
		.usage('$0 <command>\n\nMeasures whether language models obey detailed balance.')
		.version(version())
		.help()
		.alias('h', 'help')
		.strict()
		.demandCommand(1, 'Say what to do, for example: detbal demo')
		.detectLocale(false)
		.wrap(Math.min(100, process.stdout.columns ?? 100))
		.exitProcess(false)
		.fail((message, error) => {
			// yargs throws an error of its own where an option lacks its value.
			if (error && error.name !== 'YError') throw error;
			throw new UsageError(explain(message ?? error.message, argv));
		})
		.epilogue(
			'Exit codes: 0 done · 1 error · 2 usage or configuration · 3 --fail-on verdict met ·\n4 not reproduced · 130 interrupted',
		);
	for (const command of COMMANDS) parser = addCommand(parser, command);
	try {
		await parser.parseAsync(withValues(argv));
	} catch (error) {
		exitCode = report(error);
	}
	process.exitCode = exitCode;
}

await main(process.argv.slice(2));
