import { Columns } from './csv-columns.js';
import { CsvPlace, readRecords } from './csv-records.js';
import { readWhole } from './names.js';
import type { Pulse } from './place.js';
import { type Labels, Tally } from './tally.js';
import type { TextSource } from './text-source.js';

export interface LabelledTally {
	readonly labels: Labels;
	readonly tally: Tally;
}

/**
 * Reads a CSV file with the columns source, target and count, in any order; columns for labels
 * divide it into tables, as `detbal export` writes them.
 * @returns the tables in the order in which they begin
 * @throws UsageError naming line and column
 */
export async function readCsv(source: TextSource, pulse: Pulse): Promise<LabelledTally[]> {
	const place = new CsvPlace(source.file);
	const tables = new Map<string, LabelledTally>();
	let columns: Columns<'source' | 'target' | 'count'> | null = null;
	let last: LabelledTally | null = null;
	const onRecord = (fields: readonly string[]) => {
		if (columns === null) {
			columns = new Columns(fields, ['source', 'target', 'count'], place);
			return;
		}
		columns.checkWidth(fields);
		const labels = columns.labels(fields);
		if (last?.labels !== labels) last = tableOf(tables, labels);
		const { tally } = last;
		const row = {
			source: tally.state(columns.field(fields, 'source'), place),
			target: tally.state(columns.field(fields, 'target'), place),
			count: readCount(columns.field(fields, 'count'), place),
		};
		place.column = null;
		tally.count(row, place);
	};
	await readRecords(source, { place, pulse, onRecord });
	return [...tables.values()];
}

/**
 * Reads a CSV file of attempts per source, columns source and attempts, into the tables of these labels.
 * @throws UsageError naming line and column, and for attempts of a table that is not there
 */
export async function readAttemptsCsv(
	source: TextSource,
	tables: readonly LabelledTally[],
	pulse: Pulse,
): Promise<void> {
	const place = new CsvPlace(source.file);
	const byLabels = new Map(tables.map((table) => [labelKey(table.labels), table]));
	let columns: Columns<'source' | 'attempts'> | null = null;
	const onRecord = (fields: readonly string[]) => {
		if (columns === null) {
			columns = new Columns(fields, ['source', 'attempts'], place);
			return;
		}
		columns.checkWidth(fields);
		// Without such columns there is one table they can belong to.
		const whole = !columns.labelled && tables.length === 1;
		const table = whole ? tables[0] : byLabels.get(labelKey(columns.labels(fields)));
		place.column = null;
		if (table === undefined)
			throw place.fault(
				'no table of the counts has these labels: give both files the same labels, or leave this row out',
			);
		table.tally.attempts ??= new Map();
		const { tally } = table;
		const state = tally.state(columns.field(fields, 'source'), place);
		if (tally.attempts?.has(state)) throw place.fault('this source is there twice; keep one');
		tally.attempts?.set(state, readCount(columns.field(fields, 'attempts'), place));
	};
	await readRecords(source, { place, pulse, onRecord });
}

function tableOf(tables: Map<string, LabelledTally>, labels: Labels): LabelledTally {
	const key = labelKey(labels);
	const known = tables.get(key);
	if (known !== undefined) {
		// The labels that come now, so that rows in a row find it at once.
		const table = { labels, tally: known.tally };
		tables.set(key, table);
		return table;
	}
	const table = { labels, tally: new Tally() };
	tables.set(key, table);
	return table;
}

function labelKey({ model, template, sampling }: Labels): string {
	const { temperature, topK, topP, minP } = sampling;
	return JSON.stringify([model, template, temperature, topK, topP, minP]);
}

function readCount(written: string, place: CsvPlace): number {
	const read = readWhole(written);
	if ('problem' in read) throw place.fault(read.problem);
	return read.value;
}
