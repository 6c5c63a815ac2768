/**
 * Trained models become embedded ones: GGUF files in models/embedded, their entries in the manifest.
 * For maintainers: node --import tsx models/train/publish.ts TRAINED [VERIFY.json]
 *
 * TRAINED holds one folder for each model as train.py wrote it, named ARCHITECTURE-LAW. VERIFY.json is
 * what `detbal verify --json` said of an experiment on them: valid shares are taken from there.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../harness/package-root.js';
import { exportModel, type TrainedModel } from './export.js';
import type { Quantisation } from './quantise.js';

/** One model in smaller formats, to compare quantisations. */
const QUANTISED: Readonly<Record<string, readonly Quantisation[]>> = {
	'gpt2-reversible': ['Q8_0', 'Q4_0'],
};
/** Points of the loss curve that are kept. */
const EVERY = 100;

const [trained, verified] = process.argv.slice(2);
if (!trained) throw new Error('usage: publish.ts TRAINED [VERIFY.json]');
const embedded = join(packageRoot(), 'models', 'embedded');
const manifest = join(packageRoot(), 'models', 'manifest.json');

rmSync(embedded, { recursive: true, force: true });
mkdirSync(embedded, { recursive: true });
const shares = verified === undefined ? new Map() : validShares(verified);
const entries = readdirSync(trained)
	.filter((name) => !name.includes('.'))
	.sort()
	.flatMap((name) => [
		publish(name, 'F32'),
		...(QUANTISED[name] ?? []).map((type) => publish(name, type)),
	]);
const { models } = JSON.parse(readFileSync(manifest, 'utf8')) as { models: { kind: string }[] };
const others = (kind: string) => models.filter((model) => model.kind === kind);
writeFileSync(
	manifest,
	`${JSON.stringify({ models: [...others('calibration'), ...entries, ...others('catalog')] }, null, '\t')}\n`,
);
const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
console.log(`${entries.length} models, ${(bytes / 1e6).toFixed(1)} MB, in ${embedded}`);

function publish(name: string, type: 'F32' | Quantisation) {
	const folder = join(trained as string, name);
	const model = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as TrainedModel;
	const id = idOf(model, type);
	const file = exportModel(folder, type);
	writeFileSync(join(embedded, `${id}.gguf`), file);
	const { architecture, law, seed, steps, curve, merges } = model;
	return {
		id,
		kind: 'embedded',
		architecture,
		law,
		quantisation: type,
		tokenizer: merges.length === 0 ? 'characters' : 'parts of words',
		file: `${id}.gguf`,
		sha256: createHash('sha256').update(file).digest('hex'),
		bytes: file.length,
		licence: 'MIT',
		recipe: `models/train/train.py ${architecture} ${law} --steps ${steps}`,
		training: {
			seed,
			steps,
			/** [step, nats a word above the entropy of the law] */
			lossCurve: curve.filter(([step]) => step % EVERY === 0 || step === steps),
		},
		validShare: shares.get(id) ?? null,
	};
}

function idOf({ architecture, law }: TrainedModel, type: 'F32' | Quantisation): string {
	const parts = [
		architecture,
		'words',
		...(law === 'driven' ? ['driven'] : []),
		...(type === 'F32' ? [] : [type.toLowerCase()]),
	];
	return parts.join('-');
}

/** Model id → template → share of valid attempts, four digits. */
function validShares(path: string): Map<string, Record<string, number>> {
	const { groups } = JSON.parse(readFileSync(path, 'utf8')) as {
		groups: { model: string; template: string; outcomes: Record<string, number> }[];
	};
	const shares = new Map<string, Record<string, number>>();
	for (const { model, template, outcomes } of groups) {
		const all = Object.values(outcomes).reduce((a, b) => a + b, 0);
		const share = Number(((outcomes.valid ?? 0) / all).toFixed(4));
		shares.set(model, { ...shares.get(model), [template]: share });
	}
	return shares;
}
