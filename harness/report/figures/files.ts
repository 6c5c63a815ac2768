import { setImmediate } from 'node:timers/promises';
import type { Dossier } from '../../dossier/dossier.js';
import { pngOf } from '../png.js';
import { exactFigures, groupFigures, overviewFigures } from './all.js';
import { svgFile } from './render.js';
import type { ReportFigure } from './report-figure.js';

export interface FigureFile {
	/** relative, with slashes */
	readonly path: string;
	readonly bytes: Uint8Array;
}

/**
 * Every figure of a report as SVG and PNG: `overview/ID.svg`, `groups/SLUG/ID.svg`, `exact/SLUG/ID.svg`.
 *
 * @param dossier what the report shows
 * @yields one file after another; the same dossier gives the same bytes on every machine
 */
export async function* figureFiles(dossier: Dossier): AsyncGenerator<FigureFile> {
	yield* both('overview', overviewFigures(dossier));
	for (const group of dossier.groups) yield* both(`groups/${group.slug}`, groupFigures(group));
	for (const exact of dossier.exact) {
		const group = dossier.groups[exact.group ?? -1] ?? null;
		yield* both(`exact/${exact.slug}`, exactFigures(exact, group).drawn);
	}
}

async function* both(folder: string, figures: readonly ReportFigure[]): AsyncGenerator<FigureFile> {
	for (const figure of figures) {
		await setImmediate();
		const svg = svgFile(figure);
		yield { path: `${folder}/${figure.id}.svg`, bytes: new TextEncoder().encode(svg) };
		yield { path: `${folder}/${figure.id}.png`, bytes: await pngOf(svg) };
	}
}
