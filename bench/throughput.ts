/**
 * Engine.laws against llama.cpp's own llama-batched-bench: prompts and decodes of 16 rows, one model,
 * one number of threads, taking turns, so that what else the machine does hits both. A prompt is one
 * evaluation with one output; a decode's rows all have one. Ours ends with all laws in hand: every logit
 * and the normaliser.
 */
import { join } from 'node:path';
import type { Engine, NextTokenLaw, TokenPath } from '../harness/engine/engine.js';
import { openLlamaHost } from '../harness/engine/llama.js';
import type { SamplingSetting } from '../harness/experiment/experiment.js';
import { summarise } from '../harness/runner/law-summary.js';
import { drawKey, sourceWords, uniform } from '../harness/sampling/draw.js';
import { shapeLaw, tokenAt } from '../harness/sampling/shape.js';
import {
	GPU_LAYERS,
	llamaCppFolder,
	llamaCppTools,
	type NativeRates,
	nativeRates,
} from './llama-cpp.js';
import { makeRandomModel } from './llama-cpp-model.js';

const WIDTH = 16;
const PROMPT = 128;
const GENERATED = 24;
const BATCH = 512;
const ROUNDS = 5;
/** Attempts that draw at a node, for the table. */
const DRAWS = 60;
const PEAK = 4;
const PLAIN: SamplingSetting = {
	temperature: 1,
	topK: 0,
	topP: 1,
	minP: 0,
	maxTokens: 8,
	stop: [],
};

interface OurRates extends NativeRates {
	/** ms a round of 16 laws, after the decode: */
	readonly parts: Readonly<Record<'shaping' | 'summarising' | 'drawing', number>>;
}

export async function benchThroughput(): Promise<string[]> {
	const tools = llamaCppTools();
	const model = join(llamaCppFolder(), `random-${PEAK}.gguf`);
	makeRandomModel(model, PEAK);
	const host = await openLlamaHost(GPU_LAYERS > 0 ? 'auto' : 'cpu');
	const loaded = await host.load({ path: model, sha256: 'bench' }, GPU_LAYERS);
	const asked = process.env.DETBAL_BENCH_THREADS;
	const engine = await loaded.open({
		contextSize: PROMPT + GENERATED,
		width: WIDTH,
		batchSize: BATCH,
		threads: asked ? Number(asked) : 'auto',
	});
	const threads = Number(engine.identity.numerics.threads);
	const shape = {
		model,
		prompt: PROMPT,
		generated: GENERATED,
		width: WIDTH,
		batchSize: BATCH,
		threads,
	};
	await engine.laws(paths(0, 0));
	const first = await decodes(engine, 0, 4);
	const native: NativeRates[] = [];
	const ours: OurRates[] = [];
	for (let round = 1; round <= ROUNDS; round++) {
		native.push(nativeRates(tools, shape));
		ours.push(await rate(engine, round));
	}
	const { numerics } = engine.identity;
	await engine.close();
	await loaded.close();
	await host.close();
	return [
		`model                       134 million parameters, Q8_0, vocabulary ${engine.facts.vocabularySize}; ${threads} thread(s), ${numerics.gpuLayers} layers on ${numerics.backend}`,
		`CPU features of ours        ${numerics.cpuFeatures}`,
		...(['prompt', 'decode'] as const).flatMap((what) => compare(what, native, ours)),
		...table(native, ours),
		`first decodes, before the place of the logits is known: ${first.map((ms) => ms.toFixed(0)).join(', ')} ms`,
	];
}

function compare(
	what: 'prompt' | 'decode',
	native: readonly NativeRates[],
	ours: readonly NativeRates[],
): string[] {
	const theirs = native.map((r) => r[what]);
	const own = ours.map((r) => r[what]);
	const list = (rates: readonly number[]) => rates.map((r) => r.toFixed(1)).join(', ');
	return [
		`${what}, llama-batched-bench  ${list(theirs)} tokens/s`,
		`${what}, Engine.laws          ${list(own)} tokens/s`,
		`${what}, ratio                ${(median(own) / median(theirs)).toFixed(2)} of medians, ${(Math.max(...own) / Math.max(...theirs)).toFixed(2)} of the best (goal: 0.8)`,
	];
}

function table(native: readonly NativeRates[], ours: readonly OurRates[]): string[] {
	const theirs = (1000 * WIDTH) / median(native.map((r) => r.decode));
	const own = (1000 * WIDTH) / median(ours.map((r) => r.decode));
	const part = (name: keyof OurRates['parts']) => median(ours.map(({ parts }) => parts[name]));
	const line = (name: string, ms: number) => `  ${name.padEnd(40)}${ms.toFixed(1).padStart(7)} ms`;
	return [
		`what a decode of ${WIDTH} rows and its laws take`,
		line('decode, llama-batched-bench', theirs),
		line('Engine.laws: decode, reading, normaliser', own),
		line('shaping', part('shaping')),
		line('summarising (checksum, likeliest)', part('summarising')),
		line(`drawing, ${DRAWS} attempts a law`, part('drawing')),
	];
}

/** Prompts and decodes of one round, timed. */
async function rate(engine: Engine, round: number): Promise<OurRates> {
	const start = performance.now();
	await engine.laws(paths(round, 0));
	const prompt = (WIDTH * PROMPT * 1000) / (performance.now() - start);
	const times = await decodes(engine, round, GENERATED);
	const decode = (WIDTH * GENERATED * 1000) / times.reduce((a, b) => a + b, 0);
	return { prompt, decode, parts: after(await engine.laws(paths(round, GENERATED))) };
}

/** ms of each of so many decodes after the prompts of the round. */
async function decodes(engine: Engine, round: number, count: number): Promise<number[]> {
	const times: number[] = [];
	for (let length = 1; length <= count; length++) {
		const start = performance.now();
		await engine.laws(paths(round, length));
		times.push(performance.now() - start);
	}
	return times;
}

/** Sixteen paths whose prompts and completions differ from one another and from other rounds'. */
function paths(round: number, length: number): TokenPath[] {
	const token = (row: number, at: number) =>
		(7919 * (round + 1) + 104_729 * row + 613 * at) % 31_000;
	return Array.from({ length: WIDTH }, (_, row) => ({
		head: [],
		rest: Array.from({ length: PROMPT }, (_, at) => token(row, at)),
		completion: Array.from({ length }, (_, at) => token(row, PROMPT + at)),
	}));
}

function after(laws: readonly NextTokenLaw[]): OurRates['parts'] {
	const key = drawKey('bench', 'tokens');
	const words = sourceWords('bench');
	const time = (work: () => unknown) => {
		const start = performance.now();
		work();
		return performance.now() - start;
	};
	let shapes = laws.map((law) => shapeLaw(law, PLAIN));
	return {
		shaping: time(() => {
			shapes = laws.map((law) => shapeLaw(law, PLAIN));
		}),
		summarising: time(() => laws.map(summarise)),
		drawing: time(() => {
			for (const shape of shapes) {
				for (let draw = 0; draw < DRAWS; draw++) tokenAt(shape, uniform(key, words, draw, 0));
			}
		}),
	};
}

function median(values: readonly number[]): number {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}
