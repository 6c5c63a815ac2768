/** Transition kernels scored from a model's own laws, checked, and their square part. */

/** A transition kernel scored from a model's own laws: no sampling noise, but mass that was not followed to its end. */
export interface ScoredKernel {
	/** every state that is a source or a target, binary order */
	readonly states: readonly string[];
	/** numbers of the states that were sources, ascending */
	readonly sources: readonly number[];
	/**
	 * log T(states[g] | states[sources[i]]), nats, from the mass found: a lower bound; −Infinity where none
	 * was. Row-major sources × states; g = source itself is the self outcome
	 */
	readonly logFound: Float64Array;
	/**
	 * log of an upper bound: mass found plus all mass left out that could still end in g; ≥ logFound. Equal
	 * where everything was followed
	 */
	readonly logBound: Float64Array;
}

/** One kernel, and the same kernel evaluated in other shapes (decode width, prompt split, …). */
export interface ScoredSubject {
	readonly base: ScoredKernel;
	/** same states and sources as `base`; none where no other shape was tried */
	readonly variants: readonly ScoredKernel[];
}

/** A kernel between its sources alone; m states, row-major m × m, the diagonal −Infinity. */
export interface Square {
	readonly states: readonly string[];
	/** log T found, nats */
	readonly found: Float64Array;
	/** upper bound of log T, nats */
	readonly bound: Float64Array;
}

/** Rounding of a sum of probabilities that is 1. */
const ABOVE_ONE = 1e-6;

/**
 * Refuses what is no scored kernel, and variants that are of another one.
 *
 * @param subject the kernel in all its evaluation shapes
 * @throws TypeError if lengths do not fit together, or a variant has other states or sources
 * @throws RangeError if sources are not ascending numbers of states, an entry is NaN or above 0, or a
 *   bound lies below what was found
 */
export function checkScored({ base, variants }: ScoredSubject): void {
	checkKernel(base, 'the kernel');
	for (const [i, variant] of variants.entries()) {
		const name = `variant ${i + 1}`;
		checkKernel(variant, name);
		if (!same(variant.states, base.states)) {
			throw new TypeError(`${name} has other states than the kernel: score the same set again`);
		}
		if (!same(variant.sources, base.sources)) {
			throw new TypeError(`${name} has other sources than the kernel: score the same set again`);
		}
	}
}

function checkKernel({ states, sources, logFound, logBound }: ScoredKernel, name: string): void {
	const entries = states.length * sources.length;
	for (const [what, log] of [
		['logFound', logFound],
		['logBound', logBound],
	] as const) {
		if (log.length !== entries) {
			throw new TypeError(
				`${what} of ${name} must have ${sources.length} × ${states.length} entries, has ${log.length}`,
			);
		}
	}
	for (const [i, f] of sources.entries()) {
		const before = i === 0 ? -1 : sources[i - 1]!;
		if (!Number.isInteger(f) || f <= before || f >= states.length) {
			throw new RangeError(
				`sources of ${name} must be ascending numbers below ${states.length}, got ${f} after ${before}`,
			);
		}
	}
	for (let i = 0; i < entries; i++) {
		if (logFound[i]! <= logBound[i]! && logBound[i]! <= ABOVE_ONE) continue;
		const f = states[sources[Math.floor(i / states.length)]!];
		throw new RangeError(
			`${name}, ${f} → ${states[i % states.length]}: log T found ${logFound[i]} and its bound ${logBound[i]} must be in order and at most 0`,
		);
	}
}

function same<T>(a: readonly T[], b: readonly T[]): boolean {
	return a.length === b.length && a.every((x, i) => x === b[i]);
}

/** The part of a kernel between states that were sources. */
export function squarePart({ states, sources, logFound, logBound }: ScoredKernel): Square {
	const m = sources.length;
	const found = new Float64Array(m * m).fill(-Infinity);
	const bound = new Float64Array(m * m).fill(-Infinity);
	for (let i = 0; i < m; i++) {
		for (let j = 0; j < m; j++) {
			if (i === j) continue;
			found[i * m + j] = logFound[i * states.length + sources[j]!]!;
			bound[i * m + j] = logBound[i * states.length + sources[j]!]!;
		}
	}
	return { states: sources.map((f) => states[f]!), found, bound };
}

/** A number with what numerics alone leave open. */
export interface Uncertain {
	readonly value: number;
	/**
	 * largest change of the value over the other evaluation shapes; null where none was tried or one of them
	 * leaves it without a value
	 */
	readonly jitter: number | null;
	/** |value at the bounds − value at the mass found|: an indication, no bound; null where it has none there */
	readonly leftOut: number | null;
}

/**
 * A quantity over all evaluations.
 *
 * @param squares the base first, then its variants
 * @param of the quantity of a kernel, given as log T; null where it has none
 * @returns null if it has none for what the base found
 */
export function overShapes(
	squares: readonly Square[],
	of: (log: Float64Array) => number | null,
): Uncertain | null {
	const [base, ...others] = squares as readonly [Square, ...Square[]];
	const value = of(base.found);
	if (value === null) return null;
	const left = of(base.bound);
	const values = others.map(({ found }) => of(found));
	return {
		value,
		jitter: largestChange(value, values),
		leftOut: left === null ? null : Math.abs(left - value),
	};
}

/** Largest |other − value|; null without others, or where one is not known. */
export function largestChange(value: number, others: readonly (number | null)[]): number | null {
	if (others.length === 0) return null;
	let most = 0;
	for (const other of others) {
		if (other === null) return null;
		most = Math.max(most, Math.abs(other - value));
	}
	return most;
}
