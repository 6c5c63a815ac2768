import type { Loops } from '../loops/loops.js';
import type { ReversibleFit } from '../potential/reversible-fit.js';
import type { Resample } from '../resample.js';
import type { Components } from '../table/components.js';
import type { CountTable } from '../table/counts.js';
import type { PairEstimates } from './pair-estimates.js';

/** What the analyses of one table's flow have in common; all of one table. */
export interface FlowData {
	readonly table: CountTable;
	readonly components: Components;
	readonly loops: Loops;
	readonly fit: ReversibleFit;
	readonly estimates: PairEstimates;
}

export interface FlowOptions {
	/** uint32 of the random probes (large graphs only) */
	readonly seed: number;
	readonly resample: Resample;
}
