/** Two runs of one configuration, in databases written by hand. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../harness/errors.js';
import { runsSection } from '../../harness/report/compare-runs-section.js';
import { sectionsMarkdown, sectionsText } from '../../harness/report/sections-text.js';
import { compareDatabases } from '../../harness/runner/compare.js';
import { compareRuns, type RunPlace } from '../../harness/runner/compare-runs.js';
import type { AttemptRecord } from '../../harness/store/records.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { attempt, cellPlan, inFolder, law, runPlan, STATES } from '../store/fixture.js';

const test = suite('compare runs');

interface Made {
	readonly key?: string;
	readonly cells?: readonly string[];
	readonly design?: 'fixed' | 'chain';
	readonly attempts?: number;
	readonly numerics?: Readonly<Record<string, string | number | boolean>>;
	/** what another machine made of an attempt */
	readonly altered?: (attempt: AttemptRecord, cell: number) => AttemptRecord;
	readonly shift?: number;
}

function write(db: string, made: Made = {}): RunPlace {
	const { key = 'run', cells = ['one', 'two'], attempts = 40, altered = (x) => x } = made;
	const writer = StoreWriter.open(db);
	const plans = cells.map((name, i) =>
		cellPlan({
			key: name,
			seed: i + 1,
			attempts,
			...(made.design === undefined ? {} : { design: made.design }),
			...(made.numerics === undefined ? {} : { numerics: made.numerics }),
		}),
	);
	const handle = writer.planRun(runPlan({ key, cells: plans }));
	for (const [i, { id, tree }] of handle.cells.entries()) {
		let step = 0;
		for (let draw = 0; draw < attempts; draw++) {
			for (const source of STATES) {
				const place = made.design === 'chain' ? step++ : null;
				writer.append([altered(attempt({ cell: id, source, draw }, place), i)]);
			}
		}
		if (i > 0) continue;
		const one = law(tree, 'A', [0]);
		const { shift = 0 } = made;
		const top = one.top.map((t) => ({ ...t, logProbability: t.logProbability + shift }));
		writer.appendLaws([shift === 0 ? one : { ...one, top, checksum: Buffer.alloc(16, 1) }]);
	}
	writer.close();
	return { db, run: 1 };
}

const look = (a: RunPlace, b: RunPlace, change: { readonly resampling?: boolean } = {}) =>
	compareRuns(a, b, {
		seed: 1,
		samples: 99,
		alpha: 0.05,
		resampling: false,
		workers: 1,
		signal: new AbortController().signal,
		...change,
	});

test('the same attempts: identical, whatever the order of numerics that change no bit', () =>
	inFolder(async (folder) => {
		const a = write(join(folder, 'a.db'));
		const b = write(join(folder, 'b.db'), { numerics: { width: 16, threads: 7 } });
		const found = await look(a, b);
		assert.equal(
			[found.identical, found.sameKey, found.compared, found.different, found.matters],
			[true, true, 320, 0, false],
		);
		assert.is(found.runs[0].digest, found.runs[1].digest);
		assert.is(found.firstDivergence, null);
		assert.equal(found.groups, []);
		assert.equal(found.laws, { compared: 1, different: 0, largestShift: 0 });
		assert.equal(found.identityDifferences, [
			{
				part: 'numerics',
				models: ['tiny'],
				field: 'threads',
				first: '2',
				second: '7',
				deciding: false,
			},
		]);
		const lines = sectionsText([runsSection(found, 0)]);
		assert.match(lines.join(' '), /Identical: all 320 attempts are the same, bit for bit/);
	}));

test('one attempt changed: where, by how much, that it does not matter; holes are no divergence', () =>
	inFolder(async (folder) => {
		const a = write(join(folder, 'a.db'));
		const b = write(join(folder, 'b.db'), {
			numerics: { width: 8, threads: 2, backend: 'cuda' },
			shift: 0.01,
			altered: (one, cell) =>
				cell === 1 && one.source === 'B' && one.draw === 3
					? { ...one, outcome: 'valid', target: 'D', tokens: [1, 9], text: ' <script>|\u202e' }
					: one,
		});
		const found = await look(a, b);
		assert.equal(
			[found.identical, found.compared, found.different, found.completions, found.outcomes],
			[false, 320, 1, 1, 1],
		);
		const first = found.firstDivergence!;
		assert.equal(
			[first.model, first.seed, first.source, first.draw, first.step, first.token],
			['tiny', 2, 'B', 3, null, 1],
		);
		assert.is(first.second.target, 'D');
		assert.is(first.first.text.includes('script'), false);
		assert.equal(
			found.identityDifferences.map(({ field, first: x, second: y, deciding }) => [
				field,
				x,
				y,
				deciding,
			]),
			[
				['backend', null, '"cuda"', true],
				['width', '16', '8', true],
			],
		);
		assert.equal([found.laws.compared, found.laws.different], [1, 1]);
		assert.ok(Math.abs(found.laws.largestShift! - 0.01) < 1e-12);
		const [group] = found.groups;
		assert.is(found.groups.length, 1);
		assert.is(group!.outcomesChanged!.value, 1 / 320);
		assert.ok(group!.outcomesChanged!.upper > 0.008 && group!.outcomesChanged!.upper < 0.02);
		assert.equal([group!.rejected, group!.sameVerdict, found.matters], [false, true, false]);
		const sections = [runsSection(found, 0)];
		const text = sectionsText(sections);
		for (const line of text) assert.ok(line.length <= 100, line);
		assert.match(text.join(' ').replaceAll('  ', ' '), /Nothing shows that it matters/);
		assert.not.match(text.join('\n'), /\u202e/);
		const markdown = sectionsMarkdown(sections, 'x').join('\n');
		assert.not.match(markdown, /<script>|\u202e/);
		assert.match(markdown, /&lt;script&gt;\\\|/);
	}));

