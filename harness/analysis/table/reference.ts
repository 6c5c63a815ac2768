/** Where each state stands to the reference component: above, below, or apart. */
import type { Components } from './components.js';
import type { CountTable } from './counts.js';
import { incoming } from './incoming.js';

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
	const island = islands(table);
	const references = chooseReferences(table, components, island);
	const { start, source } = incoming(table);
	const below = reach(table.rowStart, table.target, references);
	const above = reach(start, source, references);
	const withReference = new Uint8Array(table.states.length);
	for (const g of references) withReference[island[g]!] = 1;
	return table.states.map((_, f) => {
		if (components.members[components.of[f]!]!.length > 1) return FINITE;
		if (table.attempts[f] === 0) return NO_ATTEMPTS;
		if (above[f] === 1) return ABOVE;
		if (below[f] === 1) return BELOW;
		return withReference[island[f]!] === 1 ? APART : ALONE;
	});
}

const unknown = (reason: string | null): Relation => ({ unbounded: null, reason });
const FINITE = unknown(null);
const NO_ATTEMPTS = unknown('no attempts');
const APART = unknown('no directed path to or from the reference component');
const ALONE = unknown('not in a loop or two-way pair with any state');
const ABOVE: Relation = {
	unbounded: '+inf',
	reason: 'leads to the reference component, never reached from it',
};
const BELOW: Relation = {
	unbounded: '-inf',
	reason: 'reached from the reference component, never leads back',
};

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
	for (let f = 0; f < parent.length; f++) {
		for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) {
			const a = root(f);
			const b = root(table.target[i]!);
			parent[Math.max(a, b)] = Math.min(a, b);
		}
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

/** 1 for every state reached from those given, along a graph in compressed rows. */
function reach(start: Int32Array, to: Int32Array, from: readonly number[]): Uint8Array {
	const seen = new Uint8Array(start.length - 1);
	const open = [...from];
	for (const f of from) seen[f] = 1;
	for (let f = open.pop(); f !== undefined; f = open.pop()) {
		for (let i = start[f]!; i < start[f + 1]!; i++) {
			const g = to[i]!;
			if (seen[g] === 1) continue;
			seen[g] = 1;
			open.push(g);
		}
	}
	return seen;
}
