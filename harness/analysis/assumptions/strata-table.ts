/** Attempts by source, stratum and category, ready to be permuted within each source. */
import { poissonDeviance } from '../../numerics/poisson-deviance.js';

/** Rows of attempts; the same source, stratum and category may come more than once. */
export interface StratifiedRows {
	/** integer ≥ 0 */
	readonly stratum: Int32Array;
	/** state index ≥ 0 */
	readonly source: Int32Array;
	/** state reached (the source: self), −1 invalid, −2 unparsable, −3 truncated */
	readonly category: Int32Array;
	/** integers ≥ 0 */
	readonly count: Float64Array;
}

/** One source whose attempts lie in two or more strata and categories. */
export interface SourceTable {
	readonly source: number;
	/** attempts of each stratum, ascending by stratum, all > 0 */
	readonly strata: Float64Array;
	/** attempts of each category, ascending by category, all > 0 */
	readonly categories: Float64Array;
	/** counts > 0 of stratum and category together, in any order */
	readonly counts: Float64Array;
}

/**
 * The sources that can tell strata apart.
 *
 * @param rows in any order
 * @returns ascending by source; sources with one stratum or one category are left out
 * @throws TypeError if the columns differ in length
 * @throws RangeError if a stratum or source is negative, a category below −3, or a count no integer ≥ 0
 */
export function sourceTables(rows: StratifiedRows): SourceTable[] {
	checkRows(rows);
	const bySource = new Map<number, number[]>();
	for (let i = 0; i < rows.count.length; i++) {
		if (rows.count[i] === 0) continue;
		const list = bySource.get(rows.source[i]!);
		if (list) list.push(i);
		else bySource.set(rows.source[i]!, [i]);
	}
	return [...bySource]
		.sort(([f], [g]) => f - g)
		.map(([source, list]) => oneTable(source, list, rows))
		.filter(({ strata, categories }) => strata.length > 1 && categories.length > 1);
}

function checkRows({ stratum, source, category, count }: StratifiedRows): void {
	for (const [name, column] of Object.entries({ stratum, source, category })) {
		if (column.length !== count.length) {
			throw new TypeError(`${name} has ${column.length} rows, count has ${count.length}`);
		}
		const least = name === 'category' ? -3 : 0;
		const wrong = column.find((value) => value < least);
		if (wrong !== undefined) throw new RangeError(`${name} must be ≥ ${least}, got ${wrong}`);
	}
	const wrong = count.find((n) => !Number.isInteger(n) || n < 0);
	if (wrong !== undefined) throw new RangeError(`count must be an integer ≥ 0, got ${wrong}`);
}

function oneTable(source: number, list: readonly number[], rows: StratifiedRows): SourceTable {
	const ascending = (column: Int32Array): Map<number, number> => {
		const values = [...new Set(list.map((i) => column[i]!))].sort((x, y) => x - y);
		return new Map(values.map((value, i) => [value, i]));
	};
	const stratumAt = ascending(rows.stratum);
	const categoryAt = ascending(rows.category);
	const strata = new Float64Array(stratumAt.size);
	const categories = new Float64Array(categoryAt.size);
	const cells = new Map<number, number>();
	for (const i of list) {
		const s = stratumAt.get(rows.stratum[i]!)!;
		const c = categoryAt.get(rows.category[i]!)!;
		strata[s]! += rows.count[i]!;
		categories[c]! += rows.count[i]!;
		const cell = s * categories.length + c;
		cells.set(cell, (cells.get(cell) ?? 0) + rows.count[i]!);
	}
	return { source, strata, categories, counts: Float64Array.from(cells.values()) };
}

/** n log n, 0 at 0. */
export const entropyTerm = (n: number): number => (n > 0 ? n * Math.log(n) : 0);

const sumOf = (list: Float64Array, term: (n: number) => number): number =>
	list.reduce((sum, n) => sum + term(n), 0);

export const attemptsOf = ({ strata }: SourceTable): number => sumOf(strata, (n) => n);

/** G² = 2 Σ C_sc log (C_sc n / (n_s n_c)). */
export function likelihoodRatio(table: SourceTable): number {
	const { strata, categories, counts } = table;
	const inner = sumOf(counts, entropyTerm) + entropyTerm(attemptsOf(table));
	return Math.max(0, 2 * (inner - sumOf(strata, entropyTerm) - sumOf(categories, entropyTerm)));
}

export const freedomOf = ({ strata, categories }: SourceTable): number =>
	(strata.length - 1) * (categories.length - 1);

/** Σ |E[deviance] − 1| over the cells; ∞ without a sum where a cell expects less than one count. */
export function limitError(tables: readonly SourceTable[]): number {
	let error = 0;
	for (const table of tables) {
		const attempts = attemptsOf(table);
		if (table.strata.length * table.categories.length > attempts) return Infinity;
		const total = Math.log(attempts);
		for (const n of table.strata) {
			for (const m of table.categories) {
				error += Math.abs(poissonDeviance(Math.log(n) + Math.log(m) - total) - 1);
			}
		}
	}
	return error;
}
