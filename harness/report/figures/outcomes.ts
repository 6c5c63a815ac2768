/** What came back from each source. */
import type { GroupRecord, SourceOutcomes } from '../../dossier/dossier.js';
import { OUTCOMES, type Outcome } from '../../outcome.js';
import type { Drawing } from '../figure.js';
import { axis, frame } from './axes.js';
import { colour } from './colours.js';
import { type Entry, legend, legendHeight } from './legend.js';
import { across, sketch } from './pen.js';
import { type Attempted, PANEL_WIDTH, partOf } from './report-figure.js';
import { shownName, widthOf } from './text.js';

const TITLE = 'Outcomes by source';
export const MOST_SOURCES = 30;
const ROW = 13;

/** The five outcomes, light and dark by turns, so that they differ without colour too. */
const COLOUR: Readonly<Record<Outcome, string>> = {
	valid: colour('c1'),
	self: colour('c6'),
	invalid: colour('c2'),
	unparsable: colour('c5'),
	truncated: colour('c4'),
};

/** Shares of the outcomes of each source, the sources with most attempts. */
export function outcomesFigure({ outcomesBySource, finding }: GroupRecord): Attempted {
	if (outcomesBySource === null) return { title: TITLE, reason: 'attempts were not recorded' };
	const made = outcomesBySource.filter((row) => sum(row) > 0);
	if (made.length === 0) return { title: TITLE, reason: 'no attempt was made' };
	const busiest = new Set(
		made
			.map((row, i) => ({ row, i }))
			.sort((a, b) => sum(b.row) - sum(a.row) || a.i - b.i)
			.slice(0, MOST_SOURCES)
			.map(({ row }) => row),
	);
	const shown = made.filter((row) => busiest.has(row));
	const { outcomes } = finding;
	const all = Object.values(outcomes).reduce((a, b) => a + b, 0);
	const shares = OUTCOMES.map((name) => `${((100 * outcomes[name]) / all).toFixed(1)} % ${name}`);
	return {
		id: 'outcomes',
		title: TITLE,
		reading:
			'Each bar divides the attempts made from one source: valid reached another state, self the same one, invalid broke the rule of the task, unparsable could not be read, truncated did not end in time.',
		panels: [
			{
				title: `${partOf(shown.length, made.length, 'sources')}, share of the attempts of each`,
				drawing: bars(shown),
			},
		],
		size: { width: PANEL_WIDTH, height: 48 + keyHeight + ROW * shown.length, columns: 1 },
		description: `All attempts: ${shares.join(', ')}.`,
	};
}

const sum = (row: SourceOutcomes): number => OUTCOMES.reduce((all, name) => all + row[name], 0);

const KEY: readonly Entry[] = OUTCOMES.map((name) => ({ label: name, colour: COLOUR[name] }));
const keyWidth = PANEL_WIDTH - 12;
const keyHeight = legendHeight(KEY, keyWidth);

function bars(rows: readonly SourceOutcomes[]): Drawing {
	const names = rows.map(({ source }) => shownName(source, 16, 104));
	const marginLeft = Math.max(30, ...names.map((name) => widthOf(name))) + 10;
	return {
		marginLeft,
		marginRight: 18,
		marginTop: keyHeight + 8,
		marginBottom: 32,
		x: { ...axis('share of the attempts, %', [0, 100]), ticks: [0, 25, 50, 75, 100] },
		y: { axis: null, domain: [0, rows.length] },
		marks: [
			legend(KEY, { x: 6, y: 0, width: keyWidth }),
			sketch((pen, { x, left, top }) => {
				const middle = (i: number): number => top + 4 + ROW * (i + 0.5);
				const labels = pen.group({ 'text-anchor': 'end' });
				for (const [i, name] of names.entries()) {
					labels.text(name, { x: left - 6, y: middle(i) + 3.5 });
				}
				for (const name of OUTCOMES) {
					const d = rows.map((row, i) => {
						const before = OUTCOMES.slice(0, OUTCOMES.indexOf(name));
						const from = before.reduce((all, outcome) => all + row[outcome], 0);
						if (row[name] === 0) return '';
						const scale = 100 / sum(row);
						return across(x(scale * from), middle(i), x(scale * (from + row[name])));
					});
					pen.path(d.join(''), { stroke: COLOUR[name], 'stroke-width': ROW - 3 });
				}
			}),
			frame,
		],
	};
}
