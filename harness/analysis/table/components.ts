/** What of the directed graph of observed transitions can be run in a closed loop. */
import type { CountTable } from './counts.js';
import { type Incoming, incoming } from './incoming.js';

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
	const P = all.low.length;
	const inner = new Int32Array(P);
	let inside = 0;
	let twoWay = 0;
	for (let i = 0; i < P; i++) {
		if (all.up[i]! > 0 && all.down[i]! > 0) twoWay += 1;
		if (of[all.low[i]!] === of[all.high[i]!]) inner[inside++] = i;
	}
	return {
		of,
		members,
		inner: inside === P ? all : pick(all, inner.subarray(0, inside)),
		pairs: { twoWay, oneWay: P - twoWay, between: P - inside },
		independentLoops: inside - of.length + members.length,
	};
}

/**
 * All pairs of a table that were seen in either direction: for each state, the higher states it
 * leads to and those it is reached from are two ascending lists, merged.
 */
export function pairsOf(table: CountTable): Pairs {
	const into = incoming(table);
	let size = 0;
	eachPair(table, into, () => {
		size += 1;
	});
	const low = new Int32Array(size);
	const high = new Int32Array(size);
	const up = new Float64Array(size);
	const down = new Float64Array(size);
	let at = 0;
	eachPair(table, into, (f, g, out, back) => {
		low[at] = f;
		high[at] = g;
		up[at] = out < 0 ? 0 : table.count[out]!;
		down[at] = back < 0 ? 0 : into.count[back]!;
		at += 1;
	});
	return { low, high, up, down };
}

type VisitPair = (low: number, high: number, out: number, back: number) => void;

/** Pairs f < g by (f, g), with the entries of f → g and g → f, −1 for one that was not seen. */
function eachPair({ rowStart, target }: CountTable, into: Incoming, visit: VisitPair): void {
	for (let f = 0; f + 1 < rowStart.length; f++) {
		const outEnd = rowStart[f + 1]!;
		const backEnd = into.start[f + 1]!;
		let out = rowStart[f]!;
		let back = into.start[f]!;
		while (out < outEnd && target[out]! < f) out += 1;
		while (back < backEnd && into.source[back]! < f) back += 1;
		while (out < outEnd || back < backEnd) {
			const g = out < outEnd ? target[out]! : Infinity;
			const h = back < backEnd ? into.source[back]! : Infinity;
			visit(f, Math.min(g, h), g <= h ? out : -1, h <= g ? back : -1);
			if (g <= h) out += 1;
			if (h <= g) back += 1;
		}
	}
}

function pick(pairs: Pairs, chosen: Int32Array): Pairs {
	return {
		low: chosen.map((i) => pairs.low[i]!),
		high: chosen.map((i) => pairs.high[i]!),
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
	const names = new Int32Array(of.length).fill(-1);
	let known = 0;
	return of.map((component) => {
		if (names[component] === -1) names[component] = known++;
		return names[component]!;
	});
}

function groupStates(of: Int32Array): Int32Array[] {
	const size = new Int32Array(of.reduce((most, c) => Math.max(most, c), -1) + 1);
	for (const c of of) size[c]! += 1;
	const members = Array.from(size, (n) => new Int32Array(n));
	size.fill(0);
	for (const [f, c] of of.entries()) members[c]![size[c]!++] = f;
	return members;
}
