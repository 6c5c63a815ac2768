/** What detbal doctor found, kept with the runs that were begun after it. */
import { createHash } from 'node:crypto';
import { type ReadConnection, schemaVersion } from './connection.js';
import type { StoreDatabase } from './database.js';
import { KERNELS_VERSION } from './schema.js';

/** A document of detbal doctor. */
export interface DoctorRecord {
	/** The document of `detbal doctor --json`, as it was written. */
	readonly content: string;
	/** sha256 (hex) of the model, where it examined only one; else null. */
	readonly modelSha256: string | null;
	/** When and by which detbal it was written: as the document says. */
	readonly createdAt: string;
	readonly toolVersion: string;
}

export interface StoredDoctor extends DoctorRecord {
	readonly id: number;
	/** of `content`, hex */
	readonly sha256: string;
	/** number of the run that was begun with it */
	readonly run: number;
}

type DoctorRow = readonly [
	id: number,
	run: number,
	content: string,
	sha256: string,
	modelSha256: string | null,
	createdAt: string,
	toolVersion: string,
];

/** Documents kept with the runs of a database, oldest first; none where it is older than doctors. */
export function storedDoctors(connection: ReadConnection): StoredDoctor[] {
	if (schemaVersion(connection) < KERNELS_VERSION) return [];
	return connection
		.rows<DoctorRow>(
			`SELECT doctors.id, run_doctors.run_id, content, sha256, model_sha256, created_at, tool_version
			FROM run_doctors JOIN doctors ON doctors.id = run_doctors.doctor_id
			ORDER BY doctors.id, run_doctors.run_id`,
			[],
		)
		.map(([id, run, content, sha256, modelSha256, createdAt, toolVersion]) => ({
			...{ id, run, content, sha256, modelSha256, createdAt, toolVersion },
		}));
}

/**
 * Keeps a document with a run, within the caller's transaction; one that is there already is not
 * kept twice.
 * @throws what SQLite refuses: text that is no JSON, a run that is not there
 */
export function insertDoctor(database: StoreDatabase, run: number, doctor: DoctorRecord): void {
	const { content, modelSha256, createdAt, toolVersion } = doctor;
	const sha256 = createHash('sha256').update(content, 'utf8').digest('hex');
	database
		.prepare(
			`INSERT INTO doctors (content, sha256, model_sha256, created_at, tool_version)
			VALUES (?, ?, ?, ?, ?) ON CONFLICT (sha256) DO NOTHING`,
		)
		.run([content, sha256, modelSha256, createdAt, toolVersion]);
	database
		.prepare(
			`INSERT INTO run_doctors (run_id, doctor_id)
			SELECT ?, id FROM doctors WHERE sha256 = ? ON CONFLICT DO NOTHING`,
		)
		.run([run, sha256]);
}
