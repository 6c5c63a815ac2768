/** Where each state stands to the reference component: above, below, or apart. */
import { type Components, pairsOf } from './components.js';
import type { CountTable } from './counts.js';

export interface Relation {
	readonly unbounded: '+inf' | '-inf' | null;
	/** why the state has no potential; null inside a component of two or more states */
	readonly reason: string | null;
}

/**
 * For each state outside every component of two or more states: whether its potential is +∞ or −∞
 * relative to the reference component, or why neither can be said.
 *
 * The reference among the states that are connected (in any direction) is the component with most
 * states, then most transitions out of its states, then the lowest state.
 *
 * @param table K states
 * @param components of the same table
 * @returns one relation per state
 *
 * @example A ⇄ B, C → A, A → D // C +inf, D −inf (if attempts were made from it)
 */
export function relateToReference(table: CountTable, components: Components): Relation[] {
	const K = table.states.length;
	const forward = adjacency(K, (visit) => eachTransition(table, (f, g) => visit(f, g)));
	const backward = adjacency(K, (visit) => eachTransition(table, (f, g) => visit(g, f)));
	const island = islands(table);
	const references = chooseReferences(table, components, island);
	const below = reach(forward, references);
	const above = reach(backward, references);
	return table.states.map((_, f) => {
		if (components.members[components.of[f]!]!.length > 1) return { unbounded: null, reason: null };
		if (table.attempts[f] === 0) return { unbounded: null, reason: 'no attempts' };
		if (above[f] === 1) {
			return {
				unbounded: '+inf',
				reason: 'leads to the reference component, never reached from it',
			};
		}
		if (below[f] === 1) {
			return {
				unbounded: '-inf',
				reason: 'reached from the reference component, never leads back',
			};
		}
		const reason = references.some((g) => island[g] === island[f])
			? 'no directed path to or from the reference component'
			: 'not in a loop or two-way pair with any state';
		return { unbounded: null, reason };
	});
}

function eachTransition(table: CountTable, visit: (f: number, g: number) => void): void {
	for (let f = 0; f < table.states.length; f++) {
		for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) visit(f, table.target[i]!);
	}
}

function adjacency(
	K: number,
	each: (visit: (f: number, g: number) => void) => void,
): readonly number[][] {
	const rows: number[][] = Array.from({ length: K }, () => []);
	each((f, g) => rows[f]!.push(g));
	return rows;
}

/** Weakly connected parts, each named by its lowest state (union–find). */
function islands(table: CountTable): Int32Array {
	const parent = Int32Array.from(table.states, (_, f) => f);
	const root = (f: number): number => {
		let top = f;
		while (parent[top] !== top) {
			parent[top] = parent[parent[top]!]!;
			top = parent[top]!;
		}
		return top;
	};
	const { low, high } = pairsOf(table);
	for (let i = 0; i < low.length; i++) {
		const a = root(low[i]!);
		const b = root(high[i]!);
		parent[Math.max(a, b)] = Math.min(a, b);
	}
	return parent.map((_, f) => root(f));
}

/** One state of the reference component of each island that has one. */
function chooseReferences(table: CountTable, components: Components, island: Int32Array): number[] {
	const best = new Map<number, { size: number; weight: number; state: number }>();
	for (const members of components.members) {
		if (members.length < 2) continue;
		let weight = 0;
		for (const f of members) {
			for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) weight += table.count[i]!;
		}
		const state = members[0]!;
		const known = best.get(island[state]!);
		const better =
			known === undefined ||
			members.length > known.size ||
			(members.length === known.size && weight > known.weight);
		if (better) best.set(island[state]!, { size: members.length, weight, state });
	}
	return [...best.values()].map(({ state }) => state);
}

function reach(rows: readonly number[][], from: readonly number[]): Uint8Array {
	const seen = new Uint8Array(rows.length);
	const open = [...from];
	for (const f of from) seen[f] = 1;
	for (let f = open.pop(); f !== undefined; f = open.pop()) {
		for (const g of rows[f]!) {
			if (seen[g] === 1) continue;
			seen[g] = 1;
			open.push(g);
		}
	}
	return seen;
}
