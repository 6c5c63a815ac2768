/**
 * 20,000 attempts from 20 sources on a model of 134 million parameters: `detbal run` against (a) the plain
 * node-llama-cpp loop and (b) llama.cpp's own server, its prompt cache filled and all 8 slots
 * busy, at the same law and number of threads. Both rates are constant, so they are timed on fewer
 * attempts and scaled; ours is a whole run with start-up and database. How many laws it must evaluate
 * depends on how peaked they are: hence several models, alike but for that.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SOURCES, type Trial, timeDetbal, timePlainLoop } from './attempts.js';
import { GPU_LAYERS, llamaCppFolder, llamaCppTools } from './llama-cpp.js';
import { makeRandomModel } from './llama-cpp-model.js';
import { entropyOf } from './server-entropy.js';
import { serverRate } from './server-rate.js';

interface Case {
	/** Standard deviation of the model's logits. */
	readonly peak: number;
	/** Attempts of each source that are run; fewer than 1,000 are scaled. */
	readonly attempts: number;
}

/** Entropies of an attempt as of a closed set, of the embedded word models (5 nats), and nearly all there is. */
const CASES: Readonly<Record<string, Case>> = {
	closed: { peak: 30, attempts: 1000 },
	words: { peak: 7, attempts: 1000 },
	flat: { peak: 0.5, attempts: 16 },
};
const ATTEMPTS = 1000;
const MAX_TOKENS = 6;
const PLAIN_ATTEMPTS = 10;
const SERVER_ATTEMPTS = 160;

export async function benchServer(): Promise<string[]> {
	const chosen = (process.env.DETBAL_BENCH_CASES ?? Object.keys(CASES).join(',')).split(',');
	const threads = Number(process.env.DETBAL_BENCH_THREADS ?? 1);
	const most = Number(process.env.DETBAL_BENCH_ATTEMPTS ?? ATTEMPTS);
	const tools = llamaCppTools();
	const lines = [
		`${SOURCES.length} sources, ${MAX_TOKENS} tokens an attempt, ${threads} thread(s)`,
	];
	for (const name of chosen) {
		const { peak, attempts: usual } = CASES[name] as Case;
		const attempts = Math.min(usual, most);
		const path = join(llamaCppFolder(), `random-${peak}.gguf`);
		makeRandomModel(path, peak);
		const trial: Trial = {
			model: { id: `random-${name}`, path },
			attempts,
			maxTokens: MAX_TOKENS,
			threads,
			gpuLayers: GPU_LAYERS,
		};
		const plain = await timePlainLoop(trial, PLAIN_ATTEMPTS);
		const server = await serverRate(tools.server, trial, SERVER_ATTEMPTS);
		const ours = await timeOurs(trial);
		const entropy = await entropyOf(trial);
		const all = ours.attempts * (ATTEMPTS / attempts);
		lines.push(
			`${name}: ${entropy.toFixed(1)} nats an attempt (logits of deviation ${peak})`,
			`  detbal run                ${ours.attempts} attempts in ${ours.seconds.toFixed(1)} s: ${ours.rate.toFixed(1)} attempts/s; ${ours.evaluations} laws evaluated`,
			`  plain node-llama-cpp loop ${plain.rate.toFixed(2)} attempts/s (${PLAIN_ATTEMPTS} timed; ${all} would take ${(all / plain.rate).toFixed(0)} s): ours ${(ours.rate / plain.rate).toFixed(0)} × as many (goal: 50)`,
			`  llama-server, 8 slots     ${server.toFixed(2)} attempts/s (${SERVER_ATTEMPTS} timed; ${all} would take ${(all / server).toFixed(0)} s): ours ${(ours.rate / server).toFixed(1)} × as many (goal: 20)`,
		);
	}
	return lines;
}

async function timeOurs(trial: Trial) {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-bench-'));
	try {
		return await timeDetbal(join(folder, 'bench.sqlite'), trial);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
