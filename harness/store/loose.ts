/**
 * Attempts that must not be counted yet. All attempts from one source are walked together as a tree,
 * and committed in the order in which its branches end: while a source is being drawn from, what is
 * there is chosen by its outcome. Only the draws before the first that is missing are a sample.
 */
import { OUTCOMES, type Outcome } from '../outcome.js';
import type { ReadConnection } from './connection.js';

/** Attempts from `source` with this outcome that come after a draw that is missing. */
export interface LooseCount {
	readonly source: string;
	/** null where no state was reached */
	readonly target: string | null;
	readonly outcome: Outcome;
	readonly count: number;
}

/** The loose attempts of some cells; none where no source has a gap. To be called on one snapshot. */
export function looseCounts(connection: ReadConnection, cells: readonly number[]): LooseCount[] {
	return gaps(connection, cells).flatMap(([cell, source, missing]) =>
		connection
			.rows<readonly [string, string | null, number, number]>(
				`SELECT source.text, target.text, tally.outcome, tally.count
				FROM (
					SELECT target_id, outcome, count(*) AS count FROM attempts
					WHERE cell_id = ? AND source_id = ? AND draw > ? GROUP BY target_id, outcome
				) AS tally
				JOIN states AS source ON source.id = ?
				LEFT JOIN states AS target ON target.id = tally.target_id`,
				[cell, source, missing, source],
			)
			.map(([from, target, outcome, count]) => ({
				source: from,
				target,
				outcome: OUTCOMES[outcome] as Outcome,
				count,
			})),
	);
}

/** Cells and sources with a gap, and the first draw that is missing. */
function gaps(
	connection: ReadConnection,
	cells: readonly number[],
): (readonly [cell: number, source: number, missing: number])[] {
	const found = connection.rows<readonly [cell: number, source: number]>(
		`SELECT cell_id, source_id FROM attempts WHERE cell_id IN (SELECT value FROM json_each(?))
		GROUP BY cell_id, source_id HAVING count(*) <= max(draw)`,
		[JSON.stringify(cells)],
	);
	return found.map(([cell, source]) => {
		const [row] = connection.rows<readonly [number]>(
			`SELECT place FROM (
				SELECT draw, row_number() OVER (ORDER BY draw) - 1 AS place
				FROM attempts WHERE cell_id = ? AND source_id = ?
			) WHERE draw > place LIMIT 1`,
			[cell, source],
		);
		return [cell, source, (row as readonly [number])[0]] as const;
	});
}
