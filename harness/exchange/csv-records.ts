/** The door to csv-parse. */
import { CsvError, parse } from 'csv-parse';
import { UsageError } from '../errors.js';
import { quote } from '../experiment/faults.js';
import type { Place, Pulse } from './place.js';
import type { TextSource } from './text-source.js';

/** Bytes of one record: a quote that is never closed would swallow the rest of the file. */
const RECORD_MOST = 1_000_000;

const REASONS: Readonly<Record<string, string>> = {
	CSV_QUOTE_NOT_CLOSED: 'a quote is opened here and never closed: close it',
	CSV_INVALID_CLOSING_QUOTE:
		'something follows a closing quote: only a comma or the end of the line may; write a quote inside quotes twice',
	INVALID_OPENING_QUOTE:
		'a quote stands inside a field that does not begin with one: put the field in quotes and write the quote twice',
	CSV_MAX_RECORD_SIZE: `a record has more than ${RECORD_MOST} bytes: is a quote missing?`,
};

/** Lines and columns of a CSV file, for faults. */
export class CsvPlace implements Place {
	readonly #file: string;
	line = 0;
	/** Name of the column that is looked at; null: the whole record. */
	column: string | null = null;

	constructor(file: string) {
		this.#file = file;
	}

	fault(problem: string): UsageError {
		const key = this.column === null ? '' : `${this.column}: `;
		return new UsageError(`${this.#file}:${this.line}: ${key}${problem}`);
	}

	mark(): number {
		return this.line;
	}

	marked(mark: number): string {
		return `line ${mark}`;
	}
}

/**
 * Reads comma-separated records (RFC 4180; lines may also end in LF alone), empty lines passed over.
 * `onRecord` gets the fields of each, its line being in `place`.
 * @throws UsageError where it is not CSV, and whatever `onRecord` throws
 */
export async function readRecords(
	source: TextSource,
	{ place, pulse, onRecord }: RecordReading,
): Promise<void> {
	const parser = parse({
		bom: true,
		record_delimiter: ['\r\n', '\n', '\r'],
		relax_column_count: true,
		skip_empty_lines: true,
		max_record_size: RECORD_MOST,
		on_record(fields: string[], { lines }) {
			place.line = lines;
			onRecord(fields);
			return null;
		},
	});
	const ended = new Promise<void>((resolve, reject) => {
		parser.once('error', reject).once('end', resolve).resume();
	});
	// It is awaited below; until then a failure is seen in `errored`.
	ended.catch(() => {});
	for (let next = source.next(); next !== null && parser.errored === null; next = source.next()) {
		parser.write(Buffer.from(next.bytes));
		await pulse(source.bytesRead, source.size);
	}
	if (parser.errored === null) parser.end();
	try {
		await ended;
	} catch (error) {
		throw error instanceof CsvError ? explained(error, place) : error;
	}
}

export interface RecordReading {
	readonly place: CsvPlace;
	readonly pulse: Pulse;
	readonly onRecord: (fields: readonly string[]) => void;
}

function explained(error: CsvError, place: CsvPlace): UsageError {
	// Of a quote that is not closed the library knows the end; the record began after the last whole one.
	const open = ['CSV_QUOTE_NOT_CLOSED', 'CSV_MAX_RECORD_SIZE'].includes(error.code);
	place.line = open || typeof error.lines !== 'number' ? place.line + 1 : error.lines;
	place.column = null;
	const reason = REASONS[error.code] ?? quote(error.message, 200);
	return place.fault(`not valid CSV: ${reason}`);
}
