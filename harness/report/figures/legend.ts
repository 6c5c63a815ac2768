import { across, type Mark, sketch } from './pen.js';
import { widthOf } from './text.js';

export interface Entry {
	readonly label: string;
	readonly colour: string;
	/** a stroke of this pattern instead of a patch */
	readonly dash?: string;
	readonly opacity?: number;
}

const LINE = 14;
const SWATCH = 12;

/** Where each entry stands, wrapped. */
function places(entries: readonly Entry[], width: number) {
	let [x, row] = [0, 0];
	const at = entries.map(({ label }) => {
		const wide = SWATCH + 4 + widthOf(label) + 10;
		if (x > 0 && x + wide > width) [x, row] = [0, row + 1];
		const place = { x, row };
		x += wide;
		return place;
	});
	return { at, height: entries.length === 0 ? 0 : LINE * (row + 1) };
}

/** Height that a legend takes above a drawing. */
export const legendHeight = (entries: readonly Entry[], width: number): number =>
	places(entries, width).height;

/** A legend from (x, y) downwards. */
export function legend(
	entries: readonly Entry[],
	place: { readonly x: number; readonly y: number; readonly width: number },
): Mark {
	return sketch((pen) => {
		const { at } = places(entries, place.width);
		for (const [i, { label, colour, dash, opacity }] of entries.entries()) {
			const x = place.x + at[i]!.x;
			const y = place.y + at[i]!.row * LINE + LINE / 2;
			const pattern = dash === undefined || dash === '' ? {} : { 'stroke-dasharray': dash };
			const faint = opacity === undefined ? {} : { 'stroke-opacity': String(opacity) };
			pen.path(across(x, y, x + SWATCH), {
				stroke: colour,
				'stroke-width': dash === undefined ? 9 : 2,
				...pattern,
				...faint,
			});
			pen.text(label, { x: x + SWATCH + 4, y: y + 3.5, 'text-anchor': 'start' });
		}
	});
}
