/** Interval of a binomial share. */

/** Φ⁻¹(0.975) */
const Z = 1.959963984540054;

/**
 * Score interval (Wilson) of the chance p of an event that came k times in n trials, at 95 %: all p
 * with |k − n p| ≤ z √(n p (1 − p)).
 *
 * @param k events, a number in [0, n]
 * @param n trials, > 0
 * @returns lower and upper bound in [0, 1]; 0 below for k = 0, 1 above for k = n, exactly
 * @throws RangeError if n is not positive or k not in [0, n]
 * Source: Wilson, J. Am. Stat. Assoc. 22, 209 (1927); the bounds are the roots of
 *   (n + z²) p² − (2k + z²) p + k²/n = 0, the smaller one from their product, which cancels nothing.
 *
 * @example wilson95(8, 10) // { lower: 0.4901624715366417, upper: 0.9433178485456247 }
 */
export function wilson95(k: number, n: number): { readonly lower: number; readonly upper: number } {
	if (!(n > 0 && n < Infinity)) throw new RangeError(`n must be positive, got ${n}`);
	if (!(k >= 0 && k <= n)) throw new RangeError(`k must lie in [0, n = ${n}], got ${k}`);
	const half = k + (Z * Z) / 2;
	const larger = (half + Z * Math.sqrt((k * (n - k)) / n + (Z * Z) / 4)) / (n + Z * Z);
	return {
		lower: k === 0 ? 0 : (k * k) / n / (n + Z * Z) / larger,
		upper: k === n ? 1 : larger,
	};
}
