import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HarnessError } from '../errors.js';
import type { Variant } from './build-variants.js';
import {
	type ContextSettings,
	logSumExp,
	type NextTokenLaw,
	type NumericsIdentity,
	type TokenPath,
} from './engine.js';
import type { Gpu } from './llama.js';

/** Paths to be evaluated with one model. */
export interface LawJob {
	readonly file: { readonly path: string; readonly sha256: string };
	readonly settings: ContextSettings;
	readonly paths: readonly TokenPath[];
}

/** What a process of its own is to do. */
export interface Errand {
	readonly gpu: Gpu;
	/** Do nothing where there is none. */
	readonly onlyWithGpu: boolean;
	/** The only build of the CPU backend it may load; null: as the library chooses. */
	readonly variant: Variant | null;
	readonly jobs: readonly LawJob[];
}

/** What it says it did; the logits lie beside it. */
export interface Answer {
	readonly backend: string;
	/** Of each job; null where nothing was to be done. */
	readonly numerics: NumericsIdentity[] | null;
}

export interface LawsElsewhere {
	readonly backend: string;
	/** Laws of each job, in the order of its paths; null where nothing was to be done. */
	readonly jobs:
		| readonly { readonly laws: NextTokenLaw[]; readonly numerics: NumericsIdentity }[]
		| null;
}

/** Marks the sentence with which the process says that it cannot be done. */
export const REFUSED = 'refused: ';

export const lawsFile = (folder: string, job: number): string => join(folder, `laws-${job}.bin`);

/**
 * Evaluates paths in a process of its own.
 * @param signal ends that process
 * @throws HarnessError where it cannot be done or the process dies, with its last words
 */
export async function lawsElsewhere(errand: Errand, signal: AbortSignal): Promise<LawsElsewhere> {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-laws-'));
	try {
		const jobs = errand.jobs.map((job) => ({
			...job,
			file: { ...job.file, path: resolve(job.file.path) },
		}));
		writeFileSync(join(folder, 'errand.json'), JSON.stringify({ ...errand, jobs }));
		await carriedOut(folder, signal);
		const answer = JSON.parse(readFileSync(join(folder, 'answer.json'), 'utf8')) as Answer;
		return {
			backend: answer.backend,
			jobs:
				answer.numerics?.map((numerics, i) => ({
					numerics,
					laws: readLaws(lawsFile(folder, i), (jobs[i] as LawJob).paths.length),
				})) ?? null,
		};
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

async function carriedOut(folder: string, signal: AbortSignal): Promise<void> {
	const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
	const script = fileURLToPath(new URL(`./laws-child.${extension}`, import.meta.url));
	const child = spawn(process.execPath, [...process.execArgv, script, folder], {
		// Here, so that names in execArgv (--import tsx) are found wherever the user is.
		cwd: dirname(script),
		stdio: ['ignore', 'ignore', 'pipe'],
		signal,
		killSignal: 'SIGKILL',
	});
	let said = '';
	child.stderr.setEncoding('utf8');
	child.stderr.on('data', (text: string) => {
		said = (said + text).slice(-8192);
	});
	const [code, killedBy] = await new Promise<[number | null, NodeJS.Signals | null]>(
		(done, reject) => {
			child.on('error', reject);
			child.on('close', (exit, by) => done([exit, by]));
		},
	);
	if (code === 0) return;
	const refusal = said.lastIndexOf(REFUSED);
	if (code === 3 && refusal >= 0)
		throw new HarnessError(said.slice(refusal + REFUSED.length).trim());
	throw new HarnessError(
		`the process that evaluated it died (${killedBy ?? `exit code ${code}`}): ${said.trim().split('\n').at(-1)}`,
	);
}

function readLaws(file: string, paths: number): NextTokenLaw[] {
	const bytes = readFileSync(file);
	const size = bytes.byteLength / paths;
	return Array.from({ length: paths }, (_, i) => {
		const logits = new Float32Array(
			Uint8Array.prototype.slice.call(bytes, i * size, (i + 1) * size).buffer,
		);
		return { logits, logNormalizer: logSumExp(logits) };
	});
}
