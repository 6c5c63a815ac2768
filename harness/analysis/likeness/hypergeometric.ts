import { logGamma } from '../../numerics/gamma.js';

/** log n! is kept for n up to here: 8 MB. */
const MOST_KEPT = 2 ** 20;
let kept = new Float64Array(1);

/** log n! of an integer n ≥ 0; the same bits whatever was asked before. */
function logFactorial(n: number): number {
	if (n >= MOST_KEPT) return logGamma(n + 1);
	if (n >= kept.length) grow(n);
	return kept[n]!;
}

function grow(n: number): void {
	const longer = new Float64Array(Math.min(MOST_KEPT, Math.max(2 * kept.length, n + 1)));
	longer.set(kept);
	for (let i = kept.length; i < longer.length; i++) longer[i] = longer[i - 1]! + Math.log(i);
	kept = longer;
}

/**
 * A hypergeometric number by inversion from the mode outwards: how many of `marked` balls are among
 * `drawn` taken of `all` without replacement.
 *
 * @param marked integer in [0, all]
 * @param drawn integer in [0, all]
 * @param all integer ≥ 0
 * @param u uniform in [0, 1): the only randomness, so that equal arguments give equal numbers
 * @returns an integer in [max(0, marked + drawn − all), min(marked, drawn)]
 *
 * @example hypergeometric(2, 2, 4, 0.1) // 1, the mode; with u = 0.7 it is 2, with 0.9 it is 0
 */
export function hypergeometric(marked: number, drawn: number, all: number, u: number): number {
	const low = Math.max(0, marked + drawn - all);
	const high = Math.min(marked, drawn);
	if (low === high) return low;
	if (marked === 1) return u * all < drawn ? 1 : 0;
	const mode = Math.floor(((marked + 1) * (drawn + 1)) / (all + 2));
	const rest = all - marked - drawn;
	const atMode = Math.exp(
		logFactorial(marked) -
			logFactorial(mode) -
			logFactorial(marked - mode) +
			logFactorial(all - marked) -
			logFactorial(drawn - mode) -
			logFactorial(rest + mode) -
			logFactorial(all) +
			logFactorial(drawn) +
			logFactorial(all - drawn),
	);
	let left = u - atMode;
	if (left < 0) return mode;
	let [up, down] = [mode, mode];
	let [chanceUp, chanceDown] = [atMode, atMode];
	while (up < high || down > low) {
		if (up < high) {
			chanceUp *= ((marked - up) * (drawn - up)) / ((up + 1) * (rest + up + 1));
			up += 1;
			left -= chanceUp;
			if (left < 0) return up;
		}
		if (down > low) {
			chanceDown *= (down * (rest + down)) / ((marked - down + 1) * (drawn - down + 1));
			down -= 1;
			left -= chanceDown;
			if (left < 0) return down;
		}
		// What is left of u below the last terms is rounding, not probability.
		if (chanceUp < 1e-18 && chanceDown < 1e-18) return mode;
	}
	return mode;
}
