/** A database leafed through: how far its cells are, and the draws of one source. */
import { OUTCOMES, type Outcome } from '../outcome.js';
import type { ReadConnection } from './connection.js';

export type Outcomes = Readonly<Record<Outcome, number>>;

/** How far a cell is. */
export interface CellProgress {
	readonly cell: number;
	readonly planned: number;
	readonly done: number;
}

/** Attempts planned and made, of each cell of a run. */
export function cellProgress(connection: ReadConnection, run: number): CellProgress[] {
	return connection
		.rows<readonly [number, number, number]>(
			'SELECT cell_id, planned, done FROM progress WHERE run_id = ? ORDER BY cell_id',
			[run],
		)
		.map(([cell, planned, done]) => ({ cell, planned, done }));
}

/** Outcomes of all attempts from one source in one cell. */
export function sourceOutcomes(
	connection: ReadConnection,
	{ cell, source }: { readonly cell: number; readonly source: string },
): Outcomes {
	const totals = { valid: 0, self: 0, invalid: 0, unparsable: 0, truncated: 0 };
	const rows = connection.rows<readonly [number, number]>(
		`SELECT outcome, count(*) FROM attempts
		WHERE cell_id = ? AND source_id = (SELECT id FROM states WHERE text = ?) GROUP BY outcome`,
		[cell, source],
	);
	for (const [outcome, count] of rows) totals[OUTCOMES[outcome] as Outcome] = count;
	return totals;
}

/** Attempts of one source in one cell, from a draw on, so many at most, in order of draw. */
export function sourceDraws(
	connection: ReadConnection,
	page: {
		readonly cell: number;
		readonly source: string;
		readonly from: number;
		readonly limit: number;
	},
): number[] {
	const { cell, source, from, limit } = page;
	return connection
		.rows<readonly [number]>(
			`SELECT draw FROM attempts
			WHERE cell_id = ? AND source_id = (SELECT id FROM states WHERE text = ?) AND draw >= ?
			ORDER BY draw LIMIT ?`,
			[cell, source, from, limit],
		)
		.map(([draw]) => draw);
}

/** A page of attempts as the columns of a file name them: no tokens. */
export type AttemptLine = readonly [
	draw: number,
	step: number | null,
	outcome: string,
	target: string | null,
	completion: string,
];

/** All attempts of a cell by source (as `sources` gives them), then draw; a chunk at a time in memory. */
export function attemptLines(
	connection: ReadConnection,
	{ cell, source }: { readonly cell: number; readonly source: number },
): Generator<AttemptLine> {
	return connection.pages<AttemptLine>(
		`SELECT attempts.draw, attempts.step, outcomes.name, target.text, completions.text
		FROM attempts
		CROSS JOIN outcomes ON outcomes.id = attempts.outcome
		CROSS JOIN completions ON completions.id = attempts.completion_id
		LEFT JOIN states AS target ON target.id = attempts.target_id
		WHERE attempts.cell_id = ? AND attempts.source_id = ? AND attempts.draw > ?
		ORDER BY attempts.draw`,
		{ fixed: [cell, source], key: ([draw]) => draw },
	);
}
