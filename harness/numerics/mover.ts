/** An estimate ≥ 0 with its confidence interval, lower ≤ value ≤ upper. */
export interface Bounded {
	readonly value: number;
	readonly lower: number;
	readonly upper: number;
}

/**
 * The sum of independent estimates with its interval: from each limit the distances to the estimates
 * are added in quadrature.
 *
 * @param terms at least one
 * @returns Σ value, and its limits
 * Source: Zou, Donner, Stat. Med. 27, 1693 (2008), eq. 5 (MOVER).
 *
 * @example sumInterval([{ value: 5, lower: 2, upper: 9 }, { value: 7, lower: 3, upper: 10 }])
 *   // value 12, lower 7, upper 17
 */
export function sumInterval(terms: readonly Bounded[]): Bounded {
	let value = 0;
	let below = 0;
	let above = 0;
	for (const term of terms) {
		value += term.value;
		below += (term.value - term.lower) ** 2;
		above += (term.upper - term.value) ** 2;
	}
	return { value, lower: Math.max(0, value - Math.sqrt(below)), upper: value + Math.sqrt(above) };
}

/**
 * The share part / (part + rest) of two estimates, with its interval: the shares s at which the interval
 * of (1 − s) part − s rest just reaches 0.
 *
 * @param part and
 * @param rest not both 0
 * @param correlation of the two, in (−1, 1)
 * @returns the share and its limits, in [0, 1]; null where part and rest are 0
 * Source: Zou, Donner, Stat. Med. 27, 1693 (2008), eq. 5 with a correlation, solved for s as for a ratio:
 *   Donner, Zou, Stat. Methods Med. Res. 21, 347 (2012).
 *
 * @example shareInterval({ value: 1, lower: 1, upper: 1 }, { value: 3, lower: 3, upper: 3 }, 0)
 *   // value, lower and upper 0.25
 */
export function shareInterval(part: Bounded, rest: Bounded, correlation: number): Bounded | null {
	const total = part.value + rest.value;
	if (!(total > 0)) return null;
	const value = part.value / total;
	const excess = (s: number): number => (1 - s) * part.value - s * rest.value;
	const reach = (a: number, b: number): number =>
		Math.sqrt(Math.max(0, a * a - 2 * correlation * a * b + b * b));
	// The lower end of that difference is concave in s and not negative at 0, the upper end convex.
	const low = (s: number): number =>
		excess(s) - reach((1 - s) * (part.value - part.lower), s * (rest.upper - rest.value));
	const high = (s: number): number =>
		excess(s) + reach((1 - s) * (part.upper - part.value), s * (rest.value - rest.lower));
	return { value, lower: change(low, value), upper: change(high, 1) };
}

/** Where f ceases to be positive in [0, end]: 0 if it never is, `end` if it does not. */
function change(f: (s: number) => number, end: number): number {
	if (!(f(0) > 0)) return 0;
	if (f(end) > 0) return end;
	let before = 0;
	let after = end;
	for (let i = 0; i < 60; i++) {
		const middle = (before + after) / 2;
		if (f(middle) > 0) before = middle;
		else after = middle;
	}
	return after;
}
