/**
 * Scripts that complete commands, options and their choices in a shell. They are made from the specs
 * and ask no program when Tab is pressed; where a file is wanted the shell completes files.
 */
import { basename } from 'node:path';
import { UsageError } from '../errors.js';
import { type CommandSpec, EXIT, optional, type Run } from './command.js';

/** A command as a shell sees it. */
interface Words {
	readonly name: string;
	readonly describe: string;
	readonly options: readonly {
		readonly name: string;
		readonly describe: string;
		readonly choices: readonly string[];
		/** an option that is followed by a value */
		readonly valued: boolean;
	}[];
	/** of the first positional */
	readonly choices: readonly string[];
}

const SCRIPTS: Readonly<Record<string, (commands: readonly Words[]) => string>> = {
	bash,
	zsh,
	fish,
};

export function completionRun(commands: readonly CommandSpec[]): Run {
	return async (args, io) => {
		const shell = optional(args, 'shell') ?? basename(process.env.SHELL ?? '');
		const script = SCRIPTS[shell];
		if (script === undefined)
			throw new UsageError(
				`no completion for ${shell === '' ? 'a shell without a name' : shell}: say which with detbal completion ${Object.keys(SCRIPTS).join('|')}`,
			);
		io.out(script(commands.map(wordsOf)).trimEnd().replaceAll('\t', '  '));
		return EXIT.done;
	};
}

function wordsOf({ usage, describe, options, positionals }: CommandSpec): Words {
	const given = Object.entries(options).flatMap(([name, option]) =>
		[name, ...(option.alias === undefined ? [] : [option.alias])].map((word) => ({
			name: word.length === 1 ? `-${word}` : `--${word}`,
			describe: option.describe,
			choices: option.choices ?? [],
			valued: option.type !== 'boolean' && !option.valueOptional,
		})),
	);
	return {
		name: usage.split(' ')[0] as string,
		describe,
		options: [...given, { name: '--help', describe: 'show help', choices: [], valued: false }],
		choices: Object.values(positionals)[0]?.choices ?? [],
	};
}

/** Single quotes of POSIX shells and of fish. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '').replaceAll("'", '’')}'`;

const list = (words: readonly string[]): string => quoted(words.join(' '));

function bash(commands: readonly Words[]): string {
	const valued = commands.flatMap(({ name, options }) =>
		options
			.filter((option) => option.valued)
			.map((option) => `\t\t${name}:${option.name}) words=${list(option.choices)} files=1 ;;`),
	);
	const cases = commands.map(
		({ name, options, choices }) =>
			`\t\t${name}) options=${list(options.map((option) => option.name))} words=${list(choices)} ;;`,
	);
	return `# bash completion of detbal: source <(detbal completion bash)
_detbal() {
	local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command='' options='' words='' files=''
	local i
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		case \${COMP_WORDS[i]} in -*) ;; *) command=\${COMP_WORDS[i]}; break ;; esac
	done
	if [[ -z $command ]]; then
		COMPREPLY=($(compgen -W ${list([...commands.map(({ name }) => name), '--help', '--version'])} -- "$word"))
		return
	fi
	case $command:$before in
${valued.join('\n')}
	esac
	if [[ -z $files ]]; then
		case $command in
${cases.join('\n')}
		esac
		if [[ $word == -* ]]; then words=$options; fi
	fi
	if [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$word")); return; fi
	compopt -o filenames 2>/dev/null
	local line
	while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$word")
}
complete -F _detbal detbal
`;
}

/** The text of one word of zsh's _arguments: colons and brackets have a meaning there. */
const zshText = (text: string): string => text.replace(/[[\]:]/g, '\\$&').replaceAll("'", '’');

function zsh(commands: readonly Words[]): string {
	const cases = commands.map(({ name, options, choices }) => {
		const specs = options.map((option) => {
			const value = !option.valued
				? ''
				: option.choices.length > 0
					? `:value:(${option.choices.join(' ')})`
					: ':value:_files';
			return `'${option.name}[${zshText(option.describe)}]${value}'`;
		});
		const first = choices.length > 0 ? [`'1:what:(${choices.join(' ')})'`] : [];
		return `\t\t${name}) _arguments ${[...specs, ...first, "'*:file:_files'"].join(' ')} ;;`;
	});
	const described = commands.map(({ name, describe }) => `'${name}:${zshText(describe)}'`);
	return `#compdef detbal
# zsh completion of detbal: detbal completion zsh > _detbal, in a folder of $fpath
_detbal() {
	local -a commands
	commands=(${described.join(' ')})
	if (( CURRENT == 2 )); then
		_describe command commands
		return
	fi
	local command=$words[2]
	shift words
	(( CURRENT-- ))
	case $command in
${cases.join('\n')}
	esac
}
if [[ $funcstack[1] == _detbal ]]; then _detbal "$@"; else compdef _detbal detbal; fi
`;
}

function fish(commands: readonly Words[]): string {
	const lines = commands.flatMap(({ name, describe, options, choices }) => {
		const here = `complete -c detbal -n '__fish_seen_subcommand_from ${name}'`;
		return [
			`complete -c detbal -f -n __fish_use_subcommand -a ${name} -d ${quoted(describe)}`,
			...(choices.length > 0 ? [`${here} -f -a ${list(choices)}`] : []),
			...options.map((option) => {
				const flag = option.name.startsWith('--')
					? `-l ${option.name.slice(2)}`
					: `-s ${option.name.slice(1)}`;
				const values = option.choices.length > 0 ? ` -f -a ${list(option.choices)}` : '';
				return `${here} ${flag}${option.valued ? ` -r${values}` : ''} -d ${quoted(option.describe)}`;
			}),
		];
	});
	return `# fish completion of detbal: detbal completion fish > ~/.config/fish/completions/detbal.fish
${lines.join('\n')}
`;
}
