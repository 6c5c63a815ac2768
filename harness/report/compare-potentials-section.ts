import { bounds, left, MOST, more, pairName, right, rounded } from './compare-cells.js';
import type { ShownComparison } from './compare-shown.js';
import { pairSentence } from './compare-text.js';
import type { PageSection } from './page/section.js';

/** Potentials pair by pair; in words where the pairs are few. */
export function potentialsSection({ pairs, kernels, quick }: ShownComparison): PageSection[] {
	if (quick || pairs.length === 0) return [];
	const shown = pairs.slice(0, 3 * MOST.pairs);
	return [
		{
			id: 'compare-potentials',
			title: 'Is there one potential?',
			paragraphs:
				pairs.length > MOST.detailed
					? []
					: pairs.map(
							(pair) =>
								`${pair.groups.map((i) => kernels[i]?.name).join(' and ')}: ${pairSentence(pair)}`,
						),
			tables: [
				{
					title: 'Potentials, pair by pair',
					columns: [
						right('pair'),
						right('states'),
						right('r'),
						left('95 %'),
						right('slope'),
						left('95 %'),
						right('G²'),
						right('ν'),
						right('p'),
						left('one potential'),
					],
					rows: shown.map(
						({ groups, states, correlation, slope, likelihoodRatio, adjustedP, rejected }) => [
							pairName(groups),
							states.length,
							rounded(correlation?.value),
							bounds(correlation),
							rounded(slope?.value),
							bounds(slope),
							rounded(likelihoodRatio?.statistic),
							likelihoodRatio?.freedom ?? null,
							rounded(adjustedP),
							rejected === null ? 'not compared' : rejected ? 'rejected' : 'not rejected',
						],
					),
					note: `r: correlation of the potentials, errors taken out · slope: second per unit of the first · G², ν, p: separate potentials against one up to a scale, p after Holm${more(pairs.length - shown.length, 'pair', 'pairs')}`,
				},
			],
		},
	];
}
