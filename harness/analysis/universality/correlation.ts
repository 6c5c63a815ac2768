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
	/** whether each potential differs between states by no more than its errors allow */
	readonly flat: readonly [boolean, boolean];
	readonly reason: string | null;
}

const METHOD = 'Pearson, error variances taken out';
const FIRST = 'the first potential does not differ';
const SECOND = 'the second potential does not differ';
/** 97.5 % point of the normal law. */
const Z95 = 1.959963984540054;

/**
 * Correlation of two potentials over the states they share, as it would be without errors of
 * estimation. The states are taken as they are, not as a sample of others.
 *
 * With u = U + d and x = X + e centred, errors of covariance Σ_a and Σ_b: S_aa = u′u − tr Σ_a,
 * S_bb = x′x − tr Σ_b, S_ab = u′x, r = S_ab / √(S_aa S_bb). The interval holds the ρ with |r − ρ| ≤ 1.96 s(ρ),
 * s² = (1 − ρ²) (U′Σ_bU + X′Σ_aX) / S_aaS_bb + tr Σ_aΣ_b / S_aaS_bb + ρ² (tr Σ_a² / S_aa² + tr Σ_b² / S_bb²) / 2: the
 * delta method to second order, for errors of equal variance on all states; quadratic forms are
 * estimated without bias from u and x. Near ρ = 1 the law of r is skewed, which r ± 1.96 s(r) would miss.
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
	const flat = [isFlat(signal.aa, product[0]![0]!), isFlat(signal.bb, product[1]![1]!)] as const;
	if (flat[0] || flat[1]) {
		const which = flat[0] ? (flat[1] ? 'neither potential differs' : FIRST) : SECOND;
		const reason = `${which} between states beyond its errors`;
		const none = { value: null, uncut: null, lower: null, upper: null };
		return { method: METHOD, ...none, plain, flat, reason };
	}
	const uncut = signal.ab / Math.sqrt(signal.aa * signal.bb);
	const variance = varianceAt({ a, b, product, signal });
	const outside = (rho: number): boolean => (uncut - rho) ** 2 > Z95 * Z95 * variance(rho);
	return {
		method: METHOD,
		value: cut(uncut),
		uncut,
		lower: edge(outside, cut(uncut), -1),
		upper: edge(outside, cut(uncut), 1),
		plain,
		flat,
		reason: null,
	};
}

/** A sum of squares that pure errors would reach. */
const isFlat = (signal: number, noise: number): boolean => !(signal > Z95 * Math.sqrt(2 * noise));

const cut = (r: number): number => Math.max(-1, Math.min(1, r));

/** Where the interval ends, going from inside it to `end`. */
function edge(outside: (rho: number) => boolean, inside: number, end: -1 | 1): number {
	// A value cut at 1 may itself be outside of what a value beyond 1 allows.
	if (outside(inside) || !outside(end)) return outside(inside) ? inside : end;
	let near = inside;
	let far: number = end;
	for (let i = 0; i < 50; i++) {
		const middle = (near + far) / 2;
		if (outside(middle)) far = middle;
		else near = middle;
	}
	return far;
}

interface Parts {
	readonly a: UncertainPotential;
	readonly b: UncertainPotential;
	readonly product: readonly (readonly number[])[];
	readonly signal: { readonly aa: number; readonly bb: number };
}

/** s² as a function of ρ. */
function varianceAt({ a, b, product, signal }: Parts): (rho: number) => number {
	const { aa, bb } = signal;
	const noise = { aa: product[0]![0]!, bb: product[1]![1]!, ab: product[0]![1]! };
	// u′Σ_bu has mean U′Σ_bU + tr Σ_aΣ_b.
	const crossed =
		dot(a.potential, spread(b, a.potential)) + dot(b.potential, spread(a, b.potential));
	const first = Math.max(0, crossed - 2 * noise.ab) / (aa * bb);
	const second = noise.ab / (aa * bb);
	const own = (noise.aa / (aa * aa) + noise.bb / (bb * bb)) / 2;
	return (rho) => (1 - rho * rho) * first + second + rho * rho * own;
}
