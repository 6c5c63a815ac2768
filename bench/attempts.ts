/**
 * 20,000 attempts from 20 sources on one calibration model: `detbal run` against a plain
 * node-llama-cpp loop (the prompt evaluated anew for each attempt, the native sampler) at the same
 * law and the same number of threads, each with its start-up and, for detbal, its database. The plain loop is timed on fewer attempts, whose number is printed: its rate is constant.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getLlama, LlamaLogLevel } from 'node-llama-cpp';
import { parseExperiment } from '../harness/experiment/parse.js';
import { obtainModel } from '../harness/models/manifest.js';
import { runExperiment } from '../harness/runner/run.js';
import { StoreReader } from '../harness/store/reader.js';
import { STATES } from '../models/calibration/kernels.js';

/** What is timed, on which model. */
export interface Trial {
	/** An id of the manifest, or an id with the file's path. */
	readonly model: { readonly id: string; readonly path?: string };
	/** Attempts of each of the twenty sources. */
	readonly attempts: number;
	readonly maxTokens: number;
	readonly threads: number | 'auto';
	readonly gpuLayers: number;
}

const CALIBRATION: Trial = {
	model: { id: 'llama-reversible' },
	attempts: 1000,
	maxTokens: 4,
	threads: 'auto',
	gpuLayers: 0,
};
const PLAIN_ATTEMPTS = 1000;
/** Twenty states: the model answers a fruit with an adjective as it answers the fruit. */
export const SOURCES = [
	...STATES,
	...STATES.map((fruit) => `ripe ${fruit}`),
	...STATES.slice(0, 4).map((fruit) => `dried ${fruit}`),
];
/** A prompt of the paper's kind: a rule, an example, the state. */
export const TEMPLATE =
	'You are given the name of a fruit and you answer with the name of another fruit that comes to ' +
	'mind when you hear the first. Write the answer in capital letters, write one name and nothing ' +
	'else, and do not explain. For example, somebody says a name and you say another one that goes ' +
	'with it.\nThe name is: {state}\nThe new name is:';

export async function benchAttempts(): Promise<string[]> {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-bench-'));
	try {
		const ours = await timeDetbal(join(folder, 'bench.sqlite'), CALIBRATION);
		// As many threads as detbal chooses for so small a model; left to itself it takes more and is slower.
		const plain = await timePlainLoop({ ...CALIBRATION, threads: 1 }, PLAIN_ATTEMPTS);
		const whole = plain.start + ours.attempts / plain.rate;
		return [
			`sources                     ${SOURCES.length}`,
			`detbal run                  ${ours.attempts} attempts in ${ours.seconds.toFixed(2)} s: ${ours.rate.toFixed(0)} attempts/s`,
			`model evaluations           ${ours.evaluations}, different nodes ${ours.nodes}`,
			`plain node-llama-cpp loop   ${PLAIN_ATTEMPTS} attempts in ${plain.seconds.toFixed(2)} s: ${plain.rate.toFixed(1)} attempts/s`,
			`the same 20,000 in the loop   ${whole.toFixed(1)} s with its start-up of ${plain.start.toFixed(1)} s`,
			`ratio                       ${(whole / ours.seconds).toFixed(0)} times faster (goal: 50)`,
		];
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** A whole run, with its start-up and database. */
export async function timeDetbal(db: string, trial: Trial) {
	const experiment = parseExperiment(
		JSON.stringify({
			name: 'bench',
			seed: 1,
			task: { kind: 'closed', states: SOURCES },
			attempts: trial.attempts,
			models: [trial.model],
			templates: [{ id: 'plain', text: TEMPLATE }],
			sampling: { maxTokens: trial.maxTokens },
			engine: {
				threads: trial.threads,
				...(trial.gpuLayers > 0 ? { gpu: 'auto', gpuLayers: trial.gpuLayers } : {}),
			},
		}),
		{ file: 'bench', directory: '.' },
	);
	const start = performance.now();
	const result = await runExperiment({
		experiment,
		db,
		shard: null,
		resume: false,
		toolVersion: 'bench',
		signal: new AbortController().signal,
		watch: { say() {}, planned() {}, progress() {} },
	});
	const seconds = (performance.now() - start) / 1000;
	return {
		seconds,
		attempts: result.attempts,
		rate: result.attempts / seconds,
		evaluations: result.evaluations,
		nodes: countNodes(db),
	};
}

/** Different positions at which a token was drawn: the proper beginnings of all completions. */
function countNodes(db: string): number {
	const reader = StoreReader.open(db);
	const nodes = new Set<string>();
	for (const { id: run } of reader.runs()) {
		for (const { id: cell } of reader.cells(run)) {
			for (const { source, tokens } of reader.attempts(cell)) {
				for (let end = 0; end < tokens.length; end++) {
					nodes.add(`${source} ${tokens.slice(0, end).join(' ')}`);
				}
			}
		}
	}
	reader.close();
	return nodes.size;
}

/** The prompt evaluated anew for each attempt, the library's own sampler. */
export async function timePlainLoop(trial: Trial, attempts: number) {
	const beginning = performance.now();
	const llama = await getLlama({
		gpu: trial.gpuLayers > 0 ? 'auto' : false,
		build: 'never',
		logLevel: LlamaLogLevel.error,
		maxThreads: 0,
	});
	const modelPath = trial.model.path ?? (await obtainModel(trial.model.id));
	const model = await llama.loadModel({ modelPath, gpuLayers: trial.gpuLayers });
	const threads = trial.threads === 'auto' ? llama.cpuMathCores : trial.threads;
	const context = await model.createContext({
		contextSize: 448,
		flashAttention: false,
		threads: { ideal: threads, min: threads },
	});
	const sequence = context.getSequence();
	const startUp = (performance.now() - beginning) / 1000;
	const start = performance.now();
	for (let attempt = 0; attempt < attempts; attempt++) {
		const source = SOURCES[attempt % SOURCES.length] as string;
		const prompt = model.tokenize(TEMPLATE.replaceAll('{state}', source));
		if (model.tokens.bos !== null && model.tokens.shouldPrependBosToken) {
			prompt.unshift(model.tokens.bos);
		}
		await sequence.clearHistory();
		let drawn = 0;
		const options = { temperature: 1, topK: 0, topP: 1, minP: 0, seed: attempt + 1 };
		for await (const token of sequence.evaluate(prompt, options)) {
			void token;
			drawn += 1;
			if (drawn === trial.maxTokens) break;
		}
	}
	const seconds = (performance.now() - start) / 1000;
	await llama.dispose();
	return { seconds, rate: attempts / seconds, start: startUp };
}
