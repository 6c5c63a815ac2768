import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HarnessError, UsageError } from '../../harness/errors.js';
import { identify } from '../../harness/store/identity.js';
import type { AttemptRecord, LawRecord, RunHandle, RunPlan } from '../../harness/store/records.js';
import { BATCH, StoreWriter } from '../../harness/store/writer.js';
import {
	attempt,
	attempts,
	cellPlan,
	inFolder,
	law,
	reading,
	refused,
	runPlan,
	writeRun,
} from './fixture.js';

const count = (file: string) => reading(file, (reader) => reader.progress(1).done);

function planned(file: string, plan: RunPlan = runPlan()): { writer: StoreWriter; cell: number } {
	const writer = StoreWriter.open(file);
	return { writer, cell: writer.planRun(plan).cells[0]?.id as number };
}

test('attempts are committed in batches, the last by close', () =>
	inFolder((folder) => {
		const file = join(folder, 'batches.db');
		const { writer, cell } = planned(file, runPlan({ cells: [cellPlan({ attempts: 3000 })] }));
		writer.append(attempts(cell, { sources: ['A'], to: 3000 }));
		assert.is(count(file), 0);
		writer.append(attempts(cell, { sources: ['B'], to: 3000 }));
		assert.is(count(file), BATCH);
		assert.is(writer.committed, BATCH);
		writer.flush();
		assert.is(count(file), 6000);
		writer.flush();
		writer.append(attempts(cell, { sources: ['D'], to: 1 }));
		writer.close();
		writer.close();
		assert.is(count(file), 6001);
	}));

const BAD_PLANS: readonly (readonly [Partial<RunPlan>, RegExp])[] = [
	[{ key: '' }, /key is empty/],
	[{ key: 7 as unknown as string }, /key is number/],
	[{ name: '\ud800' }, /name holds a lone surrogate/],
	[{ config: '{' }, /config is not JSON/],
	[{ shard: { index: 0, count: 3 } }, /shard 0\/3/],
	[{ shard: { index: 4, count: 3 } }, /shard 4\/3/],
	[{ shard: { index: 1.5, count: 3 } }, /shard 1.5\/3/],
	[{ cells: [] }, /no cell/],
	[{ cells: [cellPlan(), cellPlan()] }, /cell-1 is there twice/],
	[{ cells: [cellPlan({ key: '' })] }, /empty key/],
	[{ cells: [cellPlan({ design: 'walk' as 'crawl' })] }, /design walk must be one of fixed, crawl/],
	[{ cells: [cellPlan({ seed: -1 })] }, /seed -1/],
	[{ cells: [cellPlan({ seed: 2 ** 32 })] }, /seed 4294967296/],
	[{ cells: [cellPlan({ attempts: 0 })] }, /attempts 0/],
	[{ cells: [cellPlan({ attempts: 2.5 })] }, /attempts 2.5/],
	[{ cells: [cellPlan({ attempts: 2 ** 32 - 1 })] }, /attempts 4294967295/],
	[{ cells: [cellPlan({ sources: ['A', 'A'] })] }, /a source is there twice/],
	[{ cells: [cellPlan({ sources: [''] })] }, /source is empty/],
	[{ cells: [cellPlan({ sources: ['\udc00'] })] }, /lone surrogate/],
	[{ cells: [cellPlan({ design: 'crawl', sources: ['A'] })] }, /in the fixed design only/],
];

test('a plan that is none is refused and leaves nothing', () =>
	inFolder((folder) => {
		const file = join(folder, 'plans.db');
		const writer = StoreWriter.open(file);
		for (const [members, message] of BAD_PLANS) {
			const kind = /is number/.test(message.source) ? TypeError : RangeError;
			refused(() => writer.planRun(runPlan(members)), kind, message);
		}
		const cell = cellPlan();
		const task = { sha256: identify('other').sha256, content: 'this' };
		const wrong = { ...cell, identities: { ...cell.identities, task } };
		refused(() => writer.planRun(runPlan({ cells: [wrong] })), RangeError, /task identity is/);
		// The second cell fails, so the first is not there either.
		const mixed = [cellPlan(), cellPlan({ seed: 2, numerics: { width: 8, threads: 2 } })];
		refused(() => writer.planRun(runPlan({ cells: mixed })), UsageError, /width: 16 → 8/);
		writer.close();
		reading(file, (reader) => assert.equal(reader.runs(), []));
	}));

