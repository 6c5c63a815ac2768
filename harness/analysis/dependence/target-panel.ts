import { shuffleTargets } from '../../numerics/target-shuffle.js';
import { PURPOSE } from '../purposes.js';
import type { Panel } from '../resample.js';
import { listedTerms, type MarginFit, sourcesOf } from './transitions.js';

export interface TargetInput {
	readonly margins: MarginFit;
	/** target of each transition of the hub, source by source, length N */
	readonly hub: Int32Array;
	/** uint32 */
	readonly seed: number;
	/** passes over the list from the hub to a table */
	readonly sweeps: number;
}

/** Columns of a row: `listedTerms` of one table. */
export const TARGETS = { terms: 0, spread: 1 } as const;
const WIDTH = 2;

/** Tables with both margins of the hub; draw i is shuffle i + 1 (shuffle 0 led to the hub). */
export const TARGET_SHUFFLES: Panel<TargetInput> = {
	name: 'target-shuffles',
	width: WIDTH,
	draw({ margins, hub, seed, sweeps }, from, to) {
		const source = sourcesOf(margins.rows, hub.length);
		const target = new Int32Array(hub.length);
		const drawn = new Float64Array((to - from) * WIDTH);
		for (let i = from; i < to; i++) {
			target.set(hub);
			const options = { seed, purpose: PURPOSE.dependence, sweeps, direction: 1 } as const;
			shuffleTargets({ source, target }, { ...options, draw: i + 1 });
			const { terms, spread } = listedTerms(margins, target);
			drawn.set([terms, spread], (i - from) * WIDTH);
		}
		return drawn;
	},
};

/** The table that all draws start from: the observed one led away by the reverse of their steps. */
export function findHub(
	observed: Int32Array,
	{ rows }: MarginFit,
	{ seed, sweeps }: Pick<TargetInput, 'seed' | 'sweeps'>,
): Int32Array {
	const target = observed.slice();
	const options = { seed, purpose: PURPOSE.dependence, draw: 0, sweeps, direction: -1 } as const;
	shuffleTargets({ source: sourcesOf(rows, target.length), target }, options);
	return target;
}
