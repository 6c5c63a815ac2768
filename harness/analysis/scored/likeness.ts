/** How far apart two exact kernels are: row by row, transition by transition, and by their potentials. */
import { checkScored, type ScoredKernel, type ScoredSubject, type Uncertain } from './kernel.js';
import {
	type PotentialLikeness,
	potentialLikeness,
	type ScoredSide,
} from './potential-likeness.js';

export type { PotentialLikeness, ScoredSide } from './potential-likeness.js';

/** Total variation distance between the rows of equal sources. */
export interface RowDistances {
	/**
	 * over the shared sources, every source alike. `leftOut`: the mass that was left out of both moves it by
	 * no more; `jitter`: nor do the other evaluation shapes (null where one kernel has none)
	 */
	readonly mean: Uncertain;
	readonly largest: number;
	/** the source of the largest one */
	readonly source: string;
}

/** log T of the second kernel less that of the first, over transitions to another state found in both. */
export interface LogDifference {
	/** nats */
	readonly rms: number;
	/** |Δ|, nats */
	readonly largest: number;
	/** of the largest one: from, to */
	readonly transition: readonly [string, string];
	readonly transitions: number;
}

/** Two exact kernels beside each other. There is no sampling noise, and so no test. */
export interface ScoredLikeness {
	/** states that are sources in both */
	readonly sources: number;
	/** states that are sources or targets in both */
	readonly states: number;
	/** states that one kernel has and the other has not: there they are one outcome with all that is no state */
	readonly onlyFirst: number;
	readonly onlySecond: number;
	readonly totalVariation: RowDistances | null;
	readonly logRatio: LogDifference | null;
	/** transitions to another state, between shared states, found in one kernel alone */
	readonly foundOnce: number;
	readonly potential: PotentialLikeness | null;
	/** why nothing could be compared */
	readonly reason: string | null;
}

/**
 * Compares two exact kernels on the states they share.
 *
 * For each shared source TV = ½ Σ |p − q| over the shared states (the source itself, the self outcome,
 * among them) and one outcome for all else. Where the states are not the same this is a lower bound of
 * the distance, since joining outcomes never takes laws further apart. Each true T lies in
 * [found, bound], so with r what a row lacks to 1 the mass left out moves its TV by at most
 * min(r, Σ (bound − found)) of either kernel; by the triangle inequality another shape moves it by at most the
 * TV of the two shapes.
 *
 * @param first a kernel in all its shapes, with its potential
 * @param second another one
 * @returns see `ScoredLikeness`
 * @throws TypeError, RangeError if a kernel is none (`checkScored`), or has not one potential per source
 * Source: Levin, Peres, Markov Chains and Mixing Times (2017), proposition 4.2 (TV as half the sum).
 *
 * @example rings of three, T 0.4 on and 0.2 back, against 0.2 on and 0.4 back: mean TV 0.2, rms |Δ log T| log 2
 */
export function scoredLikeness(first: ScoredSide, second: ScoredSide): ScoredLikeness {
	for (const side of [first, second]) check(side);
	const shared = align(first.subject.base, second.subject.base);
	const { states, sources } = shared;
	const counts = {
		sources: sources.length,
		states: states.length,
		onlyFirst: first.subject.base.states.length - states.length,
		onlySecond: second.subject.base.states.length - states.length,
	};
	const reason = sources.length === 0 ? 'no state is a source in both' : null;
	return {
		...counts,
		totalVariation: distances(first.subject, second.subject, shared),
		...differences(first.subject.base, second.subject.base, shared),
		potential: potentialLikeness(first, second),
		reason,
	};
}

function check({ subject, potential }: ScoredSide): void {
	checkScored(subject);
	const { states, sources } = subject.base;
	if (
		potential.length !== sources.length ||
		potential.some(({ state }, i) => state !== states[sources[i]!])
	) {
		throw new TypeError(
			`a potential must be given for each of the ${sources.length} sources, in order; got ${potential.length}`,
		);
	}
}

/** Positions in both kernels. */
interface Shared {
	/** of states: column in the first, in the second */
	readonly states: readonly (readonly [number, number])[];
	/** of sources: row in the first, in the second */
	readonly sources: readonly (readonly [number, number])[];
}

