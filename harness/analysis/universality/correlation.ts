import { dot, errorTraces, spread, type UncertainPotential } from './potential-errors.js';

export interface Correlation {
	readonly method: 'Pearson, error variances taken out';
	/** in [−1, 1]: a value beyond, which errors can give, is cut; null with a reason */
	readonly value: number | null;
	/** before the cut */
	readonly uncut: number | null;
	/** two-sided 95 %, cut to [−1, 1] */
	readonly lower: number | null;
	readonly upper: number | null;
	/** Pearson correlation of the potentials as fitted, errors and all */
	readonly plain: number | null;
	readonly reason: string | null;
}

const METHOD = 'Pearson, error variances taken out';
/** 97.5 % point of the normal law. */
const Z95 = 1.959963984540054;

/**
 * Correlation of two potentials over the states they share, as it would be without errors of
 * estimation. The states are taken as they are, not as a sample of others.
 *
 * With u = U + d and x = X + e centred, errors of covariance Σ_a and Σ_b: S_aa = u′u − tr Σ_a,
 * S_bb = x′x − tr Σ_b, S_ab = u′x, r = S_ab / √(S_aa S_bb). The interval is by the delta method on the
 * three sums, whose covariances are Var S_aa = 4 U′Σ_aU + 2 tr Σ_a², Var S_ab = U′Σ_bU + X′Σ_aX + tr Σ_aΣ_b,
 * Cov(S_aa, S_ab) = 2 U′Σ_aX, the quadratic forms estimated without bias from u and x.
 *
 * @param a u and its information; S ≥ 3 states
 * @param b x, the same states
 * @param seed uint32, see `errorTraces`
 * @returns see `Correlation`; null where a potential does not differ between states by more than
 *   1.96 standard deviations of its errors' sum of squares
 * Source: correction for attenuation: Spearman, Am. J. Psychol. 15, 72 (1904).
 *
 * @example both potentials [−1, 0, 1] with information 100 on every pair: value 1
 */
export function correlationOf(
	a: UncertainPotential,
	b: UncertainPotential,
	seed: number,
): Correlation {
	const u = a.potential;
	const x = b.potential;
	const sums = { aa: dot(u, u), bb: dot(x, x), ab: dot(u, x) };
	const plain = sums.aa > 0 && sums.bb > 0 ? sums.ab / Math.sqrt(sums.aa * sums.bb) : null;
	const { single, product } = errorTraces([a, b], seed);
	const signal = { aa: sums.aa - single[0]!, bb: sums.bb - single[1]!, ab: sums.ab };
	for (const [which, size, noise] of [
		['first', signal.aa, product[0]![0]!],
		['second', signal.bb, product[1]![1]!],
	] as const) {
		if (size > Z95 * Math.sqrt(2 * noise)) continue;
		const reason = `the ${which} potential does not differ between states beyond its errors`;
		return { method: METHOD, value: null, uncut: null, lower: null, upper: null, plain, reason };
	}
	const uncut = signal.ab / Math.sqrt(signal.aa * signal.bb);
	const error = standardError({ a, b, product, signal, r: uncut });
	return {
		method: METHOD,
		value: cut(uncut),
		uncut,
		lower: cut(uncut - Z95 * error),
		upper: cut(uncut + Z95 * error),
		plain,
		reason: null,
	};
}

const cut = (r: number): number => Math.max(-1, Math.min(1, r));

interface Parts {
	readonly a: UncertainPotential;
	readonly b: UncertainPotential;
	readonly product: readonly (readonly number[])[];
	readonly signal: { readonly aa: number; readonly bb: number; readonly ab: number };
	readonly r: number;
}

function standardError({ a, b, product, signal, r }: Parts): number {
	const u = a.potential;
	const x = b.potential;
	const [au, ax, bu, bx] = [spread(a, u), spread(a, x), spread(b, u), spread(b, x)];
	const noise = { aa: product[0]![0]!, bb: product[1]![1]!, ab: product[0]![1]! };
	const { aa, bb } = signal;
	const root = Math.sqrt(aa * bb);
	// Unbiased: u′Σ_au has mean U′Σ_aU + tr Σ_a², and so on.
	const varAa = Math.max(2 * noise.aa, 4 * dot(u, au) - 2 * noise.aa);
	const varBb = Math.max(2 * noise.bb, 4 * dot(x, bx) - 2 * noise.bb);
	const varAb = Math.max(noise.ab, dot(u, bu) + dot(x, ax) - noise.ab);
	const mixed = (2 * dot(u, ax)) / aa + (2 * dot(x, bu)) / bb;
	const variance =
		varAb / (aa * bb) + (r * r * (varAa / (aa * aa) + varBb / (bb * bb))) / 4 - (r * mixed) / root;
	// At r = 1 the first orders cancel; what no signal can cancel remains.
	const least = noise.ab / (aa * bb) + (r * r * (noise.aa / (aa * aa) + noise.bb / (bb * bb))) / 2;
	return Math.sqrt(Math.max(least, variance));
}
