/** `detbal compare` as a user meets it. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StoreWriter } from '../../harness/store/writer.js';
import { writeTransitions } from '../runner/transitions.js';
import { cellPlan, inFolder, runPlan } from '../store/fixture.js';
import { detbal, json } from './fixture.js';

const test = suite('compare command');

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

		const twice = await detbal(folder, 'compare', 'two.db', 'two.db');
		assert.equal([twice.code, twice.stdout], [2, '']);
		assert.match(twice.stderr, /a database is named twice: two\.db, two\.db; name each once/);
	}));

test.run();
