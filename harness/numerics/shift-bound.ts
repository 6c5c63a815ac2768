/** Upper confidence bound for the signal in a sum of squares that holds signal and noise. */
import { noncentralLower } from './noncentral.js';

/** A sum of squares Q with E Q = noise + shift and Var Q = variance + 4 · slope · shift. */
export interface NoisySquares {
	/** expected value of Q where there is no signal, > 0 */
	readonly noise: number;
	/** variance of Q where there is no signal, > 0 */
	readonly variance: number;
	/** how the variance grows with the signal, > 0; 1 for a noncentral χ² */
	readonly slope: number;
}

/**
 * P(Q ≤ q) at a signal `shift`: Q = c χ²_ν(λ), ν from the noise alone, c and λ from mean and variance
 * (c is the smaller root of 2νc² − 4Mc + V = 0, which is slope itself where the signal is large).
 * Where the variance grows faster than this shape allows, a central χ² with the same moments.
 *
 * @param q ≥ 0
 * @param squares its noise
 * @param shift the signal, ≥ 0, in the unit of q
 * @returns a probability
 * Source: noncentral χ² with matched moments: Patnaik, Biometrika 36, 202 (1949).
 *
 * @example chanceBelow(30, { noise: 10, variance: 20, slope: 1 }, 40.403250401011) // 0.05
 */
export function chanceBelow(q: number, squares: NoisySquares, shift: number): number {
	const mean = squares.noise + shift;
	const variance = squares.variance + 4 * squares.slope * shift;
	const widest = (2 * mean * mean) / variance;
	const freedom = Math.min((2 * squares.noise * squares.noise) / squares.variance, widest);
	const scale = variance / (2 * mean * (1 + Math.sqrt(1 - freedom / widest)));
	return noncentralLower(q / scale, freedom, Math.max(0, mean / scale - freedom));
}

/** The x at which a falling function reaches `level`; x ≥ 0, or 0 if it starts below the level. */
function fallsTo(level: number, scale: number, f: (x: number) => number): number {
	if (f(0) <= level) return 0;
	let high = scale;
	while (f(high) > level) high *= 2;
	let low = 0;
	for (let i = 0; i < 80; i++) {
		const middle = (low + high) / 2;
		if (f(middle) > level) low = middle;
		else high = middle;
	}
	return high;
}

/** The value that Q stays under with probability `share` where there is no signal. */
export function noiseQuantile(squares: NoisySquares, share: number): number {
	return fallsTo(1 - share, squares.noise, (q) => 1 - chanceBelow(q, squares, 0));
}

/**
 * Upper bound for the signal: the shift s at which a Q as small as the one seen has probability
 * 1 − level. It is never below the bound that the median of pure noise would give, so that a lucky
 * low Q cannot promise more than the table can show (a power-constrained limit).
 *
 * @param q the sum of squares seen, ≥ 0
 * @param squares its noise
 * @param level confidence in (0.5, 1), for instance 0.95
 * @returns the shift, > 0, in the unit of q
 * @throws RangeError if an argument is out of range
 * Source: noncentral χ² with matched moments; power constraint: Cowan, Cranmer, Gross, Vitells,
 *   arXiv 1105.3166 (2011).
 *
 * @example shiftUpperBound(30, { noise: 10, variance: 20, slope: 1 }, 0.95) // 40.403250401011
 */
export function shiftUpperBound(q: number, squares: NoisySquares, level: number): number {
	checkArguments(q, squares, level);
	const seen = Math.max(q, noiseQuantile(squares, 0.5));
	return fallsTo(1 - level, seen + squares.noise, (shift) => chanceBelow(seen, squares, shift));
}

/**
 * Two-sided interval for the signal: the shifts at which a Q as large, and as small, as the one seen
 * has probability (1 − level)/2. Without a power constraint, so that it covers `level` of the time
 * whatever the signal. For one in forty tables of pure noise, those with the lowest Q, both ends are 0:
 * that is no certainty, and `shiftUpperBound` is then the bound to read.
 *
 * @param q the sum of squares seen, ≥ 0
 * @param squares its noise
 * @param level confidence in (0.5, 1), for instance 0.95
 * @returns shifts ≥ 0 in the unit of q; lower is 0 where pure noise explains q
 * @throws RangeError if an argument is out of range
 * Source: noncentral χ² with matched moments, both tails inverted (Neyman's construction).
 *
 * @example shiftInterval(30, { noise: 10, variance: 20, slope: 1 }, 0.95)
 *   // lower 5.255542130688, upper 44.774876167896 (SciPy)
 */
export function shiftInterval(
	q: number,
	squares: NoisySquares,
	level: number,
): { readonly lower: number; readonly upper: number } {
	checkArguments(q, squares, level);
	const tail = (1 - level) / 2;
	const at = (shift: number): number => chanceBelow(q, squares, shift);
	return {
		lower: fallsTo(1 - tail, q + squares.noise, at),
		upper: fallsTo(tail, q + squares.noise, at),
	};
}

/**
 * `shiftInterval` with an upper end that is never below the one that the median of pure noise would
 * give: a lucky low Q promises no more than the table can show. It then covers more than `level` where
 * the signal is too small to be seen.
 *
 * @param q the sum of squares seen, ≥ 0
 * @param squares its noise
 * @param level confidence in (0.5, 1), for instance 0.95
 * @returns shifts, lower ≥ 0 and upper > 0, in the unit of q
 * @throws RangeError if an argument is out of range
 * Source: as `shiftInterval`; power constraint as `shiftUpperBound`.
 *
 * @example cautiousInterval(0, { noise: 10, variance: 20, slope: 1 }, 0.95) // lower 0, upper 13.375791307248
 */
export function cautiousInterval(
	q: number,
	squares: NoisySquares,
	level: number,
): { readonly lower: number; readonly upper: number } {
	const { lower, upper } = shiftInterval(q, squares, level);
	const median = shiftInterval(noiseQuantile(squares, 0.5), squares, level);
	return { lower, upper: Math.max(upper, median.upper) };
}

function checkArguments(q: number, squares: NoisySquares, level: number): void {
	if (!(q >= 0) || q === Infinity) throw new RangeError(`q must be finite and ≥ 0, got ${q}`);
	if (!(level > 0.5 && level < 1)) {
		throw new RangeError(`level must lie between 0.5 and 1, got ${level}`);
	}
	const { noise, variance, slope } = squares;
	for (const [name, value] of Object.entries({ noise, variance, slope })) {
		if (!(value > 0) || value === Infinity) {
			throw new RangeError(`${name} must be positive and finite, got ${value}`);
		}
	}
}
