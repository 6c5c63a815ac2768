/** The states on which several kernels can be compared. */
import { type Components, findComponents } from '../table/components.js';
import type { CountTable } from '../table/counts.js';

export interface Comparable {
	readonly table: CountTable;
	/** of the same table */
	readonly components: Components;
}

/** Pair counts of M groups over S shared states, all groups one after another; P pairs in all. */
export interface SharedPairs {
	/** S */
	readonly nodes: number;
	/** M */
	readonly groups: number;
	/** length M + 1: the pairs of group m are start[m] … start[m + 1] − 1 */
	readonly start: Int32Array;
	/** number of the group of each pair, length P */
	readonly group: Int32Array;
	/** f < g, shared states, length P */
	readonly low: Int32Array;
	readonly high: Int32Array;
	/** C_fg and C_gf, length P */
	readonly up: Float64Array;
	readonly down: Float64Array;
	/** log(C_f / C_g) of all attempts, length P */
	readonly offset: Float64Array;
	/** C_f of each group, length S; null where it is a convention */
	readonly attempts: readonly (Float64Array | null)[];
}

export interface SharedPart {
	/** names of the S shared states, in binary order */
	readonly states: readonly string[];
	readonly pairs: SharedPairs;
}

/**
 * The largest set of states that is strongly connected in every group by transitions among
 * themselves: there each group has a bounded potential of its own. Found by restricting every table
 * to the states they share and splitting by components, until nothing changes; of sets equally
 * large, the one with the first state in binary order.
 *
 * @param groups M ≥ 1 tables
 * @returns the part; no states where no two can be compared
 *
 * @example A ⇄ B ⇄ C → D in one, A ⇄ B ⇄ C ⇄ D in another: A, B, C
 */
export function sharedPart(groups: readonly Comparable[]): SharedPart {
	let parts: readonly Comparable[] = groups;
	for (;;) {
		const states = largestShared(parts);
		if (states.length < 2) return { states: [], pairs: joinPairs([]) };
		if (parts.every(({ table }) => table.states.length === states.length)) {
			return { states, pairs: joinPairs(parts) };
		}
		parts = parts.map(({ table }) => {
			const kept = restrict(table, states);
			return { table: kept, components: findComponents(kept) };
		});
	}
}

/** The largest set of states that lie, in every group, in one component. */
function largestShared(groups: readonly Comparable[]): string[] {
	const [first, ...others] = groups;
	if (first === undefined) return [];
	const indices = others.map(({ table }) => new Map(table.states.map((name, f) => [name, f])));
	const sets = new Map<string, string[]>();
	for (const [f, name] of first.table.states.entries()) {
		const places = others.map(({ components }, m) => {
			const g = indices[m]!.get(name);
			return g === undefined ? -1 : components.of[g]!;
		});
		if (places.includes(-1)) continue;
		const key = [first.components.of[f]!, ...places].join(' ');
		const set = sets.get(key);
		if (set === undefined) sets.set(key, [name]);
		else set.push(name);
	}
	let largest: string[] = [];
	for (const set of sets.values()) if (set.length > largest.length) largest = set;
	return largest;
}

/** The table of some of its states; attempts stay what they were. */
function restrict(table: CountTable, states: readonly string[]): CountTable {
	const wanted = new Set(states);
	const kept = [...table.states.keys()].filter((f) => wanted.has(table.states[f]!));
	const place = new Int32Array(table.states.length).fill(-1);
	for (const [i, f] of kept.entries()) place[f] = i;
	const rowStart = new Int32Array(kept.length + 1);
	const target: number[] = [];
	const count: number[] = [];
	for (const [i, f] of kept.entries()) {
		for (let at = table.rowStart[f]!; at < table.rowStart[f + 1]!; at++) {
			const g = place[table.target[at]!]!;
			if (g === -1) continue;
			target.push(g);
			count.push(table.count[at]!);
		}
		rowStart[i + 1] = target.length;
	}
	return {
		...table,
		states: kept.map((f) => table.states[f]!),
		attempts: Float64Array.from(kept, (f) => table.attempts[f]!),
		self: Float64Array.from(kept, (f) => table.self[f]!),
		rowStart,
		target: Int32Array.from(target),
		count: Float64Array.from(count),
	};
}

function joinPairs(groups: readonly Comparable[]): SharedPairs {
	const sizes = groups.map(({ components }) => components.inner.low.length);
	const start = new Int32Array(groups.length + 1);
	for (const [m, size] of sizes.entries()) start[m + 1] = start[m]! + size;
	const P = start[groups.length]!;
	const joined = {
		group: new Int32Array(P),
		low: new Int32Array(P),
		high: new Int32Array(P),
		up: new Float64Array(P),
		down: new Float64Array(P),
		offset: new Float64Array(P),
	};
	for (const [m, { table, components }] of groups.entries()) {
		const { low, high, up, down } = components.inner;
		const at = start[m]!;
		joined.group.fill(m, at, at + low.length);
		joined.low.set(low, at);
		joined.high.set(high, at);
		joined.up.set(up, at);
		joined.down.set(down, at);
		for (let i = 0; i < low.length; i++) {
			const odds = table.attempts[low[i]!]! / table.attempts[high[i]!]!;
			joined.offset[at + i] = Math.log(odds);
		}
	}
	const attempts = groups.map(({ table }) => (table.attemptsRecorded ? table.attempts : null));
	const nodes = groups[0]?.table.states.length ?? 0;
	return { nodes, groups: groups.length, start, ...joined, attempts };
}
