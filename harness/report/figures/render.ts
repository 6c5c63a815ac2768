import { drawPanel, figureSvg, linesOfTitle } from '../figure.js';
import { escaped } from './markup.js';
import type { ReportFigure } from './report-figure.js';

/**
 * A figure as a document of its own: white ground, DejaVu Sans, colours as they are.
 *
 * @returns XML text, the same bytes for the same figure
 */
export function svgFile({ panels, size, ...around }: ReportFigure): string {
	return figureSvg(panels, size, around);
}

/**
 * A figure for the page: one <svg> for each panel in a <div class="panels">, so that panels wrap.
 * Nothing in it has an id or a style that another figure could meet; colours are custom properties.
 *
 * @returns markup for HTML, the same bytes for the same figure
 */
export function svgInline({ panels, size, title, description }: ReportFigure): string {
	const rows = Math.min(size.columns, panels.length);
	const lines = panels.map((panel) => linesOfTitle(panel.title, size.width).length);
	const drawn = panels.map((panel, i) => {
		// Panels of one row start at one height.
		const row = Math.floor(i / rows) * rows;
		const titleLines = Math.max(...lines.slice(row, row + rows));
		const { markup, width, height } = drawPanel(panel, size, { theme: 'themed', titleLines });
		const about = i === 0 ? ` ${description}` : '';
		const label = escaped(`${title}: ${panel.title.replaceAll('\n', ': ')}.${about}`);
		return `<svg role="img" aria-label="${label}" viewBox="0 0 ${width} ${height}" width="${width}" fill="currentColor" font-size="10">${markup}</svg>`;
	});
	return `<div class="panels">${drawn.join('')}</div>`;
}
