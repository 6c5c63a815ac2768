/** Each verdict by colour and by shape, so that it is known without colour too. */
import type { Verdict } from '../../analysis/verdict.js';
import { type ColourName, colour } from './colours.js';
import type { Mark, Pen } from './pen.js';
import { sketch } from './pen.js';
import { widthOf } from './text.js';

interface Sign {
	readonly colour: ColourName;
	/** around (0, 0), as steps; filled unless `open` */
	readonly shape: string;
	readonly open: boolean;
}

export const SIGNS: Readonly<Record<Verdict, Sign>> = {
	holds: { colour: 'c3', shape: 'm-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z', open: false },
	trivial: { colour: 'c1', shape: 'm0-5l5 5l-5 5l-5-5z', open: false },
	violated: { colour: 'c2', shape: 'm0-5l5 9h-10z', open: false },
	insufficient: { colour: 'c5', shape: 'm-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z', open: true },
	untestable: { colour: 'c4', shape: 'm-4-4l8 8m0-8l-8 8', open: true },
};

/** The signs of one verdict at many places, as one path. */
export function drawSigns(
	pen: Pen,
	verdict: Verdict,
	places: readonly (readonly [x: number, y: number])[],
): void {
	const { colour: name, shape, open } = SIGNS[verdict];
	const d = places.map(([x, y]) => `M${Math.round(x)} ${Math.round(y)}${shape}`).join('');
	const paint = open
		? { fill: colour('paper'), 'stroke-width': 2 }
		: { fill: colour(name), 'stroke-width': 1 };
	pen.path(d, { stroke: colour(name), ...paint });
}

/** Which sign is which verdict, in a line from (x, y). */
export function signLegend(place: { readonly x: number; readonly y: number }): Mark {
	return sketch((pen) => {
		let x = place.x + 6;
		for (const verdict of Object.keys(SIGNS) as Verdict[]) {
			drawSigns(pen, verdict, [[x, place.y]]);
			pen.text(verdict, { x: x + 8, y: place.y + 3.5, 'text-anchor': 'start' });
			x += widthOf(verdict) + 22;
		}
	});
}
