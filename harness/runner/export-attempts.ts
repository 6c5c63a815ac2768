/** Every attempt of a database, one row each, for other programs. */

import type { OutputTable } from '../exchange/table-file.js';
import type { SamplingSetting } from '../experiment/experiment.js';
import { attemptLines } from '../store/browse.js';
import type { StoredCell, StoreReader } from '../store/reader.js';
import { LABELS, labels, type Row, text, whole } from './export-tables.js';

/** Attempts of the cells by source (UTF-8 bytes), then draw; a chunk at a time in memory. */
export function attemptsTable(reader: StoreReader, cells: readonly StoredCell[]): OutputTable {
	return {
		columns: [
			whole('run'),
			whole('cell'),
			...LABELS,
			whole('seed'),
			text('design'),
			text('source'),
			whole('draw'),
			whole('step', true),
			text('outcome'),
			text('target', true),
			text('completion'),
		],
		rows: attemptRows(reader, cells),
	};
}

function* attemptRows(reader: StoreReader, cells: readonly StoredCell[]): Generator<Row> {
	for (const cell of cells) {
		const sampling = reader.identity(cell.identities.sampling) as SamplingSetting;
		const named = labels({ model: cell.modelLabel, template: cell.templateLabel, sampling });
		const head = [cell.run, cell.id, ...named, cell.seed, cell.design];
		for (const { id, text: source } of reader.sources(cell.id))
			for (const line of attemptLines(reader, { cell: cell.id, source: id }))
				yield [...head, source, ...line];
	}
}
