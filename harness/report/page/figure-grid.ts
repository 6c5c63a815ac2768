import { type MissingFigure, type ReportFigure, svgInline } from '../figures/figures.js';
import { html, type Markup, trusted } from './html.js';

/** Figures side by side where there is room, each with how to read it. */
export function figureGrid(figures: readonly ReportFigure[]): Markup | null {
	if (figures.length === 0) return null;
	return html`<div class="figures">
${figures.map(
	(figure) => html`<figure>
${trusted(svgInline(figure))}
<figcaption><strong>${figure.title}.</strong> ${figure.reading}</figcaption>
</figure>
`,
)}</div>
`;
}

/** Figures that could not be drawn, and why: nothing is left out silently. */
export function missingList(missing: readonly MissingFigure[]): Markup | null {
	if (missing.length === 0) return null;
	return html`<p class="note">Not drawn: ${missing.map(({ title, reason }) => `${title} (${reason})`).join('; ')}.</p>
`;
}
