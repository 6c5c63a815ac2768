/** The potential graph: states by V, edges as wide as what goes along them. */
import type { GroupRecord } from '../../dossier/dossier.js';
import type { Panelled } from '../figure.js';
import { digits } from '../numbers.js';
import { around } from './axes.js';
import { colour } from './colours.js';
import { MOST_STATES } from './kernel.js';
import { drawLanes, laneOptions, laneY, PLOT_LEFT, PLOT_RIGHT } from './lanes.js';
import { type Area, line, type Pen, sketch } from './pen.js';
import { type Attempted, PANEL_WIDTH, partOf } from './report-figure.js';
import { byPotential, type Scene, type Standing, sceneOf } from './standing.js';
import { shownName, widthOf } from './text.js';

const TITLE = 'Potential graph';
const MOST_EDGES = 80;
/** Up to so many states go by name, more by their number in the kernel figure. */
const NAMED = 12;
const HIGH = 14;
const IN_LANE = 14;
const WIDTHS = [0.4, 0.8, 1.4, 2.2, 3.2] as const;

/** States at their potentials, spread sideways so that none covers another. */
export function graphFigure(group: GroupRecord): Attempted {
	const { matched } = group;
	if (matched === null) return { title: TITLE, reason: 'no state has a potential' };
	const order = byPotential(group, MOST_STATES);
	const number = new Map(order.map((f, i) => [f, i + 1]));
	const scenes = [sceneOf(group, matched.observed), sceneOf(group, matched.matched)] as const;
	const named = scenes.every((scene) => among(scene, number).length <= NAMED);
	const label = (f: number): string =>
		named ? shownName(group.table.states[f]!, 10, 66) : String(number.get(f));
	const values = among(scenes[0], number).flatMap(({ value }) => (value === null ? [] : [value]));
	return {
		id: 'potential-graph',
		title: TITLE,
		reading: `Each box is a state at the height of its potential V, each line a pair of states, wider the more often it was passed in either direction${named ? '' : '; the numbers are those of the kernel figure'}.`,
		panels: [
			panelOf(scenes[0], { name: 'observed', number, label }),
			panelOf(scenes[1], { name: 'matched null', number, label }),
		],
		size: { width: PANEL_WIDTH, height: 330, columns: 2 },
		description: `${values.length} states from 0 to ${digits(Math.max(0, ...values))} nats, ${scenes[0].unbounded} with an unbounded potential.`,
	};
}

const among = ({ standing }: Scene, number: ReadonlyMap<number, number>): readonly Standing[] =>
	standing.filter(({ state }) => number.has(state));

interface Naming {
	readonly name: string;
	readonly number: ReadonlyMap<number, number>;
	readonly label: (state: number) => string;
}

interface Node {
	readonly state: number;
	readonly text: string;
	readonly x: number;
	readonly y: number;
	readonly wide: number;
}

function panelOf(scene: Scene, { name, number, label }: Naming): Panelled {
	const states = among(scene, number);
	const inLane = (lane: Standing['lane']) => states.filter((state) => state.lane === lane);
	const rows = (lane: Standing['lane']) => Math.ceil(widths(inLane(lane), label) / ROOM);
	const lanes = { above: rows('above'), below: rows('below') };
	const values = states.flatMap(({ value }) => (value === null ? [] : [value]));
	const edges = edgesOf(scene, states);
	return {
		title: `${name}: ${partOf(states.length, scene.standing.length, 'states')}, ${partOf(edges.shown.length, edges.all, 'pairs')}`,
		drawing: {
			...laneOptions(lanes, values.length === 0 ? [0, 1] : around(values, 0.04)),
			marks: [
				sketch((pen, area) => {
					drawLanes(pen, lanes, area);
					const nodes = placed(states, label, area);
					const without = states.length - nodes.length;
					if (without > 0) {
						const say = `${without} left out for want of room`;
						pen.text(say, { x: PLOT_RIGHT, y: 8, 'text-anchor': 'end' });
					}
					drawEdges(pen, nodes, edges.shown);
					drawNodes(pen, nodes);
				}),
			],
		},
	};
}

const ROOM = PLOT_RIGHT - PLOT_LEFT - 20;
const wideOf = (text: string): number => widthOf(text) + 6;

function widths(states: readonly Standing[], label: Naming['label']): number {
	return states.reduce((sum, { state }) => sum + wideOf(label(state)) + IN_LANE, 0);
}

