import { short } from './markup.js';

export interface Ends {
	readonly x1: number;
	readonly y1: number;
	readonly x2: number;
	readonly y2: number;
}

/** How far an arrow bends to its right, of its length: there and back again do not lie on each other. */
const BEND = 0.08;
const HEAD = 6;
const SPREAD = 0.45;

export interface Arrow {
	readonly shaft: string;
	/** a filled triangle */
	readonly head: string;
}

/** A bent arrow as two paths of steps. */
export function arrow({ x1, y1, x2, y2 }: Ends): Arrow {
	const [dx, dy] = [x2 - x1, y2 - y1];
	const [cx, cy] = [dx / 2 - BEND * dy, dy / 2 + BEND * dx];
	const angle = Math.atan2(dy - cy, dx - cx);
	const corner = (turn: number): readonly [number, number] => [
		-HEAD * Math.cos(angle + turn),
		-HEAD * Math.sin(angle + turn),
	];
	const [left, right] = [corner(SPREAD), corner(-SPREAD)];
	const base = step(right[0] - left[0], right[1] - left[1]);
	return {
		// To whole pixels: a report holds many arrows.
		shaft: `M${whole(x1, y1)}q${whole(cx, cy)} ${whole(dx, dy)}`,
		head: `M${whole(x2, y2)}l${step(...left)}l${base}z`,
	};
}

const whole = (x: number, y: number): string => step(Math.round(x), Math.round(y));

function step(x: number, y: number): string {
	const second = short(y);
	return `${short(x)}${second.startsWith('-') ? '' : ' '}${second}`;
}
