import { logGamma } from '../../numerics/gamma.js';

/** A share with its exact interval. */
export interface Share {
	readonly value: number;
	readonly lower: number;
	readonly upper: number;
}

/**
 * A share k / n with Clopper and Pearson's 95 % interval. It also holds where the n trials have chances of their
 * own, for their mean: their sum then varies less than a binomial number.
 *
 * @param k integer in [0, n]
 * @param n integer ≥ 1
 * @returns the share and its limits
 * @throws RangeError if k or n is out of range
 * Source: Clopper, Pearson, Biometrika 26, 404 (1934); Hoeffding, Ann. Math. Stat. 27, 713 (1956).
 *
 * @example exactShare(0, 100).upper // 1 − 0.025^(1/100) = 0.036216692645176854
 */
export function exactShare(k: number, n: number): Share {
	if (!Number.isInteger(n) || n < 1) throw new RangeError(`n must be an integer ≥ 1, got ${n}`);
	if (!Number.isInteger(k) || k < 0 || k > n) {
		throw new RangeError(`k must be an integer from 0 to ${n}, got ${k}`);
	}
	// P(X ≥ k | p) = I_p(k, n − k + 1).
	const lower = k === 0 ? 0 : root((p) => incompleteBeta(p, k, n - k + 1) > 0.025);
	const upper = k === n ? 1 : root((p) => incompleteBeta(p, k + 1, n - k) > 0.975);
	return { value: k / n, lower, upper };
}

/** Where a yes begins in [0, 1]. */
function root(reached: (p: number) => boolean): number {
	let [low, high] = [0, 1];
	for (let i = 0; i < 80; i++) {
		const middle = (low + high) / 2;
		if (reached(middle)) high = middle;
		else low = middle;
	}
	return (low + high) / 2;
}

/** I_x(a, b). Source: NIST DLMF 8.17.22, by Lentz; 8.17.4 for the other tail. */
function incompleteBeta(x: number, a: number, b: number): number {
	if (x <= 0) return 0;
	if (x >= 1) return 1;
	const front = Math.exp(
		logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x),
	);
	return x < (a + 1) / (a + b + 2)
		? (front * betaFraction(x, a, b)) / a
		: 1 - (front * betaFraction(1 - x, b, a)) / b;
}

function betaFraction(x: number, a: number, b: number): number {
	const away = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);
	let c = 1;
	let d = 1 / away(1 - ((a + b) * x) / (a + 1));
	let h = d;
	for (let m = 1; m < 100_000; m++) {
		const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
		const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
		for (const term of [even, odd]) {
			d = 1 / away(1 + term * d);
			c = away(1 + term / c);
			h *= c * d;
		}
		if (Math.abs(c * d - 1) < 1e-15) break;
	}
	return h;
}
