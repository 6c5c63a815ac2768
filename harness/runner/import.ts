import { mkdirSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { UsageError } from '../errors.js';
import type { Format } from '../exchange/formats.js';
import { nameProblem } from '../exchange/names.js';
import { type CountFile, readCountFile } from '../exchange/read.js';
import type { LabelledTally } from '../exchange/read-csv.js';
import { type ImportHandle, type ImportRecord, storeImports } from '../store/import-writer.js';
import type { KnownSampling } from '../store/imports.js';

/** The template of a table that names none. */
const TEMPLATE = 'imported';

export interface ImportRequest {
	readonly file: string;
	/** null: results/NAME.sqlite, after the file. */
	readonly db: string | null;
	/** null: recognised by the content. */
	readonly format: Format | null;
	/** Labels in place of those of the file; null: those of the file. */
	readonly model: string | null;
	readonly template: string | null;
	readonly temperature: number | null;
	/** Attempts from all states; null: as the file says, if it does. */
	readonly attempts: number | null;
	readonly attemptsFile: string | null;
	readonly toolVersion: string;
	readonly signal: AbortSignal;
	/** Called as the file is read. */
	readonly onRead: (bytes: number, of: number) => void;
}

export interface ImportedTable {
	readonly id: number;
	/** It was there already: nothing was added. */
	readonly existed: boolean;
	readonly model: string;
	readonly template: string;
	readonly sampling: KnownSampling;
	readonly states: number;
	/** Distinct pairs of source and target, self outcomes included. */
	readonly pairs: number;
	/** Outcomes counted, self outcomes included. */
	readonly outcomes: number;
	readonly attemptsTotal: number | null;
	readonly attemptsRecorded: boolean;
}

export interface ImportResult {
	readonly db: string;
	readonly origin: string;
	readonly sha256: string;
	readonly bytes: number;
	readonly format: Format;
	/** Names of the further fields that were kept. */
	readonly notes: readonly string[];
	readonly imports: readonly ImportedTable[];
	readonly notices: readonly string[];
}

/**
 * Imports a file of transition data into a database; the same file twice is there once.
 * @throws UsageError, HarnessError naming what cannot be imported and why; nothing is written then
 */
export async function importFile(request: ImportRequest): Promise<ImportResult> {
	const { file, signal, onRead } = request;
	checkLabels(request);
	const turn = async () => {
		await setImmediate();
		signal.throwIfAborted();
	};
	const read = await readCountFile({
		file,
		format: request.format,
		attemptsTotal: request.attempts,
		attemptsFile: request.attemptsFile,
		async pulse(bytes, of) {
			onRead(bytes, of);
			await turn();
		},
	});
	const records = toRecords(read, request);
	const db = request.db ?? join('results', `${fileName(file)}.sqlite`);
	makeFolder(db);
	const handles = await storeImports(db, records, turn);
	return toResult(db, { read, records, handles });
}

function checkLabels({ file, model, template }: ImportRequest): void {
	for (const [option, label] of Object.entries({ model, template })) {
		const problem = label === null ? null : nameProblem(label);
		if (problem !== null) throw new UsageError(`--${option}: ${problem}`);
	}
	if (fileName(file) === '') throw new UsageError(`${file} has no name to call the database by`);
}

/** Name without folder and ending, made of characters that any file system takes. */
function fileName(file: string): string {
	return basename(file, extname(file)).replaceAll(/[^\p{L}\p{N}._-]/gu, '_');
}

function toRecords(read: CountFile, request: ImportRequest): ImportRecord[] {
	const { file, model, template, temperature, attemptsFile, toolVersion } = request;
	if (read.tables.length > 1 && (model ?? template ?? temperature) !== null)
		throw new UsageError(
			`${file} holds ${read.tables.length} tables with labels of their own: leave out --model, --template and --temperature, or import them one by one`,
		);
	return read.tables.map(({ labels, tally }: LabelledTally) => ({
		model: model ?? labels.model ?? fileName(file),
		template: template ?? labels.template ?? TEMPLATE,
		sampling: { ...labels.sampling, ...(temperature === null ? {} : { temperature }) },
		origin: basename(file),
		sha256: read.sha256,
		bytes: read.bytes,
		format: read.format,
		attemptsTotal: tally.attemptsTotal,
		attemptsOrigin: attemptsFile === null ? null : basename(attemptsFile),
		attemptsSha256: read.attemptsSha256,
		notes: `{${[...read.notes].map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`,
		toolVersion,
		states: tally.states,
		pairs: tally.pairs,
		attempts: tally.attempts,
	}));
}

function makeFolder(db: string): void {
	const folder = dirname(resolve(db));
	try {
		mkdirSync(folder, { recursive: true });
	} catch (error) {
		throw new UsageError(
			`${db}: the folder ${folder} cannot be made: ${(error as Error).message}. Write elsewhere with --db.`,
		);
	}
}

interface Stored {
	readonly read: CountFile;
	readonly records: readonly ImportRecord[];
	readonly handles: readonly ImportHandle[];
}

function toResult(db: string, { read, records, handles }: Stored): ImportResult {
	const beside = handles.flatMap(({ id, besides }) =>
		besides.length === 0
			? []
			: [
					`import ${id} stands beside import ${besides.join(', ')}, another file under the same labels: each is a group of its own`,
				],
	);
	return {
		db,
		origin: (records[0] as ImportRecord).origin,
		sha256: read.sha256,
		bytes: read.bytes,
		format: read.format,
		notes: [...read.notes.keys()],
		imports: handles.map(({ id, existed }, i) => {
			const { model, template, sampling, attemptsTotal } = records[i] as ImportRecord;
			const { tally } = read.tables[i] as LabelledTally;
			return {
				id,
				existed,
				model,
				template,
				sampling,
				states: tally.states.length,
				pairs: tally.pairs.size,
				outcomes: tally.outcomes,
				attemptsTotal,
				attemptsRecorded: tally.attempts !== null,
			};
		}),
		notices: [...read.notices, ...beside],
	};
}
