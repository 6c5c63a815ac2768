/**
 * Models of the catalogue: real models that lie on a hub and are fetched by `detbal models pull`.
 * Here: where a pulled file lies, what is known of it, and whether it is what it should be.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { sha256File } from '../engine/gguf/sha256-file.js';
import { HarnessError, UsageError } from '../errors.js';

export interface CatalogModel {
	readonly id: string;
	readonly kind: 'catalog';
	readonly architecture: string;
	readonly quantisation: string;
	/** `hf:owner/repository/path/of/file.gguf` */
	readonly uri: string;
	/** Commit of the repository; null: the branch main, and the commit met first is kept to. */
	readonly revision: string | null;
	/** Size of the file; null where it is not known. */
	readonly bytes: number | null;
	/** Only ever one that this project computed from the file itself; else null. */
	readonly sha256: string | null;
	/** SPDX identifier, or LicenseRef-… for a licence that has none. */
	readonly licence: string;
}

/** What was found on first use, kept in a JSON file beside the model. */
export interface PullRecord {
	readonly schema: 'detbal/pull/1';
	readonly id: string;
	readonly uri: string;
	/** Commit the server named; null where it named none. */
	readonly commit: string | null;
	readonly bytes: number;
	/** Computed from the file. */
	readonly sha256: string;
	/** Where it came from; null for a file that was already there. */
	readonly endpoint: string | null;
	/** ISO 8601. */
	readonly recorded: string;
}

/**
 * Where pulled models lie: DETBAL_MODELS, else `detbal` in HF_HOME, else ~/.cache/detbal/models.
 * The folder may not exist yet.
 */
export function catalogDirectory(): string {
	const { DETBAL_MODELS: chosen, HF_HOME: hub } = process.env;
	if (chosen) return resolve(chosen);
	if (hub) return join(resolve(hub), 'detbal');
	return join(homedir(), '.cache', 'detbal', 'models');
}

export function catalogPath({ id }: Pick<CatalogModel, 'id'>): string {
	return join(catalogDirectory(), `${id}.gguf`);
}

export function recordPath(model: Pick<CatalogModel, 'id'>): string {
	return `${catalogPath(model)}.json`;
}

/** @throws HarnessError for a record that cannot be read */
export function readRecord(model: CatalogModel): PullRecord | null {
	const path = recordPath(model);
	try {
		const record = JSON.parse(readFileSync(path, 'utf8')) as PullRecord;
		if (record.schema === 'detbal/pull/1' && /^[0-9a-f]{64}$/.test(record.sha256)) return record;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
	}
	throw new HarnessError(
		`${path} is not a record of a pull. Remove it and run: detbal models pull ${model.id}`,
	);
}

/** Is the record about what the manifest asks for now? */
export function belongs(record: PullRecord, { uri, revision }: CatalogModel): boolean {
	return record.uri === uri && (revision === null || [null, revision].includes(record.commit));
}

/**
 * By way of a temporary file: whoever looks finds a whole record or none.
 * @throws HarnessError where it cannot be written
 */
export function writeRecord(model: CatalogModel, record: PullRecord): void {
	const path = recordPath(model);
	const temporary = `${path}.${process.pid}.tmp`;
	try {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(temporary, `${JSON.stringify(record, null, '\t')}\n`);
		renameSync(temporary, path);
	} catch (error) {
		rmSync(temporary, { force: true });
		throw new HarnessError(`${path} cannot be written: ${(error as Error).message}`);
	}
}

/** The checksum a file of this model must have, and who says so; null before the first use. */
export function expectedSha256(
	model: CatalogModel,
): { readonly sha256: string; readonly source: string } | null {
	if (model.sha256 !== null) return { sha256: model.sha256, source: 'the manifest says' };
	const record = readRecord(model);
	if (record === null || !belongs(record, model)) return null;
	return {
		sha256: record.sha256,
		source: `on ${record.recorded.slice(0, 10)} ${recordPath(model)} recorded`,
	};
}

export interface CatalogCheck {
	readonly model: CatalogModel;
	readonly path: string;
	/** `unrecorded`: there is a file, and no checksum to judge it by. */
	readonly state: 'ok' | 'missing' | 'altered' | 'unrecorded';
	readonly expected: string | null;
	/** sha256 of the file that is there, or null. */
	readonly found: string | null;
}

/** @throws HarnessError for a file or a record that cannot be read */
export async function checkCatalogModel(model: CatalogModel): Promise<CatalogCheck> {
	const path = catalogPath(model);
	const expected = expectedSha256(model)?.sha256 ?? null;
	if (!existsSync(path)) return { model, path, state: 'missing', expected, found: null };
	const found = await sha256File(path).catch((error: Error) => {
		throw new HarnessError(
			`${path} cannot be read: ${error.message}. Remove it or change its permissions.`,
		);
	});
	const state = expected === null ? 'unrecorded' : found === expected ? 'ok' : 'altered';
	return { model, path, state, expected, found };
}

/** What to say of a file that is not the expected one. */
export function alteredError(model: CatalogModel, found: string): UsageError {
	const path = catalogPath(model);
	const expected = expectedSha256(model);
	return new UsageError(
		`${path} has sha256 ${found}, ${expected?.source ?? 'expected was'} ${expected?.sha256}. ` +
			`Remove the file and run: detbal models pull ${model.id}`,
	);
}

/**
 * Path of a pulled model whose file was checked. Nothing is fetched.
 * @throws UsageError for a model that was not pulled, or a file that is not the one that was
 */
export async function obtainCatalogModel(model: CatalogModel): Promise<string> {
	const { path, state, found } = await checkCatalogModel(model);
	if (state === 'ok') return path;
	if (state === 'altered') throw alteredError(model, found as string);
	const what =
		state === 'missing'
			? `is not on this machine (looked for ${path})`
			: `has a file at ${path}, but no checksum of it is recorded`;
	throw new UsageError(`model "${model.id}" ${what}. Run: detbal models pull ${model.id}`);
}
