import { chanceBelow, type NoisySquares, noiseQuantile } from '../../numerics/shift-bound.js';

/**
 * P(a test at level α rejects): P(Q > q), q being the 1 − α quantile of pure noise.
 *
 * @param squares of the test's statistic
 * @param shift the signal, ≥ 0
 * @param alpha in (0, 1)
 * @returns the power; α itself where there is no signal
 * Source: noncentral χ² with matched moments: Patnaik, Biometrika 36, 202 (1949).
 *
 * @example rejectionChance({ noise: 10, variance: 20, slope: 1 }, 20.5317, 0.05) // 0.9000
 */
export function rejectionChance(squares: NoisySquares, shift: number, alpha: number): number {
	return 1 - chanceBelow(noiseQuantile(squares, 1 - alpha), squares, shift);
}

/**
 * The signal at which a test at level α has the power asked for.
 *
 * @param squares of the test's statistic
 * @param alpha in (0, 1)
 * @param power in (α, 1)
 * @returns shift > 0
 *
 * @example signalFor({ noise: 10, variance: 20, slope: 1 }, 0.05, 0.9) // 20.5317
 */
export function signalFor(squares: NoisySquares, alpha: number, power: number): number {
	const line = noiseQuantile(squares, 1 - alpha);
	return reaches((shift) => 1 - chanceBelow(line, squares, shift) >= power, squares.noise);
}

/** The least x > 0 from which on `enough` says yes, to 1e-12 relative; `scale` is where to start. */
export function reaches(enough: (x: number) => boolean, scale: number): number {
	let high = scale;
	while (!enough(high)) high *= 2;
	let low = 0;
	while (high - low > 1e-12 * high) {
		const middle = (low + high) / 2;
		if (enough(middle)) high = middle;
		else low = middle;
	}
	return high;
}
