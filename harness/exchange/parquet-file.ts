/** The door to hyparquet-writer. */
import { fileWriter, ParquetWriter } from 'hyparquet-writer';
import type { OutputColumn, OutputTable, Turn } from './table-file.js';

/** Rows that are in memory at once: a row group of the file. */
const ROW_GROUP = 100_000;
/** Or fewer, where they hold so many characters of text. */
const ROW_GROUP_TEXT = 1 << 25;

type Value = string | number | null;

/**
 * Writes a table as Parquet (snappy): text as UTF-8 strings, whole numbers as INT64, others as
 * DOUBLE. Returns the number of rows.
 */
export async function writeParquet(
	file: string,
	{ columns, rows }: OutputTable,
	turn: Turn,
): Promise<number> {
	const writer = new ParquetWriter({
		writer: fileWriter(file),
		schema: [{ name: 'root', num_children: columns.length }, ...columns.map(schemaElement)],
		createdBy: 'detbal',
	});
	let written = 0;
	let group: (readonly Value[])[] = [];
	let characters = 0;
	const flush = async () => {
		if (group.length === 0) return;
		const columnData = columns.map((column, i) => ({
			name: column.name,
			data: group.map((row) => physical(column, row[i] as Value)),
		}));
		await writer.write({ columnData, rowGroupSize: ROW_GROUP });
		written += group.length;
		group = [];
		characters = 0;
		await turn();
	};
	for (const row of rows) {
		group.push(row);
		for (const value of row) if (typeof value === 'string') characters += value.length;
		if (group.length === ROW_GROUP || characters >= ROW_GROUP_TEXT) await flush();
	}
	await flush();
	await writer.finish();
	return written;
}

function schemaElement({ name, type, nullable }: OutputColumn) {
	const repetition_type = nullable ? ('OPTIONAL' as const) : ('REQUIRED' as const);
	if (type === 'text')
		return { name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type } as const;
	return { name, type: type === 'whole' ? 'INT64' : 'DOUBLE', repetition_type } as const;
}

function physical({ type }: OutputColumn, value: Value): string | number | bigint | null {
	return type === 'whole' && value !== null ? BigInt(value) : value;
}
