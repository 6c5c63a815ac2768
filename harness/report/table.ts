/** A column of a text table. */
export interface Column {
	readonly title: string;
	readonly align: 'left' | 'right';
}

/**
 * Columns as narrow as their contents, two blanks apart. Control characters are shown as ␦ so that
 * a model's output cannot drive the terminal.
 */
export function textTable(
	columns: readonly Column[],
	rows: readonly (readonly string[])[],
): string[] {
	const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))];
	const widths = columns.map((_, i) => Math.max(...cells.map((row) => (row[i] ?? '').length)));
	const line = (row: readonly string[]) =>
		columns
			.map(({ align }, i) => {
				const text = row[i] ?? '';
				const width = widths[i] as number;
				return align === 'right' ? text.padStart(width) : text.padEnd(width);
			})
			.join('  ')
			.trimEnd();
	return [
		line(cells[0] as string[]),
		widths.map((width) => '─'.repeat(width)).join('  '),
		...cells.slice(1).map(line),
	];
}

/** Lines of at most `width` columns, broken at blanks, all but the first indented. */
export function wrapped(text: string, width: number): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ')) {
		if (line !== '' && line.length + 1 + word.length > width) {
			lines.push(line);
			line = `  ${word}`;
		} else line = line === '' ? word : `${line} ${word}`;
	}
	return [...lines, line];
}

/** Text that is safe on a terminal: no control or bidirectional characters, at most 60 long. */
export function printable(text: string): string {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
	const hostile = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
	const safe = text.toWellFormed().replace(hostile, '␦');
	return safe.length > 60 ? `${safe.slice(0, 59)}…` : safe;
}
