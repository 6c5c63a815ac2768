import { closeSync, openSync } from 'node:fs';
import { BUFFERED, type OutputTable, TURN, type Turn, writeAll } from './table-file.js';

/**
 * Writes a table as CSV (RFC 4180, UTF-8, lines ended by LF); null is an empty field, an empty text "".
 * Returns the number of rows.
 */
export async function writeCsv(file: string, table: OutputTable, turn: Turn): Promise<number> {
	const descriptor = openSync(file, 'wx');
	try {
		let rows = 0;
		let lines = csvLine(table.columns.map(({ name }) => name));
		for (const row of table.rows) {
			lines += csvLine(row);
			rows++;
			if (lines.length >= BUFFERED) {
				writeAll(descriptor, lines);
				lines = '';
			}
			if (rows % TURN === 0) await turn();
		}
		writeAll(descriptor, lines);
		return rows;
	} finally {
		closeSync(descriptor);
	}
}

/**
 * One record of CSV.
 * @example csvLine(['a,b', 'say "hi"', 7, null]) // '"a,b","say ""hi""",7,\n'
 */
export function csvLine(fields: readonly (string | number | null)[]): string {
	return `${fields.map(csvField).join(',')}\n`;
}

function csvField(value: string | number | null): string {
	if (value === null) return '';
	if (typeof value === 'number') return String(value);
	return value === '' || /[",\r\n]|^\s|\s$/.test(value)
		? `"${value.replaceAll('"', '""')}"`
		: value;
}
