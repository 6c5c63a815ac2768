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
import {
	type CatalogModel,
	catalogPath,
	checkCatalogModel,
	expectedSha256,
	obtainCatalogModel,
} from './catalog.js';

export { packageRoot };

interface MadeHere {
	readonly id: string;
	readonly architecture: string;
	/** Inside modelsDirectory(), or models/embedded of the package. */
	readonly file: string;
	readonly sha256: string;
	readonly bytes: number;
	/** SPDX identifier. */
	readonly licence: string;
	/** How the file was made, as a command or a path from the package's root. */
	readonly recipe: string;
}

export interface CalibrationModel extends MadeHere {
	readonly kind: 'calibration';
	/** Name of its known kernel. */
	readonly kernel: KernelName;
}

/** A small language model of our own that comes with the package, and how it was trained. */
export interface EmbeddedModel extends MadeHere {
	readonly kind: 'embedded';
	/** What it was taught: a law that obeys detailed balance, or its twin that circulates. */
	readonly law: 'reversible' | 'driven';
	readonly quantisation: string;
	readonly tokenizer: string;
	readonly training: {
		readonly seed: number;
		readonly steps: number;
		/** Step, and nats a word above the entropy of the law, averaged over the steps before. */
		readonly lossCurve: readonly (readonly [number, number])[];
	};
	/** Share of answers that are another state, by template; null where it was not measured. */
	readonly validShare: Readonly<Record<string, number>> | null;
}

export type ManifestModel = CalibrationModel | EmbeddedModel | CatalogModel;

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

/** The model whose file has this content, of the manifest or by the record of a pull, or null. */
export function knownModelBySha256(sha256: string): ManifestModel | null {
	const pulled = (model: ManifestModel) =>
		model.kind === 'catalog' && expectedSha256(model)?.sha256 === sha256;
	return manifestModelBySha256(sha256) ?? readManifest().find(pulled) ?? null;
}

export function modelPath(model: ManifestModel): string {
	if (model.kind === 'catalog') return catalogPath(model);
	if (model.kind === 'embedded') return join(packageRoot(), 'models', 'embedded', model.file);
	return join(modelsDirectory(), model.file);
}

/**
 * Path of a model's file, built first if it is missing and has a recipe here. Nothing is fetched.
 * @param folder where to put a file that is missing; null: where models belong
 * @throws UsageError for an unknown id, a file that is not what the manifest says, a missing one
 *   that cannot be built here, or a model of the catalogue that was not pulled
 */
export async function obtainModel(id: string, folder: string | null = null): Promise<string> {
	const model = findModel(id);
	if (model.kind === 'catalog') return obtainCatalogModel(model);
	const { path, state, found } = await verify(model);
	if (state === 'altered')
		throw new UsageError(
			`${path} has sha256 ${found}, the manifest says ${model.sha256}. ${remedyOf(model)}`,
		);
	if (state !== 'missing') return path;
	if (model.kind === 'embedded') throw new UsageError(`${path} is not there. ${remedyOf(model)}`);
	const target = folder === null ? path : join(folder, model.file);
	writeModel(target, recipeOf(model).bytes(), model);
	return target;
}

function remedyOf({ id, kind }: ManifestModel): string {
	return kind === 'embedded'
		? 'It comes with detbal: install detbal again.'
		: `Build it again with: detbal models build ${id}`;
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
		const recipe = recipeOf(model);
		const { path, state } = await verify(model);
		if (state !== 'ok') writeModel(path, recipe.bytes(), recipe.model);
		const built = { model, path, written: state !== 'ok' };
		results.push(built);
		onModel?.(built);
	}
	return results;
}

interface Recipe {
	readonly model: CalibrationModel;
	readonly bytes: () => Uint8Array;
}

function recipeOf(model: ManifestModel): Recipe {
	const { id, kind } = model;
	if (kind === 'calibration')
		return {
			model,
			bytes: () => buildCalibrationModel(model.architecture as ArchitectureName, model.kernel),
		};
	const instead =
		kind === 'catalog' ? `Run: detbal models pull ${id}` : `Its recipe: ${model.recipe}`;
	throw new UsageError(`model "${id}" is of kind "${kind}" and cannot be built here. ${instead}`);
}

/** By way of a temporary file: whoever looks finds the whole file or none. */
function writeModel(path: string, bytes: Uint8Array, { id, sha256 }: MadeHere): void {
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
	/** `unrecorded`: a model of the catalogue with no checksum to judge its file by. */
	readonly state: 'ok' | 'missing' | 'altered' | 'unrecorded';
	/** sha256 the file must have; null where none is known yet. */
	readonly expected: string | null;
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
	if (model.kind === 'catalog') return checkCatalogModel(model);
	const path = modelPath(model);
	const expected = model.sha256;
	if (!existsSync(path)) return { model, path, state: 'missing', expected, found: null };
	try {
		const found = await sha256File(path);
		return { model, path, state: found === expected ? 'ok' : 'altered', expected, found };
	} catch (error) {
		throw new HarnessError(
			`${path} cannot be read: ${(error as Error).message}. Remove it or change its permissions.`,
		);
	}
}
