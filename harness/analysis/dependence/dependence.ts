import { incompleteGamma } from '../../numerics/gamma.js';
import { fitQuasiIndependence, type QuasiIndependence } from '../../numerics/quasi-independence.js';
import { shiftUpperBound } from '../../numerics/shift-bound.js';
import { Stream } from '../../numerics/stream.js';
import { PURPOSE } from '../purposes.js';
import type { CountTable } from '../table/counts.js';

export interface Dependence {
	readonly hypothesis: 'T(g|f) = a(f) q(g) for g ≠ f (quasi-independence)';
	readonly method:
		| 'likelihood ratio, resampled under the fit'
		| 'likelihood ratio, χ² limit of large counts';
	/** nats per valid transition beyond what the free diagonal explains, noise taken out, ≥ 0 */
	readonly mutualInformation: number | null;
	/** upper 95 % bound, nats */
	readonly upper95: number | null;
	/** (1 + #{G² ≥ observed}) / (B + 1), or the upper tail of χ² */
	readonly p: number | null;
	readonly statistic: number | null;
	/** B; 0 for the χ² limit */
	readonly samples: number;
	readonly reason: string | null;
}

export interface DependenceOptions {
	/** uint32 */
	readonly seed: number;
	/** B, an integer ≥ 19 */
	readonly resamples: number;
	/** largest number of draws in all resamples together; above it fewer resamples are made */
	readonly maxDraws: number;
}

const NAMES = {
	hypothesis: 'T(g|f) = a(f) q(g) for g ≠ f (quasi-independence)',
	method: 'likelihood ratio, resampled under the fit',
} as const;
const FEWEST = 19;

/**
 * How much the next state depends on the last one: I = Σ (C_fg / N) log (C_fg / E_fg) over f ≠ g, with E
 * the quasi-independent fit a_f b_g. Sources weigh by their valid transitions. G² = 2 N I.
 *
 * The resampled mean of G² under the fit is taken out as bias; the bound takes G² as a sum of
 * squares with that noise (`shiftUpperBound`, slope 1: a noncentral χ²).
 *
 * @param table K states
 * @param options seed and number of resamples
 * @returns the estimate, its upper bound and p; null with a reason where fewer than two sources or
 *   targets leave nothing to compare. Where `maxDraws` allows fewer than 19 resamples, the χ² limit
 *   stands in for them
 * @throws RangeError if an option is out of range
 * Source: Bishop, Fienberg, Holland (1975), chapter 5; bias: Miller (1955), here by resampling.
 *
 * @example every source gives the others in equal numbers: mutualInformation 0, p 1
 */
export function inputDependence(table: CountTable, options: DependenceOptions): Dependence {
	checkOptions(options);
	const { rows, columns, total } = margins(table);
	const none = { ...NAMES, mutualInformation: null, upper95: null, p: null, statistic: null };
	const refuse = (reason: string): Dependence => ({ ...none, samples: 0, reason });
	const freedom = degreesOfFreedom(rows, columns);
	if (freedom < 1) return refuse('too few sources or targets to compare');
	const samples = Math.min(options.resamples, Math.floor(options.maxDraws / total));
	const fit = fitQuasiIndependence(rows, columns);
	if (!fit.converged) return refuse('the quasi-independent fit did not converge');

	const observed = likelihoodRatio(table, fit);
	const statistics = { statistic: observed, total };
	if (samples < FEWEST) {
		// Too many transitions to draw again, and so many that G² has reached its limit.
		const p = incompleteGamma(freedom / 2, observed / 2).upper;
		const limit = { ...NAMES, method: 'likelihood ratio, χ² limit of large counts' } as const;
		return estimate(limit, { noise: freedom, variance: 2 * freedom }, { ...statistics, p });
	}
	const draws = resample(rows, fit, { ...options, resamples: samples });
	const atLeast = draws.filter((g) => g >= observed * (1 - 1e-9)).length;
	const noise = draws.reduce((sum, g) => sum + g, 0) / samples;
	const variance = draws.reduce((sum, g) => sum + (g - noise) ** 2, 0) / (samples - 1);
	if (!(noise > 0 && variance > 0)) return refuse('every resampled table is the same');
	const p = (1 + atLeast) / (samples + 1);
	return estimate(NAMES, { noise, variance }, { ...statistics, p, samples });
}

