/** What an archive says of its databases, and what the databases themselves say. */
import { runDigest } from '../store/digest.js';
import { storedImports } from '../store/imports.js';
import { kernelDigest, storedKernels } from '../store/kernels.js';
import type { StoredRun, StoreReader } from '../store/reader.js';

/** data/archive.json: what `archive verify` compares with what it finds. */
export interface ArchiveRecord {
	readonly schema: 'detbal/archive/1';
	readonly name: string;
	/** ISO 8601, UTC */
	readonly date: string;
	readonly tool: { readonly name: 'detbal'; readonly version: string };
	readonly authors: readonly string[];
	/** of the data; SPDX identifier or words, null: not stated */
	readonly licence: string | null;
	readonly databases: readonly ArchivedDatabase[];
}

export interface ArchivedDatabase {
	/** below data/ */
	readonly path: string;
	readonly runs: readonly ArchivedRun[];
	readonly imports: readonly ArchivedImport[];
	/** in all evaluation shapes */
	readonly kernels: readonly ArchivedKernel[];
}

/** An exact kernel. */
export interface ArchivedKernel {
	readonly id: number;
	readonly name: string;
	readonly key: string;
	readonly shape: number;
	readonly digest: string;
	readonly createdAt: string;
}

export interface ArchivedRun {
	readonly id: number;
	readonly name: string;
	readonly key: string;
	readonly digest: string;
	/** ISO 8601, UTC */
	readonly createdAt: string;
	readonly toolVersion: string;
	/** "2/5", or null for a whole run */
	readonly shard: string | null;
	readonly planned: number;
	readonly done: number;
	/** below data/ */
	readonly experiment: string;
	readonly trees: readonly ArchivedTree[];
}

/** One model × template, and the sha256 of the identities that decide its laws. */
export interface ArchivedTree {
	readonly model: string;
	readonly template: string;
	/** of the model's file */
	readonly modelFile: string;
	readonly numerics: string;
}

export interface ArchivedImport {
	readonly id: number;
	readonly model: string;
	readonly template: string;
	readonly origin: string;
	readonly sha256: string;
	readonly bytes: number;
	readonly format: string;
	readonly createdAt: string;
}

/** @param path of the database, below data/ */
export function describeDatabase(reader: StoreReader, path: string): ArchivedDatabase {
	return {
		path,
		runs: reader.runs().map((run) => describeRun(reader, run, path)),
		imports: storedImports(reader).map(
			({ id, model, template, origin, sha256, bytes, format, createdAt }) => ({
				id,
				model,
				template,
				origin,
				sha256,
				bytes,
				format,
				createdAt,
			}),
		),
		kernels: storedKernels(reader).map(({ id, name, key, shape, createdAt }) => ({
			id,
			name,
			key,
			shape,
			digest: kernelDigest(reader, id),
			createdAt,
		})),
	};
}

function describeRun(reader: StoreReader, run: StoredRun, path: string): ArchivedRun {
	const { id, name, key, createdAt, toolVersion, shard } = run;
	return {
		id,
		name,
		key,
		digest: runDigest(reader, id),
		createdAt,
		toolVersion,
		shard: shard === null ? null : `${shard.index}/${shard.count}`,
		...reader.progress(id),
		experiment: `${experimentFolder(path, id)}/experiment.yaml`,
		trees: treesOf(reader, id),
	};
}

/** Where the files of a run's experiment are, below data/. */
export function experimentFolder(database: string, run: number): string {
	const stem = database.replace(/^.*\//, '').replace(/\.sqlite$/, '');
	return `experiments/${stem}-run${run}`;
}

function treesOf(reader: StoreReader, run: number): ArchivedTree[] {
	const trees = new Map<number, ArchivedTree>();
	for (const { tree, modelLabel, templateLabel, identities } of reader.cells(run)) {
		if (trees.has(tree)) continue;
		const { sha256 } = reader.identity(identities.model) as { sha256: string };
		trees.set(tree, {
			model: modelLabel,
			template: templateLabel,
			modelFile: sha256,
			numerics: identities.numerics,
		});
	}
	return [...trees.values()];
}

/** The latest run, import or exact kernel. */
export function latestDate(databases: readonly ArchivedDatabase[]): Date {
	const dates = databases
		.flatMap(({ runs, imports, kernels }) => [...runs, ...imports, ...kernels])
		.map(({ createdAt }) => Date.parse(createdAt))
		.filter((time) => !Number.isNaN(time));
	return new Date(Math.max(0, ...dates));
}
