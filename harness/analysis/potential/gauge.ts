import type { Components } from '../table/components.js';
import type { CountTable } from '../table/counts.js';
import { relateToReference } from '../table/reference.js';

/** A potential without standard errors. */
export interface BarePotential {
	readonly state: string;
	/** V in nats above the lowest state of its component; null if it has none */
	readonly value: number | null;
	/** relative to the reference component of the states it is connected with */
	readonly unbounded: '+inf' | '-inf' | null;
	/** number of its strongly connected component */
	readonly component: number;
	/** why value is null */
	readonly reason: string | null;
}

/**
 * V with the lowest state of each component at 0.
 *
 * @param components K states
 * @param raw any V known up to a constant per component, length K
 * @returns length K; NaN in a component of one state
 */
export function gaugePotential(components: Components, raw: Float64Array): Float64Array {
	const V = new Float64Array(raw.length).fill(Number.NaN);
	for (const members of components.members) {
		if (members.length < 2) continue;
		const lowest = members.reduce((low, f) => Math.min(low, raw[f]!), Infinity);
		for (const f of members) V[f] = raw[f]! - lowest;
	}
	return V;
}

/**
 * One record per state: its value, or the sign or reason as in `relateToReference`.
 *
 * @param table K states
 * @param components of the same table
 * @param raw any V known up to a constant per component, length K
 * @returns records in the table's order
 *
 * @example A ⇄ B, C → A, raw [3, 1, 0] // A 2, B 0, C null and '+inf'
 */
export function potentialRecords(
	table: CountTable,
	components: Components,
	raw: Float64Array,
): BarePotential[] {
	const relation = relateToReference(table, components);
	const V = gaugePotential(components, raw);
	return table.states.map((state, f) => ({
		state,
		value: Number.isNaN(V[f]) ? null : V[f]!,
		component: components.of[f]!,
		...relation[f]!,
	}));
}
