/** Attempts that were chosen by their outcome are told apart, and only those. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openKernels } from '../../harness/runner/kernels.js';
import { settledKernels } from '../../harness/runner/settled.js';
import { verifyDatabase } from '../../harness/runner/verify.js';
import { looseCounts } from '../../harness/store/loose.js';
import { StoreWriter } from '../../harness/store/writer.js';
import {
	attempts,
	cellPlan,
	inFolder,
	reading,
	runPlan,
	STATES,
	writeRun,
} from '../store/fixture.js';

const test = suite('settled kernels');

test('without a gap the tables are those of every reader, and nothing is loose', () =>
	inFolder((folder) => {
		const file = join(folder, 'run.sqlite');
		writeRun(file, runPlan({ cells: [cellPlan({ seed: 1 }), cellPlan({ seed: 2 })] }));
		reading(file, (reader) => {
			const { kernels } = openKernels(reader, null);
			const settled = settledKernels(reader);
			assert.equal(
				settled.map(({ table }) => table),
				kernels.map(({ table }) => table),
			);
			assert.equal(
				settled.map(({ cells }) => cells.map(({ id }) => id)),
				kernels.map(({ cells }) => cells.map(({ id }) => id)),
			);
			assert.equal(looseCounts(reader, [1, 2]), []);
		});
	}));

test('with a gap the table is that of the draws before it, source by source and cell by cell', () =>
	inFolder((folder) => {
		const [file, plain] = [join(folder, 'run.sqlite'), join(folder, 'plain.sqlite')];
		const plan = runPlan({
			cells: [cellPlan({ seed: 1, attempts: 40 }), cellPlan({ seed: 2, attempts: 40 })],
		});
		const [a, b, c] = STATES;
		const whole = (cell: number) => [
			...attempts(cell, { sources: [a], to: 40 }),
			...attempts(cell, { sources: [b], to: cell === 1 ? 17 : 40 }),
		];
		const loose = [
			...attempts(1, { sources: [b], from: 18, to: 40 }),
			...attempts(1, { sources: [c], from: 1, to: 9 }),
			...attempts(2, { sources: [c], from: 5, to: 6 }),
		];
		for (const [name, rows] of [
			[plain, [...whole(1), ...whole(2)]],
			[file, [...loose, ...whole(2), ...whole(1)]],
		] as const) {
			const writer = StoreWriter.open(name);
			writer.planRun(plan);
			writer.append(rows);
			writer.close();
		}
		const expected = reading(plain, (reader) => settledKernels(reader))[0]?.table;
		const found = reading(file, (reader) => settledKernels(reader))[0]?.table;
		assert.is(
			expected?.attempts.reduce((x, y) => x + y),
			40 + 17 + 80,
		);
		assert.equal(found?.outcomes, expected?.outcomes);
		const pairs = (table: typeof found) =>
			table?.states.flatMap((source, f) => {
				const [from, to] = [table.rowStart[f] as number, table.rowStart[f + 1] as number];
				return [...table.target.subarray(from, to)].map((g, i) => [
					source,
					table.states[g],
					table.count[from + i],
				]);
			});
		assert.equal(pairs(found), pairs(expected));
		reading(file, (reader) => {
			const { kernels, missing } = openKernels(reader, null);
			assert.equal(kernels[0]?.table, found);
			assert.ok(missing > 0);
			assert.is(
				kernels[0]?.loose.reduce((all, { count }) => all + count, 0),
				loose.length,
			);
			const { seeds, reasons } = kernels[0]?.divisions(1e6) ?? {
				seeds: null,
				reasons: { seeds: '' },
			};
			assert.is(seeds, null);
			assert.match(String(reasons.seeds), /not finished/);
		});
		const sum = (rows: readonly { readonly count: number }[]) =>
			rows.reduce((all, { count }) => all + count, 0);
		assert.is(sum(reading(file, (reader) => looseCounts(reader, [1, 2]))), loose.length);
	}));

test('verify says how many attempts it leaves out; none of a run without a gap', () =>
	inFolder(async (folder) => {
		const [file, whole] = [join(folder, 'run.sqlite'), join(folder, 'whole.sqlite')];
		writeRun(whole);
		const writer = StoreWriter.open(file);
		writer.planRun(runPlan());
		writer.append([
			...attempts(1, { sources: ['A', 'B'], to: 20 }),
			...attempts(1, { sources: ['D'], from: 2, to: 9 }),
		]);
		writer.close();
		const verify = (db: string) =>
			verifyDatabase({
				db,
				run: null,
				options: { resampling: false },
				workers: 1,
				signal: new AbortController().signal,
				onGroup() {},
			});
		const found = await verify(file);
		assert.equal([found.leftOut, found.missing, found.groups[0]?.finding.attempts], [7, 33, 40]);
		assert.equal([(await verify(whole)).leftOut, (await verify(whole)).missing], [0, 0]);
	}));

test('where every attempt is loose there is no table', () =>
	inFolder((folder) => {
		const file = join(folder, 'run.sqlite');
		const writer = StoreWriter.open(file);
		writer.planRun(runPlan());
		writer.append(attempts(1, { from: 3, to: 9 }));
		writer.close();
		assert.equal(
			reading(file, (reader) => settledKernels(reader)).map(({ table }) => table),
			[null],
		);
		reading(file, (reader) =>
			assert.throws(() => openKernels(reader, null), /holds no attempts yet/),
		);
	}));

test.run();
