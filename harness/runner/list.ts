import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError, UsageError } from '../errors.js';
import type { SamplingSetting } from '../experiment/experiment.js';
import { digestsOf } from '../store/digests.js';
import { isOurs } from '../store/header.js';
import { storedImports } from '../store/imports.js';
import { kernelDigest, rowSources, storedKernels } from '../store/kernels.js';
import { type StoredRun, StoreReader } from '../store/reader.js';
import { type StoredRerun, storedReruns } from '../store/reruns.js';

/** Digests of runs of more attempts take seconds: they are made when asked for. */
export const QUICK_ATTEMPTS = 200_000;

export interface ListedRun {
	readonly id: number;
	readonly name: string;
	readonly shard: string | null;
	readonly models: number;
	readonly templates: number;
	readonly settings: number;
	readonly seeds: number;
	readonly planned: number;
	readonly done: number;
	/** null where it was not asked for and the run is large */
	readonly digest: string | null;
	/** ISO 8601, UTC */
	readonly createdAt: string;
	readonly reruns: { readonly identical: number; readonly different: number };
}

export interface ListedImport {
	readonly id: number;
	readonly model: string;
	readonly template: string;
	readonly temperature: number | null;
	readonly origin: string;
	readonly format: string;
	readonly attemptsTotal: number | null;
	readonly createdAt: string;
}

/** An exact kernel in its first evaluation shape. */
export interface ListedKernel {
	readonly id: number;
	readonly name: string;
	readonly model: string;
	readonly template: string;
	readonly temperature: number;
	readonly kind: 'closed' | 'open';
	/** rows there, of so many */
	readonly rows: number;
	readonly sources: number;
	readonly digest: string;
	readonly createdAt: string;
}

export interface ListedDatabase {
	readonly db: string;
	readonly bytes: number;
	readonly runs: readonly ListedRun[];
	readonly imports: readonly ListedImport[];
	readonly kernels: readonly ListedKernel[];
}

export interface ListRequest {
	/** databases; null: every one under `folder` */
	readonly dbs: readonly string[] | null;
	readonly folder: string;
	/** digests of large runs too */
	readonly digests: boolean;
	readonly signal: AbortSignal;
}

/**
 * What databases hold.
 * @returns the databases, and what cannot be read of those that nobody named
 * @throws UsageError, HarnessError for a database that was named and cannot be read
 */
export async function listDatabases(request: ListRequest): Promise<{
	readonly databases: readonly ListedDatabase[];
	readonly notices: readonly string[];
}> {
	const databases: ListedDatabase[] = [];
	const notices: string[] = [];
	for (const db of request.dbs ?? databasesUnder(request.folder)) {
		request.signal.throwIfAborted();
		try {
			databases.push(await list(db, request));
		} catch (error) {
			const told = error instanceof UsageError || error instanceof HarnessError;
			if (request.dbs !== null || !told) throw error;
			notices.push(error.message);
		}
	}
	return { databases, notices };
}

/** Files that are databases of ours, by name; none where there is no such folder. */
export function databasesUnder(folder: string): string[] {
	if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && !entry.name.endsWith('.partial'))
		.map((entry) => join(entry.parentPath, entry.name))
		.filter(isOurs)
		.sort();
}

async function list(db: string, request: ListRequest): Promise<ListedDatabase> {
	const reader = StoreReader.open(db);
	try {
		const reruns = storedReruns(reader);
		const runs: ListedRun[] = [];
		for (const run of reader.runs()) {
			const repeated = reruns.filter((rerun) => rerun.run === run.id);
			runs.push(await listRun(reader, run, { ...request, reruns: repeated }));
		}
		const imports = storedImports(reader).map((stored): ListedImport => {
			const { id, model, template, sampling, origin, format, attemptsTotal, createdAt } = stored;
			const { temperature } = sampling;
			return { id, model, template, temperature, origin, format, attemptsTotal, createdAt };
		});
		return { db, bytes: sizeOf(db), runs, imports, kernels: listKernels(reader) };
	} finally {
		reader.close();
	}
}

function listKernels(reader: StoreReader): ListedKernel[] {
	return storedKernels(reader)
		.filter(({ shape }) => shape === 0)
		.map(({ id, name, modelLabel, templateLabel, kind, sources, identities, createdAt }) => ({
			id,
			name,
			model: modelLabel,
			template: templateLabel,
			temperature: (reader.identity(identities.sampling) as SamplingSetting).temperature,
			kind,
			rows: rowSources(reader, id).length,
			sources,
			digest: kernelDigest(reader, id),
			createdAt,
		}));
}

/** Bytes of a database with what is not folded in yet. */
function sizeOf(db: string): number {
	return ['', '-wal'].reduce(
		(sum, suffix) => sum + (statSync(db + suffix, { throwIfNoEntry: false })?.size ?? 0),
		0,
	);
}

async function listRun(
	reader: StoreReader,
	run: StoredRun,
	{ digests, reruns, signal }: ListRequest & { readonly reruns: readonly StoredRerun[] },
): Promise<ListedRun> {
	const cells = reader.cells(run.id);
	const { planned, done } = reader.progress(run.id);
	const distinct = (key: (cell: (typeof cells)[0]) => unknown) => new Set(cells.map(key)).size;
	const digest =
		digests || done <= QUICK_ATTEMPTS ? (await digestsOf(reader, run.id, signal)).digest : null;
	return {
		id: run.id,
		name: run.name,
		shard: run.shard === null ? null : `${run.shard.index}/${run.shard.count}`,
		models: distinct(({ modelLabel }) => modelLabel),
		templates: distinct(({ templateLabel }) => templateLabel),
		settings: distinct(({ identities }) => identities.sampling),
		seeds: distinct(({ seed }) => seed),
		planned,
		done,
		digest,
		createdAt: run.createdAt,
		reruns: {
			identical: reruns.filter(({ identical }) => identical).length,
			different: reruns.filter(({ identical }) => !identical).length,
		},
	};
}
