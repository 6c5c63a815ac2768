/** Does a database hold what the archive says, and does it hold together? */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError, UsageError } from '../errors.js';
import type {
	SamplingSetting,
	SourceDesign,
	TaskSpec,
	TemplateSpec,
} from '../experiment/experiment.js';
import { cellKey } from '../experiment/identity.js';
import { planCells } from '../experiment/plan.js';
import { differences, identify } from '../store/identity.js';
import { databaseFaults, identityFaults } from '../store/integrity.js';
import { StoreReader } from '../store/reader.js';
import type { StoredCell, StoredRun } from '../store/stored.js';
import { numericsPath } from './crate.js';
import { keyOf, keyOfFile, meansTheSame, recordedExperiment } from './experiments.js';
import type { FaultList } from './fault.js';
import { type ArchivedDatabase, describeDatabase, experimentFolder } from './record.js';

export interface DatabaseCheck {
	/** below data/ */
	readonly path: string;
	/** where the files that were taken out lie */
	readonly folder: string;
	/** what data/archive.json says of it: anything */
	readonly stated: unknown;
}

/** @returns what the database says of itself, or null where it cannot be read */
export function checkDatabase(check: DatabaseCheck, faults: FaultList): ArchivedDatabase | null {
	const file = join(check.folder, 'data', check.path);
	const place = `data/${check.path}`;
	try {
		const wrong = databaseFaults(file);
		for (const message of wrong) faults.add('database', place, message);
		// A view or table that is not ours is not asked anything.
		if (wrong.length > 0) return null;
		return withReader(file, (reader) => {
			for (const message of identityFaults(reader)) faults.add('database', place, message);
			const found = describeDatabase(reader, check.path);
			for (const message of unlike(check.stated, found)) faults.add('database', place, message);
			for (const run of reader.runs()) checkRun(reader, run, check, faults);
			return found;
		});
	} catch (error) {
		// Content that our own reader cannot make sense of: whoever wrote it was not detbal.
		const known = error instanceof UsageError || error instanceof HarnessError;
		const message = (error as Error).message.replaceAll(file, place);
		faults.add('database', place, known ? message : `cannot be made sense of: ${message}`);
		return null;
	}
}

function withReader<T>(file: string, work: (reader: StoreReader) => T): T {
	const reader = StoreReader.open(file);
	try {
		return work(reader);
	} finally {
		reader.close();
	}
}

/** What is stated otherwise than found; a later detbal may find more than an earlier one stated. */
function unlike(stated: unknown, found: ArchivedDatabase): string[] {
	if (stated === undefined) return ['data/archive.json does not mention it'];
	const missing = found.runs.filter(({ id }) => !(`run ${id}` in (named(stated).runs ?? {})));
	return [
		...missing.map(({ id }) => `data/archive.json does not mention run ${id}`),
		...differences(named(stated), named(found))
			.filter((line) => !line.includes(': (absent) → '))
			.map((line) => `data/archive.json → database: ${line}`),
	];
}

/** Runs and imports by number, so that a difference names the one it is in. */
function named(database: unknown): { readonly runs?: object } & Record<string, unknown> {
	const { runs, imports, kernels, ...rest } = Object(database) as Record<string, unknown>;
	const byId = (list: unknown, what: string) =>
		Object.fromEntries(
			(Array.isArray(list) ? list : []).map((one) => [`${what} ${Object(one).id}`, one]),
		);
	return {
		...rest,
		runs: byId(runs, 'run'),
		imports: byId(imports, 'import'),
		kernels: byId(kernels, 'kernel'),
	};
}

function checkRun(
	reader: StoreReader,
	run: StoredRun,
	{ path, folder }: DatabaseCheck,
	faults: FaultList,
): void {
	const fault = (message: string) =>
		faults.add('database', `data/${path}`, `run ${run.id}: ${message}`);
	const recorded = recordedExperiment(run);
	const key = keyOf(recorded);
	if (key !== run.key) fault(`its experiment gives the key ${key}, it is stored under ${run.key}`);
	const planned = new Set(planCells(recorded.experiment, recorded.models).map((cell) => cell.key));
	for (const cell of reader.cells(run.id)) {
		const made = keyOfCell(reader, cell);
		if (made !== cell.key) fault(`cell ${cell.key} has identities that give the key ${made}`);
		else if (!planned.has(cell.key)) fault(`cell ${cell.key} is not part of its experiment`);
		checkNumerics(folder, cell.identities.numerics, faults);
	}
	checkExperiment(run, `${experimentFolder(path, run.id)}/experiment.yaml`, { folder, faults });
}

/** The key of a cell, made again of the contents of its identities. */
function keyOfCell(reader: StoreReader, { identities, seed }: StoredCell): string {
	const { sha256 } = reader.identity(identities.model) as { sha256: string };
	return cellKey({
		task: reader.identity(identities.task) as TaskSpec,
		template: reader.identity(identities.template) as TemplateSpec,
		sampling: reader.identity(identities.sampling) as SamplingSetting,
		sources: reader.identity(identities.design) as SourceDesign,
		modelSha256: sha256,
		seed,
	});
}

function checkNumerics(folder: string, sha256: string, faults: FaultList): void {
	const path = `data/${numericsPath(sha256)}`;
	const file = join(folder, path);
	if (!existsSync(file)) {
		faults.add('database', path, 'is missing');
		return;
	}
	const found = identify(JSON.parse(readFileSync(file, 'utf8'))).sha256;
	if (found !== sha256) faults.add('database', path, `has a content with sha256 ${found}`);
}

/** The file must be what the database says was run, so that it can be run again. */
function checkExperiment(
	run: StoredRun,
	path: string,
	{ folder, faults }: { readonly folder: string; readonly faults: FaultList },
): void {
	const file = join(folder, 'data', path);
	const fault = (message: string) => faults.add('experiment', `data/${path}`, message);
	if (!existsSync(file)) {
		fault('is missing');
		return;
	}
	const recorded = recordedExperiment(run);
	try {
		const key = keyOfFile(file, recorded.models);
		if (key !== run.key) fault(`gives the run key ${key}; the run has ${run.key}`);
		else if (!meansTheSame(file, recorded)) fault('is not the experiment that was run');
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		fault(error.message.replaceAll(file, `data/${path}`));
	}
}
