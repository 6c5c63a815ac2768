/** What a person wants to see of the attempts of some cells, besides their counts. */
import { OUTCOMES, type Outcome } from '../outcome.js';
import type { ReadConnection } from './connection.js';

export interface CompletionSample {
	readonly outcome: Outcome;
	/** raw, untrusted; the first `MOST_TEXT` characters */
	readonly text: string;
	readonly count: number;
}

/** Of a completion, characters read at most. */
const MOST_TEXT = 2000;

/** The five outcomes of each source, in order of the source's UTF-8 bytes. */
export function outcomesOfSources(
	connection: ReadConnection,
	cells: readonly number[],
): ({ readonly source: string } & Record<Outcome, number>)[] {
	return connection
		.rows<readonly [string, number, number, number, number, number]>(
			`SELECT states.text, tally.valid, tally.self, tally.invalid, tally.unparsable, tally.truncated
			FROM (
				SELECT source_id, sum(outcome = 0) AS valid, sum(outcome = 1) AS self,
					sum(outcome = 2) AS invalid, sum(outcome = 3) AS unparsable, sum(outcome = 4) AS truncated
				FROM attempts WHERE cell_id IN (SELECT value FROM json_each(?)) GROUP BY source_id
			) AS tally
			JOIN states ON states.id = tally.source_id ORDER BY states.text`,
			[JSON.stringify(cells)],
		)
		.map(([source, valid, self, invalid, unparsable, truncated]) => ({
			source,
			valid,
			self,
			invalid,
			unparsable,
			truncated,
		}));
}

/** Of each outcome the `most` completions that came most often, and how often. */
export function frequentCompletions(
	connection: ReadConnection,
	cells: readonly number[],
	most: number,
): CompletionSample[] {
	return connection
		.rows<readonly [number, string, number]>(
			`SELECT tally.outcome, substr(completions.text, 1, ${MOST_TEXT}), tally.count
			FROM (
				SELECT outcome, completion_id, count(*) AS count,
					row_number() OVER (PARTITION BY outcome ORDER BY count(*) DESC, completion_id) AS place
				FROM attempts WHERE cell_id IN (SELECT value FROM json_each(?))
				GROUP BY outcome, completion_id
			) AS tally
			JOIN completions ON completions.id = tally.completion_id
			WHERE tally.place <= ? ORDER BY tally.outcome, tally.place`,
			[JSON.stringify(cells), most],
		)
		.map(([outcome, text, count]) => ({ outcome: OUTCOMES[outcome] as Outcome, text, count }));
}

/** Model evaluations recorded of a run. */
export function evaluationsOf(connection: ReadConnection, run: number): number {
	const [row] = connection.rows<readonly [number]>(
		'SELECT count(*) FROM laws WHERE tree_id IN (SELECT id FROM trees WHERE run_id = ?)',
		[run],
	);
	return (row as readonly [number])[0];
}
