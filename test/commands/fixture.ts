/** The program as a user meets it: a process in a fresh folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import type { CommandSpec } from '../../harness/commands/command.js';
import { COMMANDS } from '../../harness/commands/index.js';
import type { Io } from '../../harness/commands/io.js';
import { HarnessError, UsageError } from '../../harness/errors.js';
import type { Experiment } from '../../harness/experiment/experiment.js';
import { parseExperiment } from '../../harness/experiment/parse.js';
import { buildModels } from '../../harness/models/manifest.js';

export const CLI = fileURLToPath(new URL('../../harness/cli.ts', import.meta.url));
export const TSX = import.meta.resolve('tsx');

export const MODELS = ['llama-driven', 'gpt2-reversible'] as const;

/** Hooks that the suites of this folder share. */
interface Hooks {
	before(hook: () => Promise<void> | void): void;
	after(hook: () => Promise<void> | void): void;
}

export interface Place {
	/** A fresh folder for the suite. */
	readonly folder: string;
	/** Where the models of MODELS are, and where DETBAL_MODELS points meanwhile. */
	readonly models: string;
}

/** Gives a suite a folder of its own and the calibration models; both are gone afterwards. */
export function inPlace(test: Hooks): Place {
	const place = { folder: '', models: '' };
	const earlier = process.env.DETBAL_MODELS;
	test.before(async () => {
		place.folder = mkdtempSync(join(tmpdir(), 'detbal-cli-'));
		place.models = join(place.folder, 'models');
		mkdirSync(place.models);
		process.env.DETBAL_MODELS = place.models;
		await buildModels({ ids: MODELS });
	});
	test.after(() => {
		if (earlier === undefined) delete process.env.DETBAL_MODELS;
		else process.env.DETBAL_MODELS = earlier;
		rmSync(place.folder, { recursive: true, force: true });
	});
	return place;
}

/** A fresh folder in the suite's own. */
export function newFolder({ folder }: Place): string {
	return mkdtempSync(join(folder, 'case-'));
}

export interface Ended {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** Starts `detbal …` in `folder`, perhaps as another user. */
export function start(
	folder: string,
	args: readonly string[],
	user: { readonly uid?: number; readonly gid?: number } = {},
	nodeOptions: readonly string[] = [],
): ChildProcess {
	return spawn(process.execPath, ['--import', TSX, ...nodeOptions, CLI, ...args], {
		cwd: folder,
		stdio: ['ignore', 'pipe', 'pipe'],
		...user,
		env: { ...process.env, LC_ALL: 'de_DE.UTF-8', NO_COLOR: '1' },
	});
}

export function ended(child: ChildProcess): Promise<Ended> {
	const said = { stdout: '', stderr: '' };
	for (const stream of ['stdout', 'stderr'] as const) {
		child[stream]?.setEncoding('utf8').on('data', (text: string) => {
			said[stream] += text;
		});
	}
	return new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('close', (code, signal) => resolve({ code, signal, ...said }));
	});
}

/** Runs `detbal …` in `folder` to its end. */
export function detbal(folder: string, ...args: readonly string[]): Promise<Ended> {
	return ended(start(folder, args));
}

/** The one JSON document on stdout. */
export function json({ code, stdout, stderr }: Ended): Record<string, unknown> {
	assert.ok(stdout.startsWith('{') && stdout.endsWith('}\n'), `${code}: ${stdout}\n${stderr}`);
	assert.is(stdout.indexOf('\n'), stdout.length - 1, 'one line');
	return JSON.parse(stdout) as Record<string, unknown>;
}

/** Every file and folder under `folder`, in order. */
export function listing(folder: string): string[] {
	return readdirSync(folder, { recursive: true }).map(String).sort();
}

export interface Refusal {
	readonly code: 1 | 2;
	/** What stderr must say: the place, the fault, the remedy. */
	readonly says: readonly RegExp[];
}

/**
 * The same command in this process, which saves the start of another: what cli.ts does around it
 * (reading arguments, exit codes by the class of the error) is done here in its plainest form. Every
 * argument of type string must name a file.
 */