test('a shard may have no part in the work', () =>
	inFolder((folder) => {
		const writer = StoreWriter.open(join(folder, 'idle.db'));
		const { cells } = writer.planRun(runPlan({ shard: { index: 9, count: 9 }, cells: [] }));
		assert.equal(cells, []);
		writer.close();
	}));

test('cells of one model and template share a tree', () =>
	inFolder((folder) => {
		const writer = StoreWriter.open(join(folder, 'trees.db'));
		const cells = [cellPlan(), cellPlan({ seed: 2 }), cellPlan({ seed: 3, model: 'other' })];
		const handle = writer.planRun(runPlan({ cells }));
		const [a, b, c] = handle.cells.map(({ tree }) => tree);
		assert.is(a, b);
		assert.is.not(a, c);
		assert.equal(
			handle.cells.map(({ key }) => key),
			['cell-1', 'cell-2', 'cell-3'],
		);
		writer.close();
	}));

test('a run that is there is taken up, and may grow', () =>
	inFolder((folder) => {
		const file = join(folder, 'grow.db');
		const first = runPlan({ cells: [cellPlan({ sources: ['A', 'B'] })] });
		writeRun(file, first);
		const writer = StoreWriter.open(file);
		const again = writer.planRun(first);
		assert.equal([again.existed, again.extended], [true, false]);

		const larger = [cellPlan({ attempts: 30, sources: ['A', 'B', 'D'] }), cellPlan({ seed: 2 })];
		const grown: RunHandle = writer.planRun(runPlan({ cells: larger, config: '{"attempts":30}' }));
		assert.equal([grown.existed, grown.extended], [true, true]);
		assert.is(grown.cells[0]?.id, again.cells[0]?.id);
		const cell = grown.cells[0]?.id as number;
		writer.append(attempts(cell, { sources: ['A', 'B'], from: 20, to: 30 }));
		writer.append(attempts(cell, { sources: ['D'], to: 30 }));
		writer.close();
		reading(file, (reader) => {
			assert.is(reader.runs().length, 1);
			assert.is(reader.runs()[0]?.config, '{"attempts":30}');
			assert.equal(reader.progress(1), { planned: 90 + 80, done: 90 });
			assert.equal(reader.draws(cell, 'A'), [{ from: 0, to: 30 }]);
		});
	}));

