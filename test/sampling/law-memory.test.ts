/** What the account of kept laws lets go, what it keeps, and that it never changes a transition. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Engine, logSumExp, type TokenPath } from '../../harness/engine/engine.js';
import { openSyntheticEngine } from '../../harness/engine/synthetic.js';
import type { SamplingSetting } from '../../harness/experiment/experiment.js';
import { type CellJob, execute } from '../../harness/runner/execute.js';
import type { Ledger } from '../../harness/runner/ledger.js';
import { drawKey } from '../../harness/sampling/draw.js';
import { drive } from '../../harness/sampling/drive.js';
import { fixedUnit } from '../../harness/sampling/fixed.js';
import { Hold, LawMemory } from '../../harness/sampling/law-memory.js';
import { LawNode, weightOf } from '../../harness/sampling/law-node.js';
import { splitPrompt } from '../../harness/sampling/prompt.js';
import { type Attempt, LawTree } from '../../harness/sampling/tree.js';

const HEAVY = [{ tokens: [1], text: 'x'.repeat(1000), truncated: false }];

/** A root with two children, a and b, of which a has a child c; drawn from 9, 5, 4 and 2 times. */
function family(memory: LawMemory) {
	const root = new LawNode(null, 0);
	let gone = 0;
	memory.enter(root, 100, () => {
		gone += 1;
	});
	const below = (parent: LawNode, token: number, uses: number): LawNode => {
		const node = new LawNode(parent, token);
		node.uses = uses;
		if (uses < 5) node.endings = HEAVY;
		parent.children ??= new Map();
		parent.children.set(token, node);
		memory.weigh(node);
		memory.weigh(parent);
		return node;
	};
	root.uses = 9;
	const a = below(root, 7, 5);
	const b = below(root, 8, 4);
	const c = below(a, 9, 2);
	return { root, a, b, c, goneTimes: () => gone };
}

test('a node holds its path by its parents', () => {
	const { root, c } = family(new LawMemory(Infinity));
	assert.equal(root.path(), []);
	assert.equal(c.path(), [7, 9]);
	assert.is(c.depth, 2);
});

test('the account is the sum of what was weighed; a tree that leaves takes it along', () => {
	const memory = new LawMemory(Infinity);
	const { root, a, b, c } = family(memory);
	const sum = [root, a, b, c].reduce((total, node) => total + weightOf(node), 100);
	assert.is(memory.used, sum);
	memory.settle();
	assert.is(memory.used, sum);
	memory.leave(root);
	memory.leave(root);
	assert.is(memory.used, 0);
	assert.is(memory.peak, sum);
	assert.is(memory.dropped, 0);
});

test('the least used goes first, what is below before what is above, and only as many as must', () => {
	const sizes = new LawMemory(Infinity);
	const { c, b } = family(sizes);
	const weight = [weightOf(c), weightOf(b)];
	// Three quarters of the limit are reached by letting one go, or two.
	for (const [go, left] of [
		[weight[0] as number, [7, 8]],
		[(weight[0] as number) + (weight[1] as number), [7]],
	] as const) {
		const memory = new LawMemory((sizes.used - go + 1) / 0.75);
		const { root, a } = family(memory);
		memory.settle();
		assert.equal([...(root.children?.keys() ?? [])], left);
		assert.is(a.children?.size, 0);
		assert.is(a.uses, 2, 'uses count half afterwards');
		assert.is(root.uses, 4);
	}
});

test('what is held stays with all above it; the root goes last and says so', () => {
	const memory = new LawMemory(0);
	const { root, a, c, goneTimes } = family(memory);
	const hold = new Hold();
	hold.on([c]);
	memory.settle();
	assert.equal([...(root.children?.values() ?? [])], [a]);
	assert.equal([...(a.children?.values() ?? [])], [c]);
	assert.is(goneTimes(), 0);
	hold.on([a]);
	// Looking again at once would be idle where nothing was to be let go of: it waits for growth.
	const extra = new LawNode(root, 1);
	extra.endings = HEAVY;
	root.children?.set(1, extra);
	memory.weigh(extra);
	memory.settle();
	assert.is(a.children?.size, 0);
	assert.is(goneTimes(), 0);
	hold.on([]);
	root.children?.set(1, extra);
	extra.bytes = 0;
	memory.weigh(extra);
	memory.settle();
	assert.is(goneTimes(), 1);
	assert.is(memory.used, 0);
});

/** More words than are kept of a law, so that draws fall into gaps too. */
const WORDS = Array.from({ length: 300 }, (_, i) => `w${i}`.padEnd(4, '.'));
const FIRST_WORD = 257;
const SETTING: SamplingSetting = {
	temperature: 1,
	topK: 0,
	topP: 1,
	minP: 0,
	maxTokens: 3,
	stop: ['\n'],
};
const SETTINGS = [SETTING, { ...SETTING, temperature: 0.8 }];
const text = { before: 'After ', render: (s: string) => `After ${s} comes`, special: false };
const never = new AbortController().signal;

/** A 32-bit hash of two numbers. */
function stir(a: number, b: number): number {
	const once = Math.imul(a ^ (a >>> 15) ^ Math.imul(b, 0x9e3779b1), 0x2c1b3c6d);
	return (once ^ (once >>> 13)) >>> 0;
}

