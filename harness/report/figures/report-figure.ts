import type { Panelled, PanelSize } from '../figure.js';

/** One figure of the report, not drawn yet. */
export interface ReportFigure {
	/** of the figure's kind: a-z and hyphens */
	readonly id: string;
	readonly title: string;
	/** one sentence: how to read it */
	readonly reading: string;
	readonly panels: readonly Panelled[];
	/** of each panel */
	readonly size: PanelSize;
	/** a text alternative with the key numbers */
	readonly description: string;
}

/** A figure that the data do not allow. */
export interface MissingFigure {
	readonly title: string;
	readonly reason: string;
}

export type Attempted = ReportFigure | MissingFigure;

export const isFigure = (one: Attempted): one is ReportFigure => 'panels' in one;

/** Width of a panel: it fits a telephone without being made smaller. */
export const PANEL_WIDTH = 360;

/** Points drawn in one panel at most. */
export const MOST_POINTS = 120;

/** So many of a list, spread evenly over it. */
export function spread<Item>(items: readonly Item[], most: number): readonly Item[] {
	if (items.length <= most) return items;
	return Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]!);
}

/** "12 of 450 states", "7 states", or "1 state"; `what` is a plural in s. */
export function partOf(shown: number, all: number, what: string): string {
	const named = all === 1 ? what.replace(/s$/, '') : what;
	return shown === all ? `${all} ${named}` : `${shown} of ${all} ${named}`;
}
