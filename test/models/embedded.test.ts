/**
 * The embedded language models: whole, within their sizes, and through llama.cpp what they were in
 * PyTorch. embedded-logits.json was written by models/train/parity.py.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine, LoadedModel, NextTokenLaw, TokenPath } from '../../harness/engine/engine.js';
import { sha256File } from '../../harness/engine/gguf/sha256-file.js';
import { type LlamaHost, openLlamaHost } from '../../harness/engine/llama.js';
import { type EmbeddedModel, modelPath, readManifest } from '../../harness/models/manifest.js';
import { packageRoot } from '../../harness/package-root.js';
import { splitPrompt } from '../../harness/sampling/prompt.js';
import { sameBits } from '../engine/contract.js';

const test = suite('embedded models');

/** One prompt that was not met in training, and PyTorch's logits after it. */
interface Reference extends TokenPath {
	readonly template: string;
	readonly word: string;
	readonly answer: string;
	/** Base64 of little-endian floats. */
	readonly logits: string;
}

const references = JSON.parse(
	readFileSync(fileURLToPath(new URL('embedded-logits.json', import.meta.url)), 'utf8'),
) as Readonly<Record<string, readonly Reference[]>>;
const embedded = readManifest().filter(
	(model): model is EmbeddedModel => model.kind === 'embedded',
);
const whole = embedded.filter(({ quantisation }) => quantisation === 'F32');

const SETTINGS = { contextSize: 320, width: 8, batchSize: 256, threads: 1 };
let host: LlamaHost;
const loaded = new Map<string, LoadedModel>();
const engines = new Map<string, Engine>();

async function engineOf(id: string): Promise<Engine> {
	const known = engines.get(id);
	if (known !== undefined) return known;
	const model = embedded.find((one) => one.id === id) as EmbeddedModel;
	const handle = await host.load({ path: modelPath(model), sha256: model.sha256 }, 0);
	loaded.set(id, handle);
	const engine = await handle.open(SETTINGS);
	engines.set(id, engine);
	return engine;
}

function template(name: string): string {
	const file = join(packageRoot(), 'datasets', 'templates', `${name}.txt`);
	return readFileSync(file, 'utf8').replace(/\n$/, '');
}

function pathOf(engine: Engine, name: string, word: string, answer: string): TokenPath {
	const text = template(name);
	const prompt = splitPrompt(
		engine,
		{
			before: text.split('{state}')[0] as string,
			render: (state) => text.replace('{state}', state),
			special: false,
		},
		word,
	);
	return { ...prompt, completion: answer === '' ? [] : engine.tokenize(answer, false) };
}

