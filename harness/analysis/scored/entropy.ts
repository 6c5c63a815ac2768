/** Stationary state and entropy production of a scored kernel. */
import { stationaryDistribution } from '../../numerics/stationary.js';
import type { Components } from '../table/components.js';
import { overShapes, type Square, type Uncertain } from './kernel.js';

export interface ScoredEntropy {
	/** nats per step, over all pairs; null where infinite or not known, `reason` says which */
	readonly value: number | null;
	/** nats per step, over the pairs found both ways; null where the stationary state is not known */
	readonly twoWay: Uncertain | null;
	/** pairs with a transition found one way only */
	readonly oneWayPairs: number;
	/** states of the largest strongly connected component, to which all this belongs */
	readonly states: number;
	/** π of each state of the square, sum 1; 0 outside that component; null where not known */
	readonly stationary: Float64Array | null;
	readonly reason: string | null;
}

/**
 * Entropy production per step in the stationary state, Schnakenberg's ½ Σ (π_f T_fg − π_g T_gf)
 * log (π_f T_fg / π_g T_gf), on the largest strongly connected component of the transitions found (of equal
 * ones that with the lowest state). Every attempt
 * is a step; the self outcome, outcomes that are no state and states outside stay where they are.
 *
 * @param squares the base first, then its variants
 * @param components of the transitions found
 * @returns see `ScoredEntropy`; `jitter` over shapes, `leftOut` from every transition of the component at its bound
 * Source: Schnakenberg, Rev. Mod. Phys. 48, 571 (1976), section VII; π: `stationaryDistribution`.
 *
 * @example a ring of three, T 0.4 one way and 0.2 the other: 0.2 log 2 = 0.13862943611198905
 */
export function scoredEntropy(squares: readonly Square[], components: Components): ScoredEntropy {
	const { states, found } = squares[0]!;
	const m = states.length;
	const members = components.members.reduce<Int32Array>(
		(most, part) => (part.length > most.length ? part : most),
		new Int32Array(0),
	);
	const n = members.length;
	const none = { value: null, twoWay: null, oneWayPairs: 0, states: n, stationary: null };
	if (n < 2) return { ...none, reason: 'no two states that lead to each other' };
	const pi = stationaryOf(found, m, members);
	const twoWay = overShapes(squares, (log) => productionOf(log, m, members));
	if (pi === null || twoWay === null) {
		return { ...none, reason: 'the stationary state could not be computed: rates too far apart' };
	}
	const oneWayPairs = countOneWay(found, m, members);
	const stationary = new Float64Array(m);
	for (const [k, f] of members.entries()) stationary[f] = pi[k]!;
	const value = oneWayPairs === 0 ? twoWay.value : null;
	const reason = value === null ? 'infinite: some pairs were found one way only' : null;
	return { value, twoWay, oneWayPairs, states: n, stationary, reason };
}

function stationaryOf(log: Float64Array, m: number, members: Int32Array): Float64Array | null {
	const n = members.length;
	const rates = new Float64Array(n * n);
	for (const [i, f] of members.entries()) {
		for (const [j, g] of members.entries()) {
			if (i !== j) rates[i * n + j] = Math.exp(log[f * m + g]!);
		}
	}
	return stationaryDistribution(rates, n);
}

/** Entropy production of the two-way pairs. */
function productionOf(log: Float64Array, m: number, members: Int32Array): number | null {
	const pi = stationaryOf(log, m, members);
	if (pi === null) return null;
	let sum = 0;
	eachPair(members, (f, g, i, j) => {
		const there = Math.log(pi[i]!) + log[f * m + g]!;
		const back = Math.log(pi[j]!) + log[g * m + f]!;
		if (there === -Infinity || back === -Infinity) return;
		sum += (Math.exp(there) - Math.exp(back)) * (there - back);
	});
	return sum;
}

function countOneWay(log: Float64Array, m: number, members: Int32Array): number {
	let count = 0;
	eachPair(members, (f, g) => {
		if (log[f * m + g]! > -Infinity !== log[g * m + f]! > -Infinity) count += 1;
	});
	return count;
}

function eachPair(
	members: Int32Array,
	visit: (f: number, g: number, i: number, j: number) => void,
): void {
	for (let i = 0; i < members.length; i++) {
		for (let j = i + 1; j < members.length; j++) visit(members[i]!, members[j]!, i, j);
	}
}
