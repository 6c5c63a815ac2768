import { group, type Progress } from '../report/progress.js';
import type { RunWatch } from '../runner/run.js';
import type { Io } from './io.js';

/** Told before each step of a job. */
export type OnStep = (done: number, total: number, name: string) => void;

/** Carries out a job of known length, showing on stderr how far it is from its first step on. */
export async function whileShown<T>(
	label: string,
	io: Io,
	work: (onStep: OnStep) => Promise<T>,
): Promise<T> {
	const shown: { bar: Progress | null } = { bar: null };
	try {
		return await work((done, total, name) => {
			shown.bar ??= io.progress(label, total);
			shown.bar.update(Math.floor(done), name);
		});
	} finally {
		shown.bar?.stop();
	}
}

/** Shows a run's progress on stderr. */
export function watchProgress(label: string, io: Io): RunWatch & { stop(): void } {
	let shown: Progress | null = null;
	return {
		say: (line) => io.say(line),
		planned(total, done) {
			shown = io.progress(label, total);
			shown.update(done);
		},
		progress: (done, evaluations, model) =>
			shown?.update(done, `${group(evaluations)} evaluations · ${model}`),
		stop() {
			shown?.stop();
			shown = null;
		},
	};
}
