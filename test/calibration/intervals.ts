/** Exact binomial intervals and uniformity, for summaries of many data sets. */
import { logGamma } from '../../harness/numerics/gamma.js';

/** P(X ≤ k), X binomial of n and p in (0, 1), summed term by term. */
export function binomialLower(k: number, n: number, p: number): number {
	let sum = 0;
	for (let i = 0; i <= k; i++) {
		const log =
			logGamma(n + 1) -
			logGamma(i + 1) -
			logGamma(n - i + 1) +
			i * Math.log(p) +
			(n - i) * Math.log1p(-p);
		sum += Math.exp(log);
	}
	return Math.min(1, sum);
}

/** Clopper and Pearson's 95 % interval of a share k / n (Biometrika 26, 404, 1934). */
export function shareInterval(k: number, n: number): readonly [low: number, high: number] {
	const root = (f: (p: number) => number): number => {
		let [low, high] = [0, 1];
		for (let i = 0; i < 60; i++) {
			const middle = (low + high) / 2;
			if (f(middle) > 0) low = middle;
			else high = middle;
		}
		return (low + high) / 2;
	};
	return [
		k === 0 ? 0 : root((p) => 0.025 - (1 - binomialLower(k - 1, n, p))),
		k === n ? 1 : root((p) => binomialLower(k, n, p) - 0.025),
	];
}

/** Largest distance of the shares at or below from uniform, times √n; 1.36 is the 5 % point. */
export function kolmogorov(ps: readonly number[]): number {
	const sorted = [...ps].sort((a, b) => a - b);
	const n = sorted.length;
	let most = 0;
	for (const [i, p] of sorted.entries()) most = Math.max(most, (i + 1) / n - p, p - i / n);
	return most * Math.sqrt(n);
}
