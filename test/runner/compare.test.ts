/** Compare on databases written by hand: names, families of temperatures, several databases. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareJson } from '../../harness/commands/compare.js';
import { UsageError } from '../../harness/errors.js';
import { compareSections } from '../../harness/report/compare-sections.js';
import {
	kernelTable,
	pairSentence,
	pairTable,
	temperatureText,
	togetherSentence,
} from '../../harness/report/compare-text.js';
import {
	markdownText,
	sectionsMarkdown,
	sectionsText,
} from '../../harness/report/sections-text.js';
import {
	type CompareRequest,
	type CompareResult,
	compareDatabases,
} from '../../harness/runner/compare.js';
import { identify } from '../../harness/store/identity.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { cellPlan, inFolder, runPlan } from '../store/fixture.js';
import { writeTransitions } from './transitions.js';

const test = suite('compare');
const V = { A: 0, B: 0.8, C: 1.2, D: 0.3 };

interface Cell {
	readonly model: string;
	readonly temperature: number;
	/** scale of V, or the potential itself */
	readonly potential: number | Readonly<Record<string, number>>;
	readonly label?: string;
}

function write(db: string, key: string, members: readonly Cell[]): void {
	const writer = StoreWriter.open(db);
	const cells = members.map(({ model, temperature, potential, label = model }, i) =>
		cellPlan({
			key: `${key}${i}`,
			model,
			label,
			temperature,
			sources: Object.keys(typeof potential === 'number' ? V : potential),
			attempts: 400,
		}),
	);
	const handle = writer.planRun(runPlan({ key, cells }));
	for (const [i, { id }] of handle.cells.entries()) {
		const { potential } = members[i] as Cell;
		const scaled =
			typeof potential === 'number'
				? Object.fromEntries(Object.entries(V).map(([f, v]) => [f, v * potential]))
				: potential;
		writeTransitions(writer, id, { potential: scaled, attempts: 400, seed: i + key.length });
	}
	writer.close();
}

function compare(...dbs: readonly string[]): Promise<CompareResult> {
	return compareWith({}, ...dbs);
}

function compareWith(
	change: Partial<CompareRequest>,
	...dbs: readonly string[]
): Promise<CompareResult> {
	return compareDatabases({
		dbs,
		run: null,
		options: { samples: 99 },
		workers: 1,
		signal: new AbortController().signal,
		onComparison: () => {},
		...change,
	});
}

test('pairs, all together, and temperatures of one model', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'heat.db');
		write(db, 'r', [
			{ model: 'one', temperature: 0.5, potential: 2 },
			{ model: 'one', temperature: 1, potential: 1 },
			{ model: 'other', temperature: 1, potential: { A: 1.2, B: 0, C: 0.4, D: 1 } },
		]);
		const result = await compare(db);
		assert.equal(
			result.kernels.map(({ name }) => name),
			['one · plain · T 0.5', 'one · plain · T 1', 'other · plain · T 1'],
		);
		assert.equal(
			result.pairs.map(({ groups, rejected }) => [...groups, rejected]),
			[
				[0, 1, false],
				[0, 2, true],
				[1, 2, true],
			],
		);
		const [same, differ] = result.pairs;
		assert.ok(same!.slope!.lower! < 0.5 && same!.slope!.upper! > 0.5);
		assert.match(pairSentence(same!), /^nothing speaks against one potential up to a scale/);
		assert.match(
			pairSentence(differ!),
			/^one potential up to a scale is rejected \(p 0\.03 after Holm/,
		);
		assert.is(result.together!.likelihoodRatio!.p, 0.01);
		assert.match(
			togetherSentence(result.together, result.kernels, 0.05).join(' '),
			/^All 3 together, on 4 states: one potential up to a scale each is rejected/,
		);
		const [family] = result.temperatures;
		assert.equal([result.temperatures.length, family!.groups], [1, [0, 1]]);
		assert.ok(family!.exponent!.lower < 1 && family!.exponent!.upper > 1);
		const lines = [
			...kernelTable(result.kernels),
			...pairTable(result.pairs),
			...temperatureText(result.temperatures, 0.05),
		];
		for (const line of lines) assert.ok(line.length <= 100, line);
		assert.ok(
			lines.some((line) => /^ *1–2 +4 /.test(line)),
			lines.join('\n'),
		);
		const document = JSON.parse(JSON.stringify(compareJson(result)));
		assert.is(document.schema, 'detbal/compare/1');
		assert.is(document.groups.length, 3);
		assert.is(document.pairs[1].rejected, true);
		assert.match(document.pairs[0].sentence, /nothing speaks against/);
	}));

