import { type ReadConnection, schemaVersion } from './connection.js';
import { StoreDatabase } from './database.js';
import { RERUNS_VERSION } from './schema.js';

/** A run repeated from its record, and what came of it. */
export interface RerunRecord {
	/** number of the run */
	readonly run: number;
	/** the one seed that was repeated; null: all */
	readonly seed: number | null;
	readonly identical: boolean;
	/** transitions compared, and how many of them differ */
	readonly compared: number;
	readonly different: number;
	/** attempts that the repeated cells plan */
	readonly planned: number;
	readonly laws: { readonly compared: number; readonly different: number };
	/** `model: field: recorded → here` */
	readonly numericsDifferences: readonly string[];
	readonly toolVersion: string;
}

export interface StoredRerun extends RerunRecord {
	readonly id: number;
	/** ISO 8601, UTC */
	readonly createdAt: string;
}

type RerunRow = readonly [
	id: number,
	run: number,
	seed: number | null,
	identical: number,
	compared: number,
	different: number,
	planned: number,
	lawsCompared: number,
	lawsDifferent: number,
	numericsDifferences: string,
	createdAt: string,
	toolVersion: string,
];

/** Repetitions of the runs of a database, oldest first; none where it is older than reruns. */
export function storedReruns(connection: ReadConnection): StoredRerun[] {
	if (schemaVersion(connection) < RERUNS_VERSION) return [];
	return connection
		.rows<RerunRow>(
			`SELECT id, run_id, seed, identical, compared, different, planned, laws_compared, laws_different,
				numerics_differences, created_at, tool_version
			FROM reruns ORDER BY id`,
			[],
		)
		.map(
			([id, run, seed, identical, compared, different, planned, laws, lawsDifferent, ...rest]) => {
				const [differences, createdAt, toolVersion] = rest;
				return {
					id,
					run,
					seed,
					identical: identical === 1,
					compared,
					different,
					planned,
					laws: { compared: laws, different: lawsDifferent },
					numericsDifferences: JSON.parse(differences) as string[],
					createdAt,
					toolVersion,
				};
			},
		);
}

/**
 * Notes a repetition in the database whose run was repeated.
 * @throws UsageError, HarnessError where the database cannot be written
 */
export function recordRerun(file: string, record: RerunRecord): void {
	const database = StoreDatabase.forWriting(file);
	try {
		const { run, seed, identical, compared, different, planned, laws } = record;
		database.write(() =>
			database
				.prepare(
					`INSERT INTO reruns (run_id, seed, identical, compared, different, planned, laws_compared,
						laws_different, numerics_differences, created_at, tool_version)
					VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				)
				.run([
					run,
					seed,
					identical ? 1 : 0,
					compared,
					different,
					planned,
					laws.compared,
					laws.different,
					JSON.stringify(record.numericsDifferences),
					new Date().toISOString(),
					record.toolVersion,
				]),
		);
	} finally {
		database.close();
	}
}
