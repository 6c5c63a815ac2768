/**
 * Whatever a user gives: a plain message that says where and what to do, and nothing left behind.
 * One case of each exit goes through the real process, the others through the same command here.
 */
import { spawnSync } from 'node:child_process';
import {
	chmodSync,
	copyFileSync,
	mkdirSync,
	readFileSync,
	rmSync,
	truncateSync,
	writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Stream } from '../../harness/numerics/stream.js';
import {
	changeArray,
	cutCopy,
	gguf,
	modelFile,
	number,
	type Parts,
	tensor,
	text,
	uint64,
	writeAltered,
} from './altered-model.js';
import {
	detbal,
	ended,
	inPlace,
	inside,
	json,
	MODELS,
	newFolder,
	type Refusal,
	refuses,
	start,
	writeExperiment,
} from './fixture.js';

const test = suite('bad input');
const place = inPlace(test);

interface Case extends Refusal {
	readonly name: string;
	/** Through a process of its own. */
	readonly process?: boolean;
	/** Makes the files; returns the arguments of detbal. */
	readonly args: (folder: string) => readonly string[];
	/** Runs while the command does. */
	readonly meanwhile?: (folder: string) => () => void;
}

async function check({ name, args, meanwhile, process: own, ...refusal }: Case): Promise<void> {
	const folder = newFolder(place);
	const words = args(folder);
	const stop = meanwhile?.(folder);
	try {
		await refuses(folder, words, refusal, own ? detbal : inside);
	} catch (error) {
		(error as Error).message = `${name}: ${(error as Error).message}`;
		throw error;
	} finally {
		stop?.();
	}
}

async function each(cases: readonly Case[]): Promise<void> {
	for (const one of cases) await check(one);
}

const RUN = ['run', 'experiment.yaml', '--db', 'new.sqlite'] as const;

/** A run of an experiment file of this content. */
function file(content: string | Buffer): Case['args'] {
	return (folder) => {
		writeFileSync(join(folder, 'experiment.yaml'), content);
		return RUN;
	};
}

/** A run of the small experiment with these keys changed. */
function keys(changes: Readonly<Record<string, unknown>>): Case['args'] {
	return (folder) => [...RUN.slice(0, 1), writeExperiment(folder, changes), ...RUN.slice(2)];
}

