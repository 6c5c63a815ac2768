/** Compare on databases written by hand: names, families of temperatures, several databases. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareJson } from '../../harness/commands/compare.js';
import { UsageError } from '../../harness/errors.js';
import {
	kernelTable,
	pairSentence,
	pairTable,
	temperatureText,
	togetherSentence,
} from '../../harness/report/compare-text.js';
import { type CompareResult, compareDatabases } from '../../harness/runner/compare.js';
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
	return compareDatabases({
		dbs,
		run: null,
		options: { samples: 99 },
		workers: 1,
		signal: new AbortController().signal,
		onComparison: () => {},
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

test.run();
