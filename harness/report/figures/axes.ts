import type { Plot } from '../figure.js';
import { type Mark, sketch } from './pen.js';

/** An axis with its unit, no tick marks, and a faint grid. */
export function axis(label: string, domain: readonly [number, number]): Plot.ScaleOptions {
	return {
		label,
		domain: [...domain],
		grid: true,
		ticks: 5,
		tickSize: 0,
		labelAnchor: 'center',
		labelArrow: 'none',
	} as Plot.ScaleOptions;
}

/** A domain around values with some room; never empty. */
export function around(values: readonly number[], room = 0.05): readonly [number, number] {
	let [low, high] = [Infinity, -Infinity];
	for (const value of values) {
		low = Math.min(low, value);
		high = Math.max(high, value);
	}
	if (!(low <= high)) return [0, 1];
	const span = high - low;
	const pad = span > 1e-9 * Math.max(1, Math.abs(low), Math.abs(high)) ? room * span : 0.5;
	return [low - pad, high + pad];
}

/** The edges of the drawing. */
export const frame: Mark = sketch((pen, { left, right, top, bottom }) => {
	pen.path(`M${left} ${top}H${right}V${bottom}H${left}Z`, {
		fill: 'none',
		stroke: 'currentColor',
		'stroke-opacity': '0.35',
	});
});
