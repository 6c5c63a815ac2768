import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { VerifyOptions } from '../analysis/verify.js';
import { UsageError } from '../errors.js';
import { exactKernels } from '../runner/exact-read.js';
import { kernelNames } from '../runner/kernel-names.js';
import { type CountedKernel, holdsCounts, leftOutOf, openKernels } from '../runner/kernels.js';
import { verifyKernels } from '../runner/verify.js';
import { storedImports } from '../store/imports.js';
import { storedKernels } from '../store/kernels.js';
import { StoreReader } from '../store/reader.js';
import type { DatabaseRecord, Dossier, ExactRecord } from './dossier.js';
import { recordExact, type Scored } from './exact.js';
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
		const { kernels, exact, missing } = openAll(readers, run);
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
		const slugs = new Slugs();
		const names = slugs.name(kernelNames(kernels.map((one) => called(one, dbs))));
		const groups = [];
		for (const [i, one] of judged.entries()) {
			await setImmediate();
			signal.throwIfAborted();
			const context = { reader: readers[one.db] as StoreReader, runs, shelf };
			const name = names[i] as Named;
			groups.push(recordGroup(one, { ...name, ...context, options: verified.options }));
		}
		const records: ExactRecord[] = [];
		const exactNames = slugs.name(kernelNames(exact.map((one) => called(one, dbs))), 'exact');
		for (const [i, one] of exact.entries()) {
			await setImmediate();
			signal.throwIfAborted();
			const context = { reader: readers[one.db] as StoreReader, shelf, sampled: kernels };
			const name = exactNames[i] as Named;
			records.push(recordExact(one, { ...name, ...context, options: verified.options }));
		}
		return {
			tool: { name: 'detbal', version: request.toolVersion },
			date: dateOf(readers, runs),
			missing,
			databases: databasesOf(dbs),
			runs,
			groups,
			exact: records,
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

/** All kernels, sampled and exact, with the positions of their databases; one run has no exact ones. */
function openAll(readers: readonly StoreReader[], run: number | null) {
	const scored = readers.map((reader) => (run === null ? exactKernels(reader) : []));
	const opened = readers.map((reader, db) =>
		scored[db]?.length !== 0 && !holdsCounts(reader)
			? { kernels: [], missing: 0 }
			: openKernels(reader, run),
	);
	return {
		kernels: opened.flatMap(({ kernels }, db) => kernels.map((kernel) => ({ db, kernel }))),
		exact: scored.flatMap((own, db) => own.map((kernel): Scored => ({ db, kernel }))),
		missing: opened.reduce((sum, { missing }) => sum + missing, 0),
	};
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

interface Named {
	readonly name: string;
	readonly slug: string;
}

/** What a kernel is named by. */
function called<Kernel>(
	{ db, kernel }: { readonly db: number; readonly kernel: Kernel },
	dbs: readonly string[],
): Kernel & { readonly db: string } {
	return { ...kernel, db: dbs[db] as string };
}

/** Hands out names for files and anchors, each unlike every other. */
class Slugs {
	readonly #used = new Set<string>();

	/** @param what before every slug, where it is given */
	name(names: readonly string[], what = ''): Named[] {
		return names.map((name) => {
			const short = plain(what === '' ? name : `${what} ${name}`);
			let slug = short;
			for (let i = 2; this.#used.has(slug); i++) slug = `${short}-${i}`;
			this.#used.add(slug);
			return { name, slug };
		});
	}
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
		...readers.flatMap((reader) =>
			[...storedImports(reader), ...storedKernels(reader)].map(({ createdAt }) => createdAt),
		),
	];
	return dates.sort().at(-1) ?? new Date(0).toISOString();
}
