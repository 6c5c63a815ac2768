/** How alike the potentials of all groups are. */
import type { Dossier, GroupRecord } from '../../dossier/dossier.js';
import type { Drawing, Panelled } from '../figure.js';
import { digits } from '../numbers.js';
import { colour } from './colours.js';
import { across, type Pen, sketch } from './pen.js';
import { type Attempted, PANEL_WIDTH, partOf, spread } from './report-figure.js';
import { boundedStates, byTask, pearson, sharedStates } from './shared-states.js';
import { shownName, widthOf } from './text.js';

const TITLE = 'Correlation of potentials';
export const MOST_GROUPS = 40;
export const MOST_TASKS = 6;
const ROW = 13;
const HEAD = 16;
/** Edges of the classes of |r|. */
const CLASSES = [0, 0.2, 0.4, 0.6, 0.8, 0.95] as const;

/** Pearson's r of the potentials on shared states, one panel for each task. */
export function correlationFigure(dossier: Dossier): Attempted {
	const tasks = byTask(dossier)
		.map(alike)
		.filter((task) => task.some);
	if (tasks.length === 0) {
		return { title: TITLE, reason: 'no two groups of a task share three states with a potential' };
	}
	const shown = tasks.slice(0, MOST_TASKS);
	const most = Math.max(...shown.map(({ groups }) => groups.length));
	const ranges = shown.map(({ values, groups }) => {
		const known = values.flatMap((row, i) => row.filter((_, j) => j < i)).filter((r) => r !== null);
		return `${groups.length} groups with r from ${digits(Math.min(...known))} to ${digits(Math.max(...known))}`;
	});
	const left = tasks.length - shown.length;
	return {
		id: 'correlations',
		title: TITLE,
		reading:
			'Each cell is Pearson’s r of the potentials of two groups over the states they share (three at least, else blank): strong blue, the same order of states; orange, the opposite one.',
		panels: shown.map(
			({ groups, all, values }, i): Panelled => ({
				title: `${shown.length > 1 ? `task ${i + 1}: ` : ''}${partOf(groups.length, all, 'groups')}`,
				drawing: matrix(groups, values),
			}),
		),
		size: { width: PANEL_WIDTH, height: HEAD + ROW * most + 44, columns: 2 },
		description: `${ranges.join('; ')}${left > 0 ? `; ${left} more tasks are not shown` : ''}.`,
	};
}

type Values = readonly (readonly (number | null)[])[];

/** Groups of a task that have a potential, and their correlations. */
function alike(task: readonly GroupRecord[]) {
	const withPotential = task.filter((group) => boundedStates(group).size >= 3);
	const groups = spread(withPotential, MOST_GROUPS);
	const bounded = groups.map(boundedStates);
	const values: Values = bounded.map((x, i) =>
		bounded.map((y, j) => (i === j ? null : pearson(sharedStates(x, y)))),
	);
	const some = values.some((row) => row.some((r) => r !== null));
	return { groups, all: withPotential.length, values, some };
}

function matrix(groups: readonly GroupRecord[], values: Values): Drawing {
	const n = groups.length;
	const names = groups.map(({ name }) => shownName(name, 28, 140));
	const left = Math.max(40, ...names.map((name) => widthOf(name))) + 28;
	const cell = Math.min(34, Math.floor((PANEL_WIDTH - left - 6) / n));
	return {
		x: { axis: null },
		y: { axis: null },
		marks: [
			sketch((pen) => {
				const every = [1, 2, 5, 10].find((step) => step * cell >= 16) ?? 10;
				const labels = pen.group({ 'text-anchor': 'end' });
				const numbers = pen.group({ 'text-anchor': 'end', 'fill-opacity': '0.7' });
				const heads = pen.group({ 'fill-opacity': '0.7' });
				for (const [i, name] of names.entries()) {
					const y = HEAD + ROW * (i + 0.5) + 3.5;
					labels.text(name, { x: left - 24, y });
					numbers.text(String(i + 1), { x: left - 4, y });
					if ((i + 1) % every === 0) {
						heads.text(String(i + 1), { x: left + cell * (i + 0.5), y: HEAD - 4 });
					}
				}
				cells(pen, values, { left, cell });
				legend(pen, HEAD + ROW * n + 14);
			}),
		],
	};
}

function cells(
	pen: Pen,
	values: Values,
	{ left, cell }: { readonly left: number; readonly cell: number },
): void {
	const paths = new Map<string, string>();
	for (const [i, row] of values.entries()) {
		for (const [j, r] of row.entries()) {
			if (r === null) continue;
			const key = `${r < 0 ? 'c2' : 'c1'} ${CLASSES.findLastIndex((from) => Math.abs(r) >= from)}`;
			const x = left + cell * j;
			const d = across(x, HEAD + ROW * (i + 0.5), x + cell - (cell > 6 ? 1 : 0));
			paths.set(key, (paths.get(key) ?? '') + d);
		}
	}
	for (const [key, d] of paths) {
		const [name, size] = key.split(' ') as ['c1' | 'c2', string];
		pen.path(d, shade(name, Number(size)));
	}
	const n = values.length;
	pen.path(`${across(left, HEAD, left + cell * n)}v${ROW * n}h${-cell * n}z`, {
		fill: 'none',
		stroke: 'currentColor',
		'stroke-opacity': '0.35',
	});
}

const shade = (name: 'c1' | 'c2', size: number) => ({
	stroke: colour(name),
	'stroke-opacity': ['0.1', '0.25', '0.4', '0.6', '0.8', '1'][size]!,
	'stroke-width': ROW - 1,
});

function legend(pen: Pen, y: number): void {
	const wide = 26;
	const count = CLASSES.length;
	const start = 16;
	for (let i = 0; i < count; i++) {
		pen.path(across(start + wide * i, y, start + wide * (i + 1)), shade('c2', count - 1 - i));
		pen.path(across(start + wide * (count + i), y, start + wide * (count + i + 1)), shade('c1', i));
	}
	const labels = [
		[0, '−1'],
		[3, '−0.6'],
		[6, '0'],
		[9, '0.6'],
		[12, 'r = 1'],
	] as const;
	for (const [at, text] of labels) pen.text(text, { x: start + wide * at, y: y + 17 });
}
