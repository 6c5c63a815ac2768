import { safeJson } from '../safe-text.js';
import { type OutputTable, type Turn, writeLines } from './table-file.js';

/** Writes a table as JSON Lines: one object per row with every column, null where there is nothing. Returns the number of rows. */
export function writeJsonLines(
	file: string,
	{ columns, rows }: OutputTable,
	turn: Turn,
): Promise<number> {
	const keys = columns.map(({ name }) => JSON.stringify(name));
	const line = (row: readonly (string | number | null)[]): string => {
		const members = row.map((value, i) => `${keys[i]}:${JSON.stringify(value)}`);
		// Some readers take U+2028 and its like for the end of a line.
		return `${safeJson(`{${members.join(',')}}`)}\n`;
	};
	return writeLines(file, { head: '', rows, line, turn });
}