function floats(base64: string): Float32Array {
	const bytes = Buffer.from(base64, 'base64');
	return Float32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

test.before(async () => {
	host = await openLlamaHost('cpu');
});

test.after(async () => {
	for (const engine of engines.values()) await engine.close();
	for (const model of loaded.values()) await model.close();
	await host.close();
});

test('four architectures and more, one without attention, two tokenizers, two pairs of twins', () => {
	const architectures = new Set(whole.map(({ architecture }) => architecture));
	assert.ok(architectures.size >= 4 && architectures.has('mamba2'));
	assert.ok(new Set(whole.map(({ tokenizer }) => tokenizer)).size >= 2);
	const twins = [...architectures].filter(
		(name) =>
			new Set(whole.filter((m) => m.architecture === name).map(({ law }) => law)).size === 2,
	);
	assert.ok(twins.length >= 2, twins.join());
	assert.ok(embedded.some(({ quantisation }) => quantisation !== 'F32'));
});

test('every file is there, as the manifest says, and no other; 8 MB each, 40 MB together', async () => {
	const folder = join(packageRoot(), 'models', 'embedded');
	assert.equal(readdirSync(folder).sort(), embedded.map(({ file }) => file).sort());
	let together = 0;
	for (const model of embedded) {
		const { size } = statSync(modelPath(model));
		assert.is(size, model.bytes, model.id);
		assert.is(await sha256File(modelPath(model)), model.sha256, model.id);
		assert.ok(size <= 8e6, model.id);
		together += size;
	}
	assert.ok(together <= 40e6, String(together));
});

test('each says how it was made, and answers with another word at least half of the time', () => {
	for (const { id, recipe, training, validShare } of embedded) {
		assert.match(recipe, /^models\/train\/train\.py /, id);
		const curve = training.lossCurve.map(([, loss]) => loss);
		assert.ok(curve.length >= 10 && (curve.at(-1) as number) < (curve[0] as number) / 4, id);
		const shares = Object.entries(validShare ?? {});
		assert.equal(shares.map(([name]) => name).sort(), ['chat', 'list', 'plain', 'rule'], id);
		for (const [name, share] of shares) assert.ok(share >= 0.5, `${id} ${name}: ${share}`);
	}
});

test('the valid shares of the manifest are those of the reference results', () => {
	const file = join(packageRoot(), 'results', 'reference', 'words.json');
	const { groups } = JSON.parse(readFileSync(file, 'utf8')) as {
		groups: { model: string; template: string; outcomes: Record<string, number> }[];
	};
	assert.is(groups.length, 4 * embedded.length);
	for (const { model, template, outcomes } of groups) {
		const all = Object.values(outcomes).reduce((a, b) => a + b, 0);
		const share = embedded.find(({ id }) => id === model)?.validShare?.[template];
		assert.is(share, Number(((outcomes.valid as number) / all).toFixed(4)), `${model} ${template}`);
	}
});

for (const { id } of whole) {
	test(`${id}: llama.cpp tokenizes prompts as training did`, async () => {
		const engine = await engineOf(id);
		for (const { template, word, answer, head, rest, completion } of references[id] ?? []) {
			const path = pathOf(engine, template, word, answer);
			assert.equal([...path.head, ...path.rest], [...head, ...rest], template);
			assert.equal(path.completion, completion, template);
		}
	});

	test(`${id}: logits are PyTorch's within 1e-3 of their size`, async () => {
		const engine = await engineOf(id);
		const cases = references[id] ?? [];
		assert.is(cases.length, 4);
		const laws = await engine.laws(cases);
		for (const [i, { template, logits }] of cases.entries()) {
			const expected = floats(logits);
			const found = (laws[i] as NextTokenLaw).logits;
			assert.is(found.length, expected.length);
			const size = expected.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
			for (const [token, x] of expected.entries()) {
				const error = Math.abs((found[token] as number) - x);
				assert.ok(error <= 1e-3 * size, `${template}, token ${token}: off by ${error} of ${size}`);
			}
		}
	});
}

for (const { id } of embedded) {
	test(`${id}: order, slot and neighbours change no bit`, async () => {
		const engine = await engineOf(id);
		const paths = ['MOVIE', 'QUARTER', 'Z'].flatMap((word) =>
			['', ' Q', ' QUAR', ' QUARTER'].map((answer) => pathOf(engine, 'list', word, answer)),
		);
		const together = await engine.laws(paths);
		const reversed = (await engine.laws([...paths].reverse())).reverse();
		for (const [i, path] of paths.entries()) {
			const [alone] = await engine.laws([path]);
			const law = together[i] as NextTokenLaw;
			assert.ok(sameBits(law, alone as NextTokenLaw), `path ${i} alone`);
			assert.ok(sameBits(law, reversed[i] as NextTokenLaw), `path ${i} in reverse`);
		}
	});
}

test('a recurrent model: short heads, and answers longer than what is kept of them, change no bit', async () => {
	const engine = await engineOf('mamba2-words');
	const prompt = engine.tokenize('One word is QUARTER, and another is', false);
	const answer = engine.tokenize(' SHADOWING FILTERING CUTLETS TURTLED', false);
	const long = [...answer, ...answer, ...answer];
	assert.ok(long.length > 32);
	const paths = [0, 1, 2].flatMap((head) =>
		[0, 1, 20, 31, 32, long.length].map((length) => ({
			head: prompt.slice(0, head),
			rest: prompt.slice(head),
			completion: long.slice(0, length),
		})),
	);
	const together = await engine.laws(paths);
	for (const [i, path] of [...paths.entries()].reverse()) {
		const [alone] = await engine.laws([path]);
		assert.ok(sameBits(together[i] as NextTokenLaw, alone as NextTokenLaw), `path ${i}`);
	}
	const fresh = await (loaded.get('mamba2-words') as LoadedModel).open({
		...SETTINGS,
		contextSize: 321,
	});
	for (const [i, path] of paths.entries()) {
		const [law] = await fresh.laws([path]);
		assert.ok(sameBits(together[i] as NextTokenLaw, law as NextTokenLaw), `path ${i} afresh`);
	}
	await fresh.close();
});

test('quantised copies are near the whole model, the coarser one less so, and not the same', async () => {
	const distance = async (id: string) => {
		const [whole, copy] = [await engineOf('gpt2-words'), await engineOf(id)];
		const path = pathOf(whole, 'plain', 'QUARTER', '');
		const [a, b] = [await whole.laws([path]), await copy.laws([path])] as [
			[NextTokenLaw],
			[NextTokenLaw],
		];
		let divergence = 0;
		for (const [i, logit] of a[0].logits.entries()) {
			const log = logit - a[0].logNormalizer;
			divergence += Math.exp(log) * (log - ((b[0].logits[i] as number) - b[0].logNormalizer));
		}
		return divergence;
	};
	const [eight, four] = [await distance('gpt2-words-q8_0'), await distance('gpt2-words-q4_0')];
	assert.ok(eight > 0 && eight < 0.01, `Q8_0: ${eight} nats`);
	assert.ok(four > eight && four < 0.5, `Q4_0: ${four} nats`);
});

test.run();
