import { group, type Progress } from '../report/progress.js';
import type { RunWatch } from '../runner/run.js';
import type { Io } from './io.js';

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
