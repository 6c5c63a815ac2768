/** Which states a figure of levels shows, and where they stand. */
import type { ReplicaSight } from '../../analysis/replica/matched.js';
import { findComponents } from '../../analysis/table/components.js';
import type { CountTable } from '../../analysis/table/counts.js';
import { relateToReference } from '../../analysis/table/reference.js';
import type { GroupRecord } from '../../dossier/dossier.js';

/** A state in a figure of levels. */
export interface Standing {
	/** position in the table */
	readonly state: number;
	/** V, nats; null in a lane */
	readonly value: number | null;
	/** for states of unbounded potential, which stand at no number */
	readonly lane: 'above' | 'below' | null;
}

export interface Scene {
	readonly standing: readonly Standing[];
	/** states of the largest component, and unbounded beside it */
	readonly bounded: number;
	readonly unbounded: number;
	/** states with a potential of their own in other components, which cannot be compared */
	readonly elsewhere: number;
	/** counts C_fg by source and target, off-diagonal */
	readonly table: CountTable;
}

/** Transitions through each state, in and out. */
export function throughput({ rowStart, target, count, states }: CountTable): Float64Array {
	const through = new Float64Array(states.length);
	for (let f = 0; f < states.length; f++) {
		for (let i = rowStart[f]!; i < rowStart[f + 1]!; i++) {
			through[f]! += count[i]!;
			through[target[i]!]! += count[i]!;
		}
	}
	return through;
}

/** All states, those with most attempts first, then most transitions, then in the table's order. */
export function busiest(table: CountTable): number[] {
	const through = throughput(table);
	return Array.from(table.states.keys()).sort(
		(f, g) => table.attempts[g]! - table.attempts[f]! || through[g]! - through[f]! || f - g,
	);
}

/**
 * The states that can be put on one scale: those of the largest component, and those that are unbounded
 * beside it, in the table's order.
 */
export function sceneOf({ table: own }: GroupRecord, sight: ReplicaSight): Scene {
	const { rowStart, target, count } = sight.counts;
	const table = { ...own, rowStart, target, count };
	const components = findComponents(table);
	const main = components.members.reduce((a, b) => (b.length > a.length ? b : a));
	const relation = relateToReference(table, components);
	const near = linked(table, main[0]!);
	const inside = new Set(main);
	const standing = Array.from(table.states.keys()).flatMap((state): Standing[] => {
		if (inside.has(state)) {
			const value = sight.potential[state] ?? null;
			return value === null ? [] : [{ state, value, lane: null }];
		}
		const sign = near[state] === 1 ? relation[state]!.unbounded : null;
		if (sign === null) return [];
		return [{ state, value: null, lane: sign === '+inf' ? 'above' : 'below' }];
	});
	const bounded = standing.filter(({ lane }) => lane === null).length;
	return {
		standing,
		bounded,
		unbounded: standing.length - bounded,
		elsewhere: sight.potential.filter((v) => v !== null).length - bounded,
		table,
	};
}

/** 1 for every state connected with this one, in whatever direction. */
function linked({ rowStart, target, states }: CountTable, from: number): Uint8Array {
	const next: number[][] = states.map(() => []);
	for (let f = 0; f < states.length; f++) {
		for (let i = rowStart[f]!; i < rowStart[f + 1]!; i++) {
			next[f]!.push(target[i]!);
			next[target[i]!]!.push(f);
		}
	}
	const seen = new Uint8Array(states.length);
	const open = [from];
	seen[from] = 1;
	for (let f = open.pop(); f !== undefined; f = open.pop()) {
		for (const g of next[f]!) {
			if (seen[g] === 1) continue;
			seen[g] = 1;
			open.push(g);
		}
	}
	return seen;
}

/** What is known of where a state stands. */
interface Placed {
	readonly value: number | null;
	readonly unbounded: '+inf' | '-inf' | null;
	readonly component: number;
}

/**
 * At most so many states by attempts, in the order of the potential: −∞ first, then component by
 * component, the largest first, then +∞, then those of which nothing is known.
 */
export function byPotential({ table, finding }: GroupRecord, most: number): number[] {
	return inOrder(finding.potential, busiest(table).slice(0, most));
}

/** Some states in the order of the potential. @param potential of all states */
export function inOrder(potential: readonly Placed[], states: readonly number[]): number[] {
	const sizes = new Map<number, number>();
	for (const { component } of potential) sizes.set(component, (sizes.get(component) ?? 0) + 1);
	const rank = (f: number): readonly [number, number, number, number] => {
		const { value, unbounded, component } = potential[f]!;
		if (value !== null) return [1, -(sizes.get(component) ?? 0), component, value];
		return [unbounded === '-inf' ? 0 : unbounded === '+inf' ? 2 : 3, 0, 0, 0];
	};
	return states
		.map((f) => ({ f, rank: rank(f) }))
		.sort((a, b) => {
			const at = a.rank.findIndex((x, i) => x !== b.rank[i]);
			return at < 0 ? a.f - b.f : a.rank[at]! - b.rank[at]!;
		})
		.map(({ f }) => f);
}
