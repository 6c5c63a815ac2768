/** The effect size of every group on one scale. */
import { VERDICTS } from '../../analysis/verdict.js';
import type { Dossier, GroupRecord } from '../../dossier/dossier.js';
import type { Drawing } from '../figure.js';
import { digits } from '../numbers.js';
import { axis, frame } from './axes.js';
import { across, down, sketch } from './pen.js';
import { type Attempted, PANEL_WIDTH, partOf } from './report-figure.js';
import { shownName, widthOf } from './text.js';
import { drawSigns, signLegend } from './verdict-marks.js';

const TITLE = 'Cycle affinity of every group';
/** Rows of one panel; more groups go into further panels. */
export const MOST_ROWS = 40;
export const MOST_GROUPS = 400;
const ROW = 14;
const HEAD = 22;

/** rms cycle affinity with its 95 % interval, group by group, and the tolerance. */
export function forestFigure({ groups, options }: Dossier): Attempted {
	if (groups.length === 0) return { title: TITLE, reason: 'there is no group' };
	const shown = groups.slice(0, MOST_GROUPS);
	const tolerance = options.tolerances.affinity;
	const panels = Math.ceil(shown.length / MOST_ROWS);
	const each = Math.ceil(shown.length / panels);
	const highest = Math.max(2 * tolerance, ...shown.map((group) => reachOf(group)));
	const tally = VERDICTS.map((verdict) => {
		const n = groups.filter(({ finding }) => finding.verdict === verdict).length;
		return `${n} ${verdict}`;
	});
	return {
		id: 'affinity',
		title: TITLE,
		reading:
			'Each sign is the rms cycle affinity of a group with its 95 % interval, the upright tick its upper 95 % bound; bounds left of the dashed tolerance line mean that detailed balance holds.',
		panels: Array.from({ length: panels }, (_, i) => {
			const part = shown.slice(i * each, (i + 1) * each);
			const first = i * each + 1;
			const range = panels === 1 ? '' : `, ${first} to ${first + part.length - 1}`;
			return {
				title: `${partOf(shown.length, groups.length, 'groups')}${range}; tolerance ${digits(tolerance)} nats`,
				drawing: forest(part, { tolerance, highest }),
			};
		}),
		size: { width: PANEL_WIDTH, height: HEAD + ROW * each + 36, columns: 2 },
		description: `${groups.length} groups: ${tally.join(', ')}; tolerance ${digits(tolerance)} nats.`,
	};
}

function reachOf({ finding: { affinity } }: GroupRecord): number {
	return Math.max(affinity.rms ?? 0, affinity.upper95 ?? 0, affinity.interval95?.upper ?? 0);
}

/** Round numbers a label's width apart on a square-root scale from 0. */
function ticksTo(highest: number): number[] {
	const decade = 10 ** Math.floor(Math.log10(highest));
	const ticks = [0];
	for (const part of [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]) {
		const at = Number((part * decade).toPrecision(1));
		const gap = Math.sqrt(at / highest) - Math.sqrt(ticks.at(-1)! / highest);
		if (at <= highest && gap >= 0.13) ticks.push(at);
	}
	return ticks;
}

function forest(
	groups: readonly GroupRecord[],
	{ tolerance, highest }: { readonly tolerance: number; readonly highest: number },
): Drawing {
	const names = groups.map(({ name }) => shownName(name, 30, 150));
	const marginLeft = Math.max(60, ...names.map((name) => widthOf(name))) + 10;
	const square = { type: 'sqrt' as const, ticks: ticksTo(highest) };
	return {
		marginLeft,
		marginRight: 14,
		insetLeft: 8,
		marginTop: HEAD,
		marginBottom: 32,
		x: { ...axis('rms A, nats (square-root scale)', [0, 1.02 * highest]), ...square },
		y: { axis: null, domain: [0, groups.length] },
		marks: [
			frame,
			sketch((pen, { x, left, top, bottom }) => {
				const rowY = (i: number): number => top + ROW * (i + 0.5) + 2;
				pen.path(down(x(tolerance), top, bottom), {
					stroke: 'currentColor',
					'stroke-dasharray': '4 3',
				});
				const ink = { stroke: 'currentColor', 'stroke-opacity': '0.75' };
				const labels = pen.group({ 'text-anchor': 'end' });
				let bars = '';
				for (const [i, { finding }] of groups.entries()) {
					const { affinity } = finding;
					labels.text(names[i]!, { x: left - 6, y: rowY(i) + 3.5 });
					const { interval95, upper95 } = affinity;
					if (interval95 !== null) {
						bars += across(x(interval95.lower), rowY(i), x(interval95.upper));
					}
					if (upper95 !== null) bars += down(x(upper95), rowY(i) - 4, rowY(i) + 4);
					if (affinity.rms === null) {
						const why = { x: left + 22, y: rowY(i) + 3.5, 'text-anchor': 'start' };
						pen.text('no affinity', { ...why, 'fill-opacity': '0.7' });
					}
				}
				pen.path(bars, ink);
				for (const verdict of VERDICTS) {
					const places = groups.flatMap(({ finding }, i) =>
						finding.verdict === verdict
							? [
									[
										x(finding.affinity.rms ?? 0) + (finding.affinity.rms === null ? 6 : 0),
										rowY(i),
									] as const,
								]
							: [],
					);
					if (places.length > 0) drawSigns(pen, verdict, places);
				}
			}),
			signLegend({ x: 4, y: 8 }),
		],
	};
}
