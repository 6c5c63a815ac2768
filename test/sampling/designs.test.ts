/** Order of work, width, portions, stopping and resuming must leave every transition as it is. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openSyntheticEngine } from '../../harness/engine/synthetic.js';
import type { SamplingSetting } from '../../harness/experiment/experiment.js';
import { drawKey } from '../../harness/sampling/draw.js';
import { drive } from '../../harness/sampling/drive.js';
import { fixedUnit, type Listener, type Unit } from '../../harness/sampling/fixed.js';
import { LawMemory } from '../../harness/sampling/law-memory.js';
import { splitPrompt } from '../../harness/sampling/prompt.js';
import { Chain, Crawl, sequentialUnit } from '../../harness/sampling/sequential.js';
import type { Ending } from '../../harness/sampling/stop.js';
import { type Attempt, type CellSampler, LawTree } from '../../harness/sampling/tree.js';

const WORDS = ['OAK', 'ELM', 'ASH', 'FIR', 'YEW'];
const P = [
	[0.1, 0.4, 0.2, 0.2, 0.1],
	[0.3, 0.1, 0.3, 0.2, 0.1],
	[0.2, 0.2, 0.2, 0.2, 0.2],
	[0.25, 0.25, 0.25, 0.15, 0.1],
	[0.6, 0.1, 0.1, 0.1, 0.1],
];
const SETTING: SamplingSetting = {
	temperature: 1,
	topK: 0,
	topP: 1,
	minP: 0,
	maxTokens: 4,
	stop: ['\n'],
};
const COLD: SamplingSetting = { ...SETTING, temperature: 0.5 };
const text = { before: 'After ', render: (s: string) => `After ${s} comes`, special: false };
const open = (width: number) =>
	openSyntheticEngine({ words: WORDS, logKernel: P.map((row) => row.map(Math.log)) }, width);
const sampler = (cell: number, setting = 0): CellSampler => ({
	cell,
	key: drawKey(`cell ${cell}`, 'tokens'),
	setting,
});
const never = new AbortController().signal;

type Row = [cell: number, source: string, draw: number, step: number | null, text: string];

function record() {
	const rows: Row[] = [];
	const listener: Listener = {
		attempts(source: string, ending: Ending, attempts: readonly Attempt[]) {
			for (const { sampler: s, draw, step } of attempts) {
				rows.push([s.cell, source, draw, step, ending.text]);
			}
		},
		law() {},
	};
	const sorted = () => rows.map((row) => JSON.stringify(row)).sort();
	return { rows, listener, sorted };
}

function tree(engine: ReturnType<typeof open>, source: string, retain = true): LawTree {
	const keeping = retain ? { memory: new LawMemory(Infinity), gone() {} } : null;
	return new LawTree(engine, source, splitPrompt(engine, text, source), [SETTING, COLD], keeping);
}

function attempts(samplers: readonly CellSampler[], from: number, to: number): Attempt[] {
	const list: Attempt[] = [];
	for (const s of samplers) {
		for (let draw = from; draw < to; draw++) list.push({ sampler: s, draw, step: null });
	}
	return list;
}

async function runFixed(width: number, order: readonly string[], portions: number[], rowsEach = 1) {
	const engine = open(width);
	const { rows, listener, sorted } = record();
	const cells = [sampler(1), sampler(2, 1)];
	const units: Unit[] = order.map((source) => {
		const batches = portions.slice(1).map((to, i) => attempts(cells, portions[i] as number, to));
		return fixedUnit(tree(engine, source, portions.length > 2), batches, {
			listener,
			share: { rows: rowsEach },
		});
	});
	const evaluations = await drive(engine, units, { afterRound: () => {}, signal: never });
	return { rows, sorted: sorted(), evaluations };
}

test('fixed: width, order of sources and portions change nothing; each node is evaluated once', async () => {
	const a = await runFixed(1, WORDS, [0, 400]);
	const b = await runFixed(16, [...WORDS].reverse(), [0, 400]);
	const c = await runFixed(3, WORDS, [0, 1, 150, 400]);
	const d = await runFixed(8, WORDS, [0, 400], 5);
	assert.is(a.rows.length, 2 * 5 * 400);
	assert.equal(a.sorted, b.sorted);
	assert.equal(a.sorted, c.sorted);
	assert.equal(a.sorted, d.sorted);
	assert.is(d.evaluations, a.evaluations);
	// One root and five words after it, for each source.
	assert.is(a.evaluations, 5 * (1 + 5));
	assert.is(c.evaluations, a.evaluations);
});

test('fixed: frequencies follow the kernel, at either temperature (χ², 4 degrees of freedom)', async () => {
	const { rows } = await runFixed(16, WORDS, [0, 4000]);
	for (const [i, source] of WORDS.entries()) {
		for (const [cell, power] of [
			[1, 1],
			[2, 2],
		] as const) {
			const weights = (P[i] as number[]).map((p) => p ** power);
			const total = weights.reduce((a, b) => a + b, 0);
			let chi2 = 0;
			for (const [j, word] of WORDS.entries()) {
				const n = rows.filter((r) => r[0] === cell && r[1] === source && r[4] === word).length;
				const e = (4000 * (weights[j] as number)) / total;
				chi2 += (n - e) ** 2 / e;
			}
			// P(χ²₄ > 20.5) = 4e-4 for each of ten fixed comparisons.
			assert.ok(chi2 < 20.5, `${source}, cell ${cell}: χ² = ${chi2}`);
		}
	}
});

test('another seed or source gives another stream', async () => {
	const { rows } = await runFixed(16, WORDS, [0, 200]);
	const answers = (cell: number, source: string) =>
		rows
			.filter((r) => r[0] === cell && r[1] === source)
			.sort((a, b) => a[2] - b[2])
			.map((r) => r[4])
			.join();
	assert.is.not(answers(1, 'OAK'), answers(2, 'OAK'));
	assert.is.not(answers(1, 'OAK'), answers(1, 'ELM'));
});

async function runSequential(kind: 'crawl' | 'chain', width: number, steps: number, cut = steps) {
	const engine = open(width);
	const all: Row[] = [];
	for (const end of cut < steps ? [cut, steps] : [steps]) {
		const { rows, listener } = record();
		const trees = new Map<string, LawTree>();
		const design =
			kind === 'crawl'
				? new Crawl(['OAK'], drawKey('cell 1', 'sources'))
				: new Chain(['OAK', 'YEW', 'ELM']);
		const unit = sequentialUnit(
			{
				sampler: sampler(1),
				design,
				steps: end,
				done: all.map(([, source, , , state]) => ({ source, target: state })),
				tree: (source) => {
					const known = trees.get(source) ?? tree(engine, source);
					trees.set(source, known);
					return known;
				},
				classify: (source, { text: state }) => ({
					outcome: state === source ? 'self' : 'valid',
					target: state,
				}),
			},
			width,
			listener,
		);
		await drive(engine, [unit], { afterRound: () => {}, signal: never });
		all.push(...rows);
	}
	return all;
}

for (const kind of ['crawl', 'chain'] as const) {
	test(`${kind}: width and stopping in between change nothing`, async () => {
		const whole = await runSequential(kind, 1, 300);
		assert.is(whole.length, 300);
		assert.equal(
			whole.map((row) => row[3]),
			Array.from({ length: 300 }, (_, i) => i),
		);
		assert.equal(await runSequential(kind, 16, 300), whole);
		assert.equal(await runSequential(kind, 5, 300, 123), whole);
	});
}

test('crawl: sources are known states, each drawn about equally often once all are known', async () => {
	const rows = await runSequential('crawl', 8, 3000);
	const known = new Set(['OAK']);
	for (const [, source, , , state] of rows) {
		assert.ok(known.has(source), `${source} was not known`);
		known.add(state);
	}
	for (const word of WORDS) {
		const n = rows.slice(500).filter((row) => row[1] === word).length;
		assert.ok(Math.abs(n - 500) < 4 * Math.sqrt(2500 * 0.2 * 0.8), `${word}: ${n}`);
	}
});

test('chain: each chain goes on from where it was', async () => {
	const rows = await runSequential('chain', 4, 90);
	for (let k = 3; k < 90; k++) assert.is(rows[k]?.[1], rows[k - 3]?.[4]);
	assert.equal(
		rows.slice(0, 3).map((row) => row[1]),
		['OAK', 'YEW', 'ELM'],
	);
});

test('chain: an attempt that reaches no state is repeated with a fresh draw', () => {
	const chain = new Chain(['OAK']);
	assert.is(chain.source(0), 'OAK');
	chain.record(null);
	assert.is(chain.source(1), 'OAK');
	chain.record('ELM');
	assert.is(chain.source(2), 'ELM');
	assert.is(chain.source(3), null);
});

test('a record that the design does not prescribe is refused', () => {
	const unit = sequentialUnit(
		{
			sampler: sampler(1),
			design: new Chain(['OAK']),
			steps: 5,
			done: [{ source: 'ELM', target: 'OAK' }],
			tree: () => {
				throw new Error('unused');
			},
			classify: () => ({ outcome: 'invalid', target: null }),
		},
		4,
		{ attempts() {}, law() {} },
	);
	assert.throws(
		() => unit.next(),
		/step 0 is recorded from "ELM", but the steps before it lead to "OAK"/,
	);
});

test('an abort between rounds stops the run', async () => {
	const engine = open(4);
	const stop = new AbortController();
	const { listener } = record();
	const units = WORDS.map((source) =>
		fixedUnit(tree(engine, source, false), [attempts([sampler(1)], 0, 50)], {
			listener,
			share: { rows: 1 },
		}),
	);
	let rejected = false;
	await drive(engine, units, { afterRound: () => stop.abort(), signal: stop.signal }).catch(() => {
		rejected = true;
	});
	assert.ok(rejected);
});

test.run();
