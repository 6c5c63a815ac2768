/** Binomial random numbers, exact for any n and p. */
import { logFactorialRise } from './gamma.js';
import type { Stream } from './stream.js';

/** Below this mean inversion is quicker; the rejection method is valid from here on. */
const LARGEST_MEAN = 10;

/**
 * A binomial number by inversion where n · min(p, 1 − p) < 10, by transformed rejection above.
 *
 * @param n trials, an integer in [0, 2^53]
 * @param p probability in [0, 1]
 * @param stream randomness; takes at least one number unless n = 0 or p is 0 or 1
 * @returns an integer in [0, n]
 * @throws RangeError if n or p is out of range
 * Source: Hörmann, J. Stat. Comput. Simul. 46, 101 (1993), algorithm BTRS.
 *
 * @example binomial(10, 0.5, new Stream([7, 1], 0)) // 4
 */
export function binomial(n: number, p: number, stream: Stream): number {
	if (!Number.isInteger(n) || n < 0 || n > 2 ** 53) {
		throw new RangeError(`n must be an integer from 0 to 2^53, got ${n}`);
	}
	if (!(p >= 0 && p <= 1)) throw new RangeError(`p must lie in [0, 1], got ${p}`);
	if (n === 0 || p === 0) return 0;
	if (p === 1) return n;
	if (p > 0.5) return n - smaller(n, 1 - p, stream);
	return smaller(n, p, stream);
}

function smaller(n: number, p: number, stream: Stream): number {
	return n * p < LARGEST_MEAN ? invert(n, p, stream) : reject(n, p, stream);
}

/** The smallest k with P(X ≤ k) > u. */
function invert(n: number, p: number, stream: Stream): number {
	const odds = p / (1 - p);
	let chance = Math.exp(n * Math.log1p(-p));
	let u = stream.next();
	let k = 0;
	// What is left of u below 1e-18 is rounding, not probability.
	while (u >= chance && k < n && chance > 1e-18) {
		u -= chance;
		k += 1;
		chance *= (odds * (n - k + 1)) / k;
	}
	return k;
}

/** BTRS: names as in the paper. */
function reject(n: number, p: number, stream: Stream): number {
	const sd = Math.sqrt(n * p * (1 - p));
	const b = 1.15 + 2.53 * sd;
	const a = -0.0873 + 0.0248 * b + 0.01 * p;
	const c = n * p + 0.5;
	const alpha = (2.83 + 5.1 / b) * sd;
	const quick = 0.92 - 4.2 / b;
	const mode = Math.floor((n + 1) * p);
	const logOdds = Math.log(p) - Math.log1p(-p);
	for (;;) {
		const u = stream.next() - 0.5;
		const v = stream.next();
		const us = 0.5 - Math.abs(u);
		const k = Math.floor(((2 * a) / us + b) * u + c);
		if (us >= 0.07 && v <= quick) return k;
		if (!(k >= 0 && k <= n)) continue;
		if (
			Math.log((v * alpha) / (a / (us * us) + b)) <=
			logRatio(n, mode, k) + (k - mode) * logOdds
		) {
			return k;
		}
	}
}

/** log of C(n, k) / C(n, m). */
function logRatio(n: number, m: number, k: number): number {
	return k >= m
		? logFactorialRise(n - k, k - m) - logFactorialRise(m, k - m)
		: logFactorialRise(k, m - k) - logFactorialRise(n - m, m - k);
}
