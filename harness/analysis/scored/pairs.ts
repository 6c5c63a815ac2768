/** Which transitions between the states were found, and what can be run in a loop. */
import { type Components, findComponents } from '../table/components.js';
import type { CountTable } from '../table/counts.js';
import type { Square } from './kernel.js';

/** The graphs of a square kernel in all its evaluation shapes; pairs are unordered, f < g. */
export interface ScoredPairs {
	/** transitions found, as a table of ones */
	readonly table: CountTable;
	/** of the transitions found */
	readonly components: Components;
	/** of the pairs found both ways alone */
	readonly twoWay: Components;
	/**
	 * pairs inside a strongly connected component with a transition one way and, in every shape, a
	 * probability of exactly 0 the other way: no loop over them can be balanced
	 */
	readonly oneWay: number;
	/**
	 * pairs found one way only where the other way is not known to be 0: up to its bound it may be
	 * anything
	 */
	readonly open: number;
	/** pairs found neither way in `base`, where mass was left out that could be one */
	readonly unfound: number;
}

/**
 * Sorts the pairs of a kernel.
 *
 * @param squares the base first, then its variants
 * @returns see `ScoredPairs`
 *
 * @example 0.4 both ways between A and B, A → C 0.1 and C → A 0: components {A, B}, {C}; oneWay 0, open 0
 */
export function scoredPairs(squares: readonly Square[]): ScoredPairs {
	const { states, found, bound } = squares[0]!;
	const m = states.length;
	const there = (f: number, g: number): boolean => found[f * m + g]! > -Infinity;
	const table = presence(states, there);
	const components = findComponents(table);
	const zero = (f: number, g: number): boolean =>
		squares.every((square) => square.bound[f * m + g] === -Infinity);
	const everThere = (f: number, g: number): boolean =>
		squares.every((square) => square.found[f * m + g]! > -Infinity);
	const counts = { oneWay: 0, open: 0, unfound: 0 };
	for (let f = 0; f < m; f++) {
		for (let g = f + 1; g < m; g++) {
			const [out, back] = [there(f, g), there(g, f)];
			if (out && back) continue;
			if (!out && !back) {
				if (bound[f * m + g]! > -Infinity || bound[g * m + f]! > -Infinity) counts.unfound += 1;
				continue;
			}
			const [from, to] = out ? [f, g] : [g, f];
			if (!zero(to, from) || !everThere(from, to)) counts.open += 1;
			else if (components.of[f] === components.of[g]) counts.oneWay += 1;
		}
	}
	const both = presence(states, (f, g) => there(f, g) && there(g, f));
	return { table, components, twoWay: findComponents(both), ...counts };
}

/** A table with a count of one for every transition there is. */
function presence(states: readonly string[], there: (f: number, g: number) => boolean): CountTable {
	const m = states.length;
	const rowStart = new Int32Array(m + 1);
	const target: number[] = [];
	for (let f = 0; f < m; f++) {
		for (let g = 0; g < m; g++) if (g !== f && there(f, g)) target.push(g);
		rowStart[f + 1] = target.length;
	}
	return {
		states,
		attempts: new Float64Array(m).fill(1),
		attemptsRecorded: true,
		rowStart,
		target: Int32Array.from(target),
		count: new Float64Array(target.length).fill(1),
		self: new Float64Array(m),
		outcomes: { valid: target.length, self: 0, invalid: 0, unparsable: 0, truncated: 0 },
	};
}
