import { spawn } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HarnessError } from '../errors.js';
import type { Gpu } from './llama.js';

/** Marks the sentence with which the probing process refuses a model. */
export const REFUSED = 'refused: ';
/** A model that takes longer than this to load and answer once is not usable here. */
const PATIENCE_MS = 10 * 60 * 1000;

/**
 * Loads an unknown model file in a process of its own and lets it answer once.
 * @throws HarnessError where llama.cpp refuses the file or its process dies
 */
export async function probeModel(path: string, gpu: Gpu, gpuLayers: number | 'auto') {
	const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
	const script = fileURLToPath(new URL(`./probe-child.${extension}`, import.meta.url));
	const child = spawn(
		process.execPath,
		[...process.execArgv, script, JSON.stringify({ path: resolve(path), gpu, gpuLayers })],
		// Here, so that names in execArgv (--import tsx) are found wherever the user is.
		{
			cwd: dirname(script),
			stdio: ['ignore', 'ignore', 'pipe'],
			timeout: PATIENCE_MS,
			killSignal: 'SIGKILL',
		},
	);
	let said = '';
	child.stderr.setEncoding('utf8');
	child.stderr.on('data', (text: string) => {
		said = (said + text).slice(-8192);
	});
	const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(
		(resolve, reject) => {
			child.on('error', reject);
			child.on('close', (exit, killedBy) => resolve([exit, killedBy]));
		},
	);
	if (code === 0) return;
	const refusal = said.lastIndexOf(REFUSED);
	if (code === 3 && refusal >= 0) {
		const words = said.slice(refusal + REFUSED.length).trim();
		if (words.includes(path)) throw new HarnessError(words);
		throw new HarnessError(
			`${path}: ${words}. The file is damaged or not supported; nothing was run.`,
		);
	}
	// Ctrl-C on a terminal reaches both processes.
	if (signal === 'SIGINT') throw new HarnessError('interrupted before anything was run');
	throw new HarnessError(
		`${path}: llama.cpp died while loading this model (${signal ?? `exit code ${code}`}). ` +
			`The file is damaged or not supported; nothing was run.${lastLine(said)}`,
	);
}

function lastLine(said: string): string {
	const line = said.trim().split('\n').at(-1);
	return line ? ` Its last words: ${line}` : '';
}
