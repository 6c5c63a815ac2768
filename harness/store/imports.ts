import { type ReadConnection, schemaVersion } from './connection.js';
import { IMPORTS_VERSION } from './schema.js';

/** Rows fetched at once. */
const CHUNK = 4096;

/** What is known of the sampling setting of data that came from a file; null: not known. */
export interface KnownSampling {
	readonly temperature: number | null;
	readonly topK: number | null;
	readonly topP: number | null;
	readonly minP: number | null;
}

export interface StoredImport {
	readonly id: number;
	readonly model: string;
	readonly template: string;
	readonly sampling: KnownSampling;
	/** Name of the file, without its folder. */
	readonly origin: string;
	/** sha256 of the bytes of the file. */
	readonly sha256: string;
	readonly bytes: number;
	readonly format: string;
	/** All attempts, whatever came out; null where nobody said. */
	readonly attemptsTotal: number | null;
	/** The file of attempts per source, where they came in one of their own. */
	readonly attemptsOrigin: string | null;
	readonly attemptsSha256: string | null;
	/** What else the file says of itself. */
	readonly notes: Readonly<Record<string, unknown>>;
	/** ISO 8601, UTC. */
	readonly createdAt: string;
	readonly toolVersion: string;
}

/** The counts of an import, in columns. */
export interface ImportedColumns {
	/** Names in order of their UTF-8 bytes. */
	readonly states: readonly string[];
	/** Row i counts source[i] → target[i], as indices of `states`; equal ones count self outcomes. */
	readonly source: Int32Array;
	readonly target: Int32Array;
	readonly count: Float64Array;
	/** C_f by state; null where attempts per source were not recorded. */
	readonly attempts: Float64Array | null;
}

export interface ImportedGroup extends StoredImport {
	readonly columns: ImportedColumns;
}

/** Imports of a database in the order in which they were made; none where it is older than imports. */
export function storedImports(connection: ReadConnection): StoredImport[] {
	if (schemaVersion(connection) < IMPORTS_VERSION) return [];
	return connection.rows<ImportRow>(`SELECT ${COLUMNS} FROM imports ORDER BY id`, []).map(toImport);
}

/** Imports with their counts, one at a time in memory. (An import never changes: no snapshot is needed.) */
export function* importedGroups(connection: ReadConnection): Generator<ImportedGroup> {
	for (const stored of storedImports(connection)) {
		yield { ...stored, columns: readColumns(connection, stored.id) };
	}
}

type ImportRow = readonly [
	id: number,
	model: string,
	template: string,
	sampling: string,
	origin: string,
	sha256: string,
	bytes: number,
	format: string,
	attemptsTotal: number | null,
	attemptsOrigin: string | null,
	attemptsSha256: string | null,
	notes: string,
	createdAt: string,
	toolVersion: string,
];

const COLUMNS = `id, model, template, sampling, origin, sha256, bytes, format, attempts_total,
	attempts_origin, attempts_sha256, notes, created_at, tool_version`;

function toImport(row: ImportRow): StoredImport {
	const [id, model, template, sampling, origin, sha256, bytes, format, attemptsTotal] = row;
	const [attemptsOrigin, attemptsSha256, notes, createdAt, toolVersion] = [
		row[9],
		row[10],
		row[11],
		row[12],
		row[13],
	];
	const unknown = { temperature: null, topK: null, topP: null, minP: null };
	return {
		id,
		model,
		template,
		sampling: { ...unknown, ...(JSON.parse(sampling) as Partial<KnownSampling>) },
		origin,
		sha256,
		bytes,
		format,
		attemptsTotal,
		attemptsOrigin,
		attemptsSha256,
		notes: JSON.parse(notes) as Record<string, unknown>,
		createdAt,
		toolVersion,
	};
}

function readColumns(connection: ReadConnection, id: number): ImportedColumns {
	const named = connection.rows<readonly [number, string]>(
		`SELECT id, text FROM states WHERE id IN (
			SELECT source_id FROM import_counts WHERE import_id = ?
			UNION SELECT target_id FROM import_counts WHERE import_id = ?
			UNION SELECT source_id FROM import_attempts WHERE import_id = ?
		) ORDER BY text`,
		[id, id, id],
	);
	const index = new Map(named.map(([state], i) => [state, i]));
	const states = named.map(([, text]) => text);
	return {
		states,
		...readPairs(connection, id, index),
		attempts: readAttempts(connection, id, index),
	};
}

function readPairs(
	connection: ReadConnection,
	id: number,
	index: ReadonlyMap<number, number>,
): Pick<ImportedColumns, 'source' | 'target' | 'count'> {
	const [[size] = [0]] = connection.rows<readonly [number]>(
		'SELECT count(*) FROM import_counts WHERE import_id = ?',
		[id],
	);
	const columns = {
		source: new Int32Array(size),
		target: new Int32Array(size),
		count: new Float64Array(size),
	};
	let [after, i] = [[-1, -1] as readonly [number, number], 0];
	while (i < size) {
		const rows = connection.rows<readonly [number, number, number]>(
			`SELECT source_id, target_id, count FROM import_counts
			WHERE import_id = ? AND (source_id, target_id) > (?, ?)
			ORDER BY source_id, target_id LIMIT ${CHUNK}`,
			[id, ...after],
		);
		for (const [source, target, count] of rows) {
			columns.source[i] = index.get(source) as number;
			columns.target[i] = index.get(target) as number;
			columns.count[i++] = count;
			after = [source, target];
		}
	}
	return columns;
}

function readAttempts(
	connection: ReadConnection,
	id: number,
	index: ReadonlyMap<number, number>,
): Float64Array | null {
	const rows = connection.rows<readonly [number, number]>(
		'SELECT source_id, attempts FROM import_attempts WHERE import_id = ?',
		[id],
	);
	if (rows.length === 0) return null;
	const attempts = new Float64Array(index.size);
	for (const [state, made] of rows) attempts[index.get(state) as number] = made;
	return attempts;
}
