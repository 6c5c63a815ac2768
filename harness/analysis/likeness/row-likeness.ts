/** Two kernels compared by what came back from one source. */
import { type CorrectedDistances, type MeasuredRow, rowDistances } from './corrected-distances.js';
import { type GTest, rowTest } from './g-test.js';
import type { OutcomeRow } from './outcome-rows.js';

export interface Contrast {
	/** null: reached no state */
	readonly outcome: string | null;
	/** its share in each kernel */
	readonly shares: readonly [number, number];
}

export interface RowLikeness extends CorrectedDistances {
	readonly source: string;
	readonly attempts: readonly [number, number];
	readonly test: GTest;
	/** the outcome whose share differs most; of equal ones the first */
	readonly contrast: Contrast;
}

/**
 * What the two kernels made of one source.
 *
 * @param row counts by outcome
 * @param found of `measureRow`
 * @param shuffled the row's three numbers of `ROW_SHUFFLES`, and how many permutations those are of
 */
export function rowLikeness(
	row: OutcomeRow,
	found: MeasuredRow,
	{ law, samples }: { readonly law: Float64Array; readonly samples: number },
): RowLikeness {
	const [atLeast, variation, divergence] = law as unknown as [number, number, number];
	return {
		source: row.source,
		attempts: row.attempts,
		...rowDistances(found, { variation, divergence, outcomes: row.outcomes.length }),
		test: rowTest(row, { samples, atLeast }),
		contrast: contrastOf(row),
	};
}

function contrastOf({ outcomes, first, second, attempts: [n1, n2] }: OutcomeRow): Contrast {
	let most = 0;
	const gap = (c: number): number => Math.abs(first[c]! / n1 - second[c]! / n2);
	for (let c = 1; c < outcomes.length; c++) if (gap(c) > gap(most)) most = c;
	return { outcome: outcomes[most]!, shares: [first[most]! / n1, second[most]! / n2] };
}

/** What differs most first: by what each adds to the mean, its lower bound before its value. */
export function ranked(rows: readonly RowLikeness[]): RowLikeness[] {
	const weight = ({ attempts: [n1, n2] }: RowLikeness): number => n1 + n2;
	const key = (row: RowLikeness, field: 'lower' | 'value'): number =>
		weight(row) * row.totalVariation[field];
	return [...rows].sort(
		(x, y) => key(y, 'lower') - key(x, 'lower') || key(y, 'value') - key(x, 'value'),
	);
}
