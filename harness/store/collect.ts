/** Removes from a database what nothing refers to. Attempts, imports, exact kernels and reruns stay as they are. */
import { createHash } from 'node:crypto';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HarnessError } from '../errors.js';
import { type ReadConnection, schemaVersion } from './connection.js';
import { StoreDatabase } from './database.js';
import { digestsOf } from './digests.js';
import { KERNEL_IDENTITIES, kernelDigest, storedKernels } from './kernels.js';
import { WriterLease } from './lease.js';
import { StoreReader } from './reader.js';
import { IMPORTS_VERSION, KERNELS_VERSION, SCHEMA_VERSION } from './schema.js';
import { storeSpace } from './space.js';

/** A merge that is at work may be silent for a while; a file untouched for longer was left behind. */
const LEFT_BEHIND_MS = 60 * 60 * 1000;

export interface Part {
	readonly rows: number;
	readonly bytes: number;
}

/** What a database could do without. */
export interface Waste {
	/** referred to by nothing; bytes of their contents */
	readonly completions: Part;
	readonly states: Part;
	readonly identities: Part;
	/** all of them: they are dropped only where that is asked for */
	readonly laws: Part;
	/** pages that hold nothing */
	readonly freeBytes: number;
	/** room within pages that do; compaction wins part of it */
	readonly unusedBytes: number;
	/** files that a merge into this database left behind when it was killed */
	readonly files: readonly { readonly file: string; readonly bytes: number }[];
}

/** What could be freed of a database. @throws UsageError, HarnessError where it cannot be read */
export function wasteOf(db: string): Waste {
	const reader = StoreReader.open(db);
	try {
		return findWaste(reader);
	} finally {
		reader.close();
	}
}

function findWaste(connection: ReadConnection): Waste {
	const { freeBytes, objects } = storeSpace(connection);
	const part = (columns: string, from: string): Part => {
		const [row] = connection.rows<readonly [number, number]>(
			`SELECT count(*), coalesce(sum(${columns}), 0) FROM ${from}`,
			[],
		);
		const [rows, bytes] = row as readonly [number, number];
		return { rows, bytes };
	};
	const unused = unusedRows(schemaVersion(connection));
	return {
		completions: part('length(tokens) + octet_length(text)', unused.completions),
		states: part('octet_length(text)', unused.states),
		identities: part('octet_length(content) + 64', unused.identities),
		laws: {
			rows: part('0', 'laws').rows,
			bytes: objects.find(({ name }) => name === 'laws')?.bytes ?? 0,
		},
		freeBytes,
		unusedBytes: objects.reduce((sum, object) => sum + object.unused, 0),
		files: leftBehind(connection.file),
	};
}

/** Rows that nothing refers to, as FROM and WHERE of a statement. */
function unusedRows(version: number) {
	const stateColumns = [
		['source_id', 'attempts'],
		['target_id', 'attempts'],
		['source_id', 'plan'],
		['source_id', 'laws'],
		...(version >= IMPORTS_VERSION
			? [
					['source_id', 'import_counts'],
					['target_id', 'import_counts'],
					['source_id', 'import_attempts'],
				]
			: []),
		...(version >= KERNELS_VERSION
			? [
					['source_id', 'kernel_rows'],
					['target_id', 'kernel_entries'],
				]
			: []),
	];
	const identityColumns = [
		...['model', 'template', 'numerics'].map((kind) => [`${kind}_sha256`, 'trees']),
		...['sampling', 'task', 'design'].map((kind) => [`${kind}_sha256`, 'cells']),
		...(version >= KERNELS_VERSION
			? KERNEL_IDENTITIES.map((kind) => [`${kind}_sha256`, 'kernels'])
			: []),
	];
	const used = (columns: readonly (readonly string[])[]) =>
		columns
			.map(([column, table]) => `SELECT ${column} FROM ${table} WHERE ${column} IS NOT NULL`)
			.join(' UNION ');
	return {
		completions: 'completions WHERE id NOT IN (SELECT completion_id FROM attempts)',
		states: `states WHERE id NOT IN (${used(stateColumns)})`,
		identities: `identities WHERE sha256 NOT IN (${used(identityColumns)})`,
	};
}

function leftBehind(file: string): { readonly file: string; readonly bytes: number }[] {
	const [folder, name] = [dirname(file), basename(file)];
	const uuid = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
	const pattern = new RegExp(`^\\.${uuid}\\.partial(?:-wal|-shm|-journal)?$`);
	return readdirSync(folder)
		.filter((other) => other.startsWith(name) && pattern.test(other.slice(name.length)))
		.map((other) => ({ file: join(folder, other), stats: statSync(join(folder, other)) }))
		.filter(({ stats }) => stats.isFile() && Date.now() - stats.mtimeMs > LEFT_BEHIND_MS)
		.map(({ file: path, stats }) => ({ file: path, bytes: stats.size }));
}

