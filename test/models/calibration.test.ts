import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readManifest } from '../../harness/models/manifest.js';
import { ARCHITECTURE_NAMES, ARCHITECTURES } from '../../models/calibration/architectures.js';
import { type Block, constructBlock } from '../../models/calibration/block.js';
import { buildCalibrationModel, CALIBRATION_MODELS } from '../../models/calibration/build.js';
import type { TokenClass } from '../../models/calibration/features.js';
import { dot, hiddenState } from '../../models/calibration/forward.js';
import {
	exactPotential,
	HUB,
	K,
	KERNEL_NAMES,
	type KernelName,
	kernelLogits,
	knownLogKernel,
	logKernel,
	OTHER,
	STATES,
	triangleAffinity,
} from '../../models/calibration/kernels.js';
import { readOut } from '../../models/calibration/read-out.js';

const test = suite('calibration');

const kernel = (name: KernelName) => STATES.map((_, f) => logKernel(name, f));
const at = (table: readonly (readonly number[])[], f: number, g: number) =>
	(table[f] as number[])[g] as number;
const pairs = STATES.flatMap((_, f) => STATES.map((_, g) => [f, g] as const)).filter(
	([f, g]) => f !== g,
);
const triangles = pairs.flatMap(([f, g]) =>
	STATES.flatMap((_, h) => (f < g && f < h && g !== h ? [[f, g, h] as const] : [])),
);
const close = (a: number, b: number, tolerance: number, what = '') =>
	assert.ok(Math.abs(a - b) <= tolerance, `${what}: ${a} is not ${b} within ${tolerance}`);

/** I(f; g) in nats under even sources, over states and OTHER. */
function mutualInformation(name: KernelName): number {
	const rows = kernel(name).map((row) => row.map(Math.exp));
	const mean = rows[0]?.map((_, g) => rows.reduce((sum, row) => sum + (row[g] as number), 0) / K);
	let information = 0;
	for (const row of rows)
		row.forEach((p, g) => {
			information += (p / K) * Math.log(p / (mean?.[g] as number));
		});
	return information;
}

test('every row is a law, its logits on the grid, with about 3 % for OTHER', () => {
	for (const name of KERNEL_NAMES) {
		const known = knownLogKernel(name);
		assert.equal(known.states, STATES);
		assert.is(known.other, OTHER);
		known.log.forEach((row, f) => {
			assert.is(row.length, K + 1);
			close(
				row.reduce((sum, x) => sum + Math.exp(x), 0),
				1,
				1e-14,
				name,
			);
			for (const logit of kernelLogits(name, f)) assert.is((logit * 1024) % 1, 0);
			assert.ok(Math.exp(row[K] as number) > 0.015 && Math.exp(row[K] as number) < 0.05);
			assert.ok(at(known.log, f, f) > Math.log(0.02), 'self loops exist');
		});
	}
});

test('off-diagonal probabilities are large enough to be measured', () => {
	for (const name of ['reversible', 'driven', 'independent'] as const)
		for (const [f, g] of pairs) assert.ok(Math.exp(at(kernel(name), f, g)) > 0.03, name);
});

test('all but driven obey detailed balance with the stated potential', () => {
	for (const name of KERNEL_NAMES) {
		const V = exactPotential(name);
		if (V === null) continue;
		const log = kernel(name);
		assert.is(Math.min(...V), 0);
		assert.ok(Math.max(...V) > 0.3, 'a potential worth recovering');
		for (const [f, g] of pairs)
			close(at(log, f, g) - at(log, g, f), (V[f] as number) - (V[g] as number), 1e-12, name);
	}
	assert.is(exactPotential('driven'), null);
});

test('triangle affinities are those of the formula', () => {
	for (const name of KERNEL_NAMES) {
		const log = kernel(name);
		for (const [f, g, h] of triangles) {
			const l = (a: number, b: number) => at(log, a, b) - at(log, b, a);
			const affinity = triangleAffinity(name, [f, g, h]);
			close(l(f, g) + l(g, h) + l(h, f), affinity, 1e-12, name);
			assert.is(affinity !== 0, name === 'driven');
		}
	}
	assert.is(triangleAffinity('driven', [0, 1, 2]), 0.5);
	assert.is(triangleAffinity('driven', [0, 2, 1]), -0.5);
	assert.is(triangleAffinity('driven', [0, 3, 6]), 1.5);
	const squares = triangles.map((t) => triangleAffinity('driven', t) ** 2);
	close(Math.sqrt(squares.reduce((a, b) => a + b) / squares.length), Math.sqrt(48 / 56), 1e-12);
});

test('dependence on the input: none for independent, much for reversible', () => {
	const rows = kernel('independent');
	for (const row of rows) assert.equal(row, rows[0]);
	close(mutualInformation('independent'), 0, 1e-14);
	assert.ok(mutualInformation('reversible') > 0.3);
});

