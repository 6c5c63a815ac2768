/** What needs a process of its own: a fresh one, another build of the backend, the other device. */
import type { Variant } from '../engine/build-variants.js';
import { lawsElsewhere } from '../engine/laws-elsewhere.js';
import type { Gpu } from '../engine/llama.js';
import { HarnessError } from '../errors.js';
import type { Examined } from './doctor-model.js';
import { type DoctorRow, type RowName, row, untried } from './doctor-rows.js';
import type { ModelFile } from './model-files.js';

export interface Patient {
	readonly file: ModelFile;
	readonly examined: Examined;
}

export interface Elsewhere {
	readonly name: RowName;
	readonly gpu: Gpu;
	readonly onlyWithGpu: boolean;
	readonly variant: Variant | null;
}

/** Rows of some models, in their order; `backend` null: the process said it could not be done. */
export interface FromElsewhere {
	readonly backend: string | null;
	readonly rows: readonly DoctorRow[];
}

/** @throws the signal's reason once it is aborted */
export async function elsewhere(
	{ name, gpu, onlyWithGpu, variant }: Elsewhere,
	patients: readonly Patient[],
	signal: AbortSignal,
): Promise<FromElsewhere> {
	const jobs = patients.map(({ file, examined }) => ({
		file: { path: file.path, sha256: file.sha256 },
		settings: examined.base,
		paths: examined.trial.paths,
	}));
	try {
		const { backend, jobs: answers } = await lawsElsewhere(
			{ gpu, onlyWithGpu, variant, jobs },
			signal,
		);
		const rows = patients.map(({ examined: { trial, laws } }, i) => {
			const answer = answers?.[i];
			if (answer === undefined) return untried(name, 'no GPU');
			return row(name, { trial, base: laws }, answer.laws);
		});
		return { backend, rows };
	} catch (error) {
		signal.throwIfAborted();
		if (!(error instanceof HarnessError)) throw error;
		const why = error.message;
		return { backend: null, rows: patients.map(() => untried(name, why)) };
	}
}

/** Does jobs side by side, at most `most` at once; results in the order of the jobs. */
export async function sideBySide<T, R>(
	jobs: readonly T[],
	most: number,
	work: (job: T) => Promise<R>,
): Promise<R[]> {
	const results = new Array<R>(jobs.length);
	let next = 0;
	const worker = async () => {
		while (next < jobs.length) {
			const i = next++;
			results[i] = await work(jobs[i] as T);
		}
	};
	await Promise.all(Array.from({ length: Math.max(1, most) }, worker));
	return results;
}
