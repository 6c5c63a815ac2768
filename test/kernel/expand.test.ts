/** Exact kernels against all completions of models so small that they can be written down. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine, Tokenizer } from '../../harness/engine/engine.js';
import type { SamplingSetting } from '../../harness/experiment/experiment.js';
import { makeTask, type Task } from '../../harness/experiment/tasks/task.js';
import { type RowOptions, type RowSubject, rowUnit } from '../../harness/kernel/expand.js';
import { Outlook } from '../../harness/kernel/outlook.js';
import { type KernelRow, totalMass } from '../../harness/kernel/row.js';
import { Spellings } from '../../harness/kernel/spellings.js';
import { Vocabulary } from '../../harness/kernel/vocabulary.js';
import { drive } from '../../harness/sampling/drive.js';
import type { Unit } from '../../harness/sampling/fixed.js';
import { enumerate, type Question, type Truth } from './brute.js';
import { type Toy, toyEngine, toyTokenizer } from './toy.js';

const CLOSED = ['A', 'AB', 'B', 'BA', 'A B', 'A.B', "A'B", "A's", 'Ä', 'AÄ'];
/** Letter sums 3. */
const WORDS = ['AB', 'BA', 'AAA'];

interface Case {
	readonly task: Task;
	readonly states: readonly string[];
	readonly toy: Toy;
	readonly maxTokens: number;
	/** Models of this kind. */
	readonly seeds: number;
}

const SMALL = { maxTokens: 3, seeds: 11 };
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
/** U+00C4 is a letter in two bytes, each a token. */
const BROKEN = [[0xc3], [0x84]] as const;
const CASES: Readonly<Record<string, Case>> = {
	whole: {
		task: makeTask({ kind: 'closed', states: CLOSED, read: 'whole' }),
		states: CLOSED,
		toy: { pieces: ['', 'A', 'B', 'Ax', ' ', '\n', '.', '"', ...BROKEN] },
		...SMALL,
	},
	'first word': {
		task: makeTask({ kind: 'closed', states: CLOSED, read: 'first-word' }),
		states: CLOSED,
		toy: { pieces: ['', 'A', 'B', '.A', ' ', '\n', '.', '" ', ' .', "'"], cleans: true },
		...SMALL,
	},
	words: {
		task: makeTask({ kind: 'words', letterSum: 3, words: null }),
		states: WORDS,
		toy: { pieces: ['', 'A', 'B', 'a', 'b', 'AB', ' ', '\n', ' b', '"'], stripsFirst: true },
		...SMALL,
	},
	'more tokens than are followed at once': {
		task: makeTask({ kind: 'words', letterSum: 3, words: null }),
		states: WORDS,
		toy: {
			pieces: [
				...['', '\n', ' ', ...LETTERS, ...LETTERS.map((x) => x.toLowerCase())],
				...LETTERS.map((x) => `A${x}`),
			],
		},
		maxTokens: 2,
		seeds: 3,
	},
	'whole, cleaned': {
		task: makeTask({ kind: 'closed', states: CLOSED, read: 'whole' }),
		states: CLOSED,
		toy: { pieces: ['', 'A', 'A ', '.B', " '", ' B', "'s", '\n', "' ", 'B'], cleans: true },
		...SMALL,
	},
};

const SETTING: SamplingSetting = {
	temperature: 1,
	topK: 0,
	topP: 1,
	minP: 0,
	maxTokens: 3,
	stop: ['\n'],
};

const SETTINGS: readonly Partial<SamplingSetting>[] = [
	{},
	{ temperature: 0 },
	{ temperature: 0.5, stop: [] },
	{ temperature: 2, stop: ['.\n', 'BA'] },
	{ topK: 4, stop: [' '] },
	{ topP: 0.8, temperature: 2, stop: ['B.', '"', 'AB A'] },
	{ minP: 0.001, stop: ['xÄ', '.'] },
	{ temperature: 0.05 },
	{ temperature: 0.004 },
];

const never = new AbortController().signal;

/** Toys spell some states only in ways that no tokenizer would choose. */
function spells(tokenizer: Tokenizer, state: string): boolean {
	try {
		return tokenizer.tokenize(state, false).length > 0;
	} catch {
		return false;
	}
}