export async function inside(folder: string, ...args: readonly string[]): Promise<Ended> {
	const [name = '', ...words] = args;
	const command = COMMANDS.find(({ usage }) => usage.split(' ')[0] === name);
	if (!command) throw new Error(`no command ${name}`);
	const said = { stdout: '', stderr: '' };
	const io: Io = {
		json: words.includes('--json'),
		signal: new AbortController().signal,
		out(line) {
			said.stdout += `${line}\n`;
		},
		async stream(text) {
			said.stdout += text;
		},
		say(line) {
			said.stderr += `${line}\n`;
		},
		progress: () => ({ update() {}, stop() {} }),
	};
	try {
		const { run } = await command.load();
		const code = await run(argumentsOf(folder, command, words), io);
		return { code, signal: null, ...said };
	} catch (error) {
		const known = error instanceof UsageError || error instanceof HarnessError;
		const text = known ? error.message : `a fault of detbal: ${(error as Error).stack}`;
		const code = error instanceof UsageError ? 2 : 1;
		return { code, signal: null, stdout: said.stdout, stderr: `${said.stderr}detbal: ${text}\n` };
	}
}

/** Names of files are read from `folder`: another working folder would be everybody's. */
function argumentsOf(
	folder: string,
	{ options, positionals }: CommandSpec,
	words: readonly string[],
): Record<string, unknown> {
	const values: Record<string, unknown> = {};
	const places = Object.keys(positionals)[Symbol.iterator]();
	const rest = words[Symbol.iterator]();
	for (const word of rest) {
		const name = word.startsWith('--') ? word.slice(2) : null;
		const type = options[name ?? '']?.type;
		if (name === null) values[places.next().value as string] = join(folder, word);
		else if (type === 'boolean') values[name] = true;
		else if (type === 'number') values[name] = Number(rest.next().value);
		else values[name] = join(folder, rest.next().value as string);
	}
	return values;
}

/** Runs the command and asserts that it was refused plainly and left nothing behind. */
export async function refuses(
	folder: string,
	args: readonly string[],
	{ code, says }: Refusal,
	how: typeof detbal = detbal,
): Promise<void> {
	const before = listing(folder);
	const result = await how(folder, ...args);
	const what = `detbal ${args.join(' ')}: ${JSON.stringify(result)}`;
	assert.is(result.signal, null, what);
	assert.is(result.code, code, what);
	assert.is(result.stdout, '', what);
	assert.match(result.stderr, /^(?:.*: not a model that comes with detbal.*\n)?detbal: /, what);
	for (const pattern of says) assert.match(result.stderr, pattern, what);
	assert.not.match(result.stderr, /^\s+at .*:\d+|fault of detbal/m, what);
	assert.equal(listing(folder), before, what);
}

/** An experiment file; later keys replace earlier ones of the same name. */
export function experimentText(changes: Readonly<Record<string, unknown>> = {}): string {
	const experiment = {
		name: 'small',
		seeds: [1, 2],
		task: { kind: 'closed', states: ['FIG', 'PLUM', 'LEMON', 'CHERRY', 'APRICOT'] },
		sources: { design: 'fixed' },
		attempts: 50,
		models: MODELS.map((id) => ({ id })),
		templates: [
			{ id: 'plain', text: 'A fruit is {state}. Another:' },
			{ id: 'twice', text: '{state} and {state}, then' },
		],
		sampling: { temperature: 1, maxTokens: 4, stop: ['\n'] },
		engine: { threads: 1, width: 8 },
		...changes,
	};
	// JSON is YAML.
	return JSON.stringify(experiment, null, 1);
}

export function writeExperiment(
	folder: string,
	changes: Readonly<Record<string, unknown>> = {},
): string {
	const file = 'experiment.yaml';
	writeFileSync(join(folder, file), experimentText(changes));
	return file;
}

export function experiment(
	directory: string,
	changes: Readonly<Record<string, unknown>> = {},
): Experiment {
	return parseExperiment(experimentText(changes), { file: 'experiment.yaml', directory });
}
