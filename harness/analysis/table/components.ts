/** What of the directed graph of observed transitions can be run in a closed loop. */
import type { CountTable } from './counts.js';

/** Unordered pairs {f, g} with n_fg = C_fg + C_gf > 0, f < g, sorted by (f, g). */
export interface Pairs {
	/** f, length P */
	readonly low: Int32Array;
	/** g, length P */
	readonly high: Int32Array;
	/** C_fg, length P */
	readonly up: Float64Array;
	/** C_gf, length P */
	readonly down: Float64Array;
}

export interface Components {
	/** strongly connected component of each state, numbered by lowest state */
	readonly of: Int32Array;
	/** states of each component, ascending */
	readonly members: readonly Int32Array[];
	/** pairs with both ends in one component: the only ones a loop can use */
	readonly inner: Pairs;
	/** pairs seen in both directions, one direction, and between components (these are one-way) */
	readonly pairs: { readonly twoWay: number; readonly oneWay: number; readonly between: number };
	/** Σ over components of (pairs inside) − (states) + 1 */
	readonly independentLoops: number;
}

/**
 * Strongly connected components, pairs and independent loops of a count table.
 *
 * @param table K states
 * @returns see `Components`
 * Source: Tarjan, SIAM J. Comput. 1, 146 (1972), without recursion.
 *
 * @example for A ⇄ B ⇄ C (a star): one component, twoWay 2, independentLoops 0
 */
export function findComponents(table: CountTable): Components {
	const of = numberByLowestState(stronglyConnected(table.rowStart, table.target));
	const members = groupStates(of);
	const all = pairsOf(table);
	const inner: number[] = [];
	let twoWay = 0;
	for (let i = 0; i < all.low.length; i++) {
		if (all.up[i]! > 0 && all.down[i]! > 0) twoWay += 1;
		if (of[all.low[i]!] === of[all.high[i]!]) inner.push(i);
	}
	return {
		of,
		members,
		inner: pick(all, inner),
		pairs: {
			twoWay,
			oneWay: all.low.length - twoWay,
			between: all.low.length - inner.length,
		},
		independentLoops: inner.length - of.length + members.length,
	};
}

/** All pairs of a table that were seen in either direction. */
export function pairsOf(table: CountTable): Pairs {
	const { rowStart, target, count } = table;
	const K = table.states.length;
	const down = new Map<number, number>();
	const found: { low: number; high: number; up: number }[] = [];
	for (let f = 0; f < K; f++) {
		for (let i = rowStart[f]!; i < rowStart[f + 1]!; i++) {
			const g = target[i]!;
			if (g > f) found.push({ low: f, high: g, up: count[i]! });
			else down.set(g * K + f, count[i]!);
		}
	}
	const known = new Set(found.map(({ low, high }) => low * K + high));
	for (const key of down.keys()) {
		if (!known.has(key)) found.push({ low: Math.floor(key / K), high: key % K, up: 0 });
	}
	found.sort((a, b) => a.low - b.low || a.high - b.high);
	return {
		low: Int32Array.from(found, (pair) => pair.low),
		high: Int32Array.from(found, (pair) => pair.high),
		up: Float64Array.from(found, (pair) => pair.up),
		down: Float64Array.from(found, (pair) => down.get(pair.low * K + pair.high) ?? 0),
	};
}

function pick(pairs: Pairs, chosen: readonly number[]): Pairs {
	return {
		low: Int32Array.from(chosen, (i) => pairs.low[i]!),
		high: Int32Array.from(chosen, (i) => pairs.high[i]!),
		up: Float64Array.from(chosen, (i) => pairs.up[i]!),
		down: Float64Array.from(chosen, (i) => pairs.down[i]!),
	};
}

/** Tarjan's algorithm over a compressed graph; component numbers in order of completion. */
function stronglyConnected(rowStart: Int32Array, target: Int32Array): Int32Array {
	const K = rowStart.length - 1;
	const of = new Int32Array(K).fill(-1);
	const order = new Int32Array(K).fill(-1);
	const lowest = new Int32Array(K);
	const next = rowStart.slice(0, K);
	const open: number[] = [];
	const path: number[] = [];
	let visited = 0;
	let found = 0;

	const enter = (f: number): void => {
		order[f] = visited;
		lowest[f] = visited;
		visited += 1;
		open.push(f);
		path.push(f);
	};
	const leave = (f: number): void => {
		path.pop();
		const parent = path.at(-1);
		if (parent !== undefined) lowest[parent] = Math.min(lowest[parent]!, lowest[f]!);
		if (lowest[f] !== order[f]) return;
		for (let g = -1; g !== f; ) {
			g = open.pop()!;
			of[g] = found;
		}
		found += 1;
	};

	for (let root = 0; root < K; root++) {
		if (order[root] !== -1) continue;
		enter(root);
		while (path.length > 0) {
			const f = path.at(-1)!;
			if (next[f]! === rowStart[f + 1]!) leave(f);
			else {
				const g = target[next[f]!++]!;
				if (order[g] === -1) enter(g);
				else if (of[g] === -1) lowest[f] = Math.min(lowest[f]!, order[g]!);
			}
		}
	}
	return of;
}

function numberByLowestState(of: Int32Array): Int32Array {
	const names = new Map<number, number>();
	return of.map((component) => {
		if (!names.has(component)) names.set(component, names.size);
		return names.get(component)!;
	});
}

function groupStates(of: Int32Array): Int32Array[] {
	const members: number[][] = [];
	for (const [f, component] of of.entries()) {
		const states = members[component] ?? [];
		states.push(f);
		members[component] = states;
	}
	return members.map((states) => Int32Array.from(states));
}
