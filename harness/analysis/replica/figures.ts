/** All figures of the replica panel, of one data set. */
import { quantile } from '../../numerics/quantile.js';
import { gaugePotential } from '../potential/gauge.js';
import {
	type ActionMinimum,
	type ActionParts,
	actionParts,
	minimiseAction,
} from '../potential/least-action.js';
import { type Components, findComponents, type Pairs } from '../table/components.js';
import type { CountTable } from '../table/counts.js';
import { acceptedDraws, innerRates } from '../table/normalise.js';
import type { Counts } from './design.js';
import { eachLoop } from './loop-panel.js';
import { eachScatterPoint, ScatterSums } from './scatter.js';

/** Every figure in plain words, in the order of a row. */
export const FIGURES = {
	scatterPairs: 'pairs seen more than once in both directions',
	correlation: 'scatter: Pearson r of log-ratio and potential difference',
	scatterChiSquare: 'scatter: χ²/ndf, unweighted',
	loopsAbove0: 'triangles with all six counts above 0',
	loopChiSquareAbove0: 'loops: χ²/ndf, counts above 0',
	loopsAbove1: 'triangles with all six counts above 1',
	loopChiSquareAbove1: 'loops: χ²/ndf, counts above 1',
	actionExponential: 'least action, K = exp(−x/2)',
	actionLogistic: 'least action, K = log(1 + exp(−x))',
	boundedStates: 'states with a potential',
	unboundedStates: 'states with transitions and an unbounded potential',
	potential10: 'potential: 10 % quantile, nats',
	potential25: 'potential: 25 % quantile, nats',
	potential50: 'potential: median, nats',
	potential75: 'potential: 75 % quantile, nats',
	potential90: 'potential: 90 % quantile, nats',
	potentialLargest: 'potential: largest, nats',
} as const;
export type FigureName = keyof typeof FIGURES;
export const FIGURE_NAMES = Object.keys(FIGURES) as readonly FigureName[];

/** NaN where a data set has no such figure. */
export type Figures = Readonly<Record<FigureName, number>>;

export interface AnalysisSettings {
	/** N0 */
	readonly perState: number;
	/** V to start from, length K, or null */
	readonly start: Float64Array | null;
	/** of the least actions */
	readonly tolerance: number;
}

/** A data set with the paper's potential. */
export interface PaperFit {
	readonly components: Components;
	/** T = min(1, C_fg / N0) on the inner pairs */
	readonly parts: ActionParts;
	readonly accepted: Float64Array;
	/** minimum of the logistic action, lowest state of each component 0; NaN outside */
	readonly V: Float64Array;
	/** Σ T K at the minimum, K logistic */
	readonly action: number;
}

/**
 * Components and least-action potential of a data set.
 *
 * @throws RangeError if Newton's method does not converge
 */
export function paperFit(counts: Counts, settings: AnalysisSettings): PaperFit {
	const table = asTable(counts);
	const components = findComponents(table);
	const denominator = new Float64Array(counts.attempts.length).fill(settings.perState);
	const rates: Pairs = { ...components.inner, ...innerRates({ components, denominator }) };
	const parts = actionParts(components.of, rates);
	const least = minimiseAction(parts, { ...settings, kernel: 'logistic' });
	checkConverged(least, settings);
	return {
		components,
		parts,
		accepted: acceptedDraws(table),
		V: gaugePotential(components, least.potential),
		action: least.value,
	};
}

function checkConverged({ gradient, converged }: ActionMinimum, settings: AnalysisSettings): void {
	if (converged) return;
	throw new RangeError(`least action stayed at gradient ${gradient} > ${settings.tolerance}`);
}

/** What `findComponents` and its like ask of a table; states have no names here. */
function asTable(counts: Counts): CountTable {
	const K = counts.attempts.length;
	return {
		...counts,
		states: new Array<string>(K).fill(''),
		attemptsRecorded: true,
		self: new Float64Array(0),
		outcomes: { valid: 0, self: 0, invalid: 0, unparsable: 0, truncated: 0 },
	};
}

/**
 * Every figure of one data set.
 *
 * @param counts of K sources
 * @param fit of the same counts
 * @param settings as `fit` was made with
 * @returns the figures by name
 * @throws RangeError if Newton's method does not converge
 */
export function replicaFigures(counts: Counts, fit: PaperFit, settings: AnalysisSettings): Figures {
	const K = counts.attempts.length;
	const { components, parts, V } = fit;
	const scatter = new ScatterSums();
	eachScatterPoint(components.inner, fit, (point) => scatter.add(point));
	const start = V.map((v) => (Number.isNaN(v) ? 0 : v));
	const options = { ...settings, kernel: 'exponential', start } as const;
	const exponential = minimiseAction(parts, options);
	checkConverged(exponential, settings);
	const any = components.inner.low.length > 0;
	return {
		scatterPairs: scatter.pairs,
		correlation: scatter.correlation,
		scatterChiSquare: scatter.chiSquare,
		...loopFigures(components.inner, counts.attempts),
		actionExponential: any ? exponential.value / K : Number.NaN,
		actionLogistic: any ? fit.action / K : Number.NaN,
		...potentialFigures(counts, V),
	};
}

function loopFigures(pairs: Pairs, attempts: Float64Array) {
	const above = [0, 1].map(() => ({ loops: 0, squares: 0 }));
	eachLoop(pairs, attempts, ({ forward, backward, variance, least }) => {
		const square = (backward - forward) ** 2 / variance;
		for (const [threshold, sums] of above.entries()) {
			if (least <= threshold) continue;
			sums.loops += 1;
			sums.squares += square;
		}
	});
	const [zero, one] = above;
	return {
		loopsAbove0: zero!.loops,
		loopChiSquareAbove0: zero!.squares / zero!.loops,
		loopsAbove1: one!.loops,
		loopChiSquareAbove1: one!.squares / one!.loops,
	};
}

function potentialFigures({ rowStart, target }: Counts, V: Float64Array) {
	const moves = new Uint8Array(V.length);
	for (let f = 0; f < V.length; f++) if (rowStart[f + 1]! > rowStart[f]!) moves[f] = 1;
	for (const g of target) moves[g] = 1;
	const values = V.filter((v) => !Number.isNaN(v)).sort();
	const at = (level: number): number =>
		values.length === 0 ? Number.NaN : quantile(values, level);
	return {
		boundedStates: values.length,
		unboundedStates: moves.reduce((sum, moved, f) => sum + (Number.isNaN(V[f]) ? moved : 0), 0),
		potential10: at(0.1),
		potential25: at(0.25),
		potential50: at(0.5),
		potential75: at(0.75),
		potential90: at(0.9),
		potentialLargest: at(1),
	};
}
