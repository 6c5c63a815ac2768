import { UsageError } from '../errors.js';
import { csvLine } from '../exchange/csv-file.js';
import { count } from '../report/numbers.js';
import { type Column, fittedTable } from '../report/table.js';
import { ask, type Cell } from '../store/asking.js';
import { type Arguments, EXIT, flag, needed, wholeNumber } from './command.js';
import type { Io } from './io.js';

/** Rows of a table for a person; files and programs get all. */
const SHOWN = 1000;
/** Columns of a terminal. */
const WIDTH = 100;

/** Writes an answer as it comes. */
interface Sink {
	columns(names: readonly string[]): Promise<void> | void;
	rows(rows: readonly (readonly Cell[])[]): Promise<void> | void;
	end(more: boolean): Promise<void> | void;
}

export async function run(args: Arguments, io: Io): Promise<number> {
	const [db, sql] = [needed(args, 'db'), needed(args, 'sql')];
	const csv = flag(args, 'csv');
	if (csv && io.json) throw new UsageError('--csv and --json are two formats: give one of them');
	const limit = wholeNumber(args, 'limit', 1, Number.MAX_SAFE_INTEGER);
	const sink = io.json ? jsonSink(io, db) : csv ? csvSink(io) : tableSink(io);
	const { rows, more } = await ask({
		db,
		sql,
		limit: limit ?? (io.json || csv ? null : SHOWN),
		signal: io.signal,
		onColumns: (names) => sink.columns(names),
		onRows: (batch) => sink.rows(batch),
	});
	await sink.end(more);
	if (more)
		io.say(
			`notice: these are the first ${count(rows, 'row', 'rows')}, there are more: --limit N, --csv or --json`,
		);
	return EXIT.done;
}

/** A document on one line: { schema, db, columns, rows: [ { column: value } ], more }. */
function jsonSink(io: Io, db: string): Sink {
	let keys: readonly string[] = [];
	let first = true;
	return {
		columns(names) {
			const distinct = distinctNames(names);
			keys = distinct.map((name) => JSON.stringify(name));
			const head = JSON.stringify({ schema: 'detbal/query/1', db, columns: distinct });
			return io.stream(`${head.slice(0, -1)},"rows":[`);
		},
		rows(batch) {
			const rows = batch.map(
				(row) => `{${row.map((cell, i) => `${keys[i]}:${JSON.stringify(cell)}`).join(',')}}`,
			);
			const text = `${first ? '' : ','}${rows.join(',')}`;
			first = false;
			return io.stream(text);
		},
		end: (more) => io.stream(`],"more":${more}}\n`),
	};
}

function csvSink(io: Io): Sink {
	return {
		columns: (names) => io.stream(csvLine(names)),
		rows: (batch) => io.stream(batch.map(csvLine).join('')),
		end() {},
	};
}

/** A batch is a table of its own, so that the first rows are there at once. */
function tableSink(io: Io): Sink {
	let columns: readonly string[] = [];
	let batches = 0;
	const print = (rows: readonly (readonly Cell[])[]) => {
		const shown = columns.map(
			(title, i): Column => ({
				title,
				align: rows.every((row) => row[i] === null || typeof row[i] === 'number')
					? 'right'
					: 'left',
			}),
		);
		if (batches++ > 0) io.out('');
		const cells = rows.map((row) => row.map((cell) => (cell === null ? '–' : String(cell))));
		for (const line of fittedTable(shown, cells, WIDTH)) io.out(line);
	};
	return {
		columns(names) {
			columns = names;
		},
		rows: print,
		end() {
			if (batches === 0) print([]);
		},
	};
}

/** A second column of one name gets a number: a row as an object could not hold both. */
function distinctNames(names: readonly string[]): string[] {
	const taken = new Set<string>();
	return names.map((name) => {
		let free = name;
		for (let i = 2; taken.has(free); i++) free = `${name}_${i}`;
		taken.add(free);
		return free;
	});
}