const EXPERIMENTS: readonly Case[] = [
	{ name: 'empty', args: file(''), code: 2, says: [/experiment\.yaml:1: .*empty.*detbal init/] },
	{
		name: 'not YAML',
		args: file('name: [a, b\nseed: "x'),
		code: 2,
		says: [/experiment\.yaml:\d: not valid YAML/],
	},
	{ name: 'a list', args: file('- a\n- b\n'), code: 2, says: [/:1: found a list.*allowed/] },
	{
		name: 'not UTF-8',
		args: file(Buffer.from([0x6e, 0x61, 0xff, 0xfe, 0x00, 0x80])),
		code: 2,
		says: [/experiment\.yaml/],
	},
	{
		name: 'wrong types',
		process: true,
		args: keys({ name: 7, seeds: 'one', attempts: '50', templates: 3 }),
		code: 2,
		says: [
			/experiment\.yaml:\d+: name: found 7/,
			/: seeds: found "one"/,
			/: attempts: found "50"; allowed/,
			/: templates: found 3/,
		],
	},
	{
		name: 'an unknown key',
		args: keys({ temprature: 1, tempelates: [] }),
		code: 2,
		says: [/experiment\.yaml:\d+: tempelates: unknown key; did you mean "templates"\?/],
	},
	{
		name: '10 MB',
		args: file(`# ${'x'.repeat(10_000_000)}\nname: big\n`),
		code: 2,
		says: [/experiment\.yaml.*1000000/],
	},
	{
		name: 'the same model id twice',
		args: keys({ models: [{ id: MODELS[0] }, { id: MODELS[0] }] }),
		code: 2,
		says: [/experiment\.yaml:\d+: models\[1\]/],
	},
	{
		name: 'the same file under two ids',
		args: (folder) => {
			const path = modelFile(place.models, MODELS[0]);
			return keys({ models: [{ id: MODELS[0] }, { id: 'twin', path }] })(folder);
		},
		code: 2,
		says: [/llama-driven and twin are the same file content; keep one/],
	},
	{
		name: 'a state twice',
		args: keys({ task: { kind: 'closed', states: ['FIG', 'PLUM', 'FIG'] } }),
		code: 2,
		says: [/experiment\.yaml:\d+: task\.states\[2\]: found "FIG"/],
	},
	{
		name: 'no attempts',
		args: keys({ attempts: 0 }),
		code: 2,
		says: [/experiment\.yaml:\d+: attempts: found 0; allowed: a whole number from 1/],
	},
	{
		name: 'too many attempts, a seed out of range',
		args: keys({ attempts: 1e12, seeds: [1, 2 ** 32] }),
		code: 2,
		says: [/: attempts: found 1000000000000; allowed/, /: seeds\[1\]: found 4294967296; allowed/],
	},
	{
		name: 'more attempts than the disk holds',
		args: keys({ attempts: 1e9, seeds: Array.from({ length: 2000 }, (_, i) => i) }),
		code: 1,
		says: [
			/new\.sqlite: the run needs about .* GiB .*lower attempts, or write elsewhere with --db/,
		],
	},
	{ name: 'missing', args: () => RUN, code: 2, says: [/experiment\.yaml: it does not exist/] },
	{
		name: 'a folder',
		args: (folder) => {
			mkdirSync(join(folder, 'experiment.yaml'));
			return RUN;
		},
		code: 2,
		says: [/experiment\.yaml: it is a (folder|directory)/],
	},
];

test('experiment files', () => each(EXPERIMENTS));

/** A run of a model at my.gguf. */
function model(write: (path: string) => void, more: Readonly<Record<string, unknown>> = {}) {
	return (folder: string) => {
		write(join(folder, 'my.gguf'));
		return keys({ models: [{ id: 'my', path: 'my.gguf', ...more }] })(folder);
	};
}

const bytes = (content: Buffer) => model((path) => writeFileSync(path, content));
const cut = (length: number) =>
	model((path) => cutCopy(modelFile(place.models, MODELS[0]), path, length));
const altered = (change: (parts: Parts) => void, id: (typeof MODELS)[number] = 'llama-driven') =>
	model((path) => writeAltered(modelFile(place.models, id), path, change));
/** The stream is seeded: the same bytes every time. */
const garbage = (into: Uint8Array) => {
	const stream = new Stream([1, 0], 0);
	for (let i = 0; i < into.length; i++) into[i] = Math.floor(stream.next() * 256);
};

const FILES: readonly Case[] = [
	{
		name: 'missing',
		args: model(() => {}),
		code: 2,
		says: [/my\.gguf.*(does not exist|no such)/i],
	},
	{
		name: 'a folder',
		args: model((path) => mkdirSync(path)),
		code: 2,
		says: [/my\.gguf is a directory\. Give the path/],
	},
	{ name: 'zero bytes', args: cut(0), code: 2, says: [/my\.gguf.*(empty|0 bytes)/] },
	...[3, 20, 5000, 100_000, 236_000].map((length) => ({
		name: `cut to ${length} bytes`,
		args: cut(length),
		code: 2 as const,
		says: [/my\.gguf.*([Ff]etch|truncated|Download)/],
	})),
	{
		name: 'random bytes',
		args: model((path) => {
			const content = Buffer.alloc(4096);
			garbage(content);
			writeFileSync(path, content);
		}),
		code: 2,
		says: [/my\.gguf is not a GGUF file/],
	},
	{
		name: '2^60 tensors',
		args: bytes(gguf(2n ** 60n, 1n, Buffer.alloc(64))),
		code: 2,
		says: [/my\.gguf.*number of tensors.*1152921504606846976/],
	},
	{
		name: 'a string of 2^63 bytes',
		args: bytes(gguf(0n, 1n, uint64(2n ** 63n), Buffer.alloc(64))),
		code: 2,
		says: [/my\.gguf.*9223372036854775808/],
	},
	{
		name: 'another sha256',
		args: model((path) => copyFileSync(modelFile(place.models, MODELS[0]), path), {
			sha256: '0'.repeat(64),
		}),
		code: 2,
		says: [/model my: .*my\.gguf has sha256 [0-9a-f]{64}, the experiment asks for 0{64}\./],
	},
	{
		name: 'an embedding model',
		args: altered(({ metadata }) => metadata.set('general.architecture', text('bert'))),
		code: 2,
		says: [/my\.gguf: architecture "bert" only makes embeddings/],
	},
	{
		name: 'an unknown id',
		args: keys({ models: [{ id: 'llama-drivn' }] }),
		code: 2,
		says: [/llama-driven/],
	},
];

