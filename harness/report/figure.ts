/** The one door to Observable Plot: figures as SVG text, without a browser. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { type DrawnNode, markup, type Theme, textMarkup } from './figures/markup.js';
import { linesWithin } from './figures/text.js';

/** One panel of a figure, as Observable Plot's options without the document. */
export type Drawing = Omit<Plot.PlotOptions, 'document'>;
export { Plot };

export interface Panelled {
	readonly title: string;
	readonly drawing: Drawing;
}

/** Size of one panel, pixels. */
export interface PanelSize {
	readonly width: number;
	readonly height: number;
	readonly columns: number;
}

/** One panel as SVG elements, its title above it, from (0, 0). */
export interface DrawnPanel {
	readonly markup: string;
	readonly width: number;
	readonly height: number;
}

const TITLE = { size: 11, line: 14 } as const;
/** Between rows of panels. */
const GAP = 10;

/** What is needed of a drawn element; the browser's own types are not loaded here. */
interface Drawn extends DrawnNode {
	readonly childNodes: Iterable<Drawn>;
}

/**
 * Draws one panel.
 *
 * @param panel title and drawing
 * @param size of the drawing; titles take lines above it
 * @param options colours; lines to leave for the title at least
 * @returns elements for an SVG document, deterministic
 */
export function drawPanel(
	{ title, drawing }: Panelled,
	{ width, height }: Pick<PanelSize, 'width' | 'height'>,
	{ theme, titleLines }: { readonly theme: Theme; readonly titleLines: number },
): DrawnPanel {
	const { document } = parseHTML('<html><body></body></html>');
	const plot: Drawn = Plot.plot({ width, height, ...drawing, document });
	const svg = drawingOf(plot);
	const lines = linesOfTitle(title, width);
	const head = TITLE.line * Math.max(titleLines, lines.length) + 4;
	const texts = lines.map((line, i) =>
		textMarkup(line, { x: 4, y: TITLE.line * (i + 1) - 3, size: TITLE.size, bold: true }),
	);
	const body = Array.from(svg.childNodes, (child) => markup(child, theme)).join('');
	return {
		markup: `${texts.join('')}<g transform="translate(0,${head})" text-anchor="middle">${body}</g>`,
		width,
		height: height + head,
	};
}

/** With a legend Plot wraps the drawing in a <figure>, after the legend. */
function drawingOf(plot: Drawn): Drawn {
	if (plot.localName === 'svg') return plot;
	const svg = [...plot.childNodes].findLast((node) => node.localName === 'svg');
	if (svg === undefined) throw new Error('Plot drew no svg');
	return svg;
}

/** Lines that the title of a panel takes. */
export function linesOfTitle(title: string, width: number): readonly string[] {
	return linesWithin(title, width - 8, { size: TITLE.size, bold: true });
}

/**
 * Panels side by side in one self-contained SVG document.
 *
 * @param panels title and drawing of each, in reading order
 * @param size of each panel, and panels per row
 * @param around text above and below them
 * @returns SVG text, ending in a line break; the same panels give the same bytes
 */
export function figureSvg(
	panels: readonly Panelled[],
	size: PanelSize,
	around: {
		readonly title?: string;
		readonly reading?: string;
		readonly description?: string;
	} = {},
): string {
	const columns = Math.min(size.columns, panels.length);
	const width = columns * size.width;
	const titleLines = Math.max(...panels.map(({ title }) => linesOfTitle(title, size.width).length));
	const above = paragraph(around.title, { width, y: 0, size: 14, bold: true });
	let below = above.height;
	const placed = panels.map((panel, i) => {
		const drawn = drawPanel(panel, size, { theme: 'fixed', titleLines });
		const y = above.height + Math.floor(i / columns) * (drawn.height + GAP);
		below = y + drawn.height;
		return `<g transform="translate(${(i % columns) * size.width},${y})">${drawn.markup}</g>`;
	});
	const foot = paragraph(around.reading, { width, y: below, size: 11, bold: false });
	const height = below + foot.height;
	const names = [
		around.title === undefined ? '' : textMarkup(around.title, { element: 'title' }),
		around.description === undefined ? '' : textMarkup(around.description, { element: 'desc' }),
	];
	const root = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" fill="#1a1a1a" font-family="DejaVu Sans, sans-serif" font-size="10">`;
	const white = `<rect width="${width}" height="${height}" fill="#ffffff"/>`;
	return `${root}${names.join('')}${white}${above.markup}${placed.join('')}${foot.markup}</svg>\n`;
}

/** Text over the whole width. */
function paragraph(
	text: string | undefined,
	at: {
		readonly width: number;
		readonly y: number;
		readonly size: number;
		readonly bold: boolean;
	},
) {
	if (text === undefined) return { markup: '', height: 0 };
	const { size, bold } = at;
	const line = Math.round(1.35 * size);
	const lines = linesWithin(text, at.width - 8, { size, bold });
	const texts = lines.map((one, i) =>
		textMarkup(one, { x: 4, y: at.y + line * (i + 1), size, bold }),
	);
	return { markup: texts.join(''), height: line * lines.length + 8 };
}
