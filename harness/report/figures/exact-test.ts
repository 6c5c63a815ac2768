/** What detailed balance alone makes of the exact test's statistic, and what was observed. */
import type { GroupRecord } from '../../dossier/dossier.js';
import { type Drawing, Plot } from '../figure.js';
import { digits } from '../numbers.js';
import { axis, frame } from './axes.js';
import { colour } from './colours.js';
import { down, sketch } from './pen.js';
import { type Attempted, PANEL_WIDTH } from './report-figure.js';
import { widthOf } from './text.js';

const TITLE = 'Exact test of detailed balance';
/** An observed value further to the right than so many widths of the histogram is shown at the edge. */
const FARTHEST = 2;

interface Law {
	readonly from: number;
	readonly to: number;
	readonly counts: readonly number[];
}

/** Histogram of the statistic over the tables of the exact test, with the observed value. */
export function exactTestFigure({ finding }: GroupRecord): Attempted {
	const { exactTest, adjustedP } = finding;
	const { law, statistic, p, samples } = exactTest;
	if (law === null || statistic === null || p === null) {
		return { title: TITLE, reason: exactTest.reason ?? 'its statistic was not kept' };
	}
	const holm = adjustedP === null ? '' : `, ${digits(adjustedP)} after Holm`;
	return {
		id: 'exact-test',
		title: TITLE,
		reading:
			'The bars show the statistic t over tables drawn under detailed balance with the same totals, the line the observed one: far to the right of the bars, detailed balance is rejected.',
		panels: [
			{ title: `p ${digits(p)}${holm}, ${samples} tables`, drawing: histogram(law, statistic) },
		],
		size: { width: PANEL_WIDTH, height: 214, columns: 1 },
		description: `Observed statistic ${digits(statistic)}; under detailed balance ${digits(law.from)} to ${digits(law.to)} over ${samples} tables; p ${digits(p)}${holm}.`,
	};
}

function histogram({ from, to, counts }: Law, observed: number): Drawing {
	const width = to > from ? to - from : Math.max(1e-9, Math.abs(from));
	const step = width / counts.length;
	const bars = counts.flatMap((count, i) =>
		count === 0 ? [] : [{ from: from + i * step, to: from + (i + 1) * step, count }],
	);
	const limit = from + width * (1 + FARTHEST);
	const off = observed > limit;
	const domain = [
		Math.min(from, observed),
		off ? from + 1.25 * width : Math.max(from + width, observed) + 0.05 * width,
	] as const;
	return {
		marginLeft: 46,
		marginRight: 12,
		marginTop: 24,
		marginBottom: 32,
		x: { ...axis('statistic t of the exact test (no unit)', domain), tickFormat: '~s' },
		y: axis('tables', [0, Math.max(...counts)]),
		marks: [
			Plot.rect(bars, {
				x1: 'from',
				x2: 'to',
				y1: 0,
				y2: 'count',
				fill: colour('c6'),
				insetRight: 0.5,
			}),
			frame,
			sketch((pen, { x, top, bottom, left, right }) => {
				const text = `observed ${digits(observed)}`;
				const at = off ? right - 4 : x(observed);
				const half = widthOf(text) / 2;
				const middle = Math.min(right - half, Math.max(left + half, at));
				const style = { stroke: colour('c2'), 'stroke-width': 2, fill: 'none' };
				if (off) {
					const y = (top + bottom) / 2;
					pen.path(`M${right - 40} ${y}H${at}m-7 -5l7 5l-7 5`, style);
					pen.text(`${text}, off the scale`, { x: right - 6, y: y - 9, 'text-anchor': 'end' });
				} else {
					pen.path(down(at, top - 6, bottom), style);
					pen.text(text, { x: middle, y: top - 10 });
				}
			}),
		],
	};
}
