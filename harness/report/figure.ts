/** The one door to Observable Plot: figures as SVG text, without a browser. */
import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** One panel of a figure, as Observable Plot's options without the document. */
export type Drawing = Omit<Plot.PlotOptions, 'document'>;
export { Plot };

/** Panels of a figure are drawn on white, so that dark viewers show them as they are. */
const BACKGROUND = '#ffffff';
const FONT = 'font-family="system-ui, sans-serif"';

export interface Panelled {
	readonly title: string;
	readonly drawing: Drawing;
}

/** What is needed of a drawn element; the browser's own types are not loaded here. */
interface Drawn {
	readonly tagName: string;
	readonly outerHTML: string;
	setAttribute(name: string, value: string): void;
	querySelector(selector: string): Drawn | null;
}

/** Size of one panel, pixels. */
export interface PanelSize {
	readonly width: number;
	readonly height: number;
	readonly columns: number;
}

/**
 * Panels side by side in one self-contained SVG document.
 *
 * @param panels title and drawing of each, in reading order
 * @param size of each panel, and panels per row
 * @returns SVG text, ending in a line break
 */
export function figureSvg(panels: readonly Panelled[], size: PanelSize): string {
	const { document } = parseHTML('<html><body></body></html>');
	const head = 24;
	const rows = Math.ceil(panels.length / size.columns);
	const columns = Math.min(size.columns, panels.length);
	const placed = panels.map(({ title, drawing }, i) => {
		const x = (i % size.columns) * size.width;
		const y = Math.floor(i / size.columns) * (size.height + head);
		const options = { width: size.width, height: size.height, ...drawing, document };
		const plot: Drawn = Plot.plot(options);
		// With a legend Plot wraps the drawing in a <figure>.
		const svg = plot.tagName.toLowerCase() === 'svg' ? plot : plot.querySelector('svg');
		if (svg === null) throw new Error(`nothing was drawn for ${title}`);
		svg.setAttribute('x', String(x));
		svg.setAttribute('y', String(y + head));
		const label = `<text x="${x + 12}" y="${y + 16}" ${FONT} font-size="13" font-weight="600">${escaped(title)}</text>`;
		return label + svg.outerHTML;
	});
	const width = columns * size.width;
	const height = rows * (size.height + head);
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"><rect width="${width}" height="${height}" fill="${BACKGROUND}"/>${placed.join('')}</svg>\n`;
}

function escaped(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
