/** ε̂ of tables that detailed balance makes as likely as the observed one: same margins, same fit. */
import { type LogOddsMoments, logOddsEstimate } from '../../numerics/log-odds-estimate.js';
import { stepsFor } from '../exact/exact-test.js';
import {
	directedCounts,
	type LoopTable,
	loopTable,
	pairTotals,
	walkTable,
} from '../exact/loop-moves.js';
import type { FlowData } from './flow-data.js';
import { pairMoments } from './pair-estimates.js';
import type { WeighedGraph } from './weighed-graph.js';

/** What a worker needs to draw such tables. */
export interface NullTables {
	readonly table: LoopTable;
	/** counts per directed pair that every walk starts from */
	readonly hub: Float64Array;
	readonly steps: number;
	/** uint32 */
	readonly seed: number;
	/** inner pair of each edge of the graph, and its n */
	readonly pair: Int32Array;
	readonly total: Float64Array;
	/** moments of each edge's count */
	readonly moments: readonly LogOddsMoments[];
}

/** Walks of the exact test have lower numbers: no walk is used twice. */
const FIRST_WALK = 0x80000000;

/** Walks from the observed table to a hub; the tables drawn are then exchangeable with it. */
export function nullTables(
	{ loops, fit }: FlowData,
	graph: WeighedGraph,
	seed: number,
): NullTables {
	const table = loopTable(loops);
	const hub = directedCounts(loops);
	const steps = stepsFor(loops);
	const totals = pairTotals(loops);
	walkTable(table, hub, { seed, walk: FIRST_WALK, from: 0, to: steps });
	return {
		table,
		hub,
		steps,
		seed,
		pair: graph.pair,
		total: Float64Array.from(graph.pair, (i) => totals[i]!),
		moments: Array.from(graph.pair, (i) => pairMoments(loops.pairs, fit, i)),
	};
}

/** ε̂ and ε̂² less the estimate of ε², on each edge, of table `draw`. */
export function nullFlow(
	{ table, hub, steps, seed, pair, total, moments }: NullTables,
	draw: number,
): { readonly value: Float64Array; readonly excess: Float64Array } {
	const counts = hub.slice();
	walkTable(table, counts, { seed, walk: FIRST_WALK + 1 + draw, from: 0, to: steps });
	const value = new Float64Array(pair.length);
	const excess = new Float64Array(pair.length);
	for (let e = 0; e < pair.length; e++) {
		const estimate = logOddsEstimate(counts[2 * pair[e]!]!, total[e]!, moments[e]!);
		value[e] = estimate.value;
		excess[e] = estimate.value ** 2 - estimate.square;
	}
	return { value, excess };
}
