import { poissonDeviance, spreadDeviance } from '../../numerics/poisson-deviance.js';
import type { QuasiIndependence } from '../../numerics/quasi-independence.js';
import type { Margins } from './transitions.js';

/** The cells f ≠ g of a fitted table by the size of their expected count E_fg = a_f b_g. */
export interface CellSizes {
	/** N, valid transitions */
	readonly total: number;
	/** log E of each size, in steps of 1/8 */
	readonly logMean: Float64Array;
	/** number of cells */
	readonly cells: Float64Array;
	/** Σ (1 − 1/r_f)(1 − 1/c_g) over them: what the fixed margins leave free in thin cells */
	readonly free: Float64Array;
}

const PER_NAT = 8;

/** Sorts the K² − K cells by size without visiting each: sizes of a_f and of b_g are paired. */
export function cellSizes(fit: QuasiIndependence, { rows, columns, total }: Margins): CellSizes {
	const sources = sortBySize(fit.a, rows);
	const targets = sortBySize(fit.b, columns);
	const sizes = new Map<number, { cells: number; free: number }>();
	const add = (size: number, cells: number, free: number): void => {
		const entry = sizes.get(size) ?? { cells: 0, free: 0 };
		entry.cells += cells;
		entry.free += free;
		sizes.set(size, entry);
	};
	for (const [i, f] of sources) {
		for (const [j, g] of targets) add(i + j, f.number * g.number, f.free * g.free);
	}
	for (let f = 0; f < rows.length; f++) {
		if (!(rows[f]! > 0 && columns[f]! > 0)) continue;
		const free = (1 - 1 / rows[f]!) * (1 - 1 / columns[f]!);
		add(sizeOf(fit.a[f]!) + sizeOf(fit.b[f]!), -1, -free);
	}
	const kept = [...sizes].filter(([, { cells }]) => cells > 0).sort((x, y) => x[0] - y[0]);
	return {
		total,
		logMean: Float64Array.from(kept, ([size]) => size / PER_NAT),
		cells: Float64Array.from(kept, ([, { cells }]) => cells),
		free: Float64Array.from(kept, ([, { free }]) => Math.max(0, free)),
	};
}

const sizeOf = (factor: number): number => Math.round(PER_NAT * Math.log(factor));

function sortBySize(factors: Float64Array, margin: Float64Array) {
	const sizes = new Map<number, { number: number; free: number }>();
	for (let f = 0; f < factors.length; f++) {
		if (!(margin[f]! > 0)) continue;
		const entry = sizes.get(sizeOf(factors[f]!)) ?? { number: 0, free: 0 };
		entry.number += 1;
		entry.free += 1 - 1 / margin[f]!;
		sizes.set(sizeOf(factors[f]!), entry);
	}
	return sizes;
}

/** Σ |E[deviance] − 1| over the cells: how far the mean of G² is from that of its χ² limit, at most. */
export function limitError({ logMean, cells }: CellSizes): number {
	return logMean.reduce((sum, l, i) => sum + cells[i]! * Math.abs(poissonDeviance(l) - 1), 0);
}

/** Where σ is smaller, the response is that at this σ: it hardly changes, and rounding is kept out. */
const SMALLEST = 0.1;

/**
 * The share of a dependence that G² sees: its rise over the shift 2NI that causes it. 1 where counts
 * are large; a cell expected to hold E ≪ 1 counts mostly holds none or one, whatever its true chance,
 * and responds with 2 log 2 · E. The chances are taken to depart from the fit by log-normal factors of
 * one spread σ in all cells, I = σ²/2.
 *
 * @param sizes cells of the fitted table
 * @param information I ≥ 0, nats
 * @returns a number in (0, 1.2): the noise of cells of a few counts falls or rises a little with I
 *
 * @example cells of thousands: 1
 */
export function response({ logMean, cells, free }: CellSizes, information: number): number {
	const sigma = Math.max(SMALLEST, Math.sqrt(2 * information));
	let seen = 0;
	let all = 0;
	for (let i = 0; i < cells.length; i++) {
		const l = logMean[i]!;
		const shift = Math.exp(l) * sigma * sigma;
		const rho = 1 + (spreadDeviance(l, sigma) - poissonDeviance(l)) / shift;
		// What is not seen for thinness is also held by the margins: a target seen once says nothing.
		seen += cells[i]! * shift * rho * (1 - (1 - rho) * (1 - free[i]! / cells[i]!));
		all += cells[i]! * shift;
	}
	return seen / all;
}

/** The I ≥ 0 at which 2N I · response(I) is `rise`; 0 where it is not positive. */
export function informationFor(sizes: CellSizes, rise: number): number {
	if (!(rise > 0)) return 0;
	const at = (information: number): number =>
		2 * sizes.total * information * response(sizes, information);
	let low = 0;
	let high = rise / (2 * sizes.total);
	while (at(high) < rise) {
		low = high;
		high *= 2;
	}
	while (high - low > 1e-9 * high) {
		const middle = (low + high) / 2;
		if (at(middle) < rise) low = middle;
		else high = middle;
	}
	return high;
}