test('model files that are refused by their header', () => each(FILES));

/** llama.cpp refuses these with an error of its own. */
const REFUSED: readonly Case[] = [
	{
		name: 'an architecture nobody knows',
		args: altered(({ metadata }) => metadata.set('general.architecture', text('lxxma'))),
		code: 1,
		says: [/my\.gguf: llama\.cpp cannot load this model: .*lxxma.*\. Check that the architecture/],
	},
	{
		name: 'a tensor of another shape',
		args: altered((parts) => {
			const { dims } = tensor(parts, 'token_embd.weight');
			Object.assign(tensor(parts, 'token_embd.weight'), { dims: dims.toReversed() });
		}),
		code: 1,
		says: [/my\.gguf: llama\.cpp cannot load/],
	},
	{
		name: 'a missing key',
		args: altered(({ metadata }) => metadata.delete('llama.block_count')),
		code: 1,
		says: [/my\.gguf: llama\.cpp cannot load this model: .*llama\.block_count/],
	},
	{
		name: 'weights that are no numbers',
		process: true,
		args: altered((parts) => tensor(parts, 'output.weight').data.fill(0xff)),
		code: 1,
		says: [/my\.gguf: the model's answer is not a law: .*NaN.*damaged/],
	},
];

/** These end the process that holds llama.cpp: it must not be ours. */
const DEADLY: readonly Case[] = [
	{
		name: 'no heads',
		process: true,
		args: altered(({ metadata }) => metadata.set('llama.attention.head_count', number(0))),
	},
	{
		name: 'no byte tokens',
		args: altered((parts) =>
			changeArray(parts, 'tokenizer.ggml.tokens', (items) => items.map((item) => `q${item}`)),
		),
	},
].map(
	(one): Case => ({
		...one,
		code: 1,
		says: [/my\.gguf: llama\.cpp died while loading this model \(SIG[A-Z]+\)\. .*nothing was run/],
	}),
);

test('model files that llama.cpp refuses, or dies of in a process of its own', () =>
	each([...REFUSED, ...DEADLY]));

test('a model that fails in mid-run: what was made before is safe', async () => {
	const folder = newFolder(place);
	// Only the word PLUM has a damaged embedding: the trial does not meet it, the run does.
	writeAltered(modelFile(place.models, 'llama-driven'), join(folder, 'my.gguf'), (parts) => {
		const { data, dims } = tensor(parts, 'token_embd.weight');
		const tokens = parts.metadata.get('tokenizer.ggml.tokens')?.value as string[];
		const row = 4 * (dims[0] as number);
		const at = tokens.indexOf('PLUM') * row;
		data.fill(0xff, at, at + row);
	});
	const models = [{ id: 'gpt2-reversible' }, { id: 'my', path: 'my.gguf' }];
	writeExperiment(folder, { models });
	const result = await detbal(folder, ...RUN);
	assert.is(result.code, 1, result.stderr);
	assert.is(result.stdout, '');
	assert.match(result.stderr, /detbal: .*my\.gguf: the model's answer is not a law: .*damaged/);
	const { groups, missingAttempts } = json(
		await detbal(folder, 'verify', 'new.sqlite', '--json'),
	) as { groups: { model: string; attempts: number }[]; missingAttempts: number };
	const made = groups.reduce((sum, { attempts }) => sum + attempts, 0);
	assert.is(made + missingAttempts, 2000);
	assert.ok(groups.every(({ model: id, attempts }) => id === 'my' || attempts === 500));
});

const long = `${'A fruit is a fruit. '.repeat(400)}{state}`;
const TEMPLATES: readonly Case[] = [
	{
		name: 'without {state}',
		args: keys({ templates: [{ id: 't', text: 'A fruit is {State}:' }] }),
		code: 2,
		says: [/experiment\.yaml:\d+: templates\[0\]\.text: .*\{state\}/],
	},
	{
		name: 'longer than the context',
		args: keys({ templates: [{ id: 't', text: long }] }),
		code: 2,
		says: [/model llama-driven: the prompt of .* has \d+ tokens .*context holds \d+\. Shorten/],
	},
	{
		name: 'chat where the model has none',
		args: keys({ templates: [{ id: 't', text: '{state}', chat: true }] }),
		code: 2,
		says: [
			/template t \(chat: true\) on model gpt2-reversible: .*no chat template; use chat: false/,
		],
	},
	{
		name: 'a broken chat template',
		args: (folder) => {
			altered(({ metadata }) => metadata.set('tokenizer.chat_template', text('{% for %}')))(folder);
			const models = [{ id: 'my', path: 'my.gguf' }];
			return keys({ models, templates: [{ id: 't', text: '{state}', chat: true }] })(folder);
		},
		code: 2,
		says: [/template t \(chat: true\) on model my: the model's chat template failed/],
	},
];

test('templates', () => each(TEMPLATES));

/** A database of one small run, made once. */
let whole = '';

/** Copies the database into the folder and changes it. */
function database(change: (db: string) => void, args: readonly string[]): Case['args'] {
	return (folder) => {
		copyFileSync(whole, join(folder, 'run.sqlite'));
		change(join(folder, 'run.sqlite'));
		writeExperiment(folder, { attempts: 20 });
		return args;
	};
}

function sql(db: string, statement: string): void {
	const connection = new SQLite(db);
	connection.exec(statement);
	connection.close();
}

const RESUME = ['run', 'experiment.yaml', '--db', 'run.sqlite', '--resume'] as const;
const COMMANDS = [['verify', 'run.sqlite'], ['rerun', 'run.sqlite'], RESUME] as const;

/** The same case for every command that opens a database. */
function everywhere(name: string, change: (db: string) => void, says: readonly RegExp[]): Case[] {
	return COMMANDS.map((args) => ({
		name: `${name}: ${args[0]}`,
		args: database(change, args),
		code: 2,
		says,
	}));
}

const DATABASES: readonly Case[] = [
	...everywhere('not SQLite', (db) => writeFileSync(db, 'x'.repeat(5000)), [
		/run\.sqlite is not a SQLite database/,
	]),
	...everywhere('newer', (db) => sql(db, 'PRAGMA user_version = 99'), [
		/run\.sqlite was written by a newer detbal \(schema 99/,
	]),
	...everywhere('truncated', (db) => truncateSync(db, 9000), [
		/run\.sqlite is truncated: it holds 9000 of \d+ bytes\. Restore/,
	]),
	{
		name: 'overwritten in the middle',
		args: database(
			(db) => {
				const content = readFileSync(db);
				content.fill(0xa5, 4096);
				writeFileSync(db, content);
			},
			['verify', 'run.sqlite'],
		),
		code: 1,
		says: [/run\.sqlite is damaged.*(Restore|recover)/],
	},
	{
		name: 'of another program',
		args: (folder) => {
			sql(join(folder, 'run.sqlite'), 'CREATE TABLE t (x)');
			return ['verify', 'run.sqlite'];
		},
		code: 2,
		says: [/run\.sqlite is a SQLite database of another program/],
	},
	{
		name: 'locked',
		process: true,
		args: database(() => {}, RESUME),
		meanwhile(folder) {
			const connection = new SQLite(join(folder, 'run.sqlite'));
			connection.exec('BEGIN EXCLUSIVE');
			return () => connection.close();
		},
		code: 1,
		says: [/run\.sqlite is locked by another program.*Close what has it open/],
	},
	{
		name: 'verify: missing',
		args: () => ['verify', 'no.sqlite'],
		code: 2,
		says: [/no\.sqlite does not exist: check the name/],
	},
	{
		name: 'verify: empty',
		args: (folder) => {
			writeFileSync(join(folder, 'no.sqlite'), '');
			return ['verify', 'no.sqlite'];
		},
		code: 2,
		says: [/no\.sqlite is empty: no run was ever written to it/],
	},
	{
		name: 'verify: no such run',
		args: database(() => {}, ['verify', 'run.sqlite', '--run', '7']),
		code: 2,
		says: [/run\.sqlite holds no run 7; it holds 1 \(small\)/],
	},
	{
		name: 'rerun: no such seed',
		args: database(() => {}, ['rerun', 'run.sqlite', '--seed', '7']),
		code: 2,
		says: [/run 1 has no seed 7; it has 1, 2/],
	},
	{
		name: 'run: there already',
		args: database(() => {}, ['run', 'experiment.yaml', '--db', 'run.sqlite']),
		code: 2,
		says: [
			/run\.sqlite holds this run already \(run 1\)\. .*--resume, or write elsewhere with --db/,
		],
	},
	{
		name: 'run: fewer attempts',
		args: (folder) => {
			database(() => {}, [])(folder);
			writeExperiment(folder, { attempts: 10 });
			return RESUME;
		},
		code: 2,
		says: [/20 attempts are planned already and cannot be lowered to 10/],
	},
	{
		name: 'run: another width',
		args: (folder) => {
			database(() => {}, [])(folder);
			writeExperiment(folder, { attempts: 20, engine: { threads: 1, width: 4 } });
			return RESUME;
		},
		code: 2,
		says: [/begun under other numerics.*width/],
	},
	{
		name: 'run: the database is a folder',
		args: (folder) => {
			mkdirSync(join(folder, 'new.sqlite'));
			return keys({})(folder);
		},
		code: 2,
		says: [/new\.sqlite is a folder, not a database/],
	},
	{
		name: 'run: in a folder that is a file',
		args: (folder) => {
			writeFileSync(join(folder, 'file'), '');
			return ['run', writeExperiment(folder), '--db', 'file/run.sqlite'];
		},
		code: 2,
		says: [/file.run\.sqlite.*--db|file.run\.sqlite cannot be read/],
	},
	{
		name: 'init: in a folder that is not there',
		args: () => ['init', 'no/experiment.yaml'],
		code: 2,
		says: [/no.experiment\.yaml cannot be written: .*Make its folder/],
	},
];

test('databases', async () => {
	const folder = newFolder(place);
	writeExperiment(folder, { attempts: 20 });
	const made = await inside(folder, 'run', 'experiment.yaml', '--db', 'whole.sqlite');
	assert.is(made.code, 0, made.stderr);
	whole = join(folder, 'whole.sqlite');
	await each(DATABASES);
	assert.is((await inside(folder, 'verify', 'whole.sqlite')).code, 0, 'the original is good');
});

test('rerun: a model that is gone, or another file now', async () => {
	const folder = newFolder(place);
	const mine = join(folder, 'mine.gguf');
	const rename = (name: string) =>
		writeAltered(modelFile(place.models, 'llama-driven'), mine, ({ metadata }) =>
			metadata.set('general.name', text(name)),
		);
	rename('mine');
	const moved = join(folder, 'elsewhere');
	mkdirSync(moved);
	copyFileSync(mine, join(moved, 'other-name.gguf'));
	writeExperiment(folder, { attempts: 5, models: [{ id: 'mine', path: 'mine.gguf' }] });
	const made = await inside(folder, ...RUN);
	assert.is(made.code, 0, made.stderr);

	rename('Mine');
	await refuses(
		folder,
		['rerun', 'new.sqlite'],
		{
			code: 2,
			says: [/model mine: .*mine\.gguf has sha256/],
		},
		inside,
	);
	rmSync(mine);
	await refuses(
		folder,
		['rerun', 'new.sqlite'],
		{
			code: 2,
			says: [/model mine \(sha256 [0-9a-f]{64}\) is not at .*mine\.gguf any more; .*--models/],
		},
		inside,
	);
	await refuses(
		folder,
		['rerun', 'new.sqlite', '--models', 'nowhere'],
		{
			code: 2,
			says: [/--models .*nowhere: /],
		},
		inside,
	);
	const found = await inside(folder, 'rerun', 'new.sqlite', '--models', 'elsewhere');
	assert.is(found.code, 0, found.stderr);
});

/** Someone without rights: this user, or nobody where this user is root. */
async function asNobody(folder: string, args: readonly string[]) {
	const uid = process.getuid?.() === 0 ? 65534 : undefined;
	return ended(start(folder, args, uid === undefined ? {} : { uid, gid: uid }));
}

test('permissions: a file that may not be read, a folder that may not be written', async () => {
	const folder = newFolder(place);
	chmodSync(place.folder, 0o755);
	chmodSync(folder, 0o755);
	const help = await asNobody(folder, ['--version']);
	if (process.platform === 'win32' || help.code !== 0) {
		console.error('permissions are not tested here: the program cannot run as another user');
		return;
	}
	writeExperiment(folder, { attempts: 20 });
	const says = async (args: readonly string[], pattern: RegExp) => {
		const result = await asNobody(folder, args);
		assert.is(result.code, 2, result.stderr);
		assert.is(result.stdout, '');
		assert.match(result.stderr, pattern);
		assert.not.match(result.stderr, /^\s+at .*:\d+/m);
	};
	copyFileSync(whole, join(folder, 'run.sqlite'));
	chmodSync(join(folder, 'run.sqlite'), 0);
	await says(['verify', 'run.sqlite'], /run\.sqlite cannot be read.*check its permissions/);
	chmodSync(join(folder, 'run.sqlite'), 0o444);
	chmodSync(folder, 0o555);
	await says(['run', 'experiment.yaml'], /results.*cannot be made: EACCES.*--db/);
	await says(['init', 'mine.yaml'], /mine\.yaml cannot be written: EACCES/);
	const verified = await asNobody(folder, ['verify', 'run.sqlite']);
	assert.is(verified.code, 0, verified.stderr);
	chmodSync(folder, 0o755);
});

/** A file system for reading only, where this process may make one. */
function readOnlyDisk(folder: string): boolean {
	const mount = (...options: string[]) =>
		spawnSync('mount', ['-t', 'tmpfs', '-o', ...options, 'tmpfs', folder]).status === 0;
	return process.platform === 'linux' && process.getuid?.() === 0 && mount('size=4m');
}

test('a file system for reading only: verify reads, run says so', async () => {
	const folder = newFolder(place);
	if (!readOnlyDisk(folder)) {
		console.error('a read-only disk is not tested here: mounting is not permitted');
		return;
	}
	try {
		copyFileSync(whole, join(folder, 'run.sqlite'));
		writeExperiment(folder, { attempts: 20 });
		assert.is(spawnSync('mount', ['-o', 'remount,ro', folder]).status, 0);
		for (const args of [RESUME, ['run', 'experiment.yaml', '--db', 'new.sqlite']])
			await refuses(folder, args, { code: 2, says: [/cannot be written: EROFS/] }, inside);
		const verified = await inside(folder, 'verify', 'run.sqlite');
		assert.is(verified.code, 0, verified.stderr);
	} finally {
		spawnSync('umount', [folder]);
	}
});

test.run();
