/** Power of the exact test against attempts per state. */
import type { PowerTable } from '../../analysis/power/power.js';
import type { GroupRecord } from '../../dossier/dossier.js';
import { type Drawing, Plot } from '../figure.js';
import { digits } from '../numbers.js';
import { group as grouped } from '../progress.js';
import { axis, frame } from './axes.js';
import { colour } from './colours.js';
import { type Entry, legend, legendHeight } from './legend.js';
import { down, sketch } from './pen.js';
import { type Attempted, PANEL_WIDTH } from './report-figure.js';

const TITLE = 'Power of the exact test';
const COLOURS = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'] as const;
const DASHES = ['', '6 3', '2 2', '8 3 2 3', '1 3', '12 4'] as const;

/** Points of a curve may be left out where the line misses them by less, per cent. */
const SMOOTH = 0.25;

/** Chance to reject, curve by curve of the affinity, with the attempts made so far. */
export function powerCurve({ power, finding }: GroupRecord): Attempted {
	if (power === null) return { title: TITLE, reason: 'no loop was observed to measure it by' };
	const needed = power.needed.map(
		({ affinity, power: chance, attemptsPerState: n }) =>
			`${digits(affinity)} nats in ${Math.round(100 * chance)} % of cases: ${n === null ? 'more than can be counted' : grouped(n)}`,
	);
	const now = finding.attemptsPerSource;
	const made = now === null ? '' : `; ${grouped(Math.round(now))} made so far`;
	return {
		id: 'power',
		title: TITLE,
		reading:
			'Each curve shows how often the exact test would reject at so many attempts per state if the rms cycle affinity were as large as the legend says; the upright line marks the attempts made, where it is on the scale.',
		panels: [
			{
				title: `level ${digits(power.alpha)}${made}`,
				drawing: powerDrawing(power, { width: PANEL_WIDTH, now }),
			},
		],
		size: { width: PANEL_WIDTH, height: 262, columns: 1 },
		description: `Attempts per state needed to see an rms cycle affinity of ${needed.join('; ')}.`,
	};
}

/** The curves of one table, for a panel of this width. */
export function powerDrawing(
	{ curves, alpha }: PowerTable,
	{ width, now }: { readonly width: number; readonly now: number | null },
): Drawing {
	const entries = curves.powers.map(
		({ affinity }, i): Entry => ({
			label: `rms A ${digits(affinity)} nats`,
			colour: colour(COLOURS[i % COLOURS.length]!),
			dash: DASHES[i % DASHES.length]!,
		}),
	);
	const key = { x: 46, y: 0, width: width - 56 };
	const from = curves.attemptsPerState[0]!;
	const to = curves.attemptsPerState.at(-1)!;
	return {
		marginLeft: 46,
		marginRight: 14,
		marginTop: legendHeight(entries, key.width) + 8,
		marginBottom: 32,
		x: { ...axis('attempts per state (logarithmic)', [from, to]), type: 'log' },
		y: axis('power, %', [0, 100]),
		marks: [
			frame,
			...curves.powers.map(({ power }, i) => {
				const kept = bends(power.map((chance) => 100 * chance));
				const points = kept.map((k) => [curves.attemptsPerState[k]!, 100 * power[k]!]);
				const dash = DASHES[i % DASHES.length]!;
				return Plot.line(points as [number, number][], {
					stroke: entries[i]!.colour,
					strokeWidth: 2,
					...(dash === '' ? {} : { strokeDasharray: dash }),
				});
			}),
			sketch((pen, { x, y, left, right, top, bottom }) => {
				pen.path(`M${left} ${y(100 * alpha)}H${right}`, {
					stroke: 'currentColor',
					'stroke-dasharray': '2 3',
					'stroke-opacity': '0.6',
				});
				if (now !== null && now >= from && now <= to) {
					pen.path(down(x(now), top, bottom), { stroke: 'currentColor', 'stroke-width': 1.5 });
				}
			}),
			legend(entries, key),
		],
	};
}

/** Of values at equal steps, the positions that straight lines between them need. */
function bends(values: readonly number[]): readonly number[] {
	const straight = (from: number, to: number): boolean => {
		const slope = (values[to]! - values[from]!) / (to - from);
		for (let k = from + 1; k < to; k++) {
			if (Math.abs(values[from]! + slope * (k - from) - values[k]!) > SMOOTH) return false;
		}
		return true;
	};
	const kept = [0];
	for (let k = 2; k < values.length; k++) if (!straight(kept.at(-1)!, k)) kept.push(k - 1);
	return [...kept, values.length - 1];
}
