import { EXACT_WALKS, WALK } from './walks-panel.js';

/** How much the end of a walk remembers of the table half way, ⌈L/2⌉ steps before. */
export interface Mixing {
	/** correlation of the pair counts, as deviations from n p̂; null if nothing varies */
	readonly counts: number | null;
	/** correlation of the statistic over the walks; null if it does not vary or M < 19 */
	readonly statistic: number | null;
	/** true if both are at most `MEMORY_LIMIT` */
	readonly mixed: boolean;
	/** in plain words */
	readonly sentence: string;
}

/**
 * The observed table and a drawn one lie four half walks apart, so that a memory of 0.3 leaves about
 * 1 % of it. Measured power no longer grew once the memory was below 0.5.
 */
export const MEMORY_LIMIT = 0.3;
const FEWEST_WALKS = 19;

/**
 * Whether the walks of the exact test forget where they were.
 *
 * Memory of the counts: Σ over walks and pairs of xy / √(Σ xx · Σ yy), x and y the deviations
 * (C − n p̂) / √(n p̂ q̂) half way and at the end; n p̂ is the same for every table with these totals,
 * so a region that no walk leaves shows as memory, too. Memory of t: Pearson's correlation.
 *
 * @param rows M rows of the panel of walks
 * @returns see `Mixing`
 *
 * @example rows whose end equals their half way: counts 1, mixed false
 */
export function mixingOf(rows: Float64Array): Mixing {
	const column = (index: number): Float64Array =>
		Float64Array.from({ length: rows.length / EXACT_WALKS.width }, (_, i) => {
			return rows[i * EXACT_WALKS.width + index]!;
		});
	const sum = (x: Float64Array): number => x.reduce((s, a) => s + a, 0);
	const scale = Math.sqrt(sum(column(WALK.halfHalf)) * sum(column(WALK.endEnd)));
	const counts = scale > 0 ? sum(column(WALK.halfEnd)) / scale : null;
	const statistic = correlation(column(WALK.halfStatistic), column(WALK.statistic));
	return judge(counts, statistic);
}

/** Where there is nothing to mix. */
export const unmixed = (why: string): Mixing => ({
	counts: null,
	statistic: null,
	mixed: false,
	sentence: `Nothing mixes: ${why}.`,
});

function judge(counts: number | null, statistic: number | null): Mixing {
	const found = { counts, statistic };
	if (counts === null || statistic === null) {
		const sentence = 'Too few walks, or a statistic that does not vary: mixing is not known.';
		return { ...found, mixed: false, sentence };
	}
	const memory = `memory after half a walk: pair counts ${counts.toFixed(2)}, statistic ${statistic.toFixed(2)}`;
	if (counts <= MEMORY_LIMIT && statistic <= MEMORY_LIMIT) {
		return { ...found, mixed: true, sentence: `The walks mix (${memory}).` };
	}
	const sentence =
		`The walks do not mix well (${memory}; limit ${MEMORY_LIMIT}): the p-value is exact all the ` +
		'same, but power may be lost; give more --steps.';
	return { ...found, mixed: false, sentence };
}

/** Pearson's correlation; null if a side does not vary or there are fewer than 19 walks. */
function correlation(x: Float64Array, y: Float64Array): number | null {
	const M = x.length;
	if (M < FEWEST_WALKS) return null;
	const meanX = x.reduce((s, a) => s + a, 0) / M;
	const meanY = y.reduce((s, a) => s + a, 0) / M;
	let xy = 0;
	let xx = 0;
	let yy = 0;
	for (let i = 0; i < M; i++) {
		xy += (x[i]! - meanX) * (y[i]! - meanY);
		xx += (x[i]! - meanX) ** 2;
		yy += (y[i]! - meanY) ** 2;
	}
	// Equal values differ from their mean by rounding.
	const varies = (square: number, mean: number): boolean => square > M * (1e-12 * mean) ** 2;
	return varies(xx, meanX) && varies(yy, meanY) ? xy / Math.sqrt(xx * yy) : null;
}
