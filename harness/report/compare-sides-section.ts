import { bounds, left, MOST, more, pairName, right, rounded } from './compare-cells.js';
import type { ShownComparison, ShownLikeness, ShownSide } from './compare-shown.js';
import { percent } from './numbers.js';
import type { PageSection, PageTable } from './page/section.js';

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
				],
				rows: kernels.map(sideRow),
				note: `rms A: nats · no state: invalid, unparsable or truncated${quick ? ' · verdicts without what is resampled (--quick)' : ''}`,
			},
			{
				title: 'Cost',
				columns: [right('no.'), left('kernel'), right('attempts'), right('evaluations')],
				rows: kernels.map(({ name, attempts, evaluations }, i) => [
					i + 1,
					name,
					attempts,
					evaluations,
				]),
				note: 'evaluations: laws of the model that are recorded; all seeds and settings of a model × template share them',
			},
			...(pairs.length === 0 ? [] : [affinities]),
		],
	};
}

function sideRow({ name, judged, outcomes }: ShownSide, i: number): (string | number | null)[] {
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
	];
}
