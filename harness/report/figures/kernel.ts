/** The transition kernel as a heat map, states in the order of their potential. */
import type { GroupRecord } from '../../dossier/dossier.js';
import type { Drawing } from '../figure.js';
import { digits } from '../numbers.js';
import { colour } from './colours.js';
import { across, type Pen, sketch } from './pen.js';
import { type Attempted, PANEL_WIDTH, partOf } from './report-figure.js';
import { byPotential } from './standing.js';
import { shownName, widthOf } from './text.js';

const TITLE = 'Transition kernel, ordered by potential';
export const MOST_STATES = 30;
export const ROW = 12;
export const HEAD = 30;
const GAP = 4;
const EXTRA = 13;
const SHADES = 9;

/** A row of shares: to each shown state, then self, other states, no state. */
export interface Row {
	readonly name: string;
	readonly cells: readonly (number | null)[];
}

/** T(g|f) = C_fg / C_f on a logarithmic scale of shades. */
export function kernelFigure(group: GroupRecord): Attempted {
	const { table, finding } = group;
	if (finding.pairs === 0) return { title: TITLE, reason: 'no transition was observed' };
	const order = byPotential(group, MOST_STATES);
	const extras = extrasOf(group, order.length);
	const rows = order.map((f) => rowOf(group, f, { order, extras }));
	const shown = partOf(order.length, table.states.length, 'states');
	const share = table.attemptsRecorded ? 'attempts' : 'accepted transitions';
	const largest = Math.max(...rows.flatMap(({ cells }) => cells.map((x) => x ?? 0)));
	return {
		id: 'kernel',
		title: TITLE,
		reading: `Each row shows what came back from one state, in % of its ${share}: the stronger the colour, the more often; rows and columns go from the lowest potential to the highest${extras.length === 0 ? '' : ', and the columns set apart are outcomes that are no transition to a state shown'}.`,
		panels: [
			{ title: `${shown}, share of the ${share} from each`, drawing: heatMap(rows, extras) },
		],
		size: { width: PANEL_WIDTH, height: HEAD + ROW * rows.length + 50, columns: 1 },
		description: `${shown}; the largest entry is ${digits(100 * largest)} %.`,
	};
}

export type Extra = 'self' | 'other' | 'none';

function extrasOf({ table }: GroupRecord, shown: number): readonly Extra[] {
	const other: Extra[] = shown < table.states.length ? ['other'] : [];
	return table.attemptsRecorded ? ['self', ...other, 'none'] : other;
}

function rowOf(
	{ table }: GroupRecord,
	f: number,
	{ order, extras }: { readonly order: readonly number[]; readonly extras: readonly Extra[] },
): Row {
	const counts = new Map<number, number>();
	let valid = 0;
	for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) {
		counts.set(table.target[i]!, table.count[i]!);
		valid += table.count[i]!;
	}
	const all = table.attemptsRecorded ? table.attempts[f]! : valid;
	const inside = order.map((g) => counts.get(g) ?? 0);
	const known = inside.reduce((sum, n) => sum + n, 0);
	const self = table.self[f]!;
	const outside = { self, other: valid - known, none: all - valid - self };
	const cells = [...inside, ...extras.map((extra) => outside[extra])];
	return {
		name: table.states[f]!,
		cells: cells.map((n, i) => (all === 0 || order[i] === f ? null : n / all)),
	};
}

/** Lower ends of shades within a factor of ten, finer where the shares span less. */
const STEPS = [[1, 1.5, 2, 3, 5, 7], [1, 2, 5], [1, 3], [1]] as const;

/** Lower ends of the shades: round, the first not above the smallest share, the last below 1. */
function shadesOf(rows: readonly Row[]): readonly number[] {
	let least = 0.99;
	for (const { cells } of rows) {
		for (const x of cells) if (x !== null && x > 0) least = Math.min(least, x);
	}
	const decades = Math.ceil(-Math.log10(least));
	for (const steps of STEPS) {
		const all = Array.from({ length: decades }, (_, i) =>
			steps.map((step) => Number(`${step}e${i - decades}`)),
		).flat();
		const shades = all.slice(all.findLastIndex((from) => from <= least));
		if (shades.length <= SHADES || steps.length === 1) return shades.slice(-SHADES);
	}
	return [];
}