test('a run that is there does not shrink or change', () =>
	inFolder((folder) => {
		const file = join(folder, 'keep.db');
		const cells = [cellPlan(), cellPlan({ seed: 2 })];
		writeRun(file, runPlan({ cells }));
		const writer = StoreWriter.open(file);
		const plan = (members: Partial<RunPlan>) => () =>
			writer.planRun(runPlan({ cells, ...members }));
		const numerics = { width: 16, threads: 4, gpu: 'cpu' };
		refused(
			plan({ cells: [cellPlan({ numerics }), cellPlan({ seed: 2, numerics })] }),
			UsageError,
			/other numerics.*\(gpu: \(absent\) → "cpu"\)/,
		);
		const lower = [cellPlan({ attempts: 19 }), cellPlan({ seed: 2 })];
		refused(plan({ cells: lower }), UsageError, /cannot be lowered to 19/);
		refused(plan({ cells: [cellPlan()] }), UsageError, /1 more cells \(cell-2/);
		const fewer = [cellPlan({ sources: ['A'] }), cellPlan({ seed: 2 })];
		refused(plan({ cells: fewer }), UsageError, /3 sources planned already \("B"/);
		refused(plan({ shard: { index: 1, count: 2 } }), UsageError, /the whole.*not shard 1\/2/);
		const other = [cellPlan({ key: 'cell-1', seed: 9 }), cellPlan({ seed: 2 })];
		refused(plan({ cells: other }), HarnessError, /seed 1, not a fixed one of seed 9/);
		assert.is(writer.planRun(runPlan({ cells })).extended, false);
		writer.close();
		reading(file, (reader) => assert.equal(reader.progress(1), { planned: 160, done: 160 }));
	}));

const BAD_ATTEMPTS: readonly (readonly [Partial<Record<keyof AttemptRecord, unknown>>, RegExp])[] =
	[
		[{ cell: 99 }, /cell 99 is in no run planned/],
		[{ cell: undefined }, /cell undefined/],
		[{ source: 7 }, /source is number/],
		[{ source: '' }, /source is empty/],
		[{ source: 'Z' }, /draw 0 from "Z" is not planned/],
		[{ draw: 20 }, /draw 20 from "A" is not planned/],
		[{ draw: -1 }, /draw -1/],
		[{ draw: 0.5 }, /draw 0.5/],
		[{ draw: Number.NaN }, /draw NaN/],
		[{ draw: undefined }, /draw undefined/],
		[{ step: 0 }, /step 0 must be null/],
		[{ step: undefined }, /step undefined must be null/],
		[{ outcome: 'fine' }, /outcome fine must be one of valid, self/],
		[{ target: null }, /not null/],
		[{ target: 'A' }, /other than its source/],
		[{ target: undefined }, /target is undefined/],
		[{ target: '\ud800' }, /lone surrogate/],
		[{ outcome: 'self' }, /has its source as target/],
		[{ outcome: 'invalid' }, /must be null/],
		[{ tokens: [1, Number.NaN] }, /NaN is no token/],
		[{ tokens: [2 ** 32] }, /4294967296 is no token/],
		[{ tokens: 'abc' }, /array of token ids/],
		[{ text: null }, /text is object/],
	];

test('an attempt that is none is refused, with all that came with it', () =>
	inFolder((folder) => {
		const file = join(folder, 'attempts.db');
		const { writer, cell } = planned(file);
		const good = attempt({ cell, source: 'A', draw: 0 });
		assert.is(good.outcome, 'valid');
		for (const [members, message] of BAD_ATTEMPTS) {
			const bad = { ...good, ...members } as AttemptRecord;
			const kind = /is number|is undefined|array of|is object/.test(message.source)
				? TypeError
				: RangeError;
			refused(() => writer.append([good, bad]), kind, message);
		}
		writer.close();
		assert.is(count(file), 0);
	}));

test('crawl and chain want a step, once each', () =>
	inFolder((folder) => {
		const cells = [cellPlan({ design: 'crawl' })];
		const { writer, cell } = planned(join(folder, 'steps.db'), runPlan({ cells }));
		const append = (draw: number, step: number | null) =>
			writer.append([attempt({ cell, source: 'A', draw }, step)]);
		refused(() => append(0, null), RangeError, /step null must be an integer/);
		refused(() => append(0, -1), RangeError, /step -1/);
		append(0, 0);
		append(1, 1);
		writer.flush();
		append(2, 1);
		refused(() => writer.flush(), HarnessError, /UNIQUE.*step/);
		writer.close();
	}));

test('an attempt that is there is an error naming it, and its batch is not written', () =>
	inFolder((folder) => {
		const file = join(folder, 'twice.db');
		const { writer, cell } = planned(file);
		writer.append(attempts(cell, { sources: ['A'], to: 10 }));
		writer.flush();
		writer.append([
			attempt({ cell, source: 'Ç', draw: 4 }),
			attempt({ cell, source: 'A', draw: 3 }),
		]);
		const message = /cell 1, source "A", draw 3 is there already/;
		refused(() => writer.flush(), HarnessError, message);
		refused(() => writer.flush(), HarnessError, message);
		assert.is(count(file), 10);
		writer.close();
		assert.is(count(file), 10);

		const next = planned(file);
		const twin = attempt({ cell, source: 'B', draw: 1 });
		next.writer.append([twin, twin]);
		refused(() => next.writer.flush(), HarnessError, /source "B", draw 1 is there already/);
		next.writer.close();
		assert.is(count(file), 10);
	}));

test('after a failed batch the same texts are stored anew', () =>
	inFolder((folder) => {
		const file = join(folder, 'forget.db');
		const { writer, cell } = planned(file);
		const twin = { ...attempt({ cell, source: 'A', draw: 5 }), target: 'new', text: 'new' };
		writer.append([twin]);
		writer.flush();
		writer.close();
		const next = planned(file);
		next.writer.append([{ ...twin, draw: 0, target: 'newer', text: 'newer' }, twin]);
		refused(() => next.writer.flush(), HarnessError, /is there already/);
		next.writer.planRun(
			runPlan({ key: 'second', cells: [cellPlan({ seed: 2, sources: ['newer'] })] }),
		);
		next.writer.close();
		reading(file, (reader) => {
			assert.equal(reader.plannedSources(2), ['newer']);
			assert.is(reader.progress(1).done, 1);
		});
	}));

test('a cell is in one run of a database only: its draws would be counted twice', () =>
	inFolder((folder) => {
		const { writer } = planned(join(folder, 'twice.db'));
		refused(
			() => writer.planRun(runPlan({ key: 'second' })),
			UsageError,
			/run 1 \(example\) holds tiny × plain with seed 1 already.*counted twice/,
		);
		writer.planRun(runPlan({ key: 'second', cells: [cellPlan({ seed: 7 })] }));
		writer.close();
	}));

test('another number of threads or another context size is no other numerics', () =>
	inFolder((folder) => {
		const { writer } = planned(join(folder, 'inert.db'));
		const numerics = { width: 16, threads: 9, contextSize: 512 };
		assert.is(writer.planRun(runPlan({ cells: [cellPlan({ numerics })] })).existed, true);
		writer.close();
	}));

test('laws: stored once, the same again is passed over, another is an error', () =>
	inFolder((folder) => {
		const file = join(folder, 'laws.db');
		const writer = StoreWriter.open(file);
		const tree = writer.planRun(runPlan()).cells[0]?.tree as number;
		const good = law(tree, 'A', [4, 4294967295]);
		writer.appendLaws([good, good]);
		writer.flush();
		writer.appendLaws([good]);
		writer.flush();
		const bad = (members: Partial<LawRecord>) => () => writer.appendLaws([{ ...good, ...members }]);
		refused(bad({ tree: 9 }), RangeError, /tree 9/);
		refused(bad({ source: '' }), RangeError, /source is empty/);
		refused(bad({ path: [-1] }), RangeError, /-1 is no token/);
		refused(bad({ checksum: new Uint8Array(15) }), RangeError, /16 bytes, not 15/);
		refused(bad({ logNormalizer: Number.NaN }), RangeError, /NaN is not finite/);
		refused(bad({ logNormalizer: Infinity }), RangeError, /Infinity is not finite/);
		const unlikely = [{ token: 1, logProbability: -Infinity }];
		refused(bad({ top: unlikely }), RangeError, /token 1 with log-probability -Infinity/);
		writer.appendLaws([{ ...good, checksum: new Uint8Array(16) }]);
		const message = /from "A", after tokens \[4, 4294967295\].*another law.*detbal doctor/;
		refused(() => writer.flush(), HarnessError, message);
		writer.close();
		reading(file, (reader) => {
			const stored = reader.law(tree, { source: 'A', path: good.path });
			const { checksum, logNormalizer, path, top } = good;
			assert.equal(
				{ ...stored, checksum: [...(stored?.checksum ?? [])] },
				{ checksum: [...checksum], logNormalizer, path: [...path], top: [...top] },
			);
			assert.is(reader.law(tree, { source: 'A', path: [] }), null);
			assert.is([...reader.laws(tree, 'A')].length, 1);
			assert.equal(reader.lawSources(tree), ['A']);
		});
	}));

test.run();