/** Some twenty likely words after each path, all others now and then; every path goes on with 1/2. */
function open(width: number): Engine {
	const logKernel = WORDS.map(() => WORDS.map(() => 0));
	const engine = openSyntheticEngine({ words: WORDS, logKernel }, width);
	const lawAfter = ({ rest, completion }: TokenPath) => {
		const logits = new Float32Array(engine.facts.vocabularySize).fill(-Infinity);
		const source = rest.findLast((token) => token >= FIRST_WORD) ?? 0;
		const path = completion.reduce(stir, stir(completion.length, source));
		for (let i = 0; i < WORDS.length; i++) {
			logits[FIRST_WORD + i] = stir(path, i) % 16 === 0 ? 0 : -5;
		}
		if (completion.length > 0) logits[0] = logSumExp(logits);
		return { logits, logNormalizer: logSumExp(logits) };
	};
	return { ...engine, laws: async (paths) => paths.map(lawAfter) };
}

const CELLS = [0, 1].map((cell) => ({
	cell,
	key: `cell ${cell}`,
	setting: cell,
	steps: 60,
}));

/** 320 attempts in four portions from each of two sources, walked side by side, each in up to so many rows. */
async function runFixed(memory: LawMemory, rowsEach = 1) {
	const engine = open(4);
	const rows: string[] = [];
	const listener = {
		attempts(source: string, ending: { text: string }, attempts: readonly Attempt[]) {
			for (const a of attempts) rows.push(`${a.sampler.cell} ${source} ${a.draw} ${ending.text}`);
		},
		law() {},
	};
	const samplers = CELLS.map(({ key, ...cell }) => ({ ...cell, key: drawKey(key, 'tokens') }));
	const units = WORDS.slice(0, 2).map((source) => {
		const prompt = splitPrompt(engine, text, source);
		const tree = new LawTree(engine, source, prompt, SETTINGS, { memory, gone() {} });
		const portions = [0, 40, 80, 120].map((from) =>
			samplers.flatMap((sampler) =>
				Array.from({ length: 40 }, (_, i) => ({ sampler, draw: from + i, step: null })),
			),
		);
		return fixedUnit(tree, portions, { listener, share: { rows: rowsEach } });
	});
	const evaluations = await drive(engine, units, { afterRound: noCircle, signal: never });
	return { rows: rows.sort(), evaluations };
}

/** Far more evaluations than any limit needs: laws are asked for and let go of for ever. */
function noCircle(evaluations: number): void {
	if (evaluations > 10_000) throw new Error('the attempts get no further');
}

async function runSequential(design: 'crawl' | 'chain', memory: LawMemory) {
	const engine = open(4);
	const rows: string[] = [];
	const ledger: Ledger = {
		missing: () => [],
		done: () => [],
		attempts(source, ending, { target }, attempts) {
			for (const { sampler, draw, step } of attempts) {
				rows.push(`${sampler.cell} ${step} ${source} ${draw} ${ending.text} ${target}`);
			}
		},
		law() {},
	};
	const evaluations = await execute(
		{
			engine,
			task: { read: (answer: string) => ({ state: answer.slice(-4) }) } as never,
			design: { design, states: WORDS.slice(0, 3) },
			settings: SETTINGS,
			trees: [
				{
					tree: 0,
					cells: CELLS satisfies readonly CellJob[],
					sources: [],
					prompt: (source) => splitPrompt(engine, text, source),
				},
			],
		},
		{ ledger, signal: never, afterRound: noCircle, memory },
	);
	return { rows: rows.sort(), evaluations };
}

const DESIGNS = {
	fixed: runFixed,
	crawl: (memory: LawMemory) => runSequential('crawl', memory),
	chain: (memory: LawMemory) => runSequential('chain', memory),
};

for (const [design, run] of Object.entries(DESIGNS)) {
	test(`${design}: any limit gives the same transitions; the smaller, the more evaluations`, async () => {
		const unlimited = new LawMemory(Infinity);
		const whole = await run(unlimited);
		assert.is(unlimited.dropped, 0);
		assert.is(unlimited.used, 0, 'trees that are done with leave the account');
		let evaluations = whole.evaluations;
		for (const part of [0.5, 0]) {
			const memory = new LawMemory(part * unlimited.peak);
			const bounded = await run(memory);
			assert.equal(bounded.rows, whole.rows);
			assert.ok(bounded.evaluations > evaluations, `${bounded.evaluations} at ${part}`);
			assert.ok(memory.dropped > 0);
			assert.ok(memory.peak < unlimited.peak);
			assert.is(memory.used, 0);
			evaluations = bounded.evaluations;
		}
	});
}

test('subtrees walked side by side: the same transitions at any limit, as few evaluations where all is kept', async () => {
	const alone = await runFixed(new LawMemory(Infinity));
	for (const limit of [Infinity, 20_000, 0]) {
		const memory = new LawMemory(limit);
		const { rows, evaluations } = await runFixed(memory, 4);
		assert.equal(rows, alone.rows, `limit ${limit}`);
		if (limit === Infinity) assert.is(evaluations, alone.evaluations);
		assert.is(memory.used, 0, 'every tree has left the account');
	}
});

test.run();
