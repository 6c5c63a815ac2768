/** Two potentials of exact kernels beside each other. */
import { type ScoredKernel, type ScoredSubject, squarePart } from './kernel.js';
import type { ScoredPotential } from './potential.js';

/** One exact kernel, and its potential as `analyseScored` found it. */
export interface ScoredSide {
	readonly subject: ScoredSubject;
	/** one for each source, in order */
	readonly potential: readonly Pick<ScoredPotential, 'state' | 'value'>[];
}

/** Potentials on the states that have one in both, each less its mean over them. */
export interface PotentialLikeness {
	readonly states: number;
	/** Pearson's r; null with fewer than three states, or where one potential is flat */
	readonly correlation: number | null;
	/** least squares slope of the second over the first; null likewise */
	readonly slope: number | null;
	/** rms ΔV, nats */
	readonly rms: number;
	/** largest |ΔV|, nats */
	readonly largest: number;
	/** the state of the largest one */
	readonly state: string;
}

/** Fewer states say nothing of a correlation. */
const FEWEST = 3;
/** Potentials that vary by less, in nats, are flat but for rounding. */
const FLAT = 1e-12;

/**
 * Compares two potentials on the largest set of states that pairs found both ways connect in both kernels:
 * each potential has a zero of its own for every such set.
 *
 * @param first a kernel with its potential, one for each source
 * @param second another one
 * @returns see `PotentialLikeness`; null where no two states can be compared
 */
export function potentialLikeness(first: ScoredSide, second: ScoredSide): PotentialLikeness | null {
	const other = new Map(second.potential.map(({ state, value }, k) => [state, { value, k }]));
	const [parts, otherParts] = [partsOf(first.subject.base), partsOf(second.subject.base)];
	const sets = new Map<string, { state: string; x: number; y: number }[]>();
	for (const [i, { state, value: x }] of first.potential.entries()) {
		const there = other.get(state);
		if (x === null || there === undefined || there.value === null) continue;
		const key = `${parts[i]} ${otherParts[there.k]}`;
		sets.set(key, [...(sets.get(key) ?? []), { state, x, y: there.value }]);
	}
	const both = [...sets.values()].reduce((a, b) => (b.length > a.length ? b : a), []);
	return both.length < 2 ? null : alike(both);
}

function alike(
	states: readonly { readonly state: string; readonly x: number; readonly y: number }[],
): PotentialLikeness {
	const n = states.length;
	const mean = (of: (k: number) => number): number =>
		states.reduce((sum, _, k) => sum + of(k), 0) / n;
	const [meanX, meanY] = [mean((k) => states[k]!.x), mean((k) => states[k]!.y)];
	let [xx, yy, xy, dd, largest, state] = [0, 0, 0, 0, -1, ''];
	for (const one of states) {
		const [x, y] = [one.x - meanX, one.y - meanY];
		xx += x * x;
		yy += y * y;
		xy += x * y;
		dd += (y - x) ** 2;
		if (Math.abs(y - x) > largest) [largest, state] = [Math.abs(y - x), one.state];
	}
	const flat = (square: number): boolean => Math.sqrt(square / n) <= FLAT;
	const known = n >= FEWEST && !flat(xx) && !flat(yy);
	return {
		states: n,
		correlation: known ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : null,
		slope: known ? xy / xx : null,
		rms: Math.sqrt(dd / n),
		largest,
		state,
	};
}

/** The set of each source among those that pairs found both ways connect, as the number of one of it. */
function partsOf(kernel: ScoredKernel): Int32Array {
	const { states, found } = squarePart(kernel);
	const m = states.length;
	const part = new Int32Array(m).fill(-1);
	for (let start = 0; start < m; start++) {
		if (part[start] !== -1) continue;
		part[start] = start;
		const open = [start];
		for (let f = open.pop(); f !== undefined; f = open.pop()) {
			for (let g = 0; g < m; g++) {
				const both = found[f * m + g]! > -Infinity && found[g * m + f]! > -Infinity;
				if (part[g] !== -1 || !both) continue;
				part[g] = start;
				open.push(g);
			}
		}
	}
	return part;
}
