/** The potential's distribution, beside that of one matched data set. */
import type { ReplicaSight } from '../../analysis/replica/matched.js';
import type { GroupRecord } from '../../dossier/dossier.js';
import { type Drawing, Plot } from '../figure.js';
import { digits } from '../numbers.js';
import { around, axis, frame } from './axes.js';
import { colour } from './colours.js';
import { type Attempted, PANEL_WIDTH } from './report-figure.js';

const TITLE = 'Potential distribution';

/** Histogram of V, states without a bounded potential counted in the title. */
export function potentialHistogram({ matched, finding }: GroupRecord): Attempted {
	if (matched === null) return { title: TITLE, reason: 'no state has a potential' };
	const [own, drawn] = [valuesOf(matched.observed), valuesOf(matched.matched)];
	const [, top] = around([...own, ...drawn], 0);
	const bins = Math.min(24, Math.max(6, Math.ceil(2 * Math.sqrt(own.length))));
	const edges: Edges = { to: Math.max(top, 1e-6), bins };
	const most = Math.max(...counted(own, edges), ...counted(drawn, edges));
	const figures = finding.replica?.figures;
	const unbounded = figures?.unboundedStates;
	const apart = unbounded?.observed == null ? '' : `, ${unbounded.observed} with an unbounded one`;
	const range = figures?.potentialLargest.null;
	const largest = Math.max(...own);
	return {
		id: 'potential-distribution',
		title: TITLE,
		reading:
			'Each bar counts the states whose potential V, the paper’s least action with the lowest state at 0, lies in its range.',
		panels: [
			{
				title: `observed\n${own.length} states with a potential${apart}`,
				drawing: bars(counted(own, edges), edges, most),
			},
			{
				title: `matched null\n${range ? `largest V ${digits(range.lower)} … ${digits(range.upper)} (95 % of ${range.samples} data sets)` : 'one data set drawn from the reversible fit'}`,
				drawing: bars(counted(drawn, edges), edges, most),
			},
		],
		size: { width: PANEL_WIDTH, height: 214, columns: 2 },
		description: `${own.length} states with a potential from 0 to ${digits(largest)} nats${apart}.`,
	};
}

interface Edges {
	/** bins of equal width from 0 to here, nats */
	readonly to: number;
	readonly bins: number;
}

const valuesOf = ({ potential }: ReplicaSight): number[] =>
	potential.filter((v): v is number => v !== null);

/** States in each bin; the last one holds its upper edge. */
function counted(values: readonly number[], { to, bins }: Edges): number[] {
	const counts = new Array<number>(bins).fill(0);
	for (const value of values) counts[Math.min(bins - 1, Math.floor((bins * value) / to))]! += 1;
	return counts;
}

function bars(counts: readonly number[], { to, bins }: Edges, most: number): Drawing {
	const data = counts.flatMap((count, i) =>
		count === 0 ? [] : [{ from: (i * to) / bins, to: ((i + 1) * to) / bins, count }],
	);
	return {
		marginLeft: 40,
		marginBottom: 32,
		marginTop: 8,
		marginRight: 10,
		x: axis('V, nats', [0, to]),
		y: { ...axis('states', [0, most]), ticks: Math.min(5, most) },
		marks: [
			Plot.rect(data, {
				x1: 'from',
				x2: 'to',
				y1: 0,
				y2: 'count',
				fill: colour('c1'),
				insetRight: 1,
			}),
			frame,
		],
	};
}
