/** What takes the space of a database file. */
import { statSync } from 'node:fs';
import { type ReadConnection, schemaVersion } from './connection.js';
import { IMPORTS_VERSION } from './schema.js';

export interface ObjectSpace {
	readonly name: string;
	readonly kind: 'table' | 'index';
	/** the table of an index; of a table its own name */
	readonly table: string;
	/** of all its pages, and of these unused */
	readonly bytes: number;
	readonly unused: number;
}

/** What one run holds. */
export interface RunSpace {
	readonly run: number;
	readonly name: string;
	readonly attempts: number;
	readonly laws: number;
	/** its part of the tables of attempts and laws: by rows, by the length of its laws */
	readonly bytes: number;
}

export interface Space {
	/** of the file, and of the log of changes that are not folded in yet */
	readonly bytes: number;
	readonly wal: number;
	readonly pageSize: number;
	readonly freeBytes: number;
	/** largest first */
	readonly objects: readonly ObjectSpace[];
	readonly runs: readonly RunSpace[];
	/** tables of imports together; 0 where there are none */
	readonly imports: number;
	/** tables of exact kernels together; 0 where there are none */
	readonly kernels: number;
}

/** Bytes by table, index and run. Reads every page of the file. */
export function storeSpace(connection: ReadConnection): Space {
	return connection.snapshot(() => {
		const objects = objectSpace(connection);
		const pages = (pragma: string) =>
			(connection.rows<readonly [number]>(`SELECT * FROM pragma_${pragma}`, [])[0] ?? [0])[0];
		const pageSize = pages('page_size');
		return {
			bytes: sizeOf(connection.file),
			wal: sizeOf(`${connection.file}-wal`),
			pageSize,
			freeBytes: pages('freelist_count') * pageSize,
			objects,
			runs: runSpace(connection, objects),
			imports:
				schemaVersion(connection) < IMPORTS_VERSION
					? 0
					: sum(objects.filter(({ table }) => /^imports$|^import_/.test(table))),
			kernels: sum(objects.filter(({ table }) => /^kernels$|^kernel_/.test(table))),
		};
	});
}

function objectSpace(connection: ReadConnection): ObjectSpace[] {
	return connection
		.rows<readonly [string, string | null, string | null, number, number]>(
			`SELECT space.name, object.type, object.tbl_name, space.pgsize, space.unused
			FROM (SELECT name, pgsize, unused FROM dbstat WHERE aggregate = TRUE) AS space
			LEFT JOIN sqlite_schema AS object ON object.name = space.name
			ORDER BY space.pgsize DESC, space.name`,
			[],
		)
		.map(([name, type, table, bytes, unused]) => ({
			name,
			kind: type === 'index' ? 'index' : 'table',
			table: table ?? name,
			bytes,
			unused,
		}));
}

function runSpace(connection: ReadConnection, objects: readonly ObjectSpace[]): RunSpace[] {
	const bytesOf = (table: string) => sum(objects.filter((object) => object.table === table));
	const rows = connection.rows<readonly [number, string, number, number, number]>(
		`SELECT runs.id, runs.name,
			(SELECT coalesce(sum(done), 0) FROM progress WHERE progress.run_id = runs.id),
			coalesce(law.count, 0), coalesce(law.bytes, 0)
		FROM runs LEFT JOIN (
			SELECT trees.run_id, count(*) AS count,
				sum(length(path) + length(checksum) + 8 + length(top)) AS bytes
			FROM laws JOIN trees ON trees.id = laws.tree_id GROUP BY trees.run_id
		) AS law ON law.run_id = runs.id
		ORDER BY runs.id`,
		[],
	);
	const attempts = bytesOf('attempts') / Math.max(1, total(rows.map((row) => row[2])));
	const laws = bytesOf('laws') / Math.max(1, total(rows.map((row) => row[4])));
	return rows.map(([run, name, made, count, length]) => ({
		run,
		name,
		attempts: made,
		laws: count,
		bytes: Math.round(made * attempts + length * laws),
	}));
}

const sum = (objects: readonly ObjectSpace[]): number => total(objects.map(({ bytes }) => bytes));

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

function sizeOf(file: string): number {
	return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