test('star: only pairs with the hub occur', () => {
	for (const [f, g] of pairs)
		assert.is(at(kernel('star'), f, g) > -5, f === HUB || g === HUB, `${f} ${g}`);
	assert.ok(
		Math.max(
			...pairs.filter(([f, g]) => f !== HUB && g !== HUB).map(([f, g]) => at(kernel('star'), f, g)),
		) < -22,
	);
});

test('no state word lies inside another', () => {
	const words = [...STATES, OTHER];
	for (const a of words) for (const b of words) assert.is(a.includes(b), a === b);
	assert.is(new Set(STATES.map(({ length }) => length)).size, K);
});

test('the bytes of every model are those of the manifest', () => {
	const started = Date.now();
	for (const { id, architecture, kernel: name } of CALIBRATION_MODELS) {
		const bytes = buildCalibrationModel(architecture, name);
		const entry = readManifest().find((model) => model.id === id);
		assert.is(createHash('sha256').update(bytes).digest('hex'), entry?.sha256, id);
		assert.is(bytes.length, entry?.bytes, id);
		assert.ok(bytes.length < 2 ** 20);
	}
	assert.ok(Date.now() - started < 20_000);
	assert.is(CALIBRATION_MODELS.length, 16);
});

/** Laws over STATES, OTHER and the end token at the last of `tokens`, by the reference pass. */
function referenceLaw(
	architecture: (typeof ARCHITECTURES)[keyof typeof ARCHITECTURES],
	name: KernelName,
	block: Block = constructBlock(architecture),
): (tokens: readonly TokenClass[]) => number[] {
	const vocabulary = architecture.vocabulary();
	const rows = readOut(architecture, constructBlock(architecture), { vocabulary, kernel: name });
	return (tokens) => {
		const h = hiddenState(architecture, block, tokens);
		const logits = Array.from({ length: vocabulary.size }, (_, t) =>
			dot(rows.subarray(t * h.length, (t + 1) * h.length), h),
		);
		const max = Math.max(...logits);
		const logZ = max + Math.log(logits.reduce((sum, x) => sum + Math.exp(x - max), 0));
		const tokensOfInterest = [...vocabulary.states, vocabulary.other, vocabulary.end];
		return tokensOfInterest.map((t) => (logits[t] as number) - logZ);
	};
}

test('the reference pass yields the kernel wherever the state stands, then the end', () => {
	for (const architecture of ARCHITECTURE_NAMES) {
		const law = referenceLaw(ARCHITECTURES[architecture], 'driven');
		for (const f of [0, 3, 7]) {
			const state = { state: f };
			const text = (n: number): TokenClass[] => new Array(n).fill('plain');
			const prompts: TokenClass[][] = [
				[state, 'plain'],
				[...text(1), state, ...text(30)],
				[...text(30), state, ...text(1)],
				[...text(5), state, ...text(5), state, state, ...text(5)],
			];
			for (const prompt of prompts) {
				const found = law(prompt);
				logKernel('driven', f).forEach((x, g) => {
					close(found[g] as number, x, 2e-5, `${architecture} ${f} ${g}`);
				});
				for (const word of [{ state: 0 }, { state: f }, 'other'] as const)
					assert.ok(-Math.expm1(law([...prompt, word])[K + 1] as number) < 1e-12);
			}
		}
	}
});

test('every part of a block shows in the law: none is idle', () => {
	const silent = <T extends Float32Array>(x: T) => x.map(() => 0);
	for (const name of ARCHITECTURE_NAMES) {
		const architecture = ARCHITECTURES[name];
		const block = constructBlock(architecture);
		const prompt: TokenClass[] = ['plain', { state: 2 }, 'plain'];
		const intact = referenceLaw(architecture, 'reversible')(prompt);
		const harmed: Record<string, Block> = {
			'feed-forward': { ...block, down: { ...block.down, weight: silent(block.down.weight) } },
			'output norm': {
				...block,
				outputNorm: { ...block.outputNorm, weight: block.outputNorm.weight.map(() => 1) },
			},
			'attention norm': {
				...block,
				attentionNorm: { ...block.attentionNorm, weight: block.attentionNorm.weight.map(() => 1) },
			},
		};
		if (block.positions !== null) harmed.positions = { ...block, positions: null };
		if (block.value.bias !== null)
			harmed['value bias'] = {
				...block,
				value: { ...block.value, bias: silent(block.value.bias) },
			};
		for (const [part, without] of Object.entries(harmed)) {
			const law = referenceLaw(architecture, 'reversible', without)(prompt);
			const shift = Math.max(
				...law.slice(0, K + 1).map((x, i) => Math.abs(x - (intact[i] as number))),
			);
			assert.ok(shift > 5e-3, `${name} without ${part} moves log T by ${shift} only`);
		}
	}
});

test.run();
