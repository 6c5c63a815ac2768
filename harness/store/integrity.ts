import type { ReadConnection } from './connection.js';
import { StoreDatabase } from './database.js';
import { identify } from './identity.js';

/**
 * Everything SQLite finds wrong with a database, and where its tables and views are not ours.
 * @throws UsageError, HarnessError where it cannot be opened at all
 */
export function databaseFaults(file: string): string[] {
	const database = StoreDatabase.forReading(file);
	try {
		return [...database.integrity(), ...database.schemaDifferences()];
	} finally {
		database.close();
	}
}

/** Identities whose content has another sha256 than the one they are stored under. */
export function identityFaults(connection: ReadConnection): string[] {
	const all = connection.rows<readonly [string, string]>(
		'SELECT sha256, kind FROM identities ORDER BY sha256',
		[],
	);
	return all.flatMap(([sha256, kind]) => {
		const [row] = connection.rows<readonly [string]>(
			'SELECT content FROM identities WHERE sha256 = ?',
			[sha256],
		);
		const found = identify(JSON.parse((row as readonly [string])[0])).sha256;
		return found === sha256 ? [] : [`the ${kind} ${sha256} has a content with sha256 ${found}`];
	});
}
