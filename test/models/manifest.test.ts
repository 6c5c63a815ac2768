import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readGgufHeader } from '../../harness/engine/gguf/read.js';
import { requireGenerative } from '../../harness/engine/gguf/require-generative.js';
import { HarnessError, UsageError } from '../../harness/errors.js';
import {
	buildModels,
	findModel,
	manifestModelBySha256,
	modelPath,
	modelsDirectory,
	obtainModel,
	packageRoot,
	readManifest,
	verifyModels,
} from '../../harness/models/manifest.js';
import { CALIBRATION_MODELS } from '../../models/calibration/build.js';

const test = suite('manifest');
const before = process.env.DETBAL_MODELS;
let folder = '';

test.before.each(() => {
	folder = mkdtempSync(join(tmpdir(), 'detbal-models-'));
	process.env.DETBAL_MODELS = folder;
});
test.after.each(() => {
	rmSync(folder, { recursive: true });
	if (before === undefined) delete process.env.DETBAL_MODELS;
	else process.env.DETBAL_MODELS = before;
});

async function rejection(promise: Promise<unknown>): Promise<Error> {
	try {
		await promise;
	} catch (error) {
		return error as Error;
	}
	throw new Error('the promise was kept');
}

test('the manifest holds every calibration model once, with all its fields', () => {
	const models = readManifest();
	assert.is(new Set(models.map(({ id }) => id)).size, models.length);
	for (const { id, architecture, kernel } of CALIBRATION_MODELS) {
		const entry = findModel(id);
		if (entry.kind !== 'calibration') throw new Error(`${id} is of kind ${entry.kind}`);
		assert.is(entry.architecture, architecture);
		assert.is(entry.kernel, kernel);
		assert.match(entry.sha256, /^[0-9a-f]{64}$/);
		assert.is(entry.licence, 'MIT');
		assert.ok(statSync(join(packageRoot(), entry.recipe)).isFile());
		assert.is(manifestModelBySha256(entry.sha256)?.id, id);
	}
	assert.is(manifestModelBySha256('0'.repeat(64)), null);
});

test('an unknown id is refused with the nearest spelling and the list', () => {
	assert.throws(
		() => findModel('lama-reversible'),
		(error: unknown) =>
			error instanceof UsageError &&
			/Did you mean "llama-reversible"\?/.test(error.message) &&
			/gptneox-star/.test(error.message),
	);
	assert.throws(() => findModel('zzzzzzzz'), /unknown model "zzzzzzzz"\. Known models/);
});

test('entries of the catalogue are well formed', () => {
	const entries = readManifest().filter((model) => model.kind === 'catalog');
	assert.ok(entries.length >= 4);
	for (const { id, uri, revision, bytes, sha256, licence, quantisation } of entries) {
		assert.match(id, /^[a-z0-9.-]+$/);
		assert.match(uri, /^hf:[\w.-]+\/[\w.-]+\/[\w./-]+\.gguf$/, id);
		assert.ok(uri.includes(quantisation), id);
		assert.ok(revision === null || /^[0-9a-f]{40}$/.test(revision), id);
		assert.ok(bytes === null || (Number.isInteger(bytes) && bytes > 0), id);
		assert.ok(sha256 === null || /^[0-9a-f]{64}$/.test(sha256), id);
		assert.ok(licence.length > 0, id);
	}
});

test('a model of the catalogue is neither built nor fetched behind the back', async () => {
	const id = 'smollm2-135m-instruct';
	for (const attempt of [() => obtainModel(id), () => buildModels({ ids: [id] })]) {
		const error = await rejection(attempt());
		assert.instance(error, UsageError);
		assert.match(error.message, /Run: detbal models pull smollm2-135m-instruct/);
	}
	assert.is(modelPath(findModel(id)), join(folder, `${id}.gguf`));
	assert.equal(readdirSync(folder), []);
});

test('build writes what is missing or wrong and leaves what is right', async () => {
	const ids = ['llama-star', 'gpt2-driven'];
	const seen: string[] = [];
	const first = await buildModels({ ids, onModel: ({ model }) => seen.push(model.id) });
	assert.equal(seen, ids);
	assert.equal(
		first.map(({ written }) => written),
		[true, true],
	);
	assert.equal(readdirSync(folder).sort(), ['gpt2-driven.gguf', 'llama-star.gguf']);
	const path = modelPath(findModel('llama-star'));
	requireGenerative(readGgufHeader(path), path);
	writeFileSync(path, 'spoilt');
	const second = await buildModels({ ids });
	assert.equal(
		second.map(({ written }) => written),
		[true, false],
	);
	assert.is(readFileSync(path).length, findModel('llama-star').bytes);
});

test('verify tells ok, missing and altered apart', async () => {
	await buildModels({ ids: ['llama-star', 'qwen2-star'] });
	writeFileSync(modelPath(findModel('qwen2-star')), 'x');
	const states = new Map((await verifyModels()).map((check) => [check.model.id, check]));
	assert.is(states.get('llama-star')?.state, 'ok');
	assert.is(states.get('llama-star')?.found, findModel('llama-star').sha256);
	assert.is(states.get('qwen2-star')?.state, 'altered');
	assert.match(states.get('qwen2-star')?.found ?? '', /^2d711642b726b04401627ca9fbac32f5/);
	assert.is(states.get('gpt2-star')?.state, 'missing');
	assert.is(states.get('gpt2-star')?.found, null);
	assert.is(states.get('gemma-3-270m-it')?.state, 'missing');
	assert.is(states.size, readManifest().length);
});

test('obtain builds a missing model, keeps a right one, refuses an altered one', async () => {
	const path = await obtainModel('gptneox-star');
	const { mtimeMs } = statSync(path);
	assert.is(await obtainModel('gptneox-star'), path);
	assert.is(statSync(path).mtimeMs, mtimeMs);
	writeFileSync(path, 'x');
	const error = await rejection(obtainModel('gptneox-star'));
	assert.instance(error, UsageError);
	assert.match(error.message, /detbal models build gptneox-star/);
	assert.instance(await rejection(buildModels({ ids: ['nothing'] })), UsageError);
});

test('a folder that cannot be made is an error with a remedy', async () => {
	writeFileSync(join(folder, 'file'), '');
	process.env.DETBAL_MODELS = join(folder, 'file', 'models');
	assert.is(modelsDirectory(), join(folder, 'file', 'models'));
	const error = await rejection(buildModels({ ids: ['llama-star'] }));
	assert.instance(error, HarnessError);
	assert.match(error.message, /Set DETBAL_MODELS/);
});

test('without DETBAL_MODELS the models lie in the package', () => {
	delete process.env.DETBAL_MODELS;
	assert.is(modelsDirectory(), join(packageRoot(), 'models', 'calibration'));
});

test.run();
