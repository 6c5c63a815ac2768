/** The models of an archive: by reference, or inside. */
import { existsSync, statSync } from 'node:fs';
import { sha256File } from '../engine/gguf/sha256-file.js';
import { UsageError } from '../errors.js';
import type { FoundModel } from '../experiment/plan.js';
import { readRecord } from '../models/catalog.js';
import { knownModelBySha256, type ManifestModel, modelPath } from '../models/manifest.js';
import { recordedModelPath } from '../runner/model-files.js';
import type { StoreReader } from '../store/reader.js';
import { recordedExperiment } from './experiments.js';
import { byBytes, fitNames } from './names.js';
import { sha512File } from './payload.js';

/** data/models.json */
export interface ArchivedModel {
	/** as experiments call it */
	readonly labels: readonly string[];
	/** of the file */
	readonly sha256: string;
	/** null: not recorded */
	readonly bytes: number | null;
	readonly architecture: string | null;
	readonly quantisation: string | null;
	/** SPDX identifier; null: not known */
	readonly licence: string | null;
	/** embedded and calibration models come with detbal; null: a file of the user's own */
	readonly kind: ManifestModel['kind'] | null;
	/** where detbal finds it: its id in the manifest; null for a file of the user's own */
	readonly id: string | null;
	readonly uri: string | null;
	readonly url: string | null;
	/** below data/, where it is, or belongs once fetched */
	readonly path: string;
	readonly inside: boolean;
}

/** A model and the file it was found in; null where it is not on this machine. */
export interface ModelSource {
	readonly model: ArchivedModel;
	readonly file: string | null;
}

export interface ModelOptions {
	readonly inside: boolean;
	/** folder to look for model files in first */
	readonly folder: string | null;
	readonly signal: AbortSignal;
}

/** Every model that a cell of the databases used, in order of sha256. */
export async function gatherModels(
	readers: readonly StoreReader[],
	options: ModelOptions,
): Promise<ModelSource[]> {
	const used = usedModels(readers);
	const names = fitNames(
		used.map(({ labels }) => labels[0] as string),
		'.gguf',
	);
	const sources: ModelSource[] = [];
	for (const [i, { found, labels, content }] of used.entries()) {
		options.signal.throwIfAborted();
		const known = knownModelBySha256(found.sha256);
		const model = {
			labels,
			sha256: found.sha256,
			bytes: numberIn(content, 'bytes'),
			architecture: textIn(content, 'architecture'),
			quantisation: textIn(content, 'quantisation'),
			licence: known?.licence ?? null,
			kind: known?.kind ?? null,
			id: known?.id ?? null,
			...addressOf(known),
			path: `models/${names[i]}`,
			inside: options.inside,
		};
		sources.push({ model, file: await locate(found, model, options) });
	}
	return sources;
}

interface Used {
	readonly found: FoundModel;
	readonly labels: readonly string[];
	readonly content: Readonly<Record<string, unknown>>;
}

function usedModels(readers: readonly StoreReader[]): Used[] {
	const used = new Map<string, { found: FoundModel; labels: Set<string>; content: object }>();
	for (const reader of readers)
		for (const run of reader.runs()) {
			const { models } = recordedExperiment(run);
			for (const { identities, modelLabel } of reader.cells(run.id)) {
				const content = reader.identity(identities.model) as { sha256: string };
				const { sha256 } = content;
				const found = models.find((model) => model.sha256 === sha256);
				const entry = used.get(sha256) ?? {
					found: found ?? { id: modelLabel, sha256, path: '' },
					labels: new Set<string>(),
					content,
				};
				entry.labels.add(modelLabel);
				used.set(sha256, entry);
			}
		}
	return [...used.values()]
		.map(({ found, labels, content }) => ({
			found,
			labels: [...labels].sort(),
			content: content as Record<string, unknown>,
		}))
		.sort((a, b) => byBytes(a.found.sha256, b.found.sha256));
}

function numberIn(content: Readonly<Record<string, unknown>>, name: string): number | null {
	return typeof content[name] === 'number' ? content[name] : null;
}

function textIn(content: Readonly<Record<string, unknown>>, name: string): string | null {
	return typeof content[name] === 'string' ? content[name] : null;
}

/** The public address of a model of the catalogue, at the commit that was used. */
function addressOf(known: ManifestModel | null): { uri: string | null; url: string | null } {
	if (known?.kind !== 'catalog') return { uri: null, url: null };
	const { uri } = known;
	const commit = known.revision ?? readRecord(known)?.commit ?? null;
	const [, owner, repository, file] = /^hf:([^/]+)\/([^/]+)\/(.+)$/.exec(uri) ?? [];
	if (!owner || !repository || !file || commit === null) return { uri, url: null };
	const path = [owner, repository, 'resolve', commit, ...file.split('/')].map(encodeURIComponent);
	return { uri, url: `https://huggingface.co/${path.join('/')}` };
}

/** @throws UsageError where it has to go inside and is not here, or is another file */
async function locate(
	found: FoundModel,
	{ inside, url, sha256 }: ArchivedModel,
	{ folder }: ModelOptions,
): Promise<string | null> {
	// By reference, only a model with an address needs its file: for the sha512 that a bag asks for.
	if (!inside && url === null) return null;
	const file = inside ? await recordedModelPath(found, folder) : whereItIs(sha256);
	if (file === null) return null;
	const here = await sha256File(file);
	if (here === sha256) return file;
	if (!inside) return null;
	throw new UsageError(
		`model ${found.id}: ${file} has sha256 ${here}, the run used ${sha256}; give the folder of the right file with --models`,
	);
}

function whereItIs(sha256: string): string | null {
	const known = knownModelBySha256(sha256);
	if (known === null) return null;
	const path = modelPath(known);
	return existsSync(path) ? path : null;
}

export interface FetchLine {
	readonly url: string;
	readonly bytes: number;
	/** below data/ */
	readonly path: string;
	readonly sha512: string;
}

/** Models that have an address and whose file was here to be hashed. */
export async function fetchLines(
	sources: readonly ModelSource[],
	signal: AbortSignal,
): Promise<FetchLine[]> {
	const lines: FetchLine[] = [];
	for (const { model, file } of sources) {
		if (model.inside || model.url === null || file === null) continue;
		const sha512 = await sha512File(file, signal);
		lines.push({ url: model.url, bytes: statSync(file).size, path: model.path, sha512 });
	}
	return lines.sort((a, b) => byBytes(a.path, b.path));
}
