/** Exact kernels from the command line: the document, and what is refused before anything is written. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import SQLite from 'better-sqlite3';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Arguments, numberBetween } from '../../harness/commands/command.js';
import type { Io } from '../../harness/commands/io.js';
import { run as runKernel } from '../../harness/commands/kernel.js';
import type { Tokenizer } from '../../harness/engine/engine.js';
import { openSyntheticEngine } from '../../harness/engine/synthetic.js';
import { HarnessError, UsageError } from '../../harness/errors.js';
import type { SamplingSetting, TaskSpec } from '../../harness/experiment/experiment.js';
import { checkSet } from '../../harness/runner/exact-plan.js';
import { knownLogKernel } from '../../models/calibration/kernels.js';
import { toyTokenizer } from '../kernel/toy.js';
import { kernelsIn, score } from '../runner/exact-jobs.js';
import { run as runExperiment } from '../runner/fixture.js';
import {
	detbal,
	ended,
	experiment,
	inPlace,
	listing,
	newFolder,
	start,
	writeExperiment,
} from './fixture.js';

const test = suite('kernel');
const place = inPlace(test);

/** One model, one template. */
const SMALL = {
	models: [{ id: 'llama-driven' }],
	templates: [{ id: 'plain', text: 'A fruit is {state}. Another:' }],
};
const STATES = ['FIG', 'PLUM', 'LEMON', 'CHERRY', 'APRICOT'];

