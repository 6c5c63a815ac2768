import type { Panel } from '../resample.js';
import { type LoopTable, walkTable } from './loop-moves.js';
import {
	type Expected,
	largestSquare,
	loopResiduals,
	loopStatistic,
	memorySums,
} from './loop-statistics.js';

export interface WalksInput {
	readonly table: LoopTable;
	readonly expected: Expected;
	/** counts per directed pair that every walk starts from, length 2P */
	readonly hub: Float64Array;
	/** uint32 */
	readonly seed: number;
	/** L */
	readonly steps: number;
}

/** Columns of a row: one walk. `half` is the table after ⌊L/2⌋ steps, `end` after L. */
export const WALK = {
	halfStatistic: 0,
	statistic: 1,
	accepted: 2,
	/** largest z² of a loop at the end */
	largest: 3,
	/** `memorySums` of half and end */
	halfEnd: 4,
	halfHalf: 5,
	endEnd: 6,
} as const;
const WIDTH = Object.keys(WALK).length;

/** Walks from the hub; draw i is walk i + 1 (walk 0 led to the hub). */
export const EXACT_WALKS: Panel<WalksInput> = {
	name: 'exact-walks',
	width: WIDTH,
	draw(input, from, to) {
		const rows = new Float64Array((to - from) * WIDTH);
		for (let i = from; i < to; i++) rows.set(oneWalk(input, i + 1), (i - from) * WIDTH);
		return rows;
	},
};

function oneWalk({ table, expected, hub, seed, steps }: WalksInput, walk: number): number[] {
	const middle = Math.floor(steps / 2);
	const counts = hub.slice();
	let accepted = walkTable(table, counts, { seed, walk, from: 0, to: middle });
	const half = counts.slice();
	accepted += walkTable(table, counts, { seed, walk, from: middle, to: steps });
	return [
		loopStatistic(table, half),
		loopStatistic(table, counts),
		accepted,
		largestSquare(loopResiduals(table, expected, counts)),
		...memorySums(expected, half, counts),
	];
}
