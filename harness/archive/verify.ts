import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../errors.js';
import { checkBag } from './check-bag.js';
import { checkCrate } from './check-crate.js';
import { checkDatabase } from './check-database.js';
import { CRATE_FILE } from './crate.js';
import { type Fault, FaultList } from './fault.js';
import { DEFAULT_LIMITS, type Inspection, inspectArchive, type Limits } from './inspect.js';
import type { ArchivedDatabase, ArchiveRecord } from './record.js';

export interface VerifyOptions {
	readonly limits?: Limits;
	readonly signal?: AbortSignal;
}

export interface VerifiedArchive {
	readonly file: string;
	/** nothing is wrong */
	readonly ok: boolean;
	readonly faults: readonly Fault[];
	/** as found in the databases, not as stated */
	readonly databases: readonly ArchivedDatabase[];
	readonly payload: { readonly files: number; readonly bytes: number };
	/** payload files that are not inside but have an address */
	readonly toFetch: readonly string[];
}

/**
 * Looks at everything in an archive that can be wrong: the zip file, the bag and every hash, the
 * databases, their digests and identities, the experiments, the crate. Nothing is left on disk.
 * @throws UsageError where the file is no archive of detbal at all
 */
export async function verifyArchive(
	file: string,
	{ limits = DEFAULT_LIMITS, signal = new AbortController().signal }: VerifyOptions = {},
): Promise<VerifiedArchive> {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-archive-'));
	try {
		return await verifyInto(file, { folder, limits, signal, keep: isLookedInto });
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Everything else is hashed and let go. */
function isLookedInto(path: string): boolean {
	return (
		!path.startsWith('data/') ||
		/^data\/(databases|experiments|numerics)\//.test(path) ||
		/^data\/[^/]*\.json$/.test(path)
	);
}

/** Verifies an archive, and keeps in a folder the files that are to be kept. */
export async function verifyInto(
	file: string,
	options: Parameters<typeof inspectArchive>[1],
): Promise<VerifiedArchive> {
	const inspection = await inspectArchive(file, options);
	refuseOtherZip(file, inspection);
	const faults = new FaultList();
	for (const { part, place, message } of inspection.faults) faults.add(part, place, message);
	const { folder, signal } = options;
	const text = (path: string) => readText(inspection, folder, path);
	const missing = checkBag(inspection, text, faults);
	// What is not as it was sealed is not looked into.
	const altered = new Set(faults.all().map(({ place }) => place));
	const databases: ArchivedDatabase[] = [];
	const stated = statedDatabases(text('data/archive.json'), faults);
	const paths = [...inspection.files.keys()].filter((path) => DATABASE.test(path)).sort();
	for (const path of paths) {
		signal.throwIfAborted();
		if (altered.has(path)) continue;
		const below = path.slice('data/'.length);
		const check = { path: below, folder, stated: stated.get(below) };
		const found = checkDatabase(check, faults);
		if (found !== null) databases.push(found);
	}
	for (const path of stated.keys())
		if (!inspection.named.has(`data/${path}`))
			faults.add('database', `data/${path}`, 'is mentioned in data/archive.json and not there');
	if (paths.length === 0) faults.add('database', 'data/databases', 'there is no database');
	const payload = [...inspection.files].filter(([path]) => path.startsWith('data/'));
	checkCrate(
		text(`data/${CRATE_FILE}`),
		payload.map(([path]) => path.slice('data/'.length)),
		databases.flatMap(({ runs }) => runs),
		faults,
	);
	return {
		file,
		ok: !faults.some,
		faults: faults.all(),
		databases,
		payload: {
			files: payload.length,
			bytes: payload.reduce((sum, [, { bytes }]) => sum + bytes, 0),
		},
		toFetch: [...missing.keys()],
	};
}

const DATABASE = /^data\/databases\/[^/]+\.sqlite$/;
/** No text of an archive is larger; a database may be. */
const LARGEST_TEXT = 64 * 2 ** 20;

function readText({ files }: Inspection, folder: string, path: string): string | null {
	const file = join(folder, path);
	if (!files.has(path) || !existsSync(file) || statSync(file).size > LARGEST_TEXT) return null;
	return readFileSync(file, 'utf8');
}

/** A zip file of something else is a mistake, not a damaged archive. */
function refuseOtherZip(file: string, { named, faults }: Inspection): void {
	if (named.has('bagit.txt') || named.has('data/archive.json')) return;
	if (faults.some(({ message }) => message.startsWith('its directory cannot be read'))) return;
	throw new UsageError(
		`${file} is a zip file and not an archive of detbal: there is neither bagit.txt nor data/archive.json in its folder`,
	);
}

/** What data/archive.json says of each database, by path. */
function statedDatabases(text: string | null, faults: FaultList): Map<string, unknown> {
	const fault = (message: string) => faults.add('database', 'data/archive.json', message);
	const stated = new Map<string, unknown>();
	if (text === null) {
		fault('is missing');
		return stated;
	}
	try {
		const record = Object(JSON.parse(text)) as Partial<ArchiveRecord>;
		if (record.schema !== 'detbal/archive/1' || !Array.isArray(record.databases))
			fault('is not of the form detbal/archive/1');
		else
			for (const database of record.databases) stated.set(String(Object(database).path), database);
	} catch (error) {
		fault(`is not JSON: ${(error as Error).message}`);
	}
	return stated;
}
