/**
 * Rewrites the calibration entries of models/manifest.json from the recipes. Run after a recipe
 * was changed on purpose: node --import tsx models/calibration/update-manifest.ts
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../harness/package-root.js';
import { buildCalibrationModel, CALIBRATION_MODELS } from './build.js';

const path = join(packageRoot(), 'models', 'manifest.json');

const calibration = CALIBRATION_MODELS.map(({ id, architecture, kernel }) => {
	const bytes = buildCalibrationModel(architecture, kernel);
	return {
		id,
		kind: 'calibration',
		architecture,
		kernel,
		file: `${id}.gguf`,
		sha256: createHash('sha256').update(bytes).digest('hex'),
		bytes: bytes.length,
		licence: 'MIT',
		recipe: 'models/calibration/build.ts',
	};
});

writeFileSync(
	path,
	`${JSON.stringify({ models: [...calibration, ...otherModels()] }, null, '\t')}\n`,
);
console.log(`${calibration.length} calibration models written to ${path}`);

function otherModels(): unknown[] {
	try {
		const { models } = JSON.parse(readFileSync(path, 'utf8')) as { models: { kind: string }[] };
		return models.filter(({ kind }) => kind !== 'calibration');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
		throw error;
	}
}
