/** Verdicts at one glance: models down, templates across. */
import { VERDICTS } from '../../analysis/verdict.js';
import type { Dossier, GroupRecord } from '../../dossier/dossier.js';
import type { Drawing } from '../figure.js';
import { across, down, sketch } from './pen.js';
import { type Attempted, PANEL_WIDTH, partOf } from './report-figure.js';
import { shownName, widthOf } from './text.js';
import { drawSigns, signLegend } from './verdict-marks.js';

const TITLE = 'Verdicts by model and template';
export const MOST_MODELS = 60;
export const MOST_TEMPLATES = 16;
/** Signs in one cell; more are counted. */
const MOST_SIGNS = 4;
const ROW = 18;
const SIGN = 13;
const HEAD = 34;

/** A matrix of signs; a cell holds one for each group of its model and template. */
export function verdictFigure({ groups }: Dossier): Attempted {
	if (groups.length === 0) return { title: TITLE, reason: 'there is no group' };
	const all = { models: distinct(groups, 'model'), templates: distinct(groups, 'template') };
	const models = all.models.slice(0, MOST_MODELS);
	const templates = all.templates.slice(0, MOST_TEMPLATES);
	const title = [
		partOf(models.length, all.models.length, 'models'),
		partOf(templates.length, all.templates.length, 'templates'),
	].join(', ');
	const tally = VERDICTS.map(
		(verdict) => `${groups.filter((g) => g.finding.verdict === verdict).length} ${verdict}`,
	);
	return {
		id: 'verdicts',
		title: TITLE,
		reading:
			'Each row is a model, each column a template, numbered below, and each sign the verdict of one group, in the order of the groups.',
		panels: [{ title, drawing: matrix(groups, models, templates) }],
		size: {
			width: PANEL_WIDTH,
			height: HEAD + ROW * models.length + 16 + 14 * templates.length,
			columns: 1,
		},
		description: `${groups.length} groups: ${tally.join(', ')}.`,
	};
}

function distinct(groups: readonly GroupRecord[], key: 'model' | 'template'): readonly string[] {
	return [...new Set(groups.map((group) => group[key]))];
}

function matrix(
	groups: readonly GroupRecord[],
	models: readonly string[],
	templates: readonly string[],
): Drawing {
	const names = models.map((model) => shownName(model, 18, 112));
	const left = Math.max(40, ...names.map((name) => widthOf(name))) + 12;
	const wide = Math.min(MOST_SIGNS * SIGN + 10, (PANEL_WIDTH - left - 6) / templates.length);
	const most = Math.max(1, Math.min(MOST_SIGNS, Math.floor((wide - 2) / SIGN)));
	const cells = new Map<string, GroupRecord[]>();
	for (const group of groups) {
		const key = `${models.indexOf(group.model)} ${templates.indexOf(group.template)}`;
		cells.set(key, [...(cells.get(key) ?? []), group]);
	}
	const bottom = HEAD + ROW * models.length;
	return {
		x: { axis: null },
		y: { axis: null },
		marks: [
			signLegend({ x: 4, y: 8 }),
			sketch((pen) => {
				const right = left + wide * templates.length;
				const rows = models.map((_, i) => across(left, HEAD + ROW * i, right));
				const columns = templates.map((_, i) => down(left + wide * i, HEAD, bottom));
				const edges = across(left, bottom, right) + down(right, HEAD, bottom);
				pen.path(rows.join('') + columns.join('') + edges, {
					stroke: 'currentColor',
					'stroke-opacity': '0.25',
				});
				for (const [i, name] of names.entries()) {
					const y = HEAD + ROW * (i + 0.5) + 3.5;
					pen.text(name, { x: left - 6, y, 'text-anchor': 'end' });
				}
				for (const [i, template] of templates.entries()) {
					pen.text(String(i + 1), { x: left + wide * (i + 0.5), y: HEAD - 5 });
					const y = bottom + 16 + 14 * i;
					const name = `${i + 1}  ${shownName(template, 40, 300)}`;
					pen.text(name, { x: left, y, 'text-anchor': left > 200 ? 'end' : 'start' });
				}
				for (const [key, members] of cells) {
					const [row, column] = key.split(' ').map(Number) as [number, number];
					if (row < 0 || column < 0) continue;
					const room = members.length > most ? most - 1 : most;
					const shown = members.slice(0, room);
					const y = HEAD + ROW * (row + 0.5);
					const all = Math.min(members.length, most);
					const from = left + wide * (column + 0.5) - (SIGN * (all - 1)) / 2;
					for (const [i, { finding }] of shown.entries()) {
						drawSigns(pen, finding.verdict, [[from + SIGN * i, y]]);
					}
					const more = members.length - shown.length;
					if (more > 0) pen.text(`+${more}`, { x: from + SIGN * room, y: y + 3.5 });
				}
			}),
		],
	};
}
