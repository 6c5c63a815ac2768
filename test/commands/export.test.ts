/** detbal export: every attempt, kernels and potentials, exactly, read back by other programs. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_VERIFY } from '../../harness/analysis/verify.js';
import type { Arguments } from '../../harness/commands/command.js';
import { run } from '../../harness/commands/export.js';
import { UsageError } from '../../harness/errors.js';
import { verifyDatabase } from '../../harness/runner/verify.js';
import { cellPlan, inFolder, raw, reading, runPlan, writeRun } from '../store/fixture.js';
import { writeHostile } from './hostile.js';

async function exported(args: Arguments) {
	let out = '';
	const code = await run(
		{ ...args, json: true },
		{
			json: true,
			signal: new AbortController().signal,
			out(line) {
				out += line;
			},
			async stream() {},
			say() {},
			progress: () => ({ update() {}, stop() {} }),
		},
	);
	assert.is(code, 0);
	return JSON.parse(out);
}

/** Rows of a CSV file as Python's csv module reads them. */
function python(file: string): string[][] {
	const script = `import csv, json, sys
csv.field_size_limit(1 << 30)
with open(sys.argv[1], newline='', encoding='utf-8') as file:
    print(json.dumps(list(csv.reader(file))))`;
	const { status, stdout, stderr, error } = spawnSync('python3', ['-c', script, file], {
		encoding: 'utf8',
		maxBuffer: 1 << 28,
	});
	assert.is(error, undefined, 'this test needs python3: apt-get install python3');
	assert.is(status, 0, stderr);
	return JSON.parse(stdout);
}

const objects = (rows: readonly string[][]) =>
	rows.slice(1).map((row) => Object.fromEntries(row.map((field, i) => [rows[0]?.[i], field])));

test('attempts: one row each, the same in CSV, JSON Lines, Parquet and the view, whatever the text', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'a.db');
		writeHostile(db);
		const file = (ending: string) => join(folder, `all.${ending}`);
		for (const ending of ['csv', 'jsonl', 'parquet']) {
			const said = await exported({ db, attempts: file(ending) });
			assert.equal([said.groups, said.files[0].rows], [null, 48]);
		}
		const view = reading(db, (reader) =>
			reader.query(
				`SELECT source, draw, step, outcome, target, completion FROM transitions
				ORDER BY source, draw`,
			),
		).rows;
		assert.ok(
			view.some((row) => String(row[5]).length > 900_000),
			'a long text is among them',
		);
		const of = (row: Record<string, unknown>) => [
			row.source,
			Number(row.draw),
			row.step === '' ? null : row.step,
			row.outcome,
			row.target === '' ? null : row.target,
			row.completion,
		];
		const csv = objects(python(file('csv')));
		assert.equal(csv.map(of), view);
		const parsed = readFileSync(file('jsonl'), 'utf8')
			.trimEnd()
			.split('\n')
			.map((line) => JSON.parse(line));
		assert.equal(parsed.map(of), view);
		const parquet = await parquetReadObjects({ file: await asyncBufferFromFile(file('parquet')) });
		assert.equal(parquet.map(of), view);
		assert.equal(Object.keys(parquet[0] ?? {}), Object.keys(parsed[0]));
		const { run: number, cell, seed, design, temperature } = parsed[0];
		assert.equal([number, cell, seed, design, temperature], [1, 1, 1, 'fixed', 1]);
	}));

test('attempts of groups of one name are told apart by run and cell; --run takes one', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'a.db');
		writeRun(db);
		writeRun(db, runPlan({ key: 'two', cells: [cellPlan({ key: 'x', model: 'other' })] }));
		const attempts = join(folder, 'a.csv');
		assert.is((await exported({ db, attempts })).files[0].rows, 160);
		assert.equal(new Set(objects(python(attempts)).map((row) => row.run)).size, 2);
		assert.is((await exported({ db, attempts, run: 2, force: true })).files[0].rows, 80);
		const kernel = join(folder, 'k.csv');
		const refused = await exported({ db, kernel }).catch((error: Error) => error);
		assert.ok(refused instanceof UsageError && /two groups/.test(refused.message));
	}));

test('kernel and potentials: as verify finds them; rows of a source add up to 1', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'a.db');
		writeRun(db);
		const [kernel, potentials] = [join(folder, 'k.csv'), join(folder, 'v.jsonl')];
		await exported({ db, kernel, potentials });
		const rows = objects(python(kernel));
		assert.equal(
			rows
				.filter(({ source }) => source === 'A')
				.map((row) => [row.target, row.outcome, row.count, row.attempts, row.probability]),
			[
				['A', 'self', '4', '20', '0.2'],
				['B', 'valid', '2', '20', '0.1'],
				['D', 'valid', '1', '20', '0.05'],
				['Ç', 'valid', '1', '20', '0.05'],
				['', 'refused', '12', '20', '0.6'],
			],
		);
		for (const source of ['A', 'B', 'D', 'Ç']) {
			const of = rows.filter((row) => row.source === source);
			assert.is(
				of.reduce((sum, { count }) => sum + Number(count), 0),
				20,
			);
			for (const { probability, lower95, upper95 } of of)
				assert.ok(Number(lower95) < Number(probability) && Number(probability) < Number(upper95));
		}
		const { groups } = await verifyDatabase({
			db,
			run: null,
			options: { ...DEFAULT_VERIFY, resampling: false },
			workers: 1,
			signal: new AbortController().signal,
			onGroup() {},
		});
		const found = readFileSync(potentials, 'utf8')
			.trimEnd()
			.split('\n')
			.map((line) => JSON.parse(line));
		assert.equal(
			found.map(({ state, value, standard_error, unbounded, component, reason }) => ({
				state,
				value,
				standardError: standard_error,
				unbounded,
				component,
				reason,
			})),
			groups[0]?.finding.potential.map(
				({ state, value, standardError, unbounded, component, reason }) => ({
					state,
					value,
					standardError,
					unbounded,
					component,
					reason,
				}),
			),
		);
	}));

test('a table that cannot be written whole is not written in part', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'a.db');
		writeRun(db);
		raw(db, (file) => {
			file.pragma('foreign_keys = OFF');
			file.pragma('ignore_check_constraints = ON');
			file.exec(
				'UPDATE attempts SET target_id = NULL, outcome = 0 WHERE cell_id = 1 AND outcome = 0',
			);
		});
		const failed = await exported({
			db,
			counts: join(folder, 'c.csv'),
			attempts: join(folder, 'a.csv'),
		}).catch((error: Error) => error);
		assert.ok(failed instanceof Error);
		assert.equal(readdirSync(folder), ['a.db']);
	}));

test.run();
