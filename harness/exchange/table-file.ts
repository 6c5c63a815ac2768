import { closeSync, openSync, writeSync } from 'node:fs';

/** Rows that are written as they come, so that their number is no limit. */
export interface OutputTable {
	readonly columns: readonly OutputColumn[];
	readonly rows: Iterable<readonly (string | number | null)[]>;
}

export interface OutputColumn {
	readonly name: string;
	/** whole: integers up to 2^53 */
	readonly type: 'text' | 'whole' | 'real';
	readonly nullable: boolean;
}

/** Lets Ctrl-C have its turn. */
export type Turn = () => Promise<void>;

/** Rows between two turns of others. */
export const TURN = 20_000;

/** Characters of text after which what was gathered is written: a single value may be large. */
const BUFFERED = 1 << 20;

/** Writes text as UTF-8, all of it. */
function writeAll(descriptor: number, text: string): void {
	const bytes = Buffer.from(text, 'utf8');
	for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

/**
 * Writes a table into a new file, row by row as text.
 * @param head what stands before the rows
 * @returns rows
 */
export async function writeLines(
	file: string,
	{
		head,
		rows,
		line,
		turn,
	}: {
		readonly head: string;
		readonly rows: OutputTable['rows'];
		readonly line: (row: readonly (string | number | null)[]) => string;
		readonly turn: Turn;
	},
): Promise<number> {
	const descriptor = openSync(file, 'wx');
	try {
		let written = 0;
		let lines = head;
		for (const row of rows) {
			lines += line(row);
			written++;
			if (lines.length >= BUFFERED) {
				writeAll(descriptor, lines);
				lines = '';
			}
			if (written % TURN === 0) await turn();
		}
		writeAll(descriptor, lines);
		return written;
	} finally {
		closeSync(descriptor);
	}
}