test('several databases: the same label gets the name of its database; the same twice is one potential', () =>
	inFolder(async (folder) => {
		const [first, second] = [join(folder, 'mine.db'), join(folder, 'theirs.db')];
		write(first, 'r', [{ model: 'one', temperature: 1, potential: 1 }]);
		write(second, 'rr', [
			{ model: 'one', temperature: 1, potential: 1 },
			{ model: 'two', temperature: 1, potential: 1, label: 'one' },
		]);
		const { kernels, pairs, temperatures } = await compare(first, second);
		assert.equal(
			kernels.map(({ name }) => name),
			['one · plain (mine)', 'one · plain (theirs)', 'one · plain (theirs) #2'],
		);
		assert.equal(temperatures, []);
		assert.ok(pairs.every(({ rejected }) => rejected === false));
	}));

test('states apart: not compared, with a reason; one kernel alone is refused', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'apart.db');
		write(db, 'r', [{ model: 'one', temperature: 1, potential: 1 }]);
		let refusal: unknown;
		await compare(db).catch((error) => {
			refusal = error;
		});
		assert.instance(refusal, UsageError);
		assert.match((refusal as Error).message, /only one kernel.*name another database beside it/);
		const other = join(folder, 'other.db');
		write(other, 'r', [{ model: 'two', temperature: 0, potential: { E: 0, F: 1, G: 2 } }]);
		const { pairs } = await compare(db, other);
		assert.equal([pairs[0]!.rejected, pairs[0]!.adjustedP], [null, null]);
		assert.match(pairSentence(pairs[0]!), /^not compared: no two states have a bounded potential/);
		assert.match(pairTable(pairs).at(-1)!, /not compared$/);
	}));

test('side by side: kernels, affinities, verdicts, cost; ranked by what differs most', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'side.db');
		const far = { A: 1.2, B: 0, C: 0.4, D: 1 };
		write(db, 'r', [
			{ model: 'one', temperature: 1, potential: 1 },
			{ model: 'two', temperature: 1, potential: 1 },
			{ model: 'three', temperature: 1, potential: far },
		]);
		const plans: unknown[] = [];
		const result = await compareWith({ quick: true, onPlan: (plan) => plans.push(plan) }, db);
		assert.equal(plans, [{ kernels: 3, pairs: 3, notCompared: 0, samples: 99, fits: 0 }]);
		assert.equal([result.likenessSamples, result.notices], [99, []]);
		const blind = await compareWith({ quick: true, options: { samples: 39 } }, db);
		assert.match(blind.notices.join(), /3 pairs with 39 tables each: only kernels very far apart/);
		assert.equal(
			result.pairs.map(({ groups, different, likelihoodRatio }) => [
				...groups,
				different,
				likelihoodRatio,
			]),
			[
				[0, 1, false, null],
				[0, 2, true, null],
				[1, 2, true, null],
			],
		);
		assert.is(result.ranking.at(-1), 0);
		const [same, differ] = result.pairs;
		assert.is(same!.likeness.totalVariation!.lower, 0);
		assert.ok(differ!.likeness.totalVariation!.lower > 0.1);
		assert.is(differ!.likeness.rows.length, 4);
		assert.ok(differ!.likenessAdjustedP! < 1e-6);
		assert.match(pairSentence(differ!), /not compared: left out, as asked/);
		const [kernel] = result.kernels;
		assert.equal([kernel!.attempts, kernel!.evaluations], [1600, 0]);
		assert.is(kernel!.judged.verdict, 'insufficient');
		assert.is(kernel!.judged.adjustedP, null);
		assert.ok(same!.affinityDifference!.lower < 0 && same!.affinityDifference!.upper > 0);
		assert.is((await compareWith({ quick: true, rows: 2 }, db)).pairs[1]!.likeness.rows.length, 2);

		const sections = compareSections(result);
		assert.equal(
			sections.map(({ id }) => id),
			['compare-likeness', 'compare-kernels', 'compare-rows'],
		);
		for (const { tables } of sections) {
			for (const { columns, rows } of tables) {
				for (const row of rows) assert.is(row.length, columns.length);
			}
		}
		for (const line of sectionsText(sections)) assert.ok(line.length <= 100, line);
		const whole = await compareWith({ verify: { samples: 199 } }, db);
		assert.is(whole.kernels[0]!.judged.adjustedP === null, false);
		assert.equal(
			compareSections(whole).map(({ id }) => id),
			['compare-likeness', 'compare-kernels', 'compare-rows', 'compare-potentials'],
		);
	}));

