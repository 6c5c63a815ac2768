import { existsSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { sha256File } from '../engine/gguf/sha256-file.js';
import { HarnessError, UsageError } from '../errors.js';
import { copyDatabase } from '../store/copy.js';
import { StoreReader } from '../store/reader.js';
import { tagFiles } from './bag.js';
import { addRecorded, addSoftware, type Copies } from './contents.js';
import { CRATE_FILE, crateJson, descriptionOf } from './crate.js';
import { type ArchivedModel, fetchLines, gatherModels } from './models.js';
import { byBytes, fitName, fitNames } from './names.js';
import { newFile, Payload, type PayloadFile, sha512Of, toSource } from './payload.js';
import { type ArchiveRecord, describeDatabase, latestDate } from './record.js';
import { readmeTxt } from './texts.js';
import { writeZip } from './zip.js';

/** A file to put into the archive, such as the report. */
export interface ExtraFile {
	/** below data/ */
	readonly path: string;
	readonly bytes: Uint8Array;
}

export interface ArchiveRequest {
	readonly dbs: readonly string[];
	/** the zip file to write; must not exist */
	readonly output: string;
	/** put the model files inside instead of naming them */
	readonly withModels: boolean;
	/** folder to look for model files in first */
	readonly models: string | null;
	readonly authors: readonly string[];
	/** of the data: SPDX identifier or words */
	readonly licence: string | null;
	/** the time that the archive bears (SOURCE_DATE_EPOCH); null: that of its latest run or import */
	readonly date: Date | null;
	/** more files, such as a report of the databases as they were copied */
	readonly extra: (copies: readonly string[]) => AsyncIterable<ExtraFile>;
	readonly toolVersion: string;
	readonly signal: AbortSignal;
	/** what is being done now */
	readonly say: (line: string) => void;
}

export interface WrittenArchive {
	readonly file: string;
	readonly bytes: number;
	/** of the zip file, lower-case hex: what its authors publish */
	readonly sha256: string;
	readonly record: ArchiveRecord;
	readonly payload: { readonly files: number; readonly bytes: number };
	readonly models: readonly ArchivedModel[];
}

/**
 * Seals databases into one zip file: a BagIt bag whose payload is an RO-Crate. The same databases,
 * extra files and version of detbal give the same bytes, in any folder and on any machine.
 *
 * @throws UsageError where a database cannot be read, the output exists, or a model that has to go
 *   inside is not here
 * @throws HarnessError where the archive cannot be written; nothing is left then
 */
export async function writeArchive(request: ArchiveRequest): Promise<WrittenArchive> {
	const output = resolve(request.output);
	checkOutput(output);
	checkInputs(request.dbs);
	const folder = makeStage(output);
	const readers: StoreReader[] = [];
	try {
		const names = fitNames(request.dbs.map(stemOf), '.sqlite');
		for (const [i, db] of request.dbs.entries()) {
			request.say(`copying ${db}`);
			request.signal.throwIfAborted();
			const copy = join(folder, names[i] as string);
			copyDatabase(db, copy);
			readers.push(StoreReader.open(copy));
		}
		return await seal(request, { output, folder, names, readers });
	} finally {
		for (const reader of readers) reader.close();
		rmSync(folder, { recursive: true, force: true });
	}
}

interface Stage extends Copies {
	readonly output: string;
	/** for the copies, beside the output; removed in the end */
	readonly folder: string;
}

async function seal(request: ArchiveRequest, stage: Stage): Promise<WrittenArchive> {
	const { signal, say } = request;
	say('computing digests');
	const record = recordOf(request, stage);
	const payload = new Payload(signal);
	for (const [i, name] of stage.names.entries())
		await payload.addFile(
			`databases/${name}`,
			(stage.readers[i] as StoreReader).file,
			'Every attempt of every run (SQLite; its schema is commented).',
		);
	const sources = await gatherModels(stage.readers, {
		inside: request.withModels,
		folder: request.models,
		signal,
	});
	const models = sources.map(({ model }) => model);
	for (const { model, file } of sources)
		if (model.inside && file !== null) await payload.addFile(model.path, file);
	const fetch = await fetchLines(sources, signal);
	addRecorded(payload, stage, { record, models });
	addSoftware(payload, stage);
	await addExtra(payload, request.extra(stage.readers.map(({ file }) => file)), stage.folder);
	payload.addText(CRATE_FILE, crateJson({ record, models, files: payload.files() }));

	const files = payload.files();
	const tags = tagFiles(files, fetch, {
		name: record.name,
		date: new Date(record.date),
		toolVersion: request.toolVersion,
		description: descriptionOf(record),
		readme: readmeTxt(record, models),
	});
	say(`writing ${request.output}`);
	const written = await writeFile(request, stage, { top: record.name, files, tags });
	const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
	return { ...written, record, payload: { files: files.length, bytes }, models };
}

function recordOf(request: ArchiveRequest, { names, readers }: Stage): ArchiveRecord {
	const databases = readers.map((reader, i) =>
		describeDatabase(reader, `databases/${names[i] as string}`),
	);
	for (const [i, { runs, imports }] of databases.entries())
		if (runs.length + imports.length === 0)
			throw new UsageError(`${request.dbs[i]} holds no run and no import: leave it out`);
	return {
		schema: 'detbal/archive/1',
		name: fitName(stemOf(request.dbs[0] as string)),
		date: (request.date ?? latestDate(databases)).toISOString(),
		tool: { name: 'detbal', version: request.toolVersion },
		authors: request.authors,
		licence: request.licence,
		databases,
	};
}

/** On disk meanwhile: a report with its figures can be large. */
async function addExtra(
	payload: Payload,
	extra: AsyncIterable<ExtraFile>,
	folder: string,
): Promise<void> {
	let n = 0;
	for await (const { path, bytes } of extra) {
		const file = join(folder, `extra-${n++}`);
		writeFileSync(file, bytes);
		await payload.addFile(path, file);
	}
}

interface Bag {
	/** the one folder in the zip file */
	readonly top: string;
	readonly files: readonly PayloadFile[];
	readonly tags: ReadonlyMap<string, Uint8Array>;
}

async function writeFile(
	{ signal, date }: ArchiveRequest,
	{ output, folder }: Stage,
	{ top, files, tags }: Bag,
): Promise<Pick<WrittenArchive, 'file' | 'bytes' | 'sha256'>> {
	const sources = [
		...files.map((file) => toSource(`${top}/data/${file.path}`, file, signal)),
		...[...tags].map(([name, bytes]) => {
			const file = { bytes: bytes.length, sha512: sha512Of(bytes), content: { text: bytes } };
			return toSource(`${top}/${name}`, file, signal);
		}),
	].sort((a, b) => byBytes(a.name, b.name));
	const draft = join(folder, 'archive.zip');
	const file = await newFile(draft);
	try {
		await writeZip(file, sources, { modified: zipTime(date), signal });
		await file.sync();
	} catch (error) {
		if (error instanceof HarnessError || signal.aborted) throw error;
		throw new HarnessError(
			`${output} cannot be written: ${(error as Error).message}. Is there room on that disk?`,
			{ cause: error },
		);
	} finally {
		await file.close();
	}
	const sha256 = await sha256File(draft);
	checkOutput(output);
	const bytes = statSync(draft).size;
	renameSync(draft, output);
	return { file: output, bytes, sha256 };
}

/** The format begins with 1980. Times of entries say nothing that the crate does not say. */
function zipTime(date: Date | null): Date {
	const first = Date.UTC(1980, 0, 1);
	const last = Date.UTC(2107, 11, 31, 23, 59, 58);
	return new Date(Math.min(last, Math.max(first, date?.getTime() ?? first)));
}

function stemOf(db: string): string {
	return basename(db).replace(/\.(sqlite3?|db)$/i, '');
}

function checkOutput(output: string): void {
	if (existsSync(output)) throw new UsageError(`${output} exists: name another file, or remove it`);
	if (!statSync(dirname(output), { throwIfNoEntry: false })?.isDirectory())
		throw new UsageError(`the folder of ${output} does not exist: make it, or name another file`);
}

/** The same file under two names would be there twice. */
function checkInputs(dbs: readonly string[]): void {
	if (dbs.length === 0) throw new UsageError('archive: name at least one database');
	const seen = new Map<string, string>();
	for (const db of dbs) {
		const stats = statSync(db, { bigint: true, throwIfNoEntry: false });
		if (stats === undefined)
			throw new UsageError(`${db} does not exist: check the name (\`detbal run\` makes one)`);
		const key = `${stats.dev} ${stats.ino}`;
		const twin = seen.get(key);
		if (twin !== undefined)
			throw new UsageError(`${twin} and ${db} are the same file: name it once`);
		seen.set(key, db);
	}
}

function makeStage(output: string): string {
	try {
		return mkdtempSync(join(dirname(output), `.${basename(output)}.`));
	} catch (cause) {
		throw new UsageError(
			`${output} cannot be written: ${(cause as Error).message}. Change the permissions of its folder, or name another file`,
			{ cause },
		);
	}
}
