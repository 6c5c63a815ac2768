import type { StoreReader } from './reader.js';

/** States that attempts of the database's runs started from or reached, in order of their UTF-8 bytes. */
export function reachedStates(reader: StoreReader): string[] {
	return reader
		.rows<readonly [string]>(
			`SELECT text FROM states WHERE id IN
				(SELECT source_id FROM attempts UNION SELECT target_id FROM attempts) ORDER BY text`,
			[],
		)
		.map(([text]) => text);
}