function subjectOf({ task, states, toy }: Case, open: boolean): Omit<RowSubject, 'prompt'> {
	const tokenizer = toyTokenizer(toy);
	const vocabulary = new Vocabulary(tokenizer);
	const outlook = new Outlook(task.prospects(states), []);
	const spellings = new Spellings(
		tokenizer,
		states.filter((state) => spells(tokenizer, state)),
	);
	const closed = open ? null : { outlook, vocabulary, spellings };
	return { tokenizer, task, setting: SETTING, source: 'A', closed };
}

interface Asked extends RowOptions {
	readonly open: boolean;
	readonly setting: SamplingSetting;
	readonly engine: Engine;
}

/** Rows of sources that are numbers, side by side. */
async function rows(
	one: Case,
	seeds: readonly number[],
	{ open, setting, engine, ...options }: Asked,
): Promise<Map<number, KernelRow>> {
	const found = new Map<number, KernelRow>();
	const base = subjectOf(one, open);
	const closed = base.closed && {
		...base.closed,
		outlook: new Outlook(one.task.prospects(one.states), setting.stop),
	};
	const units = seeds.map((seed): Unit => {
		const prompt = { head: [], rest: [seed] };
		return rowUnit({ ...base, setting, closed, prompt }, options, (row) => found.set(seed, row));
	});
	await drive(engine, units, { signal: never, afterRound() {} });
	return found;
}

const close = (a: number, b: number, what: string, tolerance = 1e-9) =>
	assert.ok(Math.abs(a - b) <= tolerance, `${what}: ${a} is not ${b}`);
/** `low` ≤ `high`, but for rounding. */
const below = (low: number, high: number, what: string) =>
	assert.ok(low <= high + 1e-12, `${what}: ${low} is above ${high}`);

function sum(masses: Iterable<number>): number {
	let all = 0;
	for (const mass of masses) all += mass;
	return all;
}

interface About {
	readonly open: boolean;
	readonly what: string;
}

function checkBounds(row: KernelRow, truth: Truth, { open, what }: About): void {
	close(totalMass(row), 1, `${what}: total mass`);
	const targets = new Set(row.entries.map(({ target }) => target));
	for (const { target, logFound, logBound } of row.entries) {
		const log = truth.states.get(target) ?? -Infinity;
		// In logs: however small a mass is, the bounds hold.
		below(logFound, log, `${what}: found of ${target}`);
		below(log, logBound, `${what}: bound of ${target}`);
	}
	const mass = (state: string) => Math.exp(truth.states.get(state) ?? -Infinity);
	if (!open) {
		assert.is(row.outcomes, null);
		const outside = 1 - sum([...targets].map(mass));
		below(row.elsewhere, outside, `${what}: elsewhere`);
		below(outside, row.elsewhere + row.leftOut, `${what}: bound of elsewhere`);
		return;
	}
	assert.is(row.elsewhere, 0);
	for (const state of truth.states.keys())
		if (!targets.has(state)) below(mass(state), row.leftOut, `${what}: ${state} not found`);
	for (const [outcome, mass] of Object.entries(truth.outcomes)) {
		const found = row.outcomes?.[outcome as keyof typeof truth.outcomes] as number;
		below(found, mass, `${what}: ${outcome}`);
		below(mass, found + row.leftOut, `${what}: bound of ${outcome}`);
	}
}

/** What was left out is as small as was asked. */
function checkReached(row: KernelRow, epsilon: number, { open, what }: About): void {
	if (open) below(row.leftOut, epsilon, what);
	else
		for (const { target, logFound, logBound } of row.entries)
			if (logBound > -Infinity)
				below(logBound - logFound, Math.log1p(epsilon), `${what}: ${target}`);
}

/** Where what is left out is next to nothing, the row is the truth. */
function checkExact(row: KernelRow, truth: Truth, { open, what }: About): void {
	assert.ok(row.reached, what);
	for (const { target, logFound } of row.entries) {
		const log = truth.states.get(target) ?? -Infinity;
		if (open || log === -Infinity) close(Math.exp(logFound), Math.exp(log), `${what}: ${target}`);
		else close(logFound, log, `${what}: log ${target}`);
	}
	if (!open) return;
	for (const [outcome, mass] of Object.entries(truth.outcomes))
		close(row.outcomes?.[outcome as 'invalid'] as number, mass, `${what}: ${outcome}`);
}

