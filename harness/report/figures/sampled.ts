/** Sampled against exact transition probabilities of one setting. */
import { type SampledShare, sampledShares } from '../../analysis/scored/sampled.js';
import type { ExactRecord, GroupRecord } from '../../dossier/dossier.js';
import { type Drawing, Plot } from '../figure.js';
import { count } from '../numbers.js';
import { axis, frame } from './axes.js';
import { colour } from './colours.js';
import { dots, down, sketch } from './pen.js';
import { type Attempted, MOST_POINTS, PANEL_WIDTH, partOf, spread } from './report-figure.js';

const TITLE = 'Sampled against exact transition probabilities';

/** log₁₀ of both with 95 % intervals; transitions never drawn have no logarithm and are counted. */
export function sampledFigure({ rows }: ExactRecord, { table }: GroupRecord): Attempted {
	const shares = sampledShares(rows, table);
	const drawn = shares.filter((share) => share.exact > 0 && share.count > 0);
	if (drawn.length === 0) {
		const reason = table.attemptsRecorded
			? 'no transition of the exact kernel was drawn'
			: 'attempts per source were not recorded';
		return { title: TITLE, reason };
	}
	const shown = spread(
		drawn.toSorted((a, b) => a.exact - b.exact),
		MOST_POINTS,
	);
	const never = shares.filter((share) => share.count === 0).length;
	const impossible = shares.filter((share) => share.exact === 0).length;
	const held = `${shares.filter(({ holds }) => holds).length} of ${shares.length} intervals hold the exact value`;
	const also = [
		never > 0 ? `${never} never drawn` : '',
		impossible > 0 ? `${impossible} drawn that have no probability` : '',
	].filter((part) => part !== '');
	return {
		id: 'sampled',
		title: TITLE,
		reading:
			'Each dot is a transition, self outcomes included, at its exact probability and its share of the attempts, with a 95 % interval (Wilson); where the attempts are draws from the exact kernel about 95 in 100 intervals cross the dashed line.',
		panels: [
			{
				title: `${[partOf(shown.length, drawn.length, 'transitions'), ...also].join(', ')}\n${held}`,
				drawing: drawing(shown),
			},
		],
		size: { width: PANEL_WIDTH, height: 294, columns: 1 },
		description: `${count(drawn.length, 'transition', 'transitions')} drawn${also.map((part) => `, ${part}`).join('')}; ${held}.`,
	};
}

function drawing(shares: readonly SampledShare[]): Drawing {
	const ends = shares.flatMap(({ exact, interval }) => [exact, interval.lower, interval.upper]);
	// A decade of its own where all of them are alike.
	const low = Math.min(...ends) / 1.2;
	const high = Math.min(1.2, Math.max(...ends) * 1.2);
	const scale = (label: string): Plot.ScaleOptions => ({
		...axis(label, [low, high]),
		type: 'log',
		ticks: ticksWithin(low, high),
		tickFormat: (x: number) => String(x),
	});
	return {
		marginLeft: 52,
		marginBottom: 34,
		marginTop: 6,
		marginRight: 12,
		x: scale('exact T(g|f)'),
		y: scale('sampled T(g|f)'),
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
				const bars = (holds: boolean): string =>
					shares
						.filter((share) => share.holds === holds)
						.map(({ exact, interval }) => down(x(exact), y(interval.upper), y(interval.lower)))
						.join('');
				const bar = { 'stroke-width': 1, 'stroke-opacity': '0.6' };
				pen.path(bars(true), { ...bar, stroke: 'currentColor' });
				pen.path(bars(false), { ...bar, stroke: colour('c2'), 'stroke-opacity': '1' });
				const at = shares.map(
					({ exact, count: n, attempts }) => [x(exact), y(n / attempts)] as const,
				);
				pen.path(dots(at), {
					stroke: colour('c1'),
					'stroke-width': shares.length > 60 ? 3.5 : 5,
					'stroke-linecap': 'round',
				});
			}),
		],
	};
}

/** 1, 2 and 5 times powers of ten; over many decades powers of ten, or some of them. */
function ticksWithin(low: number, high: number): number[] {
	const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
	const decades = to - from;
	const steps = decades <= 2 ? [1, 2, 5] : [1];
	const every = Math.ceil(decades / 8);
	return Array.from({ length: Math.floor(decades / every) + 1 }, (_, i) =>
		steps.map((step) => Number(`${step}e${from + i * every}`)),
	)
		.flat()
		.filter((x) => x >= low && x <= high);
}