/** Rows by shade on a logarithmic scale; `extras` are set apart. */
export function heatMap(rows: readonly Row[], extras: readonly Extra[]): Drawing {
	const states = rows.length;
	const label = Math.max(30, ...rows.map(({ name }) => widthOf(shownName(name, 16, 100)))) + 28;
	const room = PANEL_WIDTH - label - 12 - extras.length * (EXTRA + GAP);
	const cell = Math.min(30, Math.floor(room / states));
	const shades = shadesOf(rows);
	const xOf = (column: number): number =>
		column < states
			? label + column * cell
			: label + states * cell + GAP + (column - states) * (EXTRA + GAP);
	return {
		x: { axis: null },
		y: { axis: null },
		marks: [
			sketch((pen) => {
				heads(pen, { states, cell, extras, xOf });
				const names = pen.group({ 'text-anchor': 'end' });
				const numbers = pen.group({ 'text-anchor': 'end', 'fill-opacity': '0.7' });
				const notes = pen.group({ 'text-anchor': 'start', 'fill-opacity': '0.7' });
				for (const [i, { name, cells }] of rows.entries()) {
					const y = HEAD + ROW * i + ROW / 2 + 3.5;
					names.text(shownName(name, 16, 100), { x: label - 24, y });
					numbers.text(String(i + 1), { x: label - 4, y });
					if (cells.every((x) => x === null)) notes.text('no attempts', { x: label + 4, y });
				}
				cellsOf(pen, rows, { states, cell, shades, xOf });
				shadeLegend(pen, shades, HEAD + ROW * states + 12);
			}),
		],
	};
}

interface Columns {
	readonly states: number;
	readonly cell: number;
	readonly xOf: (column: number) => number;
}

function heads(
	pen: Pen,
	{ states, cell, extras, xOf }: Columns & { readonly extras: readonly Extra[] },
): void {
	pen.text('from ↓ to →', { x: 4, y: HEAD - 17, 'text-anchor': 'start', 'fill-opacity': '0.7' });
	const every = [1, 2, 5, 10].find((step) => step * cell >= 16) ?? 10;
	for (let i = 0; i < states; i++) {
		if ((i !== 0 || every === 2) && (i + 1) % every !== 0) continue;
		pen.text(String(i + 1), { x: xOf(i) + cell / 2, y: HEAD - 5, 'fill-opacity': '0.7' });
	}
	for (const [i, extra] of extras.entries()) {
		// Neighbouring heads would touch: every other one stands a line higher.
		pen.text(extra, { x: xOf(states + i) + EXTRA / 2, y: HEAD - (i % 2 === 0 ? 17 : 5) });
	}
}

/** Cells of one shade in one path, runs of them in one stroke. */
function cellsOf(
	pen: Pen,
	rows: readonly Row[],
	{ states, cell, xOf, shades }: Columns & { readonly shades: readonly number[] },
): void {
	const shadeOf = (x: number | null | undefined): number => {
		if (x === null || x === undefined || x <= 0) return -1;
		return Math.max(
			0,
			shades.findLastIndex((from) => x >= from * (1 - 1e-9)),
		);
	};
	const paths = shades.map(() => '');
	for (const [i, { cells }] of rows.entries()) {
		const y = HEAD + ROW * i + ROW / 2;
		// Where the last run of each shade ended in this row: the next one is a step from there.
		const ends = new Map<number, number>();
		for (let at = 0; at < cells.length; ) {
			const shade = shadeOf(cells[at]);
			let to = at + 1;
			while (at < states && to < states && shadeOf(cells[to]) === shade) to += 1;
			const [from, end] = [xOf(at), at < states ? xOf(to - 1) + cell : xOf(at) + EXTRA];
			const before = ends.get(shade);
			const go = before === undefined ? `M${from} ${y}` : `m${from - before} 0`;
			if (shade >= 0) paths[shade] += `${go}h${end - from}`;
			ends.set(shade, end);
			at = to;
		}
	}
	for (const [shade, d] of paths.entries()) pen.path(d, shadeStyle(shade, shades.length));
	const edge = across(xOf(0), HEAD, xOf(states - 1) + cell);
	pen.path(`${edge}v${ROW * rows.length}h${-states * cell}z`, {
		fill: 'none',
		stroke: 'currentColor',
		'stroke-opacity': '0.35',
	});
}

const shadeStyle = (shade: number, shades: number) => ({
	stroke: colour('c1'),
	'stroke-opacity': String(Math.round(100 * (0.08 + (0.92 * (shade + 1)) / shades)) / 100),
	'stroke-width': ROW - 1,
});

function shadeLegend(pen: Pen, shades: readonly number[], y: number): void {
	const wide = Math.min(46, Math.floor((PANEL_WIDTH - 56) / shades.length));
	for (const [i, from] of shades.entries()) {
		const x = 20 + i * wide;
		pen.path(across(x, y + 5, x + wide), shadeStyle(i, shades.length));
		// As many labels as have room.
		if (wide >= 36 || i % 2 === shades.length % 2) {
			pen.text(`${digits(100 * from)}`, { x, y: y + 22 });
		}
	}
	pen.text('100 %', { x: 20 + shades.length * wide, y: y + 22 });
}
