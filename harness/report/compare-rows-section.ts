import type { RowLikeness } from '../analysis/likeness/row-likeness.js';
import { bounds, left, MOST, pairName, right, rounded } from './compare-cells.js';
import type { ShownComparison, ShownLikeness } from './compare-shown.js';
import { percent } from './numbers.js';
import type { PageSection } from './page/section.js';

/** The rows that differ most in the pairs that differ most. */
export function rowsSection({ pairs, ranking }: ShownComparison): PageSection[] {
	const shown = ranking
		.slice(0, MOST.detailed)
		.map((i) => pairs[i] as ShownLikeness)
		.filter(({ likeness }) => likeness.rows.length > 0);
	if (shown.length === 0) return [];
	return [
		{
			id: 'compare-rows',
			title: 'Where they differ',
			paragraphs: [],
			tables: [
				{
					title: 'Sources that differ most',
					columns: [
						right('pair'),
						left('source'),
						right('attempts'),
						right('TV'),
						left('95 %'),
						right('p'),
						left('outcome that changes most'),
						left('share'),
					],
					rows: shown.flatMap((pair) =>
						pair.likeness.rows.slice(0, MOST.rows).map((row) => sourceRow(pair, row)),
					),
					note: 'p: of this source alone, by permutation, uncorrected; 1 of 20 is below 0.05 where nothing differs',
				},
			],
		},
	];
}

function sourceRow(
	{ groups }: ShownLikeness,
	{ source, attempts, totalVariation, test, contrast }: RowLikeness,
): (string | number | null)[] {
	return [
		pairName(groups),
		source,
		attempts.join(' + '),
		rounded(totalVariation.value),
		bounds(totalVariation),
		rounded(test.p),
		contrast.outcome ?? '(no state)',
		contrast.shares.map(percent).join(' → '),
	];
}
