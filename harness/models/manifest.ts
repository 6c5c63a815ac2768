/** What models there are, where their files lie, and whether they are what the manifest says. */
import { createHash } from 'node:crypto';
import {
	accessSync,
	constants,
	existsSync,
	mkdirSync,
	readFileSync,
	renameSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { ArchitectureName } from '../../models/calibration/architectures.js';
import { buildCalibrationModel } from '../../models/calibration/build.js';
import type { KernelName } from '../../models/calibration/kernels.js';
import { sha256File } from '../engine/gguf/sha256-file.js';
import { HarnessError, UsageError } from '../errors.js';
import { nearest } from '../experiment/nearest.js';
import { packageRoot } from '../package-root.js';

export { packageRoot };

export interface ManifestModel {
	readonly id: string;
	readonly kind: 'calibration' | 'embedded' | 'catalog';
	readonly architecture: string;
	/** Name of the known kernel of a calibration model, else null. */
	readonly kernel: KernelName | null;
	/** Inside modelsDirectory(). */
	readonly file: string;
	readonly sha256: string;
	readonly bytes: number;
	/** SPDX identifier. */
	readonly licence: string;
	/** How the file was made, as a command or a path from the package's root. */
	readonly recipe: string;
}

/** All models, from models/manifest.json of this package. */
export function readManifest(): readonly ManifestModel[] {
	const text = readFileSync(join(packageRoot(), 'models', 'manifest.json'), 'utf8');
	return (JSON.parse(text) as { models: ManifestModel[] }).models;
}

/**
 * Where model files lie: DETBAL_MODELS, else models/calibration of this package if it can be
 * written, else ~/.cache/detbal/models. The folder may not exist yet.
 */
export function modelsDirectory(): string {
	const chosen = process.env.DETBAL_MODELS;
	if (chosen !== undefined && chosen !== '') return resolve(chosen);
	const own = join(packageRoot(), 'models', 'calibration');
	try {
		accessSync(own, constants.W_OK);
		return own;
	} catch {
		return join(homedir(), '.cache', 'detbal', 'models');
	}
}

/** @throws UsageError for an unknown id, with the nearest spelling and the list */
export function findModel(id: string): ManifestModel {
	const models = readManifest();
	const found = models.find((model) => model.id === id);
	if (found !== undefined) return found;
	const ids = models.map((model) => model.id);
	const meant = nearest(id, ids);
	const hint = meant === null ? '' : ` Did you mean "${meant}"?`;
	throw new UsageError(`unknown model "${id}".${hint} Known models: ${ids.join(', ')}.`);
}

/** The model whose file has this content, or null. */
export function manifestModelBySha256(sha256: string): ManifestModel | null {
	return readManifest().find((model) => model.sha256 === sha256) ?? null;
}

export function modelPath({ file }: ManifestModel): string {
	return join(modelsDirectory(), file);
}

/**
 * Path of a model's file, built first if it is missing and has a recipe here.
 * @param folder where to put a file that is missing; null: where models belong
 * @throws UsageError for an unknown id, a file that is not what the manifest says, or a missing
 * one that cannot be built here
 */
export async function obtainModel(id: string, folder: string | null = null): Promise<string> {
	const model = findModel(id);
	const { path, state, found } = await verify(model);
	if (state === 'altered')
		throw new UsageError(
			`${path} has sha256 ${found}, the manifest says ${model.sha256}. Build it again with: detbal models build ${id}`,
		);
	if (state !== 'missing') return path;
	const target = folder === null ? path : join(folder, model.file);
	writeModel(target, recipeOf(model)(), model);
	return target;
}

export interface BuiltModel {
	readonly model: ManifestModel;
	readonly path: string;
	/** False where the right file was there already. */
	readonly written: boolean;
}

export interface BuildOptions {
	/** Default: every calibration model. */
	readonly ids?: readonly string[];
	readonly onModel?: (built: BuiltModel) => void;
}

/**
 * Makes the files of calibration models; a file already right stays as it is, a wrong one is replaced.
 * @throws UsageError for an unknown id or a model without a recipe here
 * @throws HarnessError where the bytes are not those of the manifest, or cannot be written
 */
export async function buildModels({ ids, onModel }: BuildOptions = {}): Promise<BuiltModel[]> {
	const models = ids?.map(findModel) ?? readManifest().filter(({ kind }) => kind === 'calibration');
	const results: BuiltModel[] = [];
	for (const model of models) {
		const bytesOf = recipeOf(model);
		const { path, state } = await verify(model);
		if (state !== 'ok') writeModel(path, bytesOf(), model);
		const built = { model, path, written: state !== 'ok' };
		results.push(built);
		onModel?.(built);
	}
	return results;
}

function recipeOf({ id, kind, architecture, kernel, recipe }: ManifestModel): () => Uint8Array {
	if (kind !== 'calibration' || kernel === null)
		throw new UsageError(
			`model "${id}" is of kind "${kind}" and cannot be built here. Its recipe: ${recipe}`,
		);
	return () => buildCalibrationModel(architecture as ArchitectureName, kernel);
}

/** By way of a temporary file: whoever looks finds the whole file or none. */
function writeModel(path: string, bytes: Uint8Array, { id, sha256 }: ManifestModel): void {
	const made = createHash('sha256').update(bytes).digest('hex');
	if (made !== sha256)
		throw new HarnessError(
			`model "${id}" came out with sha256 ${made}, the manifest says ${sha256}. ` +
				'If its recipe was changed on purpose, run models/calibration/update-manifest.ts.',
		);
	const temporary = `${path}.${process.pid}.tmp`;
	try {
		mkdirSync(dirname(path), { recursive: true });
		writeFileSync(temporary, bytes);
		renameSync(temporary, path);
	} catch (error) {
		if (existsSync(temporary)) rmSync(temporary, { force: true });
		throw new HarnessError(
			`model "${id}" cannot be written to ${path}: ${(error as Error).message}. ` +
				'Set DETBAL_MODELS to a folder that can be written.',
		);
	}
}

export interface ModelCheck {
	readonly model: ManifestModel;
	readonly path: string;
	readonly state: 'ok' | 'missing' | 'altered';
	/** sha256 of the file that is there, or null. */
	readonly found: string | null;
}

/** Every model's file against the manifest. */
export async function verifyModels(): Promise<ModelCheck[]> {
	const checks: ModelCheck[] = [];
	for (const model of readManifest()) checks.push(await verify(model));
	return checks;
}

async function verify(model: ManifestModel): Promise<ModelCheck> {
	const path = modelPath(model);
	if (!existsSync(path)) return { model, path, state: 'missing', found: null };
	try {
		const found = await sha256File(path);
		return { model, path, state: found === model.sha256 ? 'ok' : 'altered', found };
	} catch (error) {
		throw new HarnessError(
			`${path} cannot be read: ${(error as Error).message}. Remove it or change its permissions.`,
		);
	}
}
