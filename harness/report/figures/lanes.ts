/** Room above and below a scale of V for states that stand at no number. */

import type { Drawing } from '../figure.js';
import { axis } from './axes.js';
import { type Area, across, type Pen } from './pen.js';
import { PANEL_WIDTH } from './report-figure.js';

export const LANE_ROW = 18;

export interface Lanes {
	/** rows of states in each lane */
	readonly above: number;
	readonly below: number;
}

const heightOf = (rows: number): number => (rows === 0 ? 0 : rows * LANE_ROW + 8);

export const PLOT_LEFT = 44;
export const PLOT_RIGHT = PANEL_WIDTH - 6;

/** Options of a plot with V upwards and a lane at either end where there are such states. */
export function laneOptions({ above, below }: Lanes, domain: readonly [number, number]): Drawing {
	return {
		marginLeft: PLOT_LEFT,
		marginRight: PANEL_WIDTH - PLOT_RIGHT,
		marginTop: 16 + heightOf(above),
		marginBottom: 12 + heightOf(below),
		x: { axis: null },
		y: { ...axis('V, nats', domain), labelAnchor: 'center' },
	};
}

/** The lanes' names, and where the scale ends. */
export function drawLanes(pen: Pen, { above, below }: Lanes, { top, bottom }: Area): void {
	const style = { stroke: 'currentColor', 'stroke-dasharray': '2 3', 'stroke-opacity': '0.6' };
	const lanes = [
		[above, top - 12, '+∞', top - 12 - heightOf(above) / 2],
		[below, bottom + 8, '−∞', bottom + 8 + heightOf(below) / 2],
	] as const;
	for (const [rows, edge, name, y] of lanes) {
		if (rows === 0) continue;
		pen.path(across(8, edge, PLOT_RIGHT), style);
		pen.text(name, { x: PLOT_LEFT - 8, y: y + 4, 'text-anchor': 'end' });
	}
}

/** Middle of a row of a lane. */
export function laneY(lane: 'above' | 'below', row: number, { top, bottom }: Area): number {
	const offset = 4 + LANE_ROW * (row + 0.5);
	return lane === 'above' ? top - 12 - offset : bottom + 8 + offset;
}
