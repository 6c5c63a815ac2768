import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { inspectHeader } from '../engine/gguf/inspect.js';
import { readGgufHeader } from '../engine/gguf/read.js';
import { requireGenerative } from '../engine/gguf/require-generative.js';
import { sha256File } from '../engine/gguf/sha256-file.js';
import { UsageError } from '../errors.js';
import type { ModelReference } from '../experiment/experiment.js';
import type { FoundModel } from '../experiment/plan.js';
import {
	knownModelBySha256,
	manifestModelBySha256,
	modelPath,
	obtainModel,
} from '../models/manifest.js';

/** A model file whose header was checked and whose content is known. */
export interface ModelFile extends FoundModel {
	readonly bytes: number;
	readonly architecture: string;
	readonly name: string | null;
	readonly quantisation: string | null;
	/** The file is one of the manifest's, byte for byte: it needs no trial in another process. */
	readonly trusted: boolean;
}

/**
 * Finds, checks and hashes the file of a model.
 * @param folder where to build a model of the manifest that is missing; null: where models belong
 * @throws UsageError where there is no such model, the file is not a usable GGUF, or its sha256 is
 *   not the one asked for
 */
export async function findModelFile(
	reference: ModelReference,
	folder: string | null = null,
): Promise<ModelFile> {
	const path = reference.path ?? (await obtainModel(reference.id, folder));
	const header = readGgufHeader(path);
	requireGenerative(header, path);
	const sha256 = await sha256File(path);
	if (reference.sha256 !== null && reference.sha256 !== sha256) {
		throw new UsageError(
			`model ${reference.id}: ${path} has sha256 ${sha256}, the experiment asks for ` +
				`${reference.sha256}. Use the file that was meant, or correct sha256.`,
		);
	}
	const { architecture, name, quantisation } = inspectHeader(header);
	return {
		id: reference.id,
		path,
		sha256,
		bytes: statSync(path).size,
		architecture: architecture ?? 'unknown',
		name,
		quantisation,
		trusted: manifestModelBySha256(sha256) !== null,
	};
}

/**
 * Where the file of a recorded model is now: in `folder` by content, in the manifest by content, or
 * where it was.
 * @throws UsageError where it is in none of these
 */
export async function recordedModelPath(
	{ id, sha256, path }: FoundModel,
	folder: string | null,
): Promise<string> {
	if (folder !== null) {
		for (const candidate of ggufFiles(folder)) {
			if ((await sha256File(candidate)) === sha256) return candidate;
		}
	}
	const known = knownModelBySha256(sha256);
	if (known !== null && (known.kind !== 'catalog' || existsSync(modelPath(known))))
		return obtainModel(known.id);
	if (existsSync(path)) return path;
	throw new UsageError(
		`model ${id} (sha256 ${sha256}) is not at ${path} any more; give the folder it is in with --models`,
	);
}

function ggufFiles(folder: string): string[] {
	try {
		return readdirSync(folder)
			.filter((name) => name.endsWith('.gguf'))
			.sort()
			.map((name) => join(folder, name));
	} catch (error) {
		throw new UsageError(`--models ${folder}: ${(error as Error).message}`);
	}
}
