/** Verify on databases written by hand: what is a group, and can every group say no? */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_VERIFY, type VerifyOptions } from '../../harness/analysis/verify.js';
import { importFile } from '../../harness/runner/import.js';
import { type VerifyResult, verifyDatabase } from '../../harness/runner/verify.js';
import { mergeDatabases } from '../../harness/store/merge.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { cellPlan, inFolder, runPlan } from '../store/fixture.js';

const test = suite('verify');
const RING = ['A', 'B', 'C'];

/** Draws of a ring: `forward` to the next state, `backward` to the one before. */
function writeRing(
	writer: StoreWriter,
	cell: number,
	{ forward, backward, from = 0 }: { forward: number; backward: number; from?: number },
): void {
	for (const [i, source] of RING.entries()) {
		for (let draw = 0; draw < forward + backward; draw++) {
			const target = RING[(i + (draw < forward ? 1 : 2)) % 3] as string;
			const row = { cell, source, draw: from + draw, step: null, tokens: [1], text: target };
			writer.append([{ ...row, outcome: 'valid', target }]);
		}
	}
}

const cells = (count: number) =>
	Array.from({ length: count }, (_, i) =>
		cellPlan({ key: `c${i}`, model: `m${i}`, label: `model ${i}`, sources: RING, attempts: 90 }),
	);

function verify(db: string, options: Partial<VerifyOptions> = {}): Promise<VerifyResult> {
	const signal = new AbortController().signal;
	const few = { resamples: 39, replicas: 19, ...options };
	const request = { db, run: null, options: few, workers: 1, signal };
	return verifyDatabase({ ...request, onGroup: () => {} });
}

test('with many groups every one can still be found violated (Holm against 1/(M + 1))', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'many.db');
		const writer = StoreWriter.open(db);
		const handle = writer.planRun(runPlan({ cells: cells(60) }));
		for (const { id } of handle.cells) writeRing(writer, id, { forward: 60, backward: 5 });
		writer.close();
		const { groups } = await verify(db);
		assert.is(groups.length, 60);
		for (const { finding } of groups) assert.is(finding.verdict, 'violated', finding.sentence);
		let refused = '';
		await verify(db, { samples: 999 }).catch((error: Error) => {
			refused = error.message;
		});
		assert.match(refused, /--samples 999: with 60 groups no p-value could fall below 0.05.*2399/);
	}));

test('seeds of one kernel are one group; other numerics are another; threads are not', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'groups.db');
		const writer = StoreWriter.open(db);
		const plan = (seed: number, numerics: Record<string, number>) =>
			cellPlan({ key: `s${seed}`, seed, sources: RING, attempts: 90, numerics });
		const first = writer.planRun(
			runPlan({ key: 'r1', cells: [plan(1, { width: 16, threads: 1 })] }),
		);
		const more = writer.planRun(
			runPlan({ key: 'r2', cells: [plan(2, { width: 16, threads: 2 })] }),
		);
		const other = writer.planRun(
			runPlan({ key: 'r3', cells: [plan(3, { width: 4, threads: 1 })] }),
		);
		for (const {
			cells: [cell],
		} of [first, more, other]) {
			writeRing(writer, cell?.id as number, { forward: 30, backward: 30 });
		}
		writer.close();
		const { groups } = await verify(db);
		assert.equal(
			groups.map(({ seeds, finding }) => [seeds, finding.attempts]),
			[
				[[1, 2], 360],
				[[3], 180],
			],
		);
	}));

/** A database of one run, its cells the seeds given, each with its part of 60 forward, 20 back. */
function seedsOf(file: string, parts: readonly (readonly [seed: number, from: number])[]): void {
	const writer = StoreWriter.open(file);
	const plan = ([seed]: readonly [number, number]) =>
		cellPlan({ key: `s${seed}`, seed, sources: RING, attempts: 80 / parts.length });
	const key = `run-${parts.map(([seed]) => seed).join('-')}`;
	const { cells: handles } = writer.planRun(runPlan({ key, cells: parts.map(plan) }));
	for (const [i, [, from]] of parts.entries()) {
		const share = { forward: 60 / parts.length, backward: 20 / parts.length, from };
		writeRing(writer, handles[i]?.id as number, share);
	}
	writer.close();
}

/** Without what is about the division itself. */
const statistics = ({ groups }: VerifyResult): object => {
	const { assumptions: _, ...finding } = groups[0]!.finding;
	return finding;
};

test('attempts divided over two seeds give every number that one seed gives', () =>
	inFolder(async (folder) => {
		const [one, two] = [join(folder, 'one.db'), join(folder, 'two.db')];
		seedsOf(one, [[1, 0]]);
		seedsOf(two, [
			[1, 0],
			[2, 0],
		]);
		const [a, b] = [await verify(one), await verify(two)];
		assert.equal(statistics(b), statistics(a));
		assert.is(a.groups[0]?.finding.assumptions.seeds.p, null);
		assert.ok(b.groups[0]!.finding.assumptions.seeds.p! > 0.05);
	}));

test('two merged databases of one design give every number of one run', () =>
	inFolder(async (folder) => {
		const names = ['one.db', 'two.db', 'both.db', 'merged.db'];
		const [one, two, both, merged] = names.map((name) => join(folder, name)) as [
			string,
			string,
			string,
			string,
		];
		seedsOf(one, [[1, 0]]);
		seedsOf(two, [[2, 0]]);
		mergeDatabases([one, two], merged);
		const writer = StoreWriter.open(both);
		const plan = (seed: number) => cellPlan({ key: `s${seed}`, seed, sources: RING, attempts: 80 });
		const { cells: handles } = writer.planRun(runPlan({ cells: [plan(1), plan(2)] }));
		for (const { id } of handles) writeRing(writer, id, { forward: 60, backward: 20 });
		writer.close();
		const [a, b] = [await verify(both), await verify(merged)];
		assert.equal(statistics(b), statistics(a));
		assert.equal(b.groups[0]?.seeds, [1, 2]);
	}));

test('imported counts are verified beside runs, with their origin', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'both.db');
		seedsOf(db, [[1, 0]]);
		const file = new URL('../../datasets/published/claude-4.json', import.meta.url);
		await importFile({
			file: fileURLToPath(file),
			db,
			format: null,
			model: null,
			template: null,
			temperature: null,
			attempts: null,
			attemptsFile: null,
			toolVersion: '0',
			signal: new AbortController().signal,
			onRead: () => {},
		});
		const { groups } = await verify(db);
		assert.equal(
			groups.map(({ model, origin, finding }) => [model, origin?.file ?? null, finding.verdict]),
			[
				['tiny', null, 'violated'],
				['Claude-4', 'claude-4.json', 'untestable'],
			],
		);
	}));

test('quick: no p-value, and the verdict says so', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'quick.db');
		seedsOf(db, [[1, 0]]);
		const { groups } = await verify(db, { resampling: false });
		const { exactTest, replica, verdict, sentence } = groups[0]!.finding;
		assert.equal([exactTest.p, exactTest.asked, replica], [null, false, null]);
		assert.is(verdict, 'insufficient');
		assert.match(sentence, /exact test was left out/);
	}));

test('a tolerance changes the verdict', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'wide.db');
		seedsOf(db, [[1, 0]]);
		const wide = { ...DEFAULT_VERIFY.tolerances, affinity: 10 };
		const { groups } = await verify(db, { tolerances: wide });
		assert.is(groups[0]?.finding.verdict, 'holds');
		assert.match(groups[0]!.finding.sentence, /smaller than the tolerance was detected/);
	}));

test.run();
