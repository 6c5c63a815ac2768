/** The valid transitions of a table one by one, and the likelihood ratio of tables with their margins. */
import type { QuasiIndependence } from '../../numerics/quasi-independence.js';
import type { CountTable } from '../table/counts.js';

/** Off-diagonal sums of a table of K states. */
export interface Margins {
	/** valid transitions from each state, length K */
	readonly rows: Float64Array;
	/** into each state, length K */
	readonly columns: Float64Array;
	/** N */
	readonly total: number;
}

export function marginsOf(table: CountTable): Margins {
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
export function degreesOfFreedom({ rows, columns }: Margins): number {
	const used = (x: Float64Array): number => x.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0);
	const both = rows.reduce((sum, n, f) => sum + (n > 0 && columns[f]! > 0 ? 1 : 0), 0);
	return used(rows) * used(columns) - both - used(rows) - used(columns) + 1;
}

/** Target of each transition, source by source, length N. */
export function targetsOf(table: CountTable, { total }: Margins): Int32Array {
	const targets = new Int32Array(total);
	let at = 0;
	for (let i = 0; i < table.count.length; i++) {
		targets.fill(table.target[i]!, at, at + table.count[i]!);
		at += table.count[i]!;
	}
	return targets;
}

/** Source of each transition, ascending, length N. */
export function sourcesOf(rows: ArrayLike<number>, total: number): Int32Array {
	const sources = new Int32Array(total);
	let at = 0;
	for (let f = 0; f < rows.length; f++) {
		sources.fill(f, at, at + rows[f]!);
		at += rows[f]!;
	}
	return sources;
}

/** What all tables with the same margins share. */
export interface MarginFit {
	/** valid transitions from each state, length K */
	readonly rows: Float64Array;
	/** log a_f and log b_g, length K; −∞ where a margin is 0 */
	readonly logA: Float64Array;
	readonly logB: Float64Array;
}

export function marginFit({ rows }: Margins, { a, b }: QuasiIndependence): MarginFit {
	return { rows, logA: a.map(Math.log), logB: b.map(Math.log) };
}

export interface TableTerms {
	/** 2 Σ C log C, which is G² up to what the margins fix */
	readonly terms: number;
	/** Σ over sources of r_f times the variance of log (C_fg/E_fg) over its transitions */
	readonly spread: number;
}

/** Terms of the table that a list of targets makes, source by source. */
export function listedTerms({ rows, logA, logB }: MarginFit, targets: Int32Array): TableTerms {
	const count = new Int32Array(rows.length);
	let terms = 0;
	let spread = 0;
	let from = 0;
	for (let f = 0; f < rows.length; f++) {
		const to = from + rows[f]!;
		for (let i = from; i < to; i++) count[targets[i]!]! += 1;
		let sum = 0;
		let squares = 0;
		for (let i = from; i < to; i++) {
			const g = targets[i]!;
			const n = count[g]!;
			if (n === 0) continue;
			const log = Math.log(n);
			const ratio = log - logA[f]! - logB[g]!;
			terms += 2 * n * log;
			sum += n * ratio;
			squares += n * ratio * ratio;
			count[g] = 0;
		}
		if (to > from) spread += squares - (sum * sum) / (to - from);
		from = to;
	}
	return { terms, spread };
}

/** The same terms from a table's own counts. */
export function tableTerms({ rows, logA, logB }: MarginFit, table: CountTable): TableTerms {
	let terms = 0;
	let spread = 0;
	for (let f = 0; f < rows.length; f++) {
		let sum = 0;
		let squares = 0;
		for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) {
			const n = table.count[i]!;
			const log = Math.log(n);
			const ratio = log - logA[f]! - logB[table.target[i]!]!;
			terms += 2 * n * log;
			sum += n * ratio;
			squares += n * ratio * ratio;
		}
		if (rows[f]! > 0) spread += squares - (sum * sum) / rows[f]!;
	}
	return { terms, spread };
}

/** 2 Σ C log E, the part of G² that the margins fix. */
export function fixedTerms({ rows, logA, logB }: MarginFit, columns: Float64Array): number {
	let sum = 0;
	for (let f = 0; f < rows.length; f++) {
		if (rows[f]! > 0) sum += 2 * rows[f]! * logA[f]!;
		if (columns[f]! > 0) sum += 2 * columns[f]! * logB[f]!;
	}
	return sum;
}
