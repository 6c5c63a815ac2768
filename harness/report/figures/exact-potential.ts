/** The potential of an exact kernel, state by state. */
import type { ScoredPotential } from '../../analysis/scored/potential.js';
import type { ExactRecord } from '../../dossier/dossier.js';
import type { Drawing } from '../figure.js';
import { digits } from '../numbers.js';
import { around, axis, frame } from './axes.js';
import { colour } from './colours.js';
import { across, dots, sketch } from './pen.js';
import { type Attempted, PANEL_WIDTH, partOf, spread } from './report-figure.js';
import { inOrder } from './standing.js';
import { shownName, widthOf } from './text.js';

const TITLE = 'Potential of the exact kernel';
export const MOST_SHOWN = 40;
const ROW = 13;
const FOOT = 36;

interface Level {
	readonly name: string;
	readonly value: number;
	/** what other shapes and mass left out leave open */
	readonly open: number;
}

/** V of each state with its numerical uncertainty, the lowest first; of many states some, spread over all. */
export function exactPotentialFigure({ finding: { potential } }: ExactRecord): Attempted {
	const order = inOrder(potential, [...potential.keys()]);
	const levels = order.flatMap((f) => levelOf(potential[f]!));
	if (levels.length === 0) return { title: TITLE, reason: 'no state has a potential' };
	const shown = spread(levels, MOST_SHOWN);
	const without = potential.length - levels.length;
	const none = without === 0 ? '' : `, ${without} without a potential`;
	const largest = Math.max(...levels.map(({ value }) => value));
	const open = Math.max(...levels.map((level) => level.open));
	return {
		id: 'potential',
		title: TITLE,
		reading:
			'Each dot is a state at its potential V, in nats above the lowest state it is joined with, the bar being what mass left out and other evaluation shapes leave open; there is no sampling error.',
		panels: [
			{
				title: `${partOf(shown.length, levels.length, 'states')}${none}`,
				drawing: drawing(shown),
			},
		],
		size: { width: PANEL_WIDTH, height: ROW * shown.length + FOOT, columns: 1 },
		description: `${levels.length} states from 0 to ${digits(largest)} nats, open by at most ${digits(open)}.`,
	};
}

function levelOf({ state, value, jitter, leftOut }: ScoredPotential): Level[] {
	return value === null ? [] : [{ name: state, value, open: (jitter ?? 0) + (leftOut ?? 0) }];
}

function drawing(levels: readonly Level[]): Drawing {
	const names = levels.map(({ name }) => shownName(name, 18, 120));
	const ends = levels.flatMap(({ value, open }) => [value - open, value + open]);
	return {
		marginLeft: Math.max(30, ...names.map((name) => widthOf(name))) + 12,
		marginRight: 10,
		marginTop: 4,
		marginBottom: 32,
		x: axis('V, nats', around(ends)),
		y: { axis: null, domain: [0, levels.length] },
		marks: [
			frame,
			sketch((pen, { x, left, right, top }) => {
				const labels = pen.group({ 'text-anchor': 'end' });
				const yOf = (i: number): number => top + ROW * (i + 0.5);
				for (const [i, name] of names.entries())
					labels.text(name, { x: left - 5, y: yOf(i) + 3.5 });
				const lines = levels.map((_, i) => across(left, yOf(i), right)).join('');
				pen.path(lines, { stroke: 'currentColor', 'stroke-opacity': '0.12' });
				const bars = levels.map(({ value, open }, i) => {
					const [from, to] = [x(value - open), x(value + open)];
					return to - from > 0.1 ? across(from, yOf(i), to) : '';
				});
				pen.path(bars.join(''), { stroke: 'currentColor', 'stroke-width': 1.5 });
				pen.path(dots(levels.map(({ value }, i) => [x(value), yOf(i)] as const)), {
					stroke: colour('c1'),
					'stroke-width': 6,
					'stroke-linecap': 'round',
				});
			}),
		],
	};
}
