import { safeLine } from '../safe-text.js';
import { cutTo, displayWidth, padEnd, padStart } from './width.js';

/** A column of a text table. */
export interface Column {
	readonly title: string;
	readonly align: 'left' | 'right';
}

/** Longest text shown in a line of others, in columns of a terminal. */
const LONGEST = 60;
/** A column is not made narrower than this to fit a table in. */
const NARROWEST = 6;

/**
 * Columns as narrow as their contents, two blanks apart. Control characters are shown as ␦ so that
 * a model's output cannot drive the terminal.
 */
export function textTable(
	columns: readonly Column[],
	rows: readonly (readonly string[])[],
): string[] {
	const cells = shown(columns, rows);
	return laidOut(columns, cells, naturalWidths(columns, cells));
}

/**
 * A table of at most `width` columns: the widest are cut. One that cannot be made so narrow is shown
 * row by row, a line for each column.
 */
export function fittedTable(
	columns: readonly Column[],
	rows: readonly (readonly string[])[],
	width: number,
): string[] {
	const cells = shown(columns, rows);
	const widths = narrowed(naturalWidths(columns, cells), width - 2 * (columns.length - 1));
	if (widths === null) return cells.slice(1).flatMap((row) => listed(cells[0] as string[], row));
	const cut = cells.map((row) => row.map((text, i) => cutTo(text, Math.max(1, widths[i] ?? 1))));
	return laidOut(columns, cut, widths);
}

/** Lines of at most `width` columns, broken at blanks, all but the first indented. */
export function wrapped(text: string, width: number): string[] {
	const lines: string[] = [];
	let line = '';
	let used = 0;
	for (const word of text.split(' ')) {
		const size = displayWidth(word);
		if (line !== '' && used + 1 + size > width) {
			lines.push(line);
			line = `  ${word}`;
			used = 2 + size;
		} else {
			used = line === '' ? size : used + 1 + size;
			line = line === '' ? word : `${line} ${word}`;
		}
	}
	return [...lines, line];
}

/** One line that is safe on a terminal: no control or bidirectional characters, at most 60 columns. */
export function printable(text: string): string {
	// Only so much can be shown, of a text of any length.
	return cutTo(safeLine(text.slice(0, 16 * LONGEST + 65)), LONGEST);
}

/** Titles and rows as they may be printed. */
function shown(columns: readonly Column[], rows: readonly (readonly string[])[]): string[][] {
	return [columns.map(({ title }) => printable(title)), ...rows.map((row) => row.map(printable))];
}

function naturalWidths(columns: readonly Column[], cells: readonly (readonly string[])[]) {
	return columns.map((_, i) =>
		cells.reduce((most, row) => Math.max(most, displayWidth(row[i] ?? '')), 0),
	);
}

function laidOut(
	columns: readonly Column[],
	cells: readonly (readonly string[])[],
	widths: readonly number[],
): string[] {
	const line = (row: readonly string[]) =>
		columns
			.map(({ align }, i) => {
				const pad = align === 'right' ? padStart : padEnd;
				return pad(row[i] ?? '', widths[i] as number);
			})
			.join('  ')
			.trimEnd();
	const [titles, ...rows] = cells as [readonly string[], ...(readonly string[])[]];
	return [line(titles), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)];
}

/** Widths that add up to `room` at most, taken from the widest first; null where there are too many. */
function narrowed(natural: readonly number[], room: number): number[] | null {
	const sum = (limit: number) => natural.reduce((all, width) => all + Math.min(width, limit), 0);
	if (sum(NARROWEST) > room) return null;
	let limit = NARROWEST;
	while (limit < LONGEST && sum(limit + 1) <= room) limit++;
	const widths = natural.map((width) => Math.min(width, limit));
	let left = room - sum(limit);
	return widths.map((width, i) =>
		width < (natural[i] as number) && left-- > 0 ? width + 1 : width,
	);
}

function listed(titles: readonly string[], row: readonly string[]): string[] {
	const width = titles.reduce((most, title) => Math.max(most, displayWidth(title)), 0);
	const lines = titles.map((title, i) => `${padEnd(title, width)}  ${row[i] ?? ''}`.trimEnd());
	return ['─'.repeat(width), ...lines];
}
