/** Marks of our own in a plot: many shapes as one path, and text at pixels. */
import type { Plot } from '../figure.js';
import { short } from './markup.js';

export type Mark = Plot.RenderFunction;

/** Where a plot draws: its scales in pixels, and the edges of its frame. */
export interface Area {
	readonly x: (value: number) => number;
	readonly y: (value: number) => number;
	readonly left: number;
	readonly right: number;
	readonly top: number;
	readonly bottom: number;
}

export type Style = Readonly<Record<string, string | number>>;

export interface Pen {
	path(d: string, style: Style): void;
	text(content: string, at: { readonly x: number; readonly y: number } & Style): void;
	/** a pen whose strokes share a style, which is written once */
	group(style: Style): Pen;
}

/** Only what is used of the drawing library's document. */
interface Sheet {
	createElementNS(space: string, name: string): Leaf;
}

interface Leaf {
	textContent: string;
	setAttribute(name: string, value: string): void;
	append(child: Leaf): void;
}

const SVG = 'http://www.w3.org/2000/svg';

/** A mark that draws by hand, at the plot's scales. */
export function sketch(draw: (pen: Pen, area: Area) => void): Mark {
	return (_index, scales, _values, dimensions, context) => {
		const sheet: Sheet = context.document;
		const group = sheet.createElementNS(SVG, 'g');
		const none = (): number => Number.NaN;
		const { width, height, marginLeft, marginRight, marginTop, marginBottom } = dimensions;
		draw(penOn(group, sheet), {
			x: scales.x === undefined ? none : (value) => Number(scales.x?.(value)),
			y: scales.y === undefined ? none : (value) => Number(scales.y?.(value)),
			left: marginLeft,
			right: width - marginRight,
			top: marginTop,
			bottom: height - marginBottom,
		});
		return group;
	};
}

function penOn(group: Leaf, sheet: Sheet): Pen {
	const add = (name: string, style: Style, content = ''): Leaf => {
		const leaf = sheet.createElementNS(SVG, name);
		for (const [key, value] of Object.entries(style)) {
			leaf.setAttribute(key, typeof value === 'number' ? short(value) : value);
		}
		if (content !== '') leaf.textContent = content;
		group.append(leaf);
		return leaf;
	};
	return {
		path: (d, style) => {
			if (d !== '') add('path', { d, ...style });
		},
		text: (content, at) => {
			add('text', at, content);
		},
		group: (style) => penOn(add('g', style), sheet),
	};
}

/** Many dots as one path of steps of no length: they show as round caps. */
export function dots(points: readonly (readonly [x: number, y: number])[]): string {
	let [atX, atY] = [0, 0];
	return points
		.map(([x, y]) => {
			const [toX, toY] = [Math.round(10 * x), Math.round(10 * y)];
			const [dx, dy] = [short((toX - atX) / 10), short((toY - atY) / 10)];
			[atX, atY] = [toX, toY];
			return `m${dx}${dy.startsWith('-') ? '' : ' '}${dy}h0`;
		})
		.join('');
}

/** A straight line. */
export const line = (x1: number, y1: number, x2: number, y2: number): string =>
	`M${short(x1)} ${short(y1)}L${short(x2)} ${short(y2)}`;

/** A line across, from x1 to x2. */
export const across = (x1: number, y: number, x2: number): string =>
	`M${short(x1)} ${short(y)}h${short(x2 - x1)}`;

/** A line down, from y1 to y2. */
export const down = (x: number, y1: number, y2: number): string =>
	`M${short(x)} ${short(y1)}v${short(y2 - y1)}`;

/** Around text that other things run through. */
export const HALO: Style = {
	stroke: 'var(--paper)',
	'stroke-width': 3,
	'paint-order': 'stroke',
	'stroke-linejoin': 'round',
};
