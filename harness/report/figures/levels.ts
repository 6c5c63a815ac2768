/** Level diagram: states as levels at V, the strongest transitions as arrows. */
import type { ReplicaSight } from '../../analysis/replica/matched.js';
import type { GroupRecord } from '../../dossier/dossier.js';
import type { Panelled } from '../figure.js';
import { digits } from '../numbers.js';
import { type Arrow, arrow } from './arrows.js';
import { around } from './axes.js';
import { colour } from './colours.js';
import { drawLanes, type Lanes, laneOptions, laneY, PLOT_LEFT, PLOT_RIGHT } from './lanes.js';
import { type Area, across, HALO, type Pen, sketch } from './pen.js';
import { type Attempted, PANEL_WIDTH, partOf } from './report-figure.js';
import { busiest, type Scene, type Standing, sceneOf } from './standing.js';
import { shownName } from './text.js';

const TITLE = 'Level diagram';
export const MOST_LEVELS = 12;
export const MOST_ARROWS = 25;
const COLUMNS = 4;
const WIDTH = (PLOT_RIGHT - PLOT_LEFT) / COLUMNS;
const INSET = 5;
/** Labels of one column stand this far apart. */
const LABEL = 12;

/** The paper's level diagram; states of unbounded potential in lanes of their own. */
export function levelFigure(group: GroupRecord): Attempted {
	const { matched } = group;
	if (matched === null) return { title: TITLE, reason: 'no state has a potential' };
	const observed = sceneOf(group, matched.observed);
	const values = chosen(observed).flatMap(({ value }) => (value === null ? [] : [value]));
	return {
		id: 'levels',
		title: TITLE,
		reading:
			'Each level is a state at its potential V, each arrow one of the most frequent transitions (blue downhill, orange uphill, wider if more frequent); states that lead to these and are never reached from them stand at +∞, those that are reached and never lead back at −∞, at no number.',
		panels: [panelOf(observed, 'observed'), nullPanel(group, matched.matched)],
		size: { width: PANEL_WIDTH, height: 330, columns: 2 },
		description: `${partOf(values.length, observed.bounded, 'states')} of bounded potential shown, from 0 to ${digits(Math.max(...values))} nats; ${observed.unbounded} states with an unbounded potential${elsewhere(observed)}.`,
	};
}

const elsewhere = ({ elsewhere }: Scene): string =>
	elsewhere === 0 ? '' : `; ${elsewhere} states of other components are on no common scale`;

function nullPanel(group: GroupRecord, sight: ReplicaSight): Panelled {
	return panelOf(sceneOf(group, sight), 'matched null');
}

/** The busiest states, whatever their potential. */
function chosen({ standing, table }: Scene): readonly Standing[] {
	const place = new Map(busiest(table).map((f, i) => [f, i]));
	return standing
		.toSorted((a, b) => place.get(a.state)! - place.get(b.state)!)
		.slice(0, MOST_LEVELS);
}

interface Level extends Standing {
	readonly name: string;
	readonly left: number;
	readonly y: number;
	readonly labelY: number;
}

function panelOf(scene: Scene, name: string): Panelled {
	const states = chosen(scene);
	const arrows = strongest(scene, states);
	const inLane = (lane: Standing['lane']) => states.filter((state) => state.lane === lane);
	const lanes: Lanes = {
		above: Math.ceil(inLane('above').length / COLUMNS),
		below: Math.ceil(inLane('below').length / COLUMNS),
	};
	const values = states.flatMap(({ value }) => (value === null ? [] : [value]));
	const all = scene.standing.length;
	return {
		title: `${name}: ${partOf(states.length, all, 'states')}, ${arrows.shown.length} of ${arrows.all} transitions${scene.elsewhere === 0 ? '' : `, ${scene.elsewhere} states elsewhere`}`,
		drawing: {
			...laneOptions(lanes, values.length === 0 ? [0, 1] : around(values, 0.04)),
			marks: [
				sketch((pen, area) => {
					drawLanes(pen, lanes, area);
					const levels = place(states, { scene, arrows: arrows.shown }, area);
					const paths = arrowPaths(levels, arrows.shown);
					drawArrows(pen, paths, 'shaft');
					drawLevels(pen, levels);
					drawArrows(pen, paths, 'head');
				}),
			],
		},
	};
}

interface Transition {
	readonly from: number;
	readonly to: number;
	readonly count: number;
}

/** The most frequent transitions among these states. */
function strongest({ table }: Scene, states: readonly Standing[]) {
	const shown = new Set(states.map(({ state }) => state));
	const all: Transition[] = [];
	for (const from of shown) {
		for (let i = table.rowStart[from]!; i < table.rowStart[from + 1]!; i++) {
			const to = table.target[i]!;
			if (shown.has(to)) all.push({ from, to, count: table.count[i]! });
		}
	}
	all.sort((a, b) => b.count - a.count || a.from - b.from || a.to - b.to);
	return { shown: all.slice(0, MOST_ARROWS), all: all.length };
}

interface Shown {
	readonly scene: Scene;
	readonly arrows: readonly Transition[];
}