for (const [name, one] of Object.entries(CASES))
	for (const open of [false, true])
		test(`${name}, ${open ? 'open' : 'closed'}: found ≤ truth ≤ bound`, async () => {
			const engine = toyEngine(one.toy, 4);
			for (let seed = 1; seed <= one.seeds; seed++) {
				const change = SETTINGS[seed % SETTINGS.length] as Partial<SamplingSetting>;
				const setting = { ...SETTING, maxTokens: one.maxTokens, ...change };
				const question: Question = { ...one, seed, setting, source: 'A' };
				const truth = enumerate(question);
				const asked = { open, setting, engine, mostEvaluations: 100_000 };
				for (const epsilon of [0.3, 0.01, 1e-14]) {
					const what = `${JSON.stringify(change)}, epsilon ${epsilon}`;
					const row = (await rows(one, [seed], { ...asked, epsilon })).get(seed) as KernelRow;
					checkBounds(row, truth, { open, what });
					if (row.reached) checkReached(row, epsilon, { open, what });
					if (epsilon === 1e-14) checkExact(row, truth, { open, what });
				}
				for (const mostEvaluations of [1, 4, 13]) {
					const what = `${JSON.stringify(change)}, ${mostEvaluations} evaluations`;
					const few = { ...asked, mostEvaluations, epsilon: 1e-14 };
					const row = (await rows(one, [seed], few)).get(seed) as KernelRow;
					assert.ok(row.evaluations <= mostEvaluations, what);
					checkBounds(row, truth, { open, what });
				}
			}
		});

test('a row is the same at every width, alone and beside others, and asks for no law twice', async () => {
	const one = CASES.whole as Case;
	const seeds = [1, 2, 3, 4, 5];
	for (const open of [false, true]) {
		const asked = { open, setting: SETTING, mostEvaluations: 40, epsilon: 0.01 };
		const alone = new Map<number, KernelRow>();
		for (const seed of seeds) {
			const engine = toyEngine(one.toy, 1);
			const [row] = (await rows(one, [seed], { ...asked, engine })).values();
			alone.set(seed, row as KernelRow);
			const paths = new Set(engine.asked.map(({ completion }) => completion.join()));
			assert.equal([engine.asked.length, paths.size], [row?.evaluations, row?.evaluations]);
		}
		for (const width of [1, 3, 16]) {
			const engine = toyEngine(one.toy, width);
			const together = await rows(one, seeds.toReversed(), { ...asked, engine });
			for (const seed of seeds) assert.equal(together.get(seed), alone.get(seed), `width ${width}`);
		}
		assert.is(new Set([...alone.values()].map(({ entries }) => JSON.stringify(entries))).size, 5);
	}
});

test('targets share the beginnings that they have in common', async () => {
	const one = CASES.whole as Case;
	const asked = { open: false, setting: SETTING, mostEvaluations: 10_000, epsilon: 0.01 };
	const cost = async (states: readonly string[]) => {
		const engine = toyEngine(one.toy, 4);
		await rows({ ...one, states }, [1], { ...asked, engine });
		return engine.asked.length;
	};
	const each = await Promise.all(CLOSED.map((state) => cost([state])));
	const together = await cost(CLOSED);
	assert.ok(together < 0.5 * sum(each), `${together} of ${each}`);
});

test('a smaller epsilon costs more', async () => {
	const { states, ...whole } = CASES.whole as Case;
	// A target that nothing leads to costs everything, whatever epsilon is.
	const spelled = states.filter((state) => spells(toyTokenizer(whole.toy), state));
	for (const open of [false, true]) {
		const one = { ...whole, states: open ? states : spelled };
		const costs: number[] = [];
		for (const epsilon of [0.5, 1e-2, 1e-5]) {
			const engine = toyEngine(one.toy, 4);
			const setting = { ...SETTING, maxTokens: open ? SETTING.maxTokens : 6 };
			await rows(one, [2], { open, setting, mostEvaluations: 10_000, epsilon, engine });
			costs.push(engine.asked.length);
		}
		assert.equal(
			costs.toSorted((a, b) => a - b),
			costs,
		);
		assert.ok((costs[0] as number) < (costs[2] as number), `${costs}`);
	}
});

test.run();
