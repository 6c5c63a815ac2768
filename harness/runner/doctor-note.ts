/** What the doctor found, kept with the runs that are made afterwards on the same machine and build. */
import {
	existsSync,
	mkdirSync,
	readFileSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { NumericsIdentity } from '../engine/engine.js';
import { HarnessError, UsageError } from '../errors.js';
import type { DoctorRecord } from '../store/doctors.js';
import { StoreReader } from '../store/reader.js';
import { StoreWriter } from '../store/writer.js';
import { DOCTOR_SCHEMA, type DoctorDocument } from './doctor-document.js';

/** Where the doctor writes its document, and where runs look for it: here, and beside their database. */
export const DOCTOR_FILE = join('results', 'doctor.json');

/** Fields of a numerics identity that tell one machine and build from another. */
const DECIDING = ['package', 'llamaCpp', 'build', 'backend', 'devices', 'cpuFeatures'] as const;
/** A document takes some tens of kilobytes. */
const MOST_BYTES = 4 * 2 ** 20;
const SHA256 = /^[0-9a-f]{64}$/;

/** Models of a run, and the numerics identity of each that it uses. */
export interface RunModels {
	readonly models: readonly { readonly sha256: string }[];
	readonly numerics: readonly (NumericsIdentity | null)[];
}

/**
 * Writes a document so that whoever looks finds a whole one.
 * @throws UsageError where it cannot be written
 */
export function writeDoctor(file: string, document: DoctorDocument): void {
	const temporary = `${file}.${process.pid}.tmp`;
	try {
		mkdirSync(dirname(resolve(file)), { recursive: true });
		writeFileSync(temporary, `${JSON.stringify(document, null, '\t')}\n`);
		renameSync(temporary, file);
	} catch (error) {
		if (existsSync(temporary)) rmSync(temporary, { force: true });
		throw new UsageError(
			`${file} cannot be written: ${(error as Error).message}. Write elsewhere with --out.`,
		);
	}
}

/**
 * Keeps with a run what the doctor found, where a document lies beside the database or in results/
 * and is of this machine, this build and a model of the run. Never stops a run: what cannot be
 * used is said in one line.
 */
export function noteDoctor(
	writer: Pick<StoreWriter, 'file' | 'keepDoctor'>,
	run: number,
	{ say, ...used }: RunModels & { readonly say: (line: string) => void },
): void {
	const places = [join(dirname(writer.file), 'doctor.json'), DOCTOR_FILE].map((file) =>
		resolve(file),
	);
	for (const file of new Set(places)) {
		try {
			if (!existsSync(file)) continue;
			const { record, content } = readDoctor(file);
			const strange = strangeness(content, used);
			if (strange === null) {
				writer.keepDoctor(run, record);
				return;
			}
			say(`${file} is not kept with this run: ${strange}`);
		} catch (error) {
			say(`${file} is not kept with this run: ${(error as Error).message}`);
		}
	}
}

/**
 * Keeps a document with the runs of a database that were made on its machine and build.
 * @returns numbers of those runs
 * @throws UsageError, HarnessError where the database cannot be read or written
 */
export function noteInDatabase(db: string, document: DoctorDocument): number[] {
	const content = JSON.stringify(document);
	const record = recordOf(content, JSON.parse(content) as Checked);
	const runs = runsOf(db).filter(({ used }) => strangeness(document, used) === null);
	if (runs.length === 0) return [];
	const writer = StoreWriter.open(db);
	try {
		for (const { id } of runs) writer.keepDoctor(id, record);
	} finally {
		writer.close();
	}
	return runs.map(({ id }) => id);
}

function runsOf(db: string): { readonly id: number; readonly used: RunModels }[] {
	const reader = StoreReader.open(db);
	try {
		return reader.runs().map(({ id }) => {
			const cells = reader.cells(id).map(({ identities }) => ({
				model: reader.identity(identities.model) as { sha256: string },
				numerics: reader.identity(identities.numerics) as NumericsIdentity,
			}));
			return {
				id,
				used: {
					models: cells.map(({ model }) => model),
					numerics: cells.map(({ numerics }) => numerics),
				},
			};
		});
	} finally {
		reader.close();
	}
}

/** What must hold of a document before it is believed to be one. */
interface Checked {
	readonly createdAt: string;
	readonly toolVersion: string;
	readonly models: readonly {
		readonly sha256: string;
		readonly numerics: Readonly<Record<string, unknown>>;
	}[];
}

/** @throws HarnessError where it is no document of the doctor, or cannot be read */
function readDoctor(file: string): { readonly record: DoctorRecord; readonly content: Checked } {
	const { size } = statSync(file);
	if (!statSync(file).isFile()) throw new HarnessError('it is no file');
	if (size > MOST_BYTES) throw new HarnessError(`it has ${size} bytes, too many for one`);
	let value: unknown;
	try {
		value = JSON.parse(readFileSync(file, 'utf8'));
	} catch {
		throw new HarnessError('it is no JSON; detbal doctor writes it anew');
	}
	if (!isDocument(value))
		throw new HarnessError(`it is no ${DOCTOR_SCHEMA} document; detbal doctor writes it anew`);
	return { record: recordOf(JSON.stringify(value), value), content: value };
}

function recordOf(content: string, { models, createdAt, toolVersion }: Checked): DoctorRecord {
	const [only, ...others] = models;
	return {
		content,
		modelSha256: only !== undefined && others.length === 0 ? only.sha256 : null,
		...{ createdAt, toolVersion },
	};
}

function isDocument(value: unknown): value is Checked {
	if (!isRecord(value) || value.schema !== DOCTOR_SCHEMA) return false;
	const { createdAt, toolVersion, models } = value;
	return (
		typeof createdAt === 'string' &&
		/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(createdAt) &&
		typeof toolVersion === 'string' &&
		toolVersion.length <= 80 &&
		Array.isArray(models) &&
		models.length > 0 &&
		models.every(
			(model) =>
				isRecord(model) &&
				typeof model.sha256 === 'string' &&
				SHA256.test(model.sha256) &&
				isRecord(model.numerics),
		)
	);
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Why a document does not belong to a run; null: it does. */
function strangeness({ models }: Checked, used: RunModels): string | null {
	const differences = new Set<string>();
	for (const [i, { sha256 }] of used.models.entries()) {
		const numerics = used.numerics[i] ?? null;
		const examined = models.find((model) => model.sha256 === sha256);
		if (numerics === null || examined === undefined) continue;
		const fields = DECIDING.filter((field) => examined.numerics[field] !== numerics[field]);
		if (fields.length === 0) return null;
		for (const field of fields) differences.add(field);
	}
	return differences.size === 0
		? 'it says nothing of its models; detbal doctor --model NAME examines one'
		: `it was made elsewhere (other ${[...differences].join(', ')}); detbal doctor examines this machine`;
}
