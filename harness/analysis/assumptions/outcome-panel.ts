import { philoxInto, uniform53 } from '../../numerics/philox.js';
import type { Panel } from '../resample.js';
import { attemptsOf, entropyTerm, type SourceTable } from './strata-table.js';

export interface OutcomeInput {
	readonly tables: readonly SourceTable[];
	/** uint32 */
	readonly seed: number;
	/** uint32, second key word */
	readonly purpose: number;
}

/**
 * Permutations of the categories of each source's attempts over its strata: column 0 is 2 Σ C log C,
 * which is G² up to what the margins fix. Draw i uses the numbers (attempt, draw i).
 */
export const OUTCOME_SHUFFLES: Panel<OutcomeInput> = {
	name: 'outcome-shuffles',
	width: 1,
	draw({ tables, seed, purpose }, from, to) {
		const lists = tables.map(categoryList);
		const longest = lists.reduce((most, list) => Math.max(most, list.length), 0);
		const shuffled = new Int32Array(longest);
		const drawn = new Float64Array(to - from);
		for (let draw = from; draw < to; draw++) {
			let first = 0;
			for (const [t, table] of tables.entries()) {
				const list = lists[t]!;
				shuffled.set(list);
				shuffle(shuffled.subarray(0, list.length), { seed, purpose, draw, first });
				drawn[draw - from]! += 2 * shuffledTerms(table, shuffled);
				first += list.length;
			}
		}
		return drawn;
	},
};

/** Category of each attempt of a source. */
function categoryList(table: SourceTable): Int32Array {
	const list = new Int32Array(attemptsOf(table));
	let at = 0;
	for (const [c, n] of table.categories.entries()) {
		list.fill(c, at, at + n);
		at += n;
	}
	return list;
}

interface ShuffleOptions {
	readonly seed: number;
	readonly purpose: number;
	readonly draw: number;
	/** number of the list's first attempt among all */
	readonly first: number;
}

/** Fisher and Yates' shuffle, in place. */
function shuffle(list: Int32Array, { seed, purpose, draw, first }: ShuffleOptions): void {
	const words = new Uint32Array(4);
	for (let i = list.length - 1; i > 0; i--) {
		const number = first + i;
		philoxInto(number, Math.floor(number / 4294967296), draw, 0, seed, purpose, words);
		const j = Math.floor(uniform53(words[0]!, words[1]!) * (i + 1));
		const kept = list[i]!;
		list[i] = list[j]!;
		list[j] = kept;
	}
}

/** Σ C log C of the attempts handed to the strata in order. */
function shuffledTerms({ strata, categories }: SourceTable, list: Int32Array): number {
	const count = new Int32Array(categories.length);
	let terms = 0;
	let from = 0;
	for (const n of strata) {
		for (let i = from; i < from + n; i++) count[list[i]!]! += 1;
		for (let i = from; i < from + n; i++) {
			const c = list[i]!;
			terms += entropyTerm(count[c]!);
			count[c] = 0;
		}
		from += n;
	}
	return terms;
}
