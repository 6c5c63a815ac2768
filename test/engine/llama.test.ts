/** The contract against llama.cpp itself, with real GGUF files whose kernels are known. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LoadedModel, NextTokenLaw } from '../../harness/engine/engine.js';
import { type LlamaHost, openLlamaHost } from '../../harness/engine/llama.js';
import { buildCalibrationModel, CALIBRATION_MODELS } from '../../models/calibration/build.js';
import { knownLogKernel } from '../../models/calibration/kernels.js';
import { contract, pathOf, type Subject, sameBits, TEMPLATES } from './contract.js';

const SETTINGS = { contextSize: 320, width: 8, batchSize: 128, threads: 1 } as const;
const folder = mkdtempSync(join(tmpdir(), 'detbal-engine-'));
let host: Promise<LlamaHost> | null = null;
const models: LoadedModel[] = [];

function modelFile(id: string): string {
	const model = CALIBRATION_MODELS.find((m) => m.id === id);
	if (!model) throw new Error(`no calibration model ${id}`);
	const path = join(folder, `${id}.gguf`);
	writeFileSync(path, buildCalibrationModel(model.architecture, model.kernel));
	return path;
}

async function open(id: string, settings: Partial<typeof SETTINGS> = {}): Promise<Subject> {
	host ??= openLlamaHost('cpu');
	const model = await (await host).load({ path: modelFile(id), sha256: id }, 'auto');
	models.push(model);
	const engine = await model.open({ ...SETTINGS, ...settings });
	const kernel = CALIBRATION_MODELS.find((m) => m.id === id)?.kernel ?? 'reversible';
	const known = knownLogKernel(kernel);
	return {
		engine,
		words: [...known.states, known.other],
		logKernel: known.log,
		tolerance: 1e-3,
	};
}

for (const { id } of CALIBRATION_MODELS.filter(({ kernel }) => kernel === 'reversible')) {
	contract(`llama.cpp with ${id}`, () => open(id));
}

for (const { id } of CALIBRATION_MODELS.filter(({ kernel }) => kernel !== 'reversible')) {
	test(`${id}: every log T through llama.cpp is the known one, under every template`, async () => {
		const { engine, words, logKernel } = await open(id);
		for (const template of Object.keys(TEMPLATES)) {
			const paths = logKernel.map((_, i) => pathOf(engine, template, words[i] as string));
			for (const [i, law] of (await engine.laws(paths)).entries()) {
				for (const [j, word] of words.entries()) {
					const [token] = engine.tokenize(word, false);
					const found = (law.logits[token as number] as number) - law.logNormalizer;
					const known = (logKernel[i] as number[])[j] as number;
					const close = Math.abs(found - known) < 1e-3;
					assert.ok(close, `${template}: log T(${word}|${words[i]}) is ${found}, not ${known}`);
				}
			}
		}
		await engine.close();
	});
}

test('threads, context size and batch size that were measured to change no bit change none', async () => {
	const reference = await open('llama-reversible');
	const paths = ['early', 'late', 'twice'].map((t) => pathOf(reference.engine, t, 'PLUM', 'FIG'));
	const laws = await reference.engine.laws(paths);
	for (const change of [{ threads: 2 }, { contextSize: 512 }]) {
		const other = await open('llama-reversible', change as Partial<typeof SETTINGS>);
		for (const [i, law] of (await other.engine.laws(paths)).entries()) {
			assert.ok(sameBits(law, laws[i] as NextTokenLaw), JSON.stringify(change));
		}
		await other.engine.close();
	}
	await reference.engine.close();
});

test('the numerics identity is resolved, never "auto"', async () => {
	const subject = await open('gpt2-reversible');
	const { numerics } = subject.engine.identity;
	for (const field of ['width', 'threads', 'contextSize', 'batchSize', 'gpuLayers', 'kvKeyType']) {
		assert.type(numerics[field], 'number', field);
	}
	for (const [field, value] of Object.entries(numerics)) assert.is.not(value, 'auto', field);
	assert.is(numerics.threads, 1);
	assert.is(subject.engine.identity.architecture, 'gpt2');
	await subject.engine.close();
});

test('the embedded architectures are told apart, and BOS is as each wants it', async () => {
	const llama = await open('llama-reversible');
	const gpt2 = await open('gpt2-reversible');
	assert.is(llama.engine.facts.bos !== null, true);
	assert.is(gpt2.engine.identity.architecture, 'gpt2');
	await llama.engine.close();
	await gpt2.engine.close();
});

test.after(async () => {
	for (const model of models) await model.close();
	await (await host)?.close();
	rmSync(folder, { recursive: true, force: true });
});

test.run();