test('by one thing: the others are listed with the reason; seeds are divided', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'by.db');
		const writer = StoreWriter.open(db);
		const plan = { sources: Object.keys(V), attempts: 100 };
		const task = { task: identify({ kind: 'closed', states: ['X'] }) };
		const other = cellPlan({ ...plan, key: 'c', model: 'other', label: 'other' });
		const cells = [
			cellPlan({ ...plan, key: 'a', seed: 1 }),
			cellPlan({ ...plan, key: 'b', seed: 2 }),
			other,
			{ ...other, key: 'd', identities: { ...other.identities, ...task } },
		];
		for (const [i, { id }] of writer.planRun(runPlan({ cells })).cells.entries()) {
			writeTransitions(writer, id, { potential: V, attempts: 100, seed: i });
		}
		writer.close();
		const models = await compareWith({ quick: true, by: 'model' }, db);
		assert.equal(
			models.pairs.map(({ groups }) => groups),
			[[0, 1]],
		);
		assert.equal(models.notCompared, [
			{ groups: [0, 2], reason: 'another task' },
			{ groups: [1, 2], reason: 'another task' },
		]);
		const left = compareSections(models).find(({ id }) => id === 'compare-left-out');
		assert.equal(left!.tables[0]!.rows, [[2, 'another task', '1–3, 2–3']]);

		const seeds = await compareWith({ quick: true, by: 'seed' }, db);
		assert.equal(
			seeds.kernels.map(({ name, attempts }) => [name, attempts]),
			[
				['tiny · plain · seed 1', 400],
				['tiny · plain · seed 2', 400],
				['other · plain · seed 1', 400],
				['other · plain · seed 1 #2', 400],
			],
		);
		assert.equal(
			seeds.pairs.map(({ groups, different }) => [...groups, different]),
			[[0, 1, false]],
		);
		assert.equal(seeds.temperatures, []);
	}));

test('states apart are listed, too; nothing to compare is no error', () =>
	inFolder(async (folder) => {
		const [one, two] = [join(folder, 'one.db'), join(folder, 'two.db')];
		write(one, 'r', [{ model: 'one', temperature: 1, potential: 1 }]);
		write(two, 's', [{ model: 'two', temperature: 1, potential: { E: 0, F: 1, G: 2 } }]);
		const { notCompared, pairs, kernels, ...rest } = await compareWith({ quick: true }, one, two);
		assert.equal(notCompared, [
			{ groups: [0, 1], reason: 'no state was a source of attempts in both' },
		]);
		assert.equal([pairs[0]!.different, pairs[0]!.likeness.totalVariation], [null, null]);
		const text = sectionsText(compareSections({ notCompared, pairs, kernels, ...rest }));
		assert.match(text.join('\n'), /not compared/);
		const none = await compareWith({ quick: true, by: 'seed' }, one, two);
		assert.equal([none.pairs, none.ranking], [[], []]);
		assert.match(sectionsText(compareSections(none)).join('\n'), /No two kernels could be tested/);
	}));

test('Markdown shows hostile names as text', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'hostile.db');
		const label = '<script>alert(1)</script>|x`*_[a](b)\u202e\n# y\u0007';
		write(db, 'r', [
			{ model: 'one', temperature: 1, potential: 1, label },
			{ model: 'two', temperature: 1, potential: 1 },
		]);
		const sections = compareSections(await compareWith({ quick: true }, db));
		const lines = sectionsMarkdown(sections, label);
		const text = lines.join('\n');
		assert.not.match(lines.join(' '), /<script|\p{Cc}|\p{Bidi_Control}/u);
		assert.match(
			text,
			/&lt;script&gt;alert\(1\)&lt;\/script&gt;\\\|x\\`\\\*\\_\\\[a\\\]\(b\)␦␦\\# y␦/,
		);
		for (const line of lines.filter((one) => one.startsWith('|'))) {
			const cells = line.replaceAll(/\\./g, '').split('|').length;
			assert.ok(cells > 3, line);
		}
		assert.is(markdownText('a\ud800'), 'a\ufffd');
		assert.is(markdownText('a|b\n<i>'), 'a\\|b␦&lt;i&gt;');
		assert.is(markdownText('- 1. +'), '\\- 1. +');
		assert.ok(markdownText('x'.repeat(1e6)).length < 4000);
	}));

test.run();
