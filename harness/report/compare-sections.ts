/** A comparison as plain sections: for the page, for Markdown and for a terminal. */
import type { Distance, RowLikeness } from '../analysis/likeness/likeness.js';
import { runsSection } from './compare-runs-section.js';
import type { ShownComparison, ShownLikeness, ShownSide } from './compare-shown.js';
import { pairSentence } from './compare-text.js';
import { count, DASH, digits, percent } from './numbers.js';
import type { PageColumn, PageSection, PageTable } from './page/section.js';

/** Pairs and rows shown of very many; all are in the JSON. */
const MOST = { pairs: 60, detailed: 6, rows: 5, reasons: 8 };

const left = (title: string): PageColumn => ({ title, align: 'left' });
const right = (title: string): PageColumn => ({ title, align: 'right' });

/**
 * Everything that a comparison shows.
 *
 * @param result of `compareDatabases`; names and texts in it are untrusted
 * @returns sections in order; those with nothing to say are left out
 */
export function compareSections(result: ShownComparison): PageSection[] {
	return [
		...result.runs.map(runsSection),
		likenessSection(result),
		sidesSection(result),
		...rowsSection(result),
		...potentialsSection(result),
		...leftOutSection(result),
	];
}

/** What differs most, pair by pair. */
export function likenessSection(result: ShownComparison): PageSection {
	const { pairs, ranking, options } = result;
	const shown = ranking.slice(0, MOST.pairs).map((i) => pairs[i] as ShownLikeness);
	const different = pairs.filter((pair) => pair.different === true).length;
	const tested = pairs.filter((pair) => pair.different !== null).length;
	const common = pairs.filter((pair) => pair.commonRandomNumbers).length;
	const given = pairs.filter(({ likeness }) => isConditional(likeness)).length;
	const paragraphs = [
		tested === 0
			? 'No two kernels could be tested against each other.'
			: `One kernel is rejected for ${different} of ${count(tested, 'pair', 'pairs')} tested (level ${options.alpha}, Holm over the pairs).`,
		...(common === 0
			? []
			: [
					`${count(common, 'pair', 'pairs')} (marked †) were made with the same random numbers: their test is conservative, and what the share of changed attempts says is more.`,
				]),
		...(given === 0
			? []
			: [
					`${count(given, 'pair is', 'pairs are')} (marked °) compared by the attempts that reached a state: how many were made from each source is not known of one kernel.`,
				]),
	];
	return {
		id: 'compare-likeness',
		title: 'What differs most',
		paragraphs,
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
		bounds(tv),
		rounded(tv?.noise),
		rounded(js?.value),
		bounds(js),
		rounded(test?.statistic),
		test?.degreesOfFreedom ?? null,
		rounded(likenessAdjustedP),
		word,
	];
}

/** Kernels by themselves, beside each other. */
export function sidesSection({ kernels, quick, pairs, ranking }: ShownComparison): PageSection {
	const shown = ranking.slice(0, MOST.pairs).map((i) => pairs[i] as ShownLikeness);
	const affinities: PageTable = {
		title: 'Loop affinities and verdicts, pair by pair',
		columns: [right('pair'), right('Δ rms A'), left('95 %'), left('verdicts')],
		rows: shown.map(({ groups, affinityDifference: d, sameVerdict }) => [
			pairName(groups),
			rounded(d?.value),
			bounds(d),
			sameVerdict
				? `${kernels[groups[0]]?.judged.verdict}`
				: groups.map((i) => kernels[i]?.judged.verdict).join(' → '),
		]),
		note: `Δ rms A: rms cycle affinity of the second less the first, nats${more(ranking.length - shown.length, 'pair', 'pairs')}`,
	};
	return {
		id: 'compare-kernels',
		title: 'Side by side',
		paragraphs: [],
		tables: [
			{
				title: 'Kernels',
				columns: [
					right('no.'),
					left('kernel'),
					left('verdict'),
					right('rms A'),
					left('95 %'),
					right('valid'),
					right('self'),
					right('no state'),
					right('attempts'),
					right('evaluations'),
				],
				rows: kernels.map(sideRow),
				note: `rms A: nats · no state: invalid, unparsable or truncated · evaluations: laws of the model that are recorded; all seeds and settings of a model × template share them${quick ? ' · verdicts without what is resampled (--quick)' : ''}`,
			},
			...(pairs.length === 0 ? [] : [affinities]),
		],
	};
}

function sideRow(
	{ name, judged, outcomes, attempts, evaluations }: ShownSide,
	i: number,
): (string | number | null)[] {
	const { valid, self, invalid, unparsable, truncated } = outcomes;
	const lost = invalid + unparsable + truncated;
	const all = valid + self + lost;
	const share = (n: number): string => percent(all === 0 ? null : n / all);
	return [
		i + 1,
		name,
		judged.verdict,
		rounded(judged.affinity.rms),
		bounds(judged.affinity.interval95),
		share(valid),
		share(self),
		share(lost),
		attempts,
		evaluations,
	];
}

/** The rows that differ most in the pairs that differ most. */
function rowsSection({ pairs, ranking }: ShownComparison): PageSection[] {
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

function potentialsSection({ pairs, kernels, quick }: ShownComparison): PageSection[] {
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

/** Pairs without a comparison, by reason. */
export function leftOutSection({ notCompared }: ShownComparison): PageSection[] {
	if (notCompared.length === 0) return [];
	const reasons = new Map<string, string[]>();
	for (const { groups, reason } of notCompared) {
		reasons.set(reason, [...(reasons.get(reason) ?? []), pairName(groups)]);
	}
	return [
		{
			id: 'compare-left-out',
			title: 'Not compared',
			paragraphs: [],
			tables: [
				{
					title: `${count(notCompared.length, 'pair', 'pairs')} not compared`,
					columns: [right('pairs'), left('reason'), left('which')],
					rows: [...reasons].map(([reason, names]) => [
						names.length,
						reason,
						names.slice(0, MOST.reasons).join(', ') + (names.length > MOST.reasons ? ' …' : ''),
					]),
				},
			],
		},
	];
}

const pairName = (groups: readonly number[]): string => groups.map((i) => i + 1).join('–');

/** Three digits are shown; a page sorts by the number. */
function rounded(value: number | null | undefined): number | null {
	return value === null || value === undefined ? null : Number(value.toPrecision(3));
}

function bounds(
	found:
		| Pick<Distance, 'lower' | 'upper'>
		| { lower: number | null; upper: number | null }
		| null
		| undefined,
): string {
	if (found == null || found.lower === null || found.upper === null) return DASH;
	return `${digits(found.lower)} … ${digits(found.upper)}`;
}

const more = (n: number, one: string, many: string): string =>
	n > 0 ? ` · ${count(n, one, many)} more are in the JSON` : '';