/** Levels from top to bottom, each in a column where there is room for its label. */
function place(states: readonly Standing[], shown: Shown, area: Area): readonly Level[] {
	const { states: names } = shown.scene.table;
	const level = (standing: Standing, column: number, y: number, labelY: number): Level => ({
		...standing,
		name: shownName(names[standing.state]!, 16, WIDTH - 2 * INSET - 2),
		left: PLOT_LEFT + column * WIDTH,
		y,
		labelY,
	});
	const lanes = (['above', 'below'] as const).flatMap((lane) =>
		states
			.filter((state) => state.lane === lane)
			.map((state, i) => {
				const y = laneY(lane, Math.floor(i / COLUMNS), area);
				return level(state, i % COLUMNS, y + 5, y + 2);
			}),
	);
	const free = new Array<number>(COLUMNS).fill(-Infinity);
	// A lane's edge is not written over.
	const lowest = area.bottom + (states.some(({ lane }) => lane === 'below') ? 4 : 10);
	const bounded = states
		.flatMap((state) => (state.value === null ? [] : [{ state, y: area.y(state.value) }]))
		.sort((a, b) => a.y - b.y || a.state.state - b.state.state)
		.map(({ state, y }, i) => {
			const under = y + LABEL <= lowest && isMetFromAbove(state, states, shown.arrows);
			const top = under ? y - 2 : y - LABEL;
			const turned = free.map((_, column) => (column + i) % COLUMNS);
			const column =
				turned.find((c) => top >= free[c]!) ??
				turned.reduce((a, b) => (free[b]! < free[a]! ? b : a));
			const labelY = Math.max(y + (under ? LABEL - 2 : -3), free[column]! + LABEL - 2);
			free[column] = Math.max(y + 2, labelY + 2);
			return level(state, column, y, labelY);
		});
	return [...lanes, ...bounded];
}

/** Whether more arrows come to a level or leave it from above than from below: its label goes under it. */
function isMetFromAbove(
	{ state, value }: Standing,
	states: readonly Standing[],
	arrows: readonly Transition[],
): boolean {
	const at = new Map(states.map((one) => [one.state, one]));
	let above = 0;
	for (const { from, to } of arrows) {
		if (from !== state && to !== state) continue;
		const other = at.get(from === state ? to : from)!;
		const higher = other.value === null ? other.lane === 'above' : other.value > value!;
		above += higher ? 1 : -1;
	}
	return above > 0;
}

function drawLevels(pen: Pen, levels: readonly Level[]): void {
	const lines = (those: readonly Level[]): string =>
		those.map(({ left, y }) => across(left + INSET, y, left + WIDTH - INSET)).join('');
	const style = { stroke: 'currentColor', 'stroke-width': 2 };
	pen.path(lines(levels.filter(({ lane }) => lane === null)), style);
	const dashed = { ...style, 'stroke-dasharray': '3 2' };
	pen.path(lines(levels.filter(({ lane }) => lane !== null)), dashed);
	const labels = pen.group(HALO);
	for (const { name, left, labelY } of levels) {
		labels.text(name, { x: left + WIDTH / 2, y: labelY });
	}
}

interface ArrowPath extends Arrow {
	/** ink: from infinity to infinity */
	readonly colour: 'c1' | 'c2' | 'ink';
	readonly width: number;
}

/** Arrows end along their levels in the order of where they come from, so that few cross. */
function arrowPaths(levels: readonly Level[], arrows: readonly Transition[]): ArrowPath[] {
	const at = new Map(levels.map((level) => [level.state, level]));
	const slots = new Map(levels.map(({ state }) => [state, [] as { arrow: number; x: number }[]]));
	for (const [arrow, { from, to }] of arrows.entries()) {
		slots.get(from)!.push({ arrow, x: at.get(to)!.left });
		slots.get(to)!.push({ arrow, x: at.get(from)!.left });
	}
	const slot = (state: number, arrow: number): number => {
		const sorted = slots.get(state)!.toSorted((a, b) => a.x - b.x || a.arrow - b.arrow);
		const position = sorted.findIndex((one) => one.arrow === arrow);
		const { left } = at.get(state)!;
		return left + INSET + ((WIDTH - 2 * INSET) * (position + 1)) / (sorted.length + 1);
	};
	const most = arrows[0]?.count ?? 1;
	return arrows.map(({ from, to, count }, i) => {
		const [a, b] = [at.get(from)!, at.get(to)!];
		const size = Math.min(WIDTHS.length - 1, Math.floor(WIDTHS.length * Math.sqrt(count / most)));
		return {
			...arrow({ x1: slot(from, i), y1: a.y, x2: slot(to, i), y2: b.y }),
			colour: a.lane !== null && a.lane === b.lane ? 'ink' : b.y >= a.y ? 'c1' : 'c2',
			width: WIDTHS[size]!,
		};
	});
}

const WIDTHS = [0.7, 1.2, 1.8, 2.5] as const;

/** One path for all arrows of a colour and width; heads lie on the labels, shafts under them. */
function drawArrows(pen: Pen, arrows: readonly ArrowPath[], part: 'shaft' | 'head'): void {
	const paths = new Map<string, string>();
	for (const one of arrows) {
		const key = `${one.colour} ${part === 'shaft' ? one.width : 1.2}`;
		paths.set(key, (paths.get(key) ?? '') + one[part]);
	}
	for (const [key, d] of paths) {
		const [name, width] = key.split(' ') as [ArrowPath['colour'], string];
		pen.path(d, {
			fill: part === 'shaft' ? 'none' : colour(name),
			stroke: colour(name),
			'stroke-width': width,
			...(part === 'shaft' ? { 'stroke-opacity': '0.6' } : {}),
		});
	}
}
