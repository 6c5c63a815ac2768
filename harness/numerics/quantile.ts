/**
 * The quantile of a sample, straight between neighbouring order statistics.
 *
 * @param sorted ascending, length ≥ 1
 * @param level in [0, 1]
 * @returns the value at position level · (n − 1), counted from 0
 * @throws RangeError if the sample is empty or level is out of range
 * Source: Hyndman, Fan, Am. Stat. 50, 361 (1996), definition 7.
 *
 * @example quantile([1, 2, 4], 0.75) // 3
 */
export function quantile(sorted: ArrayLike<number>, level: number): number {
	if (sorted.length === 0) throw new RangeError('an empty sample has no quantile');
	if (!(level >= 0 && level <= 1)) throw new RangeError(`level must lie in [0, 1], got ${level}`);
	const at = level * (sorted.length - 1);
	const below = Math.floor(at);
	const lower = sorted[below]!;
	const upper = sorted[Math.min(below + 1, sorted.length - 1)]!;
	return lower + (at - below) * (upper - lower);
}
