import { statSync } from 'node:fs';
import { inspectHeader } from '../engine/gguf/inspect.js';
import { readGgufHeader } from '../engine/gguf/read.js';
import { requireGenerative } from '../engine/gguf/require-generative.js';
import { sha256File } from '../engine/gguf/sha256-file.js';
import { UsageError } from '../errors.js';
import type { ModelReference } from '../experiment/experiment.js';
import type { FoundModel } from '../experiment/plan.js';
import { manifestModelBySha256, obtainModel } from '../models/manifest.js';

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
 * @throws UsageError where there is no such model, the file is not a usable GGUF, or its sha256 is
 *   not the one asked for
 */
export async function findModelFile(reference: ModelReference): Promise<ModelFile> {
	const path = reference.path ?? (await obtainModel(reference.id));
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
