export interface Histogram {
	/** edges of the first and last bin */
	readonly from: number;
	readonly to: number;
	/** of bins of equal width; the last holds its upper edge too */
	readonly counts: readonly number[];
}

/**
 * Counts values in bins of equal width between the smallest and the largest.
 *
 * @param values finite, at least one
 * @param bins an integer ≥ 1
 * @returns `counts` has one entry per bin and sums to the number of values; equal values: all in the first
 * @throws RangeError if there is no value, one is not finite, or `bins` is out of range
 *
 * @example histogram([0, 1, 2, 4], 2) // from 0, to 4, counts [2, 2]
 */
export function histogram(values: ArrayLike<number>, bins: number): Histogram {
	if (!Number.isInteger(bins) || bins < 1) {
		throw new RangeError(`bins must be an integer ≥ 1, got ${bins}`);
	}
	if (values.length === 0) throw new RangeError('a histogram needs at least one value');
	let [from, to] = [Infinity, -Infinity];
	for (let i = 0; i < values.length; i++) {
		const x = values[i]!;
		if (!Number.isFinite(x)) throw new RangeError(`values must be finite, got ${x}`);
		from = Math.min(from, x);
		to = Math.max(to, x);
	}
	const counts = new Array<number>(bins).fill(0);
	for (let i = 0; i < values.length; i++) {
		const share = to > from ? (values[i]! - from) / (to - from) : 0;
		counts[Math.min(bins - 1, Math.floor(share * bins))]! += 1;
	}
	return { from, to, counts };
}
