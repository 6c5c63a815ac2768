/** The paper's scatter and its loop panel, each beside one matched data set. */

import type { ReplicaSight } from '../../analysis/replica/matched.js';
import type { Figure } from '../../analysis/replica/null-law.js';
import type { GroupRecord } from '../../dossier/dossier.js';
import { type Drawing, Plot } from '../figure.js';
import { digits } from '../numbers.js';
import { around, axis, frame } from './axes.js';
import { colour } from './colours.js';
import { dots, sketch } from './pen.js';
import { type Attempted, MOST_POINTS, PANEL_WIDTH, partOf, spread } from './report-figure.js';

export type Points = readonly (readonly [x: number, y: number])[];

interface Cloud {
	readonly id: string;
	readonly title: string;
	readonly reading: string;
	readonly what: string;
	readonly axes: readonly [x: string, y: string];
	readonly points: (sight: ReplicaSight) => Points;
	/** statistics in the titles, with their names */
	readonly statistics: readonly (readonly [name: string, figure: Figure | undefined])[];
	/** of all points, thinned or not */
	readonly total: number | null;
	readonly none: string;
}

/** Log-ratio against potential difference. */
export function scatterFigure({ matched, finding }: GroupRecord): Attempted {
	const figures = finding.replica?.figures;
	return beside(matched, {
		id: 'scatter',
		title: 'Log-ratio against potential difference',
		reading:
			'Each dot is a pair of states seen more than once in both directions; under detailed balance the dots scatter about the dashed line y = x, as far as the matched null shows.',
		what: 'pairs',
		axes: ['V(f) − V(g), nats', 'log w(f→g) / w(g→f), nats'],
		points: (sight) => sight.scatter.map(({ x, y }) => [x, y]),
		statistics: [
			['r', figures?.correlation],
			['χ²/ndf', figures?.scatterChiSquare],
		],
		total: figures?.scatterPairs.observed ?? null,
		none: 'no pair of states was seen more than once in both directions',
	});
}

/** Forward against backward loop sums. */
export function loopSumsFigure({ matched, finding }: GroupRecord): Attempted {
	const figures = finding.replica?.figures;
	return beside(matched, {
		id: 'loop-sums',
		title: 'Forward against backward loop sums',
		reading:
			'Each dot is a triangle of states run forward and backward; under detailed balance both sums of log T are equal, the dashed line, up to the noise that the matched null shows.',
		what: 'triangles',
		axes: ['Σ log T forward, nats', 'Σ log T backward, nats'],
		points: (sight) => sight.loops.map(({ forward, backward }) => [forward, backward]),
		statistics: [['χ²/ndf', figures?.loopChiSquareAbove0]],
		total: figures?.loopsAbove0.observed ?? null,
		none: 'no triangle was seen with all six counts above 0',
	});
}

function beside(matched: GroupRecord['matched'], cloud: Cloud): Attempted {
	const { title } = cloud;
	if (matched === null) return { title, reason: 'no state has a potential' };
	const [own, drawn] = [cloud.points(matched.observed), cloud.points(matched.matched)];
	if (own.length === 0) return { title, reason: cloud.none };
	const domain = around([...own, ...drawn].flat());
	const shown = spread(own, MOST_POINTS);
	const observed = statistics(cloud, ({ observed }) => digits(observed));
	const null95 = nullRanges(cloud);
	const all = Math.max(own.length, cloud.total ?? 0);
	return {
		id: cloud.id,
		title,
		reading: cloud.reading,
		panels: [
			{
				title: `observed\n${[...observed, partOf(shown.length, all, cloud.what)].join(', ')}`,
				drawing: panel(shown, domain, cloud),
			},
			{
				title: `matched null\n${null95}`,
				drawing: panel(spread(drawn, MOST_POINTS), domain, cloud),
			},
		],
		size: { width: PANEL_WIDTH, height: 294, columns: 2 },
		description: `${all} ${cloud.what}. Observed: ${observed.join(', ') || 'no statistics'}. Matched null: ${null95}.`,
	};
}

function statistics({ statistics }: Cloud, text: (figure: Figure) => string): string[] {
	return statistics.flatMap(([name, figure]) =>
		figure === undefined || figure.observed === null ? [] : [`${name} ${text(figure)}`],
	);
}

function nullRanges(cloud: Cloud): string {
	const ranges = cloud.statistics.flatMap(([name, figure]) =>
		figure?.null ? [`${name} ${digits(figure.null.lower)} … ${digits(figure.null.upper)}`] : [],
	);
	const samples = cloud.statistics.find(([, figure]) => figure?.null)?.[1]?.null?.samples;
	if (samples === undefined)
		return 'one data set drawn from the reversible fit; no range was drawn';
	return `${ranges.join(', ')} (95 % of ${samples} data sets)`;
}

/** Dots about the dashed line y = x. */
export function panel(
	points: Points,
	domain: readonly [number, number],
	{ axes }: Pick<Cloud, 'axes'>,
): Drawing {
	const [low, high] = domain;
	return {
		marginLeft: 46,
		marginBottom: 32,
		marginTop: 6,
		marginRight: 10,
		x: axis(axes[0], domain),
		y: axis(axes[1], domain),
		marks: [
			frame,
			Plot.line(
				[
					[low, low],
					[high, high],
				],
				{ stroke: colour('ink'), strokeDasharray: '4 3' },
			),
			sketch((pen, { x, y }) => {
				const placed = points.map(([px, py]) => [x(px), y(py)] as const);
				pen.path(dots(placed.toSorted(([a], [b]) => a - b)), {
					stroke: colour('c1'),
					'stroke-width': points.length > 100 ? 3.5 : 5,
					'stroke-linecap': 'round',
					'stroke-opacity': '0.65',
				});
			}),
		],
	};
}
