import { left, MOST, more, pairName, right, rounded, shares } from './compare-cells.js';
import type { ShownComparison, ShownLikeness } from './compare-shown.js';
import { count } from './numbers.js';
import type { PageSection } from './page/section.js';

/** What differs most, pair by pair. */
export function likenessSection(result: ShownComparison): PageSection {
	const { pairs, ranking } = result;
	const shown = ranking.slice(0, MOST.pairs).map((i) => pairs[i] as ShownLikeness);
	return {
		id: 'compare-likeness',
		title: 'What differs most',
		paragraphs: likenessParagraphs(result),
		tables: [
			{
				title: 'Kernels row by row, what differs most first',
				columns: [
					right('pair'),
					right('sources'),
					right('TV'),
					left('95 %'),
					right('noise'),
					right('JS'),
					left('95 %'),
					right('G²'),
					right('ν'),
					right('p'),
					left('one kernel'),
				],
				rows: shown.map(likenessRow),
				note: `${LIKENESS_LEGEND}${more(ranking.length - shown.length, 'pair', 'pairs')}`,
			},
		],
	};
}

function likenessParagraphs({ pairs, options }: ShownComparison): string[] {
	const different = pairs.filter((pair) => pair.different === true).length;
	const tested = pairs.filter((pair) => pair.different !== null).length;
	const common = pairs.filter((pair) => pair.commonRandomNumbers).length;
	const given = pairs.filter(({ likeness }) => isConditional(likeness)).length;
	return [
		tested === 0
			? 'No two kernels could be tested against each other.'
			: `One kernel is rejected for ${different} of ${count(tested, 'pair', 'pairs')} tested (level ${options.alpha}, Holm over the pairs).`,
		...(common === 0
			? []
			: [
					`${count(common, 'pair', 'pairs')} (marked †) were made with the same random numbers: their test is conservative, and the share of changed attempts says more.`,
				]),
		...(given === 0
			? []
			: [
					`${count(given, 'pair is', 'pairs are')} (marked °) compared by the attempts that reached a state: how many were made from each source is not known of one kernel.`,
				]),
	];
}

const LIKENESS_LEGEND =
	'TV: total variation distance, mean over the shared sources, sampling noise taken out · noise: what one kernel for both would show as counted · JS: Jensen–Shannon distance (bits, root), likewise · G², ν, p: homogeneity of the outcomes of each source, p by permutation, after Holm over the pairs';

/** † common random numbers, ° laws given that a state was reached. */
const marks = ({ commonRandomNumbers, likeness }: ShownLikeness): string =>
	(commonRandomNumbers ? '†' : '') + (isConditional(likeness) ? '°' : '');

const isConditional = ({ conditional, sources }: ShownLikeness['likeness']): boolean =>
	conditional && sources > 0;

function likenessRow(pair: ShownLikeness): (string | number | null)[] {
	const { likeness, likenessAdjustedP, different } = pair;
	const { totalVariation: tv, jensenShannon: js, test, sources } = likeness;
	const word =
		different === null
			? sources === 0
				? 'not compared'
				: 'not testable'
			: different
				? 'rejected'
				: 'not rejected';
	return [
		pairName(pair.groups) + marks(pair),
		sources,
		rounded(tv?.value),
		shares(tv),
		rounded(tv?.noise),
		rounded(js?.value),
		shares(js),
		rounded(test?.statistic),
		test?.degreesOfFreedom ?? null,
		rounded(likenessAdjustedP),
		word,
	];
}
