/** llama-server on the loopback interface, asked by as many requests at a time as it has slots. */
import { spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { SOURCES, TEMPLATE, type Trial } from './attempts.js';

const SLOTS = 8;
const CONTEXT = 512;
const START_MS = 120_000;

/**
 * Attempts a second. All are of one source, after one untimed attempt in each slot: every request
 * finds its prompt in the cache, as nearly all of a thousand attempts a source would.
 * @throws Error where the server does not start, or refuses a request
 */
export async function serverRate(program: string, trial: Trial, attempts: number): Promise<number> {
	const port = await freePort();
	const values = {
		'-m': trial.model.path ?? '',
		'--host': '127.0.0.1',
		'--port': port,
		'-np': SLOTS,
		'-c': SLOTS * CONTEXT,
		'-b': 512,
		'-ub': 512,
		'-t': trial.threads,
		'-tb': trial.threads,
		'-fa': 'off',
		'-ngl': trial.gpuLayers,
	};
	const args = Object.entries(values).flatMap(([key, value]) => [key, String(value)]);
	const server = spawn(program, [...args, '--no-kv-unified'], { stdio: 'ignore' });
	try {
		const base = `http://127.0.0.1:${port}`;
		await ready(base, () => server.exitCode !== null);
		await complete(base, trial, { first: 0, count: SLOTS });
		const start = performance.now();
		await complete(base, trial, { first: SLOTS, count: attempts });
		return (1000 * attempts) / (performance.now() - start);
	} finally {
		server.kill();
	}
}

/** Answers requests of draws first … first + count − 1, SLOTS at a time. */
async function complete(
	base: string,
	trial: Trial,
	{ first, count }: { readonly first: number; readonly count: number },
): Promise<void> {
	let next = first;
	const worker = async () => {
		while (next < first + count) await request(base, trial, next++);
	};
	await Promise.all(Array.from({ length: SLOTS }, worker));
}

async function request(base: string, { maxTokens }: Trial, seed: number): Promise<void> {
	const response = await fetch(`${base}/completion`, {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({
			prompt: TEMPLATE.replaceAll('{state}', SOURCES[0] as string),
			n_predict: maxTokens,
			// The model's own law: no sampler but the temperature.
			samplers: ['temperature'],
			temperature: 1,
			top_k: 0,
			top_p: 1,
			min_p: 0,
			seed,
			cache_prompt: true,
		}),
	});
	if (!response.ok) throw new Error(`llama-server: ${response.status} ${await response.text()}`);
	await response.json();
}

async function ready(base: string, ended: () => boolean): Promise<void> {
	const patience = performance.now() + START_MS;
	while (performance.now() < patience && !ended()) {
		const healthy = await fetch(`${base}/health`).then(
			({ ok }) => ok,
			() => false,
		);
		if (healthy) return;
		await new Promise((resolve) => setTimeout(resolve, 200));
	}
	throw new Error('llama-server did not start');
}

/** A port that was free a moment ago. */
function freePort(): Promise<number> {
	return new Promise((resolve) => {
		const probe = createServer().listen(0, '127.0.0.1', () => {
			const { port } = probe.address() as AddressInfo;
			probe.close(() => resolve(port));
		});
	});
}
