import { UsageError } from '../errors.js';
import { quote } from '../experiment/faults.js';
import { type Format, recognise } from './formats.js';
import { JsonStream } from './json-stream.js';
import type { Pulse } from './place.js';
import { readCounts } from './read-counts.js';
import { type LabelledTally, readAttemptsCsv, readCsv } from './read-csv.js';
import { readSuccessors } from './read-successors.js';
import { readTransitions } from './read-transitions.js';
import { emptyTable, settle } from './settle.js';
import { Tally, UNSTATED } from './tally.js';
import { TextSource } from './text-source.js';

export interface ReadRequest {
	readonly file: string;
	/** null: recognised by the content. */
	readonly format: Format | null;
	/** Attempts from all states where the file does not say them; null: not known. */
	readonly attemptsTotal: number | null;
	/** CSV file of attempts per source; null: none. */
	readonly attemptsFile: string | null;
	readonly pulse: Pulse;
}

/** What a file of counts holds, checked. */
export interface CountFile {
	readonly format: Format;
	readonly sha256: string;
	readonly bytes: number;
	/** sha256 of the file of attempts per source, or null. */
	readonly attemptsSha256: string | null;
	readonly tables: readonly LabelledTally[];
	/** Further fields as JSON text by name. */
	readonly notes: ReadonlyMap<string, string>;
	/** What a careful reader wants to know, in sentences. */
	readonly notices: readonly string[];
}

/**
 * Reads a file of transition data in one of the formats. Memory grows with states and distinct
 * pairs, not with the file.
 * @throws UsageError naming file, line, key and remedy for whatever cannot be counted
 */
export async function readCountFile(request: ReadRequest): Promise<CountFile> {
	const { file, pulse } = request;
	const format = request.format ?? (await recognise(file, pulse));
	const source = TextSource.open(file);
	try {
		const read = await readAs(format, source, pulse);
		// A reader of JSON stops at its end; nothing else is in the file, but the hash wants all of it.
		while (source.next() !== null);
		if (read.tables.length === 0) throw emptyTable(file);
		const attemptsSha256 = await addAttempts(request, read.tables);
		const alike = read.tables.flatMap((table) => settle(file, table));
		const { sha256, bytes } = { sha256: source.sha256(), bytes: source.bytesRead };
		return { format, sha256, bytes, attemptsSha256, ...read, notices: [...read.notices, ...alike] };
	} finally {
		source.close();
	}
}

type Read = Pick<CountFile, 'tables' | 'notes' | 'notices'>;

async function readAs(format: Format, source: TextSource, pulse: Pulse): Promise<Read> {
	const [notes, labels] = [
		new Map<string, string>(),
		{ model: null, template: null, sampling: UNSTATED },
	];
	if (format === 'csv') return { tables: await readCsv(source, pulse), notes, notices: [] };
	const json = new JsonStream(source);
	if (format === 'counts') {
		const { tooLong, ...read } = await readCounts(json, pulse);
		return {
			tables: [read],
			notes: read.notes,
			notices: asideNotice('too long for a note', tooLong),
		};
	}
	const tally = new Tally();
	const tables = [{ labels, tally }];
	if (format === 'successors') {
		await readSuccessors(json, tally, pulse);
		return { tables, notes, notices: [] };
	}
	const aside = await readTransitions(json, tally, pulse);
	return { tables, notes, notices: asideNotice('no part of a transition', [...aside]) };
}

function asideNotice(why: string, names: readonly string[]): string[] {
	if (names.length === 0) return [];
	return [
		`left aside, being ${why}: ${names
			.slice(0, 20)
			.map((name) => quote(name))
			.join(', ')}${names.length > 20 ? ` and ${names.length - 20} more` : ''}`,
	];
}

/** Attempts given beside the file. */
async function addAttempts(
	{ file, attemptsTotal, attemptsFile, pulse }: ReadRequest,
	tables: readonly LabelledTally[],
): Promise<string | null> {
	const [first, ...others] = tables;
	if (attemptsTotal !== null && first !== undefined) {
		if (others.length > 0)
			throw new UsageError(
				`--attempts: ${file} holds ${tables.length} tables, and one number cannot be that of each; give a file with --attempts-file, or import them one by one`,
			);
		const said = first.tally.attemptsTotal;
		if (said !== null && said !== attemptsTotal)
			throw new UsageError(
				`--attempts ${attemptsTotal}: ${file} says attempts_total ${said}; leave one of them out`,
			);
		first.tally.attemptsTotal = attemptsTotal;
	}
	if (attemptsFile === null) return null;
	if (tables.some(({ tally }) => tally.attempts !== null))
		throw new UsageError(
			`--attempts-file: ${file} holds attempts per source already; leave one of them out`,
		);
	const source = TextSource.open(attemptsFile);
	try {
		await readAttemptsCsv(source, tables, pulse);
		return source.sha256();
	} finally {
		source.close();
	}
}
