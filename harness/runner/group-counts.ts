import { type CountTable, countTable } from '../analysis/table/counts.js';
import type { Outcome } from '../outcome.js';
import type { StoreReader } from '../store/reader.js';
import {
	INVALID,
	type StateOrder,
	type Tally,
	TRUNCATED,
	tallyAttempts,
	UNPARSABLE,
} from '../store/tally.js';

export interface CountedGroup {
	readonly table: CountTable;
	/** index in the table of each state of the database by rank; −1 for a state that is not in it */
	readonly index: Int32Array;
}

/** The table of all attempts of some cells; null where there is none. */
export function countGroup(
	reader: StoreReader,
	order: StateOrder,
	cells: readonly number[],
): CountedGroup | null {
	const tally = tallyAttempts(reader, order, cells);
	if (tally.count.length === 0) return null;
	const { states, index } = statesOf(tally, order);
	const moved = tally.category.reduce((sum, g) => sum + (g >= 0 ? 1 : 0), 0);
	const source = new Int32Array(moved);
	const target = new Int32Array(moved);
	const count = new Float64Array(moved);
	const attempts = new Float64Array(states.length);
	const outcomes = { valid: 0, self: 0, invalid: 0, unparsable: 0, truncated: 0 };
	let at = 0;
	for (let i = 0; i < tally.count.length; i++) {
		const n = tally.count[i]!;
		const f = tally.source[i]!;
		const g = tally.category[i]!;
		attempts[index[f]!]! += n;
		outcomes[outcomeOf(f, g)] += n;
		if (g < 0) continue;
		source[at] = index[f]!;
		target[at] = index[g]!;
		count[at] = n;
		at += 1;
	}
	const table = countTable({ states, source, target, count, attempts, outcomes });
	return { table, index };
}

function outcomeOf(source: number, category: number): Outcome {
	if (category >= 0) return category === source ? 'self' : 'valid';
	return BY_CATEGORY[category] as Outcome;
}

const BY_CATEGORY: Readonly<Record<number, Outcome>> = {
	[INVALID]: 'invalid',
	[UNPARSABLE]: 'unparsable',
	[TRUNCATED]: 'truncated',
};

/** States that attempts were made from or that were reached, in the order of their text. */
function statesOf(tally: Tally, { texts }: StateOrder) {
	const index = new Int32Array(texts.length).fill(-1);
	for (let i = 0; i < tally.count.length; i++) {
		index[tally.source[i]!] = 0;
		if (tally.category[i]! >= 0) index[tally.category[i]!] = 0;
	}
	const states: string[] = [];
	for (const [rank, text] of texts.entries()) {
		if (index[rank] === -1) continue;
		index[rank] = states.length;
		states.push(text);
	}
	return { states, index };
}
