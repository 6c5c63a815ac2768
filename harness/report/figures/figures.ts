/** The figures of a report: what there is, and as SVG, PNG or part of a page. */
export {
	exactFigures,
	groupFigures,
	missingFigures,
	missingOverviewFigures,
	overviewFigures,
} from './all.js';
export { type FigureFile, figureFiles } from './files.js';
export { svgFile, svgInline } from './render.js';
export type { MissingFigure, ReportFigure } from './report-figure.js';
