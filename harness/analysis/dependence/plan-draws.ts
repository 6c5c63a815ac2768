/** By how many draws a test is made, or by what else. */
export type DrawPlan =
	| { readonly by: 'draws'; readonly samples: number }
	| { readonly by: 'limit' }
	| { readonly by: 'nothing'; readonly reason: string };

export interface DrawOptions {
	/** uint32 */
	readonly seed: number;
	/** B, an integer ≥ 19 */
	readonly resamples: number;
	/** largest number of transitions or attempts in all draws together; above it fewer are made */
	readonly maxDraws: number;
}

export interface DrawTask {
	/** transitions or attempts moved by each draw */
	readonly total: number;
	readonly degreesOfFreedom: number;
	/** Σ |E[deviance] − 1| over the cells, how far the mean of G² may be from its χ² limit */
	readonly limitError: () => number;
}

const FEWEST = 19;
/** Listed one by one at most: 1 GB. */
const LONGEST_LIST = 2 ** 27;
/** The χ² limit may stand in where it puts the mean of G² wrong by less than this many sd. */
const LIMIT_ERROR = 0.1;

/**
 * B draws if `maxDraws` allows them; else the χ² limit if it is valid; else as many draws as are allowed,
 * at least 19.
 *
 * @param task what a draw costs and what the limit would be
 * @param options see `DrawOptions`
 * @throws RangeError if an option is out of range
 *
 * @example planDraws({ total: 1000, … }, { seed: 1, resamples: 99, maxDraws: 1e6 }) // 99 draws
 */
export function planDraws(task: DrawTask, options: DrawOptions): DrawPlan {
	checkOptions(options);
	const { total, degreesOfFreedom } = task;
	const samples = Math.min(options.resamples, Math.floor(options.maxDraws / total));
	if (samples === options.resamples) return { by: 'draws', samples };
	if (task.limitError() <= LIMIT_ERROR * Math.sqrt(2 * degreesOfFreedom)) return { by: 'limit' };
	if (samples >= FEWEST) return { by: 'draws', samples };
	if (total <= LONGEST_LIST) return { by: 'draws', samples: FEWEST };
	return { by: 'nothing', reason: `${total} counts are too many to draw, too thin for χ²` };
}

export function checkOptions({ seed, resamples, maxDraws }: DrawOptions): void {
	if (seed >>> 0 !== seed) throw new RangeError(`seed must be a uint32, got ${seed}`);
	if (!Number.isInteger(resamples) || resamples < FEWEST) {
		throw new RangeError(`resamples must be an integer ≥ ${FEWEST}, got ${resamples}`);
	}
	if (!(maxDraws > 0)) throw new RangeError(`maxDraws must be positive, got ${maxDraws}`);
}
