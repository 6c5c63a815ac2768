import { closeSync, openSync } from 'node:fs';
import { safeJson } from '../safe-text.js';
import { BUFFERED, type OutputTable, TURN, type Turn, writeAll } from './table-file.js';

/** Writes a table as JSON Lines: one object per row with every column, null where there is nothing. Returns the number of rows. */
export async function writeJsonLines(
	file: string,
	table: OutputTable,
	turn: Turn,
): Promise<number> {
	const keys = table.columns.map(({ name }) => JSON.stringify(name));
	const descriptor = openSync(file, 'wx');
	try {
		let rows = 0;
		let lines = '';
		for (const row of table.rows) {
			const members = row.map((value, i) => `${keys[i]}:${JSON.stringify(value)}`);
			// Some readers take U+2028 and its like for the end of a line.
			lines += `${safeJson(`{${members.join(',')}}`)}\n`;
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
