/** Files of counts for other programs: what is in them, and that they appear whole or not at all. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../harness/errors.js';
import { csvLine } from '../../harness/exchange/csv-file.js';
import type { OutputTable } from '../../harness/exchange/table-file.js';
import { checkTableFiles, writeTableFiles } from '../../harness/exchange/write.js';
import { inFolder } from './fixture.js';

const COLUMNS: OutputTable['columns'] = [
	{ name: 'name', type: 'text', nullable: false },
	{ name: 'real', type: 'real', nullable: true },
	{ name: 'count', type: 'whole', nullable: false },
];
const ROWS: readonly (readonly [string, number | null, number])[] = [
	['A', 0.1, 0],
	['say "a,b"\r\n', null, 2 ** 53 - 1],
	['\u001b é 漢 🍐 __proto__', 1e-7, 7],
	[' blanks ', 3, 1],
];
const TABLE: OutputTable = { columns: COLUMNS, rows: ROWS };
const PLAIN = { force: false, turn: async () => {} };

test('csv: the example of the docstring; every field as it is', () =>
	inFolder(async (folder) => {
		assert.is(csvLine(['a,b', 'say "hi"', 7, null]), '"a,b","say ""hi""",7,\n');
		const file = join(folder, 'a.CSV');
		assert.equal(await writeTableFiles([{ file, table: TABLE }], PLAIN), [4]);
		assert.is(
			readFileSync(file, 'utf8'),
			'name,real,count\nA,0.1,0\n"say ""a,b""\r\n",,9007199254740991\n\u001b é 漢 🍐 __proto__,1e-7,7\n" blanks ",3,1\n',
		);
		assert.equal(readdirSync(folder), ['a.CSV']);
	}));

test('parquet: another library reads back what was written', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.parquet');
		await writeTableFiles([{ file, table: TABLE }], PLAIN);
		const buffer = await asyncBufferFromFile(file);
		const { schema, created_by } = await parquetMetadataAsync(buffer);
		assert.is(created_by, 'detbal');
		assert.equal(
			schema
				.slice(1)
				.map(({ name, type, converted_type, repetition_type }) => [
					name,
					type,
					converted_type,
					repetition_type,
				]),
			[
				['name', 'BYTE_ARRAY', 'UTF8', 'REQUIRED'],
				['real', 'DOUBLE', undefined, 'OPTIONAL'],
				['count', 'INT64', undefined, 'REQUIRED'],
			],
		);
		const found = await parquetReadObjects({ file: buffer });
		assert.equal(
			found.map((row) => [row.name, row.real ?? null, row.count]),
			ROWS.map(([name, real, count]) => [name, real, BigInt(count)]),
		);
	}));

test('parquet: more rows than a row group holds', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.parquet');
		const rows = Array.from({ length: 200_001 }, (_, i) => [`n${i % 10}`, null, i]);
		assert.equal(
			await writeTableFiles([{ file, table: { columns: COLUMNS, rows } }], PLAIN),
			[200_001],
		);
		const buffer = await asyncBufferFromFile(file);
		const { row_groups } = await parquetMetadataAsync(buffer);
		assert.equal(
			row_groups.map(({ num_rows }) => Number(num_rows)),
			[100_000, 100_000, 1],
		);
		const [last] = await parquetReadObjects({ file: buffer, rowStart: 200_000 });
		assert.equal([last?.name, last?.count], ['n0', 200_000n]);
	}));

function* failing(): Generator<readonly (string | number | null)[]> {
	yield* ROWS;
	throw new RangeError('in the middle');
}

test('a failure in the middle leaves nothing new and what was there', () =>
	inFolder(async (folder) => {
		const [good, bad] = [join(folder, 'good.csv'), join(folder, 'bad.csv')];
		writeFileSync(bad, 'before');
		const tables = (rows: OutputTable['rows']) => [
			{ file: good, table: TABLE },
			{ file: bad, table: { columns: COLUMNS, rows } },
		];
		for (const file of [good, bad.replace('.csv', '.parquet')])
			try {
				await writeTableFiles([{ file, table: { columns: COLUMNS, rows: failing() } }], PLAIN);
				assert.unreachable();
			} catch (error) {
				assert.is((error as Error).message, 'in the middle');
			}
		try {
			await writeTableFiles(tables(failing()), { ...PLAIN, force: true });
			assert.unreachable();
		} catch (error) {
			assert.is((error as Error).message, 'in the middle');
		}
		assert.equal(readdirSync(folder), ['bad.csv']);
		assert.is(readFileSync(bad, 'utf8'), 'before');
		await writeTableFiles(tables(ROWS), { ...PLAIN, force: true });
		assert.equal(readdirSync(folder), ['bad.csv', 'good.csv']);
		assert.equal(readFileSync(bad), readFileSync(good));
	}));

test('files that cannot be written are refused before any work', () =>
	inFolder((folder) => {
		writeFileSync(join(folder, 'there.csv'), '');
		mkdirSync(join(folder, 'folder.csv'));
		const of = (name: string) => join(folder, name);
		const cases: readonly (readonly [files: readonly string[], says: RegExp])[] = [
			[[of('a.txt')], /ends in \.txt; allowed: \.csv, \.jsonl, \.parquet/],
			[[of('csv')], /ends in nothing; allowed/],
			[[of('folder.csv')], /is a folder: name a file inside it/],
			[[of('no/a.csv')], /the folder of .*a\.csv does not exist: make it/],
			[[of('there.csv')], /there\.csv exists: name another file, or overwrite it with --force/],
			[[of('a.csv'), of('./a.csv')], /named twice: give each table a file of its own/],
			[[devNull], /ends in nothing/],
		];
		for (const [files, says] of cases)
			assert.throws(
				() => checkTableFiles(files, false),
				(error: Error) => error instanceof UsageError && says.test(error.message),
				String(says),
			);
		checkTableFiles([of('there.csv'), of('b.parquet')], true);
	}));

test.run();