interface Said {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** The command in this process; arguments as yargs hands them over. */
async function kernel(folder: string, args: Arguments): Promise<Said> {
	const said = { stdout: '', stderr: '' };
	const io: Io = {
		json: args.json === true,
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
	const files = { file: join(folder, 'experiment.yaml'), db: join(folder, 'k.sqlite') };
	try {
		return { code: await runKernel({ ...files, shapes: 0, ...args }, io), ...said };
	} catch (error) {
		const known = error instanceof UsageError || error instanceof HarnessError;
		if (!known) throw error;
		return { ...said, code: error instanceof UsageError ? 2 : 1, stderr: error.message };
	}
}

interface Entry {
	readonly source: string;
	readonly target: string;
	readonly logProbability: number | null;
	readonly logBound: number | null;
}
interface Group {
	readonly [field: string]: unknown;
	readonly kernel: readonly Entry[];
	readonly rows: readonly Readonly<Record<string, unknown>>[];
}

function groupsOf({ code, stdout, stderr }: Said): readonly Group[] {
	assert.is(code, 0, stderr);
	const document = JSON.parse(stdout) as { schema: string; groups: readonly Group[] };
	assert.is(document.schema, 'detbal/kernel/1');
	return document.groups;
}

test('as a user meets it: text, then going on', async () => {
	const folder = newFolder(place);
	writeExperiment(folder, SMALL);
	const args = ['kernel', 'experiment.yaml', '--db', 'k.sqlite', '--shapes', '1'] as const;
	const { code, stdout, stderr } = await detbal(folder, ...args);
	assert.is(code, 0, stderr);
	assert.match(stdout, /^llama-driven +plain +1 +5 .* violated$/m);
	const [, digest] = /^kernel 1 {2}digest ([0-9a-f]{64})$/m.exec(stdout) ?? [];
	assert.ok(digest, stdout);
	assert.match(stderr, /5 sources × 5 targets, 2 kernels \(2 evaluation shapes\): about/);
	assert.match(stderr, /10 rows now, \d+ evaluations, .* in k\.sqlite/);
	const again = await kernel(folder, { shapes: 1, json: true });
	assert.equal((JSON.parse(again.stdout) as { evaluations: number }).evaluations, 0);
	assert.is(groupsOf(again)[0]?.digest, digest);
});

test('the document: one entry for each source and target, in order, no mass as null', async () => {
	const folder = newFolder(place);
	writeExperiment(folder, { ...SMALL, sampling: { temperature: 1, topK: 2, maxTokens: 4 } });
	const [group, ...more] = groupsOf(await kernel(folder, { json: true }));
	assert.ok(group);
	assert.is(more.length, 0);
	const { model, template, temperature, kind, states, epsilon, missing, unreached } = group;
	assert.equal(
		{ model, template, temperature, kind, states, epsilon, missing, unreached },
		{
			...{ model: 'llama-driven', template: 'plain', temperature: 1, kind: 'closed', states: 5 },
			...{ epsilon: 0.001, missing: 0, unreached: 0 },
		},
	);
	assert.match(group.digest as string, /^[0-9a-f]{64}$/);
	assert.is(group.kernel.length, 25);
	const names = group.kernel.map(({ source, target }) => `${source} ${target}`);
	assert.equal(names, names.toSorted());
	// Two tokens are left, so most targets are out of reach.
	const none = group.kernel.filter(({ logProbability }) => logProbability === null);
	assert.ok(none.length >= 15 && none.length < 25, `${none.length}`);
	assert.ok(
		group.kernel.every(
			({ logProbability: found, logBound: bound }) => (found ?? -1e9) <= (bound ?? -1e8),
		),
	);
	assert.is(group.rows.length, 5);
	for (const { source, elsewhere, leftOut, evaluations, reached, outcomes } of group.rows) {
		assert.ok(STATES.includes(source as string));
		assert.ok((elsewhere as number) >= 0 && (leftOut as number) >= 0);
		assert.equal([Number(evaluations) > 0, reached, outcomes], [true, true, null]);
	}
});

test('--open: masses of every outcome, and targets nobody named', async () => {
	const folder = newFolder(place);
	writeExperiment(folder, {
		...SMALL,
		sources: { design: 'fixed', states: ['FIG', 'PLUM'] },
	});
	const said = await kernel(folder, { open: true, json: true, epsilon: 1e-6, most: 500 });
	const [group] = groupsOf(said);
	assert.equal([group?.kind, group?.rows.length], ['open', 2]);
	const targets = new Set(group?.kernel.map(({ target }) => target));
	assert.equal([...targets].sort(), STATES.toSorted());
	const known = knownLogKernel('driven');
	for (const { source, outcomes, leftOut } of group?.rows ?? []) {
		const f = known.states.indexOf(source as string);
		// Eight fruit and a stone, of which five are states.
		const { invalid } = outcomes as { invalid: number };
		const outside = [...known.states, known.other]
			.filter((state) => !STATES.includes(state))
			.reduce((sum, state) => {
				const g = [...known.states, known.other].indexOf(state);
				return sum + Math.exp(known.log[f]?.[g] as number);
			}, 0);
		assert.ok(Math.abs(invalid - outside) < 1e-3, `${source}: ${invalid} is not ${outside}`);
		assert.ok((leftOut as number) <= 1e-6);
	}
});

test('--states: the sources, the task, what a run has reached', async () => {
	const folder = newFolder(place);
	const words = { kind: 'words', letterSum: 22, list: 'words.txt' };
	writeFileSync(join(folder, 'words.txt'), 'FIG\nV\nAU\n');
	const make = { ...SMALL, task: words, sources: { design: 'fixed', states: ['FIG', 'V'] } };
	writeExperiment(folder, make);
	const targetsOf = async (states?: string) => {
		const db = join(folder, `${states?.replaceAll(/\W/g, '') ?? 'plain'}.sqlite`);
		const args = { db, json: true, most: 50, ...(states === undefined ? {} : { states }) };
		const [group] = groupsOf(await kernel(folder, args));
		const unique = (key: 'source' | 'target') => [...new Set(group?.kernel.map((e) => e[key]))];
		return [unique('source'), unique('target')];
	};
	assert.equal(await targetsOf(), [
		['FIG', 'V'],
		['FIG', 'V'],
	]);
	assert.equal(await targetsOf('sources'), await targetsOf());
	assert.equal(await targetsOf('task'), [
		['FIG', 'V'],
		['AU', 'FIG', 'V'],
	]);
	const runs = join(folder, 'runs.sqlite');
	const closed = { ...SMALL, sources: { design: 'fixed', states: ['PLUM'] }, seeds: [1] };
	await runExperiment(runs, experiment(folder, closed));
	writeExperiment(folder, closed);
	const reached = await targetsOf(runs);
	assert.equal(reached, [STATES.toSorted(), STATES.toSorted()]);
});

interface Case {
	readonly name: string;
	readonly changes?: Readonly<Record<string, unknown>>;
	readonly args?: Arguments;
	readonly says: readonly RegExp[];
}

const REFUSED: readonly Case[] = [
	...[0, 1, 1.5, -0.1, Number.NaN].map((epsilon) => ({
		name: `epsilon ${epsilon}`,
		args: { epsilon },
		says: [/--epsilon: found \S+; allowed: a number between 0 and 1/],
	})),
	{ name: 'most 0', args: { most: 0 }, says: [/--most: found 0; allowed: a whole number from 1/] },
	{ name: 'shapes 3', args: { shapes: 3 }, says: [/--shapes: found 3; .*from 0 to 2/] },
	{
		name: '--open and --states',
		args: { open: true, states: 'task' },
		says: [/--open takes whatever completions say: leave --states out, or --open/],
	},
	{ name: 'no database', args: { states: 'no.sqlite' }, says: [/no\.sqlite does not exist/] },
	{
		name: 'a file that is no database',
		args: { states: '$folder/experiment.yaml' },
		says: [/experiment\.yaml is not a SQLite database/],
	},
	{
		name: 'a database of another task',
		args: { states: '$folder/other.sqlite' },
		says: [/--states .*other\.sqlite: no run in it reached a state of this task; name a database/],
	},
	{
		name: 'a task that lists nothing',
		changes: {
			task: { kind: 'words', letterSum: 22 },
			sources: { design: 'fixed', states: ['FIG'] },
		},
		args: { states: 'task' },
		says: [/--states task: task\.list is missing.*name a list, or use --open/],
	},
	{
		name: 'too large an open set',
		args: { open: true, most: 1_000_000_000 },
		says: [/5 sources × an open set.*at most 5,000,000,000 evaluations.*that is much.*--yes/],
	},
	{
		name: 'too many states',
		changes: {
			task: {
				kind: 'closed',
				states: Array.from({ length: 4600 }, (_, i) => `S${String(i).padStart(4, '0')}`),
			},
		},
		says: [
			/4600 sources × 4600 targets.*21,160,000 transitions: that is much.*--yes.*fewer states/,
		],
	},
	{
		name: 'a state that its tokens do not spell',
		changes: {
			models: [{ id: 'gpt2-reversible' }],
			task: { kind: 'closed', states: ['FIG', 'PLUM', 'A .B'] },
		},
		says: [/model gpt2-reversible can(not|'t) .*"A \.B".*"A\.B"/],
	},
	{
		name: 'a context too small for the prompt and a completion',
		changes: { engine: { threads: 1, width: 2, contextSize: 16 } },
		says: [/engine\.contextSize|contextSize/],
	},
];

test('refused with exit code 2, what and what to do said, nothing written', async () => {
	for (const { name, changes = {}, args = {}, says } of REFUSED) {
		const folder = newFolder(place);
		writeExperiment(folder, { ...SMALL, ...changes });
		if (name.includes('another task')) {
			const task = { kind: 'closed', states: ['ONE', 'TWO'] };
			const other = experiment(folder, { ...SMALL, task, attempts: 5 });
			await runExperiment(join(folder, 'other.sqlite'), other);
		}
		const before = listing(folder);
		const words = Object.entries(args).map(([key, value]) => [
			key,
			typeof value === 'string' ? value.replace('$folder', folder) : value,
		]);
		const result = await kernel(folder, Object.fromEntries(words));
		assert.equal([result.code, result.stdout], [2, ''], `${name}: ${result.stderr}`);
		for (const pattern of says) assert.match(result.stderr, pattern, name);
		assert.equal(listing(folder), before, name);
	}
	assert.throws(() => numberBetween({ epsilon: 'small' }, 'epsilon', 0, 1), /found small/);
});

const SETTING: SamplingSetting = {
	...{ temperature: 1, topK: 0, topP: 1, minP: 0, maxTokens: 3, stop: [] },
};
const TASK: TaskSpec = { kind: 'closed', states: ['A', 'B', 'ABAB'], read: 'whole' };

function checked(
	engine: Tokenizer,
	targets: readonly string[] | null,
	setting: Partial<SamplingSetting> = {},
): readonly string[] {
	const settings = [{ ...SETTING, ...setting }];
	return checkSet({ id: 'tiny', engine }, { targets, sources: ['A'] }, { task: TASK, settings });
}

test('a model that ends nowhere, and states that it cannot spell or hardly reach', () => {
	const ends = toyTokenizer({ pieces: ['', 'A', 'B', '\n'] });
	const endless = toyTokenizer({ pieces: ['x', 'A', 'B', '\n'] });
	assert.equal(checked(ends, ['A', 'B']), []);
	assert.equal(checked(ends, null), []);
	assert.throws(
		() => checked(endless, null),
		/model tiny has no token that ends a completion, and sampling\.stop is empty.*Name a stop/,
	);
	assert.equal(checked(endless, ['A'], { stop: ['\n'] }), []);
	const lossy: Tokenizer = {
		...ends,
		tokenize: (text) => ends.tokenize(text.replace(/B/g, ''), false),
	};
	assert.throws(
		() => checked(lossy, ['A', 'B']),
		/model tiny cannot spell the state "B".*come back as ""/,
	);
	const [warning, ...more] = checked(ends, ['A', 'ABAB']);
	assert.is(more.length, 0);
	assert.match(warning ?? '', /model tiny: 1 states \("ABAB", …\) take 3 or more.*hardly reached/);
	assert.equal(checked(ends, ['A', 'ABAB'], { maxTokens: 5 }), []);
	assert.equal(checked(openSyntheticEngine({ words: ['A'], logKernel: [[0]] }), ['A']), []);
});

test('temperature 0: all mass on one completion', async () => {
	const folder = newFolder(place);
	writeExperiment(folder, { ...SMALL, sampling: { temperature: 0, maxTokens: 4, stop: ['\n'] } });
	const result = await kernel(folder, { json: true });
	const [group] = groupsOf(result);
	for (const source of STATES) {
		const row = group?.kernel.filter((entry) => entry.source === source) ?? [];
		const certain = row.filter(({ logProbability }) => logProbability === 0);
		const none = row.filter(({ logProbability }) => logProbability === null);
		assert.is(certain.length + none.length, STATES.length);
		assert.ok(certain.length <= 1);
	}
});

test('SIGKILL in the middle: the rows that are there stay, the digest is as in one go', async () => {
	const folder = newFolder(place);
	const changes = {
		...SMALL,
		sampling: [1, 0.9, 0.8, 0.7].map((temperature) => ({ temperature, maxTokens: 4 })),
	};
	writeExperiment(folder, changes);
	const file = join(folder, 'k.sqlite');
	const child = start(folder, ['kernel', 'experiment.yaml', '--db', 'k.sqlite', '--shapes', '2']);
	const end = ended(child);
	const rows = () => {
		if (!existsSync(file)) return 0;
		const db = new SQLite(file, { readonly: true });
		try {
			return db.prepare('SELECT count(*) FROM kernel_rows').pluck().get() as number;
		} catch {
			return 0;
		} finally {
			db.close();
		}
	};
	while (rows() < 3) {
		assert.is(child.exitCode, null, 'it ended before it was stopped');
		await new Promise((resolve) => setTimeout(resolve, 10));
	}
	child.kill('SIGKILL');
	assert.is((await end).signal, 'SIGKILL');
	const there = rows();
	const all = 4 * STATES.length;
	const whole = join(folder, 'whole.sqlite');
	const once = await score(whole, experiment(folder, changes));
	assert.is(once.rows, all);
	const rest = await score(file, experiment(folder, changes));
	assert.ok(rest.rows < all && rest.rows >= all - there, `${rest.rows} after ${there}`);
	const digests = (db: string) => kernelsIn(db).map(({ digest }) => digest);
	assert.equal(digests(file), digests(whole));
});

test.run();
