/** How far a database is: cheap enough to be asked every second while a run writes. */
import type { ReadConnection } from './connection.js';
import { LAPSE_MS } from './lease.js';

/** The process that said it writes. */
export interface PresentWriter {
	readonly pid: number;
	readonly host: string;
	/** ISO 8601, UTC */
	readonly since: string;
	readonly heartbeat: string;
}

/** The process that holds the right to write, or the last that did not give it back; null: none. */
export function presentWriter(connection: ReadConnection): PresentWriter | null {
	const [row] = connection.rows<readonly [number, string, string, string]>(
		'SELECT pid, host, since, heartbeat FROM writer',
		[],
	);
	if (row === undefined) return null;
	const [pid, host, since, heartbeat] = row;
	return { pid, host, since, heartbeat };
}

/** Whether a writer gave a sign of life lately. @param now milliseconds since 1970 */
export function isWriting(writer: PresentWriter | null, now: number): boolean {
	return writer !== null && Math.abs(now - Date.parse(writer.heartbeat)) <= LAPSE_MS;
}

/** Attempts planned in this database, by cell. */
export function plannedByCell(connection: ReadConnection): ReadonlyMap<number, number> {
	return new Map(
		connection.rows<readonly [number, number]>(
			`SELECT id, CASE design WHEN 'fixed'
				THEN coalesce((SELECT sum(attempts) FROM plan WHERE plan.cell_id = cells.id), 0)
				ELSE attempts END
			FROM cells`,
			[],
		),
	);
}

/** Attempts made, of the cells given; a cell without attempts has no entry. */
export function doneByCell(
	connection: ReadConnection,
	cells: readonly number[],
): ReadonlyMap<number, number> {
	return new Map(
		connection.rows<readonly [number, number]>(
			`SELECT cell_id, count(*) FROM attempts
			WHERE cell_id IN (SELECT value FROM json_each(?)) GROUP BY cell_id`,
			[JSON.stringify(cells)],
		),
	);
}
