/** Log-ratio against potential difference of an exact kernel. */
import type { ExactRecord } from '../../dossier/dossier.js';
import { digits } from '../numbers.js';
import { around } from './axes.js';
import { type Attempted, MOST_POINTS, PANEL_WIDTH, partOf, spread } from './report-figure.js';
import { type Points, panel } from './scatter.js';

const TITLE = 'Exact log-ratio against potential difference';

/** Every pair found both ways; a kernel that obeys detailed balance has all of them on the line. */
export function exactScatterFigure({ rows, finding }: ExactRecord): Attempted {
	const points = pointsOf(rows, finding.potential);
	if (points.length === 0) return { title: TITLE, reason: 'no pair of states was found both ways' };
	const shown = spread(points, MOST_POINTS);
	const { gradientShare: share, affinity } = finding;
	const explained = share === null ? '' : `, gradient share ${digits(share)}`;
	return {
		id: 'scatter',
		title: TITLE,
		reading:
			'Each dot is a pair of states; under detailed balance all dots lie on the dashed line y = x, without any noise, and what they stray from it is cycle affinity.',
		panels: [
			{
				title: `${partOf(shown.length, points.length, 'pairs')}${explained}`,
				drawing: panel(shown, around(points.flat()), {
					axes: ['V(f) − V(g), nats', 'log T(g|f) / T(f|g), nats'],
				}),
			},
		],
		size: { width: PANEL_WIDTH, height: 294, columns: 1 },
		description: `${points.length} pairs${explained}; rms cycle affinity ${digits(affinity.rms)} nats.`,
	};
}

/** In the order of states, f before g. Pairs found both ways have one zero of V. */
function pointsOf(
	rows: ExactRecord['rows'],
	potential: ExactRecord['finding']['potential'],
): Points {
	const points: (readonly [number, number])[] = [];
	for (const [f, { logT }] of rows.entries()) {
		for (let g = f + 1; g < rows.length; g++) {
			const [out, back] = [logT[g] ?? null, rows[g]!.logT[f] ?? null];
			const [from, to] = [potential[f]?.value ?? null, potential[g]?.value ?? null];
			if (out === null || back === null || from === null || to === null) continue;
			points.push([from - to, out - back]);
		}
	}
	return points;
}
