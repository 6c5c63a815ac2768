/** Everything the effect sizes of one table start from. */
import { cycleAffinity } from '../../../harness/analysis/effect/affinity.js';
import { entropyProduction } from '../../../harness/analysis/effect/entropy-production.js';
import type { FlowData } from '../../../harness/analysis/effect/flow-data.js';
import { flowShares } from '../../../harness/analysis/effect/flow-shares.js';
import { pairEstimates } from '../../../harness/analysis/effect/pair-estimates.js';
import { findLoops } from '../../../harness/analysis/loops/loops.js';
import { fitReversible } from '../../../harness/analysis/potential/reversible-fit.js';
import { resampleHere } from '../../../harness/analysis/resample.js';
import { findComponents } from '../../../harness/analysis/table/components.js';
import type { CountTable } from '../../../harness/analysis/table/counts.js';

export const LOOPS = { seed: 1, maxLoops: 200_000, searchStates: 1000, searchLoops: 2000 };
export const HERE = { seed: 1, resample: resampleHere };

export function flowData(table: CountTable): FlowData {
	const components = findComponents(table);
	const loops = findLoops(components, LOOPS);
	const fit = fitReversible(table, components);
	return { table, components, loops, fit, estimates: pairEstimates(components.inner, fit) };
}

export const affinityOf = (table: CountTable) => {
	const { loops, estimates } = flowData(table);
	return cycleAffinity(loops, estimates);
};
export const sharesOf = (table: CountTable) => flowShares(flowData(table), HERE);
export const entropyOf = (table: CountTable) => entropyProduction(flowData(table), HERE);

/** Three states in a ring: `forward` of 1000 n transitions one way on each pair, the rest the other. */
export const ring = (n: number, forward: number): Record<string, number> => {
	const counts: Record<string, number> = {};
	for (const [f, g] of ['AB', 'BC', 'CA'].map((pair) => [...pair])) {
		counts[`${f}>${g}`] = forward * n;
		counts[`${g}>${f}`] = (1000 - forward) * n;
	}
	return counts;
};
