/** One matched data set to look at beside the observed one. */
import { TIGHT } from '../../numerics/pair-action.js';
import { fitReversible } from '../potential/reversible-fit.js';
import { findComponents } from '../table/components.js';
import type { CountTable } from '../table/counts.js';
import { type Counts, drawCounts, replicaDesign } from './design.js';
import { paperFit } from './figures.js';
import { eachLoop } from './loop-panel.js';
import type { LoopPoint } from './replica.js';
import { eachScatterPoint, type ScatterPoint } from './scatter.js';
import { thin } from './thin.js';

/** A data set as the paper's figures show it. */
export interface ReplicaSight {
	/** V of each state of the table, minimum of the logistic action, the lowest of a component 0; null: unbounded, or no transition */
	readonly potential: readonly (number | null)[];
	/** pairs seen more than once in both directions */
	readonly scatter: readonly ScatterPoint[];
	/** triangles with all six counts above 0 */
	readonly loops: readonly LoopPoint[];
	/** off-diagonal counts, rows as in the table */
	readonly counts: Counts;
}

export interface MatchedExample {
	readonly observed: ReplicaSight;
	/** data set 0 of the replica panel: drawn from the reversible fit, analysed in the same way */
	readonly matched: ReplicaSight;
}

/**
 * The observed data set and the first matched one of the replica panel, as the paper's figures show
 * them.
 *
 * @param table K states
 * @param options seed as in the replica panel; points of a figure kept at most, an integer ≥ 0
 * @returns see `MatchedExample`; null where no state has a potential
 * @throws RangeError if an option is out of range, or the least action does not converge
 */
export function matchedExample(
	table: CountTable,
	{ seed, points }: { readonly seed: number; readonly points: number },
): MatchedExample | null {
	const components = findComponents(table);
	if (components.inner.low.length === 0) return null;
	const fit = fitReversible(table, components);
	const design = replicaDesign(table, components, { fit, seed });
	const settings = { perState: design.perState, start: null, tolerance: TIGHT };
	const look = (counts: Counts): ReplicaSight => {
		const { V, components: found, accepted } = paperFit(counts, settings);
		const { inner } = found;
		let [pairs, triangles] = [0, 0];
		eachScatterPoint(inner, { accepted, V }, () => {
			pairs += 1;
		});
		eachLoop(inner, counts.attempts, () => {
			triangles += 1;
		});
		return {
			potential: Array.from(V, (v) => (Number.isNaN(v) ? null : v)),
			scatter: thin<ScatterPoint>(pairs, points, (visit) =>
				eachScatterPoint(inner, { accepted, V }, visit),
			),
			loops: thin<LoopPoint>(triangles, points, (visit) =>
				eachLoop(inner, counts.attempts, ({ forward, backward }) => visit({ forward, backward })),
			),
			counts,
		};
	};
	const { rowStart, target, count } = table;
	return {
		observed: look({ rowStart, target, count, attempts: design.trials }),
		matched: look(drawCounts(design, 0)),
	};
}
