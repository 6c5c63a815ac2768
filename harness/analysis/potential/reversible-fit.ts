import {
	type BradleyTerryFit,
	type Comparisons,
	fitBradleyTerry,
} from '../../numerics/bradley-terry.js';
import { gather } from '../../numerics/gather.js';
import type { Components } from '../table/components.js';
import type { CountTable } from '../table/counts.js';

/** The maximum likelihood reversible kernel of a table, seen pair by pair. */
export interface ReversibleFit {
	/**
	 * θ_f, length K: P(f → g | pair) = 1 / (1 + exp(θ_g − θ_f)); the lowest state of each component is 0,
	 * a component of one state is 0 throughout. V_f = θ_f − log C_f up to the gauge.
	 */
	readonly theta: Float64Array;
	/** P(low → high | pair) of each inner pair; given all margins it does not depend on the counts */
	readonly up: Float64Array;
	/** n P (1 − P) of each inner pair: its Fisher information, > 0 */
	readonly information: Float64Array;
	/** one per component; null for a component of one state */
	readonly parts: readonly (FittedPart | null)[];
}

export interface FittedPart {
	readonly data: Comparisons;
	readonly fit: BradleyTerryFit;
	/** index among the inner pairs of each pair of `data` */
	readonly pairs: Int32Array;
}

/**
 * Fits detailed balance to the pair counts of every strongly connected component.
 *
 * @param table K states
 * @param components of the same table
 * @returns see `ReversibleFit`
 * @throws RangeError if Newton's method does not converge
 * Source: Bradley–Terry likelihood, see `fitBradleyTerry`.
 *
 * @example counts A→B 1, B→A 3: theta [0, log 3], up [1/4], information [3/4]
 */
export function fitReversible(table: CountTable, components: Components): ReversibleFit {
	const { inner, members } = components;
	const theta = new Float64Array(table.states.length);
	const up = new Float64Array(inner.low.length);
	const information = new Float64Array(inner.low.length);
	const parts = split(components).map((part, c) => {
		if (part === null) return null;
		const { data, pairs } = part;
		const states = members[c]!;
		const fit = fitBradleyTerry(data);
		if (!fit.converged) {
			throw new RangeError(
				`potential of the component of ${table.states[states[0]!]} did not converge: gradient ${fit.gradient}`,
			);
		}
		for (const [k, f] of states.entries()) theta[f] = fit.theta[k]!;
		for (const [k, p] of pairs.entries()) {
			up[p] = 1 / (1 + Math.exp(fit.theta[data.high[k]!]! - fit.theta[data.low[k]!]!));
			information[p] = fit.information[k]!;
		}
		return { data, fit, pairs };
	});
	return { theta, up, information, parts };
}

/** The pairs of each component of two or more states, with states numbered inside it. */
function split(components: Components): ({ data: Comparisons; pairs: Int32Array } | null)[] {
	const { inner, of, members } = components;
	const local = new Int32Array(of.length);
	const size = new Int32Array(members.length);
	for (const states of members) for (const [k, f] of states.entries()) local[f] = k;
	for (const f of inner.low) size[of[f]!]! += 1;
	const pairs = members.map((states, c) => (states.length < 2 ? null : new Int32Array(size[c]!)));
	size.fill(0);
	for (const [i, f] of inner.low.entries()) pairs[of[f]!]![size[of[f]!]!++] = i;
	return pairs.map((list, c) => {
		if (list === null) return null;
		const data = {
			nodes: members[c]!.length,
			low: list.map((i) => local[inner.low[i]!]!),
			high: list.map((i) => local[inner.high[i]!]!),
			up: gather(inner.up, list),
			down: gather(inner.down, list),
		};
		return { data, pairs: list };
	});
}