export interface CollectRequest {
	readonly db: string;
	/** drop the recorded laws, too */
	readonly laws: boolean;
	readonly signal: AbortSignal;
	/** called once it is known what can be freed, before anything is */
	readonly onWaste: (waste: Waste) => void;
}

export interface Collected {
	readonly db: string;
	/** what was found */
	readonly waste: Waste;
	/** bytes of the file */
	readonly before: number;
	readonly after: number;
	/** checked to be the same before and after */
	readonly runs: readonly { readonly run: number; readonly digest: string }[];
}

/**
 * Removes what nothing refers to and compacts the file. Each step is one transaction of SQLite: when
 * it is killed at any moment, nothing but what nothing refers to is gone.
 *
 * @returns what was found and what it came to
 * @throws HarnessError where another process writes, the disk is full, or a digest would change, in
 *   which case nothing is removed; UsageError where the file is not a database of ours; the signal's
 *   reason once it is aborted
 */
export async function collect(request: CollectRequest): Promise<Collected> {
	const { db } = request;
	// It must be there: a writer would make it.
	StoreReader.open(db).close();
	const before = statSync(db).size;
	const database = StoreDatabase.forWriting(db);
	try {
		const lease = WriterLease.take(database);
		try {
			const { waste, runs } = await clean(database, lease, request);
			lease.release();
			database.close();
			return { db, waste, before, after: statSync(db).size, runs };
		} finally {
			if (database.open) lease.release();
		}
	} finally {
		database.close();
	}
}

async function clean(
	database: StoreDatabase,
	lease: WriterLease,
	{ laws, signal, onWaste }: CollectRequest,
): Promise<Pick<Collected, 'waste' | 'runs'>> {
	const { file } = database;
	const reader = StoreReader.within(database);
	refuseBroken(reader);
	const before = await fingerprint(reader, signal);
	const isSame = async () =>
		JSON.stringify(await fingerprint(reader, signal)) === JSON.stringify(before);
	const waste = findWaste(reader);
	onWaste(waste);
	// Checked all together at the end, instead of every attempt once for each row that goes.
	database.prepare('PRAGMA foreign_keys = OFF').run([]);
	await database.writeSlowly(async () => {
		lease.renew();
		if (laws) database.prepare('DELETE FROM laws').run([]);
		for (const rows of Object.values(unusedRows(SCHEMA_VERSION)))
			database.prepare(`DELETE FROM ${rows}`).run([]);
		refuseBroken(reader);
		if (!(await isSame())) throw changed(file, 'would be');
	});
	signal.throwIfAborted();
	database.compact();
	if (!(await isSame())) throw changed(file, 'is');
	for (const left of waste.files) rmSync(left.file, { force: true });
	return { waste, runs: before.runs };
}

/** @throws HarnessError where a row refers to one that is missing */
function refuseBroken(reader: StoreReader): void {
	const broken = reader.rows('SELECT 1 FROM pragma_foreign_key_check LIMIT 1', []);
	if (broken.length === 0) return;
	throw new HarnessError(
		`${reader.file} refers to rows that are not there; nothing was removed. Look with: detbal query FILE "PRAGMA foreign_key_check", or restore it from a copy`,
	);
}

function changed(file: string, verb: string): HarnessError {
	return new HarnessError(
		`${file}: what it holds ${verb} another after the clean-up, a fault of detbal. Keep a copy of the file, and please report it`,
	);
}

/** What must not change: the digests of every run and exact kernel, and one over all that was imported. */
async function fingerprint(reader: StoreReader, signal: AbortSignal) {
	const runs: { run: number; digest: string }[] = [];
	for (const { id } of reader.runs())
		runs.push({ run: id, digest: (await digestsOf(reader, id, signal)).digest });
	const imports = createHash('sha256');
	for (const sql of [COUNTS, ATTEMPTS])
		for (const row of reader.ask(sql).rows) imports.update(`${JSON.stringify(row.map(String))}\n`);
	const kernels = storedKernels(reader).map(({ id }) => kernelDigest(reader, id));
	return { runs, imports: imports.digest('hex'), kernels };
}

const COUNTS = `SELECT import_id, source.text, target.text, count FROM import_counts
	JOIN states AS source ON source.id = source_id JOIN states AS target ON target.id = target_id
	ORDER BY import_id, source_id, target_id`;
const ATTEMPTS = `SELECT import_id, text, attempts FROM import_attempts
	JOIN states ON states.id = source_id ORDER BY import_id, source_id`;
