/** `detbal compare` as a user meets it. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Arguments } from '../../harness/commands/command.js';
import { run } from '../../harness/commands/compare.js';
import { UsageError } from '../../harness/errors.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { writeTransitions } from '../runner/transitions.js';
import { cellPlan, inFolder, runPlan } from '../store/fixture.js';
import { detbal, json } from './fixture.js';

const test = suite('compare command');

/** The command in this process, which saves the start of another. */
async function inProcess(args: Arguments) {
	const out: string[] = [];
	const err: string[] = [];
	const code = await run(args, {
		json: args.json === true,
		signal: new AbortController().signal,
		out: (line) => void out.push(line),
		stream: async (text) => void out.push(text),
		say: (line) => void err.push(line),
		progress: () => ({ update() {}, stop() {} }),
	});
	return { code, stdout: out.join('\n'), stderr: err.join('\n') };
}

test('a table, sentences, one JSON document; wrong use is refused', () =>
	inFolder(async (folder) => {
		const writer = StoreWriter.open(join(folder, 'two.db'));
		const potential = { A: 0, B: 0.8, C: 1.2, D: 0.3 };
		const sources = Object.keys(potential);
		const cells = ['one', 'two'].map((label) =>
			cellPlan({ key: label, model: label, label, sources, attempts: 300 }),
		);
		const handle = writer.planRun(runPlan({ cells }));
		for (const [seed, { id }] of handle.cells.entries()) {
			writeTransitions(writer, id, { potential, attempts: 300, seed: seed + 10 });
		}
		writer.close();

		const told = await detbal(folder, 'compare', 'two.db', '--workers', '1');
		assert.is(told.code, 0, told.stderr);
		assert.match(told.stdout, /^no\. +kernel +states\n/);
		assert.match(
			told.stdout,
			/\none · plain and two · plain: nothing speaks against one potential/,
		);
		for (const line of told.stdout.split('\n')) assert.ok(line.length <= 100, line);

		const document = json(await detbal(folder, 'compare', 'two.db', '--samples', '39', '--json'));
		assert.is(document.schema, 'detbal/compare/1');
		const [pair] = document.pairs as [Record<string, unknown>];
		for (const field of ['groups', 'states', 'correlation', 'slope', 'likelihoodRatio', 'scales']) {
			assert.ok(field in pair, field);
		}
		assert.is((pair.likelihoodRatio as { samples: number }).samples, 39);

		const sides = ['likeness', 'different', 'affinityDifference', 'sameVerdict'];
		for (const field of sides) assert.ok(field in pair, field);
		assert.equal([document.ranking, document.notCompared, document.runs], [[0], [], []]);

		const twice = await detbal(folder, 'compare', 'two.db', 'two.db');
		assert.equal([twice.code, twice.stdout], [2, '']);
		assert.match(twice.stderr, /a database is named twice: two\.db, two\.db; name each once/);
	}));

test('--markdown, --by, and limits for scripts on both sides', () =>
	inFolder(async (folder) => {
		const writer = StoreWriter.open(join(folder, 'far.db'));
		const kernels = [
			{ A: 0, B: 0.8, C: 1.2 },
			{ A: 0, B: 0.8, C: 1.2 },
			{ A: 2, B: 0, C: 0 },
		];
		const cells = kernels.map((_, i) =>
			cellPlan({
				key: `k${i}`,
				model: `m${i}`,
				label: `m${i}`,
				sources: ['A', 'B', 'C'],
				attempts: 400,
			}),
		);
		for (const [i, { id }] of writer.planRun(runPlan({ cells })).cells.entries()) {
			writeTransitions(writer, id, { potential: kernels[i]!, attempts: 400, seed: i + 3 });
		}
		writer.close();
		const compare = (args: Arguments = {}) =>
			inProcess({ dbs: [join(folder, 'far.db')], quick: true, ...args });

		const markdown = await compare({ markdown: true, by: 'model' });
		assert.is(markdown.code, 0, markdown.stderr);
		assert.match(markdown.stdout, /^# Kernels side by side\n/);
		assert.match(markdown.stdout, /\n\| 1–3 \| 3 \|/);
		assert.match(markdown.stdout, /\n\| ---: \| ---: \|/);
		for (const line of (await compare()).stdout.split('\n')) assert.ok(line.length <= 100, line);

		const above = await compare({ 'fail-above': 0.1 });
		assert.is(above.code, 3);
		assert.match(above.stderr, /--fail-above 0\.1: 2 of 3 pairs/);
		assert.is((await compare({ 'fail-above': 0.9 })).code, 0);
		const different = await compare({ 'fail-on': 'different' });
		assert.is(different.code, 3);
		assert.match(different.stderr, /--fail-on different: 2 of 3 pairs/);
		assert.is((await compare({ 'fail-on': 'different', by: 'template' })).code, 0);

		for (const [args, message] of [
			[{ 'fail-on': 'violated' }, /--fail-on: found violated; allowed: different/],
			[{ 'fail-above': 1 }, /--fail-above: found 1; allowed: a number from 0 to below 1/],
			[{ 'fail-above': -0.1 }, /--fail-above: found -0\.1/],
			[{ by: 'colour' }, /--by: found colour; allowed: model, template/],
			[{ markdown: true, json: true }, /exclude each other/],
		] as const) {
			const refused = await compare(args).catch((error) => error);
			assert.instance(refused, UsageError);
			assert.match(refused.message, message);
		}
	}));

test.run();