function align(a: ScoredKernel, b: ScoredKernel): Shared {
	const column = new Map(b.states.map((state, g) => [state, g]));
	const row = new Map(b.sources.map((f, i) => [b.states[f]!, i]));
	return {
		states: a.states.flatMap((state, g) => {
			const other = column.get(state);
			return other === undefined ? [] : [[g, other] as const];
		}),
		sources: a.sources.flatMap((f, i) => {
			const other = row.get(a.states[f]!);
			return other === undefined ? [] : [[i, other] as const];
		}),
	};
}

type Side = 0 | 1;

/** A row over the shared states, then all else; and how much of it may lie elsewhere. */
function lawOf(kernel: ScoredKernel, row: number, { states }: Shared, side: Side) {
	const start = row * kernel.states.length;
	const law = new Float64Array(states.length + 1);
	let [sum, open] = [0, 0];
	for (const [k, place] of states.entries()) {
		const at = start + place[side];
		const p = Math.exp(kernel.logFound[at]!);
		law[k] = p;
		sum += p;
		open += Math.exp(kernel.logBound[at]!) - p;
	}
	const rest = Math.max(0, 1 - sum);
	law[states.length] = rest;
	return { law, open: Math.min(rest, Math.max(0, open)) };
}

function variation(p: Float64Array, q: Float64Array): number {
	let sum = 0;
	for (let k = 0; k < p.length; k++) sum += Math.abs(p[k]! - q[k]!);
	return Math.min(1, sum / 2);
}

function distances(a: ScoredSubject, b: ScoredSubject, shared: Shared): RowDistances | null {
	const n = shared.sources.length;
	if (n === 0) return null;
	let [sum, leftOut, largest, worst] = [0, 0, -1, 0];
	for (const [i, k] of shared.sources) {
		const p = lawOf(a.base, i, shared, 0);
		const q = lawOf(b.base, k, shared, 1);
		const value = variation(p.law, q.law);
		sum += value;
		leftOut += p.open + q.open;
		if (value > largest) [largest, worst] = [value, i];
	}
	const [x, y] = [jitterOf(a, shared, 0), jitterOf(b, shared, 1)];
	return {
		mean: {
			value: sum / n,
			jitter: x === null || y === null ? null : x + y,
			leftOut: leftOut / n,
		},
		largest,
		source: a.base.states[a.base.sources[worst]!]!,
	};
}

/** Largest mean distance of another shape of the same kernel. */
function jitterOf({ base, variants }: ScoredSubject, shared: Shared, side: Side): number | null {
	if (variants.length === 0) return null;
	return variants.reduce((most, variant) => {
		const sum = shared.sources.reduce((all, rows) => {
			const law = (kernel: ScoredKernel) => lawOf(kernel, rows[side], shared, side).law;
			return all + variation(law(base), law(variant));
		}, 0);
		return Math.max(most, sum / shared.sources.length);
	}, 0);
}

function differences(
	a: ScoredKernel,
	b: ScoredKernel,
	{ states, sources }: Shared,
): Pick<ScoredLikeness, 'logRatio' | 'foundOnce'> {
	let [squares, n, foundOnce, largest] = [0, 0, 0, -1];
	let transition: readonly [string, string] = ['', ''];
	for (const [i, k] of sources) {
		const f = a.sources[i]!;
		for (const [g, h] of states) {
			if (g === f) continue;
			const x = a.logFound[i * a.states.length + g]!;
			const y = b.logFound[k * b.states.length + h]!;
			if (x === -Infinity || y === -Infinity) {
				if (x !== y) foundOnce += 1;
				continue;
			}
			const size = Math.abs(y - x);
			squares += size * size;
			n += 1;
			if (size > largest) [largest, transition] = [size, [a.states[f]!, a.states[g]!]];
		}
	}
	if (n === 0) return { logRatio: null, foundOnce };
	return {
		logRatio: { rms: Math.sqrt(squares / n), largest, transition, transitions: n },
		foundOnce,
	};
}
