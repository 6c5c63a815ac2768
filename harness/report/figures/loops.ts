/** The loops that stand out most, each with its affinity and interval. */
import type { NamedLoop } from '../../analysis/finding.js';
import type { GroupRecord } from '../../dossier/dossier.js';
import type { Drawing } from '../figure.js';
import { digits } from '../numbers.js';
import { axis, frame } from './axes.js';
import { colour } from './colours.js';
import { across, dots, down, HALO, sketch } from './pen.js';
import { type Attempted, PANEL_WIDTH } from './report-figure.js';
import { linesWithin, shownName } from './text.js';

const TITLE = 'Loop affinities';
const MOST_LOOPS = 10;
const ROW = 30;
/** Two-sided 95 % of a normal law. */
const WIDE = 1.96;

/** Worst loops by name, A ± 1.96 standard errors, with p-values that hold for all loops together. */
export function loopsFigure({ finding }: GroupRecord): Attempted {
	const { loops, tested, reason } = finding.worstLoops;
	if (loops.length === 0) {
		return { title: TITLE, reason: finding.exactTest.reason ?? reason ?? 'no loop' };
	}
	const shown = loops.slice(0, MOST_LOOPS);
	const worst = shown[0]!;
	return {
		id: 'loops',
		title: TITLE,
		reading:
			'Each row is a loop of states, closed (↺), run the way round in which its affinity A is positive; under detailed balance every A is 0, and p holds for all loops together.',
		panels: [
			{
				title: `${shown.length} of ${tested} loops, largest |z| first\nA ± 1.96 standard errors`,
				drawing: intervals(shown),
			},
		],
		size: { width: PANEL_WIDTH, height: 36 + ROW * shown.length, columns: 1 },
		description: `${tested} loops; the first, ${loopName(worst)}: A ${digits(worst.affinity)} ± ${digits(WIDE * worst.standardError)} nats, adjusted p ${digits(worst.adjustedP)}.`,
	};
}

const loopName = ({ states }: NamedLoop): string => {
	const names = states.map((state) => shownName(state, 10, 68));
	const kept = names.length <= 4 ? names : [...names.slice(0, 3), `${names.length - 3} more`];
	return `${kept.join(' → ')} ↺`;
};

function intervals(loops: readonly NamedLoop[]): Drawing {
	const reach = (sign: number) => (l: NamedLoop) => l.affinity + sign * WIDE * l.standardError;
	const [low, high] = [Math.min(0, ...loops.map(reach(-1))), Math.max(...loops.map(reach(1)))];
	return {
		marginLeft: 10,
		marginRight: 10,
		marginTop: 4,
		marginBottom: 32,
		x: axis('cycle affinity A, nats', [low, high + 0.02 * (high - low)]),
		y: { axis: null, domain: [0, loops.length] },
		marks: [
			frame,
			sketch((pen, { x, left, right, top, bottom }) => {
				pen.path(down(x(0), top, bottom), { stroke: 'currentColor', 'stroke-dasharray': '4 3' });
				const names = pen.group({ ...HALO, 'text-anchor': 'start' });
				const ps = pen.group({ ...HALO, 'text-anchor': 'end' });
				for (const [i, loop] of loops.entries()) {
					const y = top + ROW * i;
					const p = loop.adjustedP === null ? '' : `p ${digits(loop.adjustedP)}`;
					const type = { size: 10, bold: false };
					const name = linesWithin(loopName(loop), right - left - 64, type);
					const more = name.length > 1 ? ' …' : '';
					names.text(name[0]! + more, { x: left + 4, y: y + 12 });
					ps.text(p, { x: right - 4, y: y + 12 });
					const [from, to] = [x(Math.max(low, reach(-1)(loop))), x(reach(1)(loop))];
					const ink = { stroke: colour('c1') };
					pen.path(across(from, y + 21, to), { ...ink, 'stroke-width': 1.5 });
					pen.path(dots([[x(loop.affinity), y + 21]]), {
						...ink,
						'stroke-width': 7,
						'stroke-linecap': 'round',
					});
				}
			}),
		],
	};
}
