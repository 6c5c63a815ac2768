/** Files of transition data, read as the command reads them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { UsageError } from '../../harness/errors.js';
import { type CountFile, type ReadRequest, readCountFile } from '../../harness/exchange/read.js';
import type { LabelledTally } from '../../harness/exchange/read-csv.js';

/** Runs `work` with a new folder and removes it. */
export async function inFolder(work: (folder: string) => unknown): Promise<void> {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-exchange-'));
	try {
		await work(folder);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Reads a file of this content. */
export async function readContent(
	content: string | Buffer,
	request: Partial<ReadRequest> = {},
): Promise<CountFile> {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-exchange-'));
	try {
		const file = join(folder, 'data');
		writeFileSync(file, content);
		const plain = { format: null, attemptsTotal: null, attemptsFile: null, pulse: async () => {} };
		return await readCountFile({ file, ...plain, ...request });
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Rows of a table by name, sorted. */
export function rowsOf({ tally }: LabelledTally): [string, string, number][] {
	const name = (state: number) => tally.states[state] as string;
	return [...tally.pairs]
		.map(([f, g, n]): [string, string, number] => [name(f), name(g), n])
		.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

/** The one table of a file. */
export function onlyTable({ tables }: CountFile): LabelledTally {
	assert.is(tables.length, 1);
	return tables[0] as LabelledTally;
}

/** Asserts that the content is refused with a message of the form `file:line: …`. */
export async function refusedContent(
	content: string | Buffer,
	says: RegExp,
	request: Partial<ReadRequest> = {},
): Promise<void> {
	try {
		await readContent(content, request);
	} catch (error) {
		const what = `${String(content).slice(0, 80)}: ${String(error)}`;
		assert.ok(error instanceof UsageError, what);
		assert.match(error.message, /^\S*\bdata\b/, what);
		assert.match(error.message, says, what);
		// biome-ignore lint/suspicious/noControlCharactersInRegex: these must not reach a terminal
		assert.not.match(error.message, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/, what);
		return;
	}
	assert.unreachable(`nothing was refused (${says}): ${String(content).slice(0, 80)}`);
}
