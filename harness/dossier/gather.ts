import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { VerifyOptions } from '../analysis/verify.js';
import { UsageError } from '../errors.js';
import { kernelNames } from '../runner/kernel-names.js';
import { type CountedKernel, leftOutOf, openKernels } from '../runner/kernels.js';
import { verifyKernels } from '../runner/verify.js';
import { storedImports } from '../store/imports.js';
import { StoreReader } from '../store/reader.js';
import type { DatabaseRecord, Dossier } from './dossier.js';
import { type Judged, recordGroup } from './groups.js';
import { IdentityShelf } from './identities.js';
import { recordRuns } from './runs.js';

export interface GatherRequest {
	readonly dbs: readonly string[];
	/** Number of the run; null: all runs and imports. */
	readonly run: number | null;
	/** Changes to `DEFAULT_VERIFY`. */
	readonly options: Partial<VerifyOptions>;
	/** Worker threads; null: as many as the machine runs at once. */
	readonly workers: number | null;
	readonly signal: AbortSignal;
	readonly toolVersion: string;
	/** Called before each group. */
	readonly onGroup: (done: number, total: number, name: string) => void;
}

/**
 * Judges every kernel of some databases together and gathers what a report shows of them. The same
 * databases and options give the same dossier on every machine.
 *
 * @throws UsageError, HarnessError where a database cannot be read or holds nothing to look at
 */
export async function gatherDossier(request: GatherRequest): Promise<Dossier> {
	const { dbs, run, options, workers, signal, onGroup } = request;
	refuseTwins(dbs);
	const readers: StoreReader[] = [];
	try {
		for (const db of dbs) readers.push(StoreReader.open(db));
		const opened = readers.map((reader) => openKernels(reader, run));
		const kernels = opened.flatMap(({ kernels: own }, db) => own.map((kernel) => ({ db, kernel })));
		const verified = await verifyKernels(
			kernels.map(({ kernel }) => kernel),
			{ options, workers, signal, onGroup },
		);
		const shelf = new IdentityShelf();
		const runs = recordRuns(readers, run);
		const judged = kernels.map(({ db, kernel }, i): Judged => {
			const group = verified.groups[i];
			if (group === undefined) throw new Error(`kernel ${i} was not judged`);
			return { db, kernel, group };
		});
		const names = namesOf(dbs, kernels);
		const groups = [];
		for (const [i, one] of judged.entries()) {
			await setImmediate();
			signal.throwIfAborted();
			const context = { reader: readers[one.db] as StoreReader, runs, shelf };
			const name = names[i] as { name: string; slug: string };
			groups.push(recordGroup(one, { ...name, ...context, options: verified.options }));
		}
		return {
			tool: { name: 'detbal', version: request.toolVersion },
			date: dateOf(readers, runs),
			missing: opened.reduce((sum, { missing }) => sum + missing, 0),
			databases: databasesOf(dbs),
			runs,
			groups,
			options: verified.options,
			identities: shelf.contents(),
			notices: noticesOf(
				verified.options,
				kernels.map(({ kernel }) => kernel),
			),
		};
	} finally {
		for (const reader of readers) reader.close();
	}
}

function refuseTwins(dbs: readonly string[]): void {
	if (dbs.length === 0) throw new UsageError('name at least one database');
	if (new Set(dbs).size < dbs.length) {
		throw new UsageError(`a database is named twice: ${dbs.join(', ')}; name each once`);
	}
}

/** What a reader must know before any number. */
function noticesOf(
	{ resampling }: Pick<VerifyOptions, 'resampling'>,
	kernels: readonly CountedKernel[],
): string[] {
	const loose = leftOutOf(kernels);
	return [
		...(resampling
			? []
			: [
					'A quick look: nothing was resampled. So nothing can be called violated, and kernels that ignore their input are not told apart from others that hold.',
				]),
		...(loose === 0
			? []
			: [
					`${loose.toLocaleString('en-US')} attempts are left out until their sources are finished: what is there of those was chosen by its outcome.`,
				]),
	];
}

/** Base names, numbered where two are the same: a report names no folder of this machine. */
function databasesOf(dbs: readonly string[]): DatabaseRecord[] {
	const names = dbs.map((db) => basename(db));
	return dbs.map((db, i) => {
		const name = names[i] as string;
		const before = names.slice(0, i).filter((other) => other === name).length;
		return { name: before === 0 ? name : `${name} (${before + 1})`, bytes: statSync(db).size };
	});
}

function namesOf(
	dbs: readonly string[],
	kernels: readonly { readonly db: number; readonly kernel: CountedKernel }[],
): { name: string; slug: string }[] {
	const names = kernelNames(
		kernels.map(({ db, kernel }) => ({ ...kernel, db: dbs[db] as string })),
	);
	const used = new Set<string>();
	return names.map((name) => {
		const short = plain(name);
		let slug = short;
		for (let i = 2; used.has(slug); i++) slug = `${short}-${i}`;
		used.add(slug);
		return { name, slug };
	});
}

/** Safe as a file name and as an anchor. */
function plain(name: string): string {
	const words = name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
	return words.join('-').slice(0, 60) || 'group';
}

/** When the data were made, and not when they are looked at: the report's bytes depend on it. */
function dateOf(readers: readonly StoreReader[], runs: Dossier['runs']): string {
	const epoch = Number(process.env.SOURCE_DATE_EPOCH);
	if (process.env.SOURCE_DATE_EPOCH && Number.isInteger(epoch)) {
		const date = new Date(epoch * 1000);
		if (!Number.isNaN(date.getTime())) return date.toISOString();
	}
	const dates = [
		...runs.map(({ createdAt }) => createdAt),
		...readers.flatMap((reader) => storedImports(reader).map(({ createdAt }) => createdAt)),
	];
	return dates.sort().at(-1) ?? new Date(0).toISOString();
}