test('many attempts changed: the kernels are rejected, and it matters', () =>
	inFolder(async (folder) => {
		const a = write(join(folder, 'a.db'));
		const b = write(join(folder, 'b.db'), {
			altered: (one) => ({ ...one, outcome: 'invalid', target: null }),
		});
		const found = await look(a, b);
		assert.equal([found.outcomes, found.completions, found.matters], [256, 0, true]);
		assert.is(found.groups[0]!.rejected, true);
		assert.is(found.groups[0]!.outcomesChanged!.value, 0.8);
		assert.match(
			sectionsText([runsSection(found, 0)]).join(' '),
			/It matters: one kernel for both/,
		);
	}));

test('a chain parts at its earliest step; a longer run holds the shorter one', () =>
	inFolder(async (folder) => {
		const a = write(join(folder, 'a.db'), { design: 'chain' });
		const b = write(join(folder, 'b.db'), {
			design: 'chain',
			altered: (one) =>
				(one.source === 'A' && one.draw === 9) || (one.source === 'D' && one.draw === 2)
					? { ...one, text: 'else' }
					: one,
		});
		const found = await look(a, b);
		assert.equal(
			[found.different, found.completions, found.outcomes, found.firstDivergence!.step],
			[4, 4, 0, 11],
		);
		assert.equal([found.firstDivergence!.source, found.firstDivergence!.draw], ['D', 2]);

		const short = write(join(folder, 'short.db'), { attempts: 10, cells: ['one'], key: 'other' });
		const long = write(join(folder, 'long.db'));
		const held = await look(short, long);
		assert.equal(
			[held.identical, held.sameKey, held.compared, held.different, held.onlySecond],
			[false, false, 40, 0, 120],
		);
		assert.equal(held.cellsLeftOut, [0, 1]);
		assert.is(held.firstDivergence, null);
	}));

test('wrong use is refused; an interrupt ends it', () =>
	inFolder(async (folder) => {
		const a = write(join(folder, 'a.db'));
		const other = write(join(folder, 'c.db'), { cells: ['three'], key: 'third' });
		for (const [x, y, message] of [
			[a, a, /run 1 is named twice/],
			[a, { ...a, run: 2 }, /holds no run 2; it holds 1 \(example\)/],
			[a, other, /share no cell/],
		] as const) {
			const error = await look(x, y).catch((reason) => reason);
			assert.instance(error, UsageError);
			assert.match(error.message, message);
		}
		const b = write(join(folder, 'b.db'));
		const stop = new AbortController();
		stop.abort(new Error('enough'));
		const options = { seed: 1, samples: 99, alpha: 0.05, resampling: false, workers: 1 };
		const ended = await compareRuns(a, b, { ...options, signal: stop.signal }).catch(
			(reason) => reason,
		);
		assert.match(ended.message, /enough/);
	}));

test('compare finds runs of one key in several databases, and says that random numbers are shared', () =>
	inFolder(async (folder) => {
		const a = write(join(folder, 'a.db'));
		const b = write(join(folder, 'b.db'), { numerics: { width: 8, threads: 2 } });
		const found = await compareDatabases({
			dbs: [a.db, b.db],
			run: null,
			by: 'machine',
			quick: true,
			options: { samples: 99 },
			workers: 1,
			signal: new AbortController().signal,
			onComparison: () => {},
		});
		assert.equal(
			found.runs.map(({ identical }) => identical),
			[true],
		);
		assert.equal(
			found.pairs.map(({ groups, commonRandomNumbers }) => [...groups, commonRandomNumbers]),
			[[0, 1, true]],
		);
		assert.is(found.pairs[0]!.likeness.test!.p, 1);
	}));

test.run();
