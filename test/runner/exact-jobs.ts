/** Exact kernels scored inside this process. */
import type { Experiment } from '../../harness/experiment/experiment.js';
import { type ExactRequest, type ExactResult, scoreKernels } from '../../harness/runner/exact.js';
import { type ExactKernel, exactKernels } from '../../harness/runner/exact-read.js';
import { StoreReader } from '../../harness/store/reader.js';
import { QUIET } from './fixture.js';

export interface ScoreOptions extends Partial<Omit<ExactRequest, 'experiment' | 'db' | 'watch'>> {
	/** Aborts as soon as so many rows are there. */
	readonly abortAt?: number;
	readonly say?: (line: string) => void;
}

export function score(
	db: string,
	experiment: Experiment,
	{ abortAt = Infinity, say = () => {}, ...options }: ScoreOptions = {},
): Promise<ExactResult> {
	const stop = new AbortController();
	return scoreKernels({
		experiment,
		db,
		states: { kind: 'sources' },
		epsilon: 0.001,
		mostEvaluations: 20_000,
		otherShapes: 0,
		yes: false,
		toolVersion: '0.0.0',
		signal: stop.signal,
		cache: null,
		watch: {
			...QUIET,
			say,
			progress(rows) {
				if (rows >= abortAt) stop.abort();
			},
		},
		...options,
	});
}

/** All exact kernels of a database that have rows. */
export function kernelsIn(db: string): ExactKernel[] {
	const reader = StoreReader.open(db);
	try {
		return exactKernels(reader);
	} finally {
		reader.close();
	}
}