/** I and its bound from G² and the mean and variance that G² has without dependence. */
function estimate(
	names: Pick<Dependence, 'hypothesis' | 'method'>,
	squares: { readonly noise: number; readonly variance: number },
	test: {
		readonly statistic: number;
		readonly total: number;
		readonly p: number;
		readonly samples?: number;
	},
): Dependence {
	const { statistic, total, p, samples = 0 } = test;
	const shift = shiftUpperBound(statistic, { ...squares, slope: 1 }, 0.95);
	return {
		...names,
		mutualInformation: Math.max(0, statistic - squares.noise) / (2 * total),
		upper95: shift / (2 * total),
		p,
		statistic,
		samples,
		reason: null,
	};
}

function checkOptions({ seed, resamples, maxDraws }: DependenceOptions): void {
	if (seed >>> 0 !== seed) throw new RangeError(`seed must be a uint32, got ${seed}`);
	if (!Number.isInteger(resamples) || resamples < FEWEST) {
		throw new RangeError(`resamples must be an integer ≥ ${FEWEST}, got ${resamples}`);
	}
	if (!(maxDraws > 0)) throw new RangeError(`maxDraws must be positive, got ${maxDraws}`);
}

function margins(table: CountTable) {
	const rows = new Float64Array(table.states.length);
	const columns = new Float64Array(table.states.length);
	for (let f = 0; f < rows.length; f++) {
		for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) {
			rows[f]! += table.count[i]!;
			columns[table.target[i]!]! += table.count[i]!;
		}
	}
	return { rows, columns, total: rows.reduce((sum, n) => sum + n, 0) };
}

/** Cells of used rows and columns off the diagonal, less one per row and column, plus one. */
function degreesOfFreedom(rows: Float64Array, columns: Float64Array): number {
	const used = (x: Float64Array): number => x.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0);
	const both = rows.reduce((sum, n, f) => sum + (n > 0 && columns[f]! > 0 ? 1 : 0), 0);
	return used(rows) * used(columns) - both - used(rows) - used(columns) + 1;
}

function likelihoodRatio(table: CountTable, fit: QuasiIndependence): number {
	let g2 = 0;
	for (let f = 0; f < table.states.length; f++) {
		for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) {
			const count = table.count[i]!;
			g2 += 2 * count * Math.log(count / (fit.a[f]! * fit.b[table.target[i]!]!));
		}
	}
	return Math.max(0, g2);
}

/** G² of tables drawn under the fit with the same row sums, each against its own fit. */
function resample(
	rows: Float64Array,
	fit: QuasiIndependence,
	options: DependenceOptions,
): number[] {
	const K = rows.length;
	const before = new Float64Array(K + 1);
	for (let g = 0; g < K; g++) before[g + 1] = before[g]! + fit.b[g]!;
	const row = new Float64Array(K);
	return Array.from({ length: options.resamples }, (_, s) => {
		const stream = new Stream([options.seed, PURPOSE.dependence], s);
		const columns = new Float64Array(K);
		let terms = 0;
		for (let f = 0; f < K; f++) {
			row.fill(0);
			const width = before[K]! - fit.b[f]!;
			for (let i = 0; i < rows[f]!; i++) {
				let u = stream.next() * width;
				if (u >= before[f]!) u += fit.b[f]!;
				const g = locate(before, u, f);
				row[g]! += 1;
			}
			for (let g = 0; g < K; g++) {
				const count = row[g]!;
				if (count === 0) continue;
				columns[g]! += count;
				terms += count * Math.log(count);
			}
		}
		return Math.max(0, 2 * (terms - fittedTerms(rows, columns)));
	});
}

/** Σ C_fg log E_fg, which for a_f b_g needs the margins alone. */
function fittedTerms(rows: Float64Array, columns: Float64Array): number {
	const { a, b } = fitQuasiIndependence(rows, columns);
	let sum = 0;
	for (let f = 0; f < rows.length; f++) {
		if (rows[f]! > 0) sum += rows[f]! * Math.log(a[f]!);
		if (columns[f]! > 0) sum += columns[f]! * Math.log(b[f]!);
	}
	return sum;
}

/** The g ≠ f with before[g] ≤ u < before[g + 1]. */
function locate(before: Float64Array, u: number, f: number): number {
	let low = 0;
	let high = before.length - 2;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if (before[middle]! <= u) low = middle;
		else high = middle - 1;
	}
	// Rounding at the edge of the gap left for f.
	if (low !== f) return low;
	return f > 0 ? f - 1 : f + 1;
}