/** Heights are V; a box goes to the free place nearest to its turn in a sequence that fills evenly. */
function placed(states: readonly Standing[], label: Naming['label'], area: Area): readonly Node[] {
	const nodes: Node[] = [];
	const byV = states.toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0) || a.state - b.state);
	const next = { above: { x: PLOT_LEFT, row: 0 }, below: { x: PLOT_LEFT, row: 0 } };
	for (const [i, { state, value, lane }] of byV.entries()) {
		const text = label(state);
		const wide = wideOf(text);
		if (lane !== null) {
			const at = next[lane];
			if (at.x + wide > PLOT_RIGHT) Object.assign(at, { x: PLOT_LEFT, row: at.row + 1 });
			nodes.push({ state, text, wide, x: at.x + wide / 2, y: laneY(lane, at.row, area) });
			at.x += wide + IN_LANE;
			continue;
		}
		const y = area.y(value!);
		const room = PLOT_RIGHT - PLOT_LEFT - wide;
		const wish = PLOT_LEFT + wide / 2 + room * ((0.5 + i * GOLDEN) % 1);
		const x = freePlace(nodes, { wish, y, wide });
		if (x !== null) nodes.push({ state, text, wide, x, y });
	}
	return nodes;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
const STEP = 3;

/** The nearest x to the wish where the box covers no other; null where there is none. */
function freePlace(
	nodes: readonly Node[],
	{ wish, y, wide }: { readonly wish: number; readonly y: number; readonly wide: number },
): number | null {
	const close = nodes.filter((node) => Math.abs(node.y - y) < HIGH + 1);
	const free = (x: number): boolean =>
		x - wide / 2 >= PLOT_LEFT &&
		x + wide / 2 <= PLOT_RIGHT &&
		close.every((node) => Math.abs(node.x - x) >= (node.wide + wide) / 2 + 2);
	for (let away = 0; away <= PLOT_RIGHT - PLOT_LEFT; away += STEP) {
		if (free(wish + away)) return wish + away;
		if (free(wish - away)) return wish - away;
	}
	return null;
}

interface Edge {
	readonly a: number;
	readonly b: number;
	readonly count: number;
}

function edgesOf({ table }: Scene, states: readonly Standing[]) {
	const shown = new Set(states.map(({ state }) => state));
	const counts = new Map<string, Edge>();
	for (const f of shown) {
		for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) {
			const g = table.target[i]!;
			if (!shown.has(g)) continue;
			const [a, b] = [Math.min(f, g), Math.max(f, g)];
			const known = counts.get(`${a} ${b}`)?.count ?? 0;
			counts.set(`${a} ${b}`, { a, b, count: known + table.count[i]! });
		}
	}
	const all = [...counts.values()].sort((p, q) => q.count - p.count || p.a - q.a || p.b - q.b);
	return { shown: all.slice(0, MOST_EDGES), all: all.length };
}

function drawEdges(pen: Pen, nodes: readonly Node[], edges: readonly Edge[]): void {
	const at = new Map(nodes.map((node) => [node.state, node]));
	const most = edges[0]?.count ?? 1;
	const paths = WIDTHS.map(() => '');
	// Edges of one state after another: what repeats compresses.
	const byState = edges.toSorted((p, q) => p.a - q.a || p.b - q.b);
	for (const { a, b, count } of byState) {
		const [from, to] = [at.get(a), at.get(b)];
		if (from === undefined || to === undefined) continue;
		const size = Math.min(WIDTHS.length - 1, Math.floor(WIDTHS.length * Math.sqrt(count / most)));
		paths[size] += line(...round(from), ...round(to));
	}
	for (const [size, d] of paths.entries()) {
		pen.path(d, { stroke: colour('c1'), 'stroke-width': WIDTHS[size]!, 'stroke-opacity': '0.4' });
	}
}

const round = ({ x, y }: Node): readonly [number, number] => [Math.round(x), Math.round(y)];

function drawNodes(pen: Pen, nodes: readonly Node[]): void {
	const boxes = pen.group({ fill: colour('paper'), stroke: 'currentColor' });
	for (const { x, y, wide } of nodes) {
		const [left, top] = [Math.round(x - wide / 2), Math.round(y - HIGH / 2)];
		boxes.path(`M${left} ${top}h${Math.round(wide)}v${HIGH}h${-Math.round(wide)}z`, {});
	}
	for (const { x, y, text } of nodes) pen.text(text, { x, y: y + 3.6 });
}
