import { type OutputTable, type Turn, writeLines } from './table-file.js';

/**
 * Writes a table as CSV (RFC 4180, UTF-8, lines ended by LF); null is an empty field, an empty text "".
 * Returns the number of rows.
 */
export function writeCsv(
	file: string,
	{ columns, rows }: OutputTable,
	turn: Turn,
): Promise<number> {
	const head = csvLine(columns.map(({ name }) => name));
	return writeLines(file, { head, rows, line: csvLine, turn });
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
