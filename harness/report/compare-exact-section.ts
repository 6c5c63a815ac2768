/** Exact kernels beside each other: no sampling noise, and so no test. */
import { left, MOST, right, rounded } from './compare-cells.js';
import type { ShownComparison, ShownExactComparison, ShownExactPair } from './compare-shown.js';
import { count, DASH, digits } from './numbers.js';
import type { PageSection, PageTable } from './page/section.js';
import { oneDigit, scoredNumbers } from './scored-text.js';

/** Of more kernels than this the nearest and furthest pairs are shown, so many of each. */
export const MOST_EXACT = 12;
const ENDS = 10;

/** The exact kernels side by side; nothing where there are fewer than two. */
export function exactSection({ exact }: Pick<ShownComparison, 'exact'>): PageSection[] {
	if (exact.kernels.length < 2) return [];
	return [
		{
			id: 'compare-exact',
			title: 'Exact kernels side by side',
			paragraphs: paragraphs(exact),
			tables: [kernelsTable(exact), ...pairTables(exact), ...leftOutTable(exact)],
		},
	];
}

function paragraphs({ kernels, pairs, ranking }: ShownExactComparison): string[] {
	const [furthest, nearest] = [ranking[0], ranking.at(-1)].map((i) => pairs[i ?? -1]);
	const partly = pairs.filter(({ likeness: { onlyFirst, onlySecond } }) => {
		return onlyFirst + onlySecond > 0;
	});
	const named = ({ groups, likeness }: ShownExactPair): string =>
		`${groups.map((i) => kernels[i]?.name).join(' and ')}, mean total variation distance ${digits(likeness.totalVariation?.mean.value)}`;
	return [
		'Scored from the laws of the models, not sampled: distances have no sampling noise and no test applies; ± is what mass left out and other evaluation shapes can make of them.',
		...(nearest === undefined || furthest === undefined
			? ['No two of them have a source in common.']
			: nearest === furthest
				? []
				: [`Nearest: ${named(nearest)}. Furthest apart: ${named(furthest)}.`]),
		...(partly.length === 0
			? []
			: [
					`${count(partly.length, 'pair has', 'pairs have')} other states in one kernel than in the other (marked ∩): compared on those that both have, every other outcome taken as one, so that their total variation is a lower bound.`,
				]),
	];
}

const nameOf = (i: number): string => `E${i + 1}`;

function kernelsTable({ kernels }: ShownExactComparison): PageTable {
	const titles = ['K', 'rms A', 'grad', 'σ', 'I(f;g)', 'left'];
	return {
		title: 'Exact kernels',
		columns: [right('no.'), left('kernel'), ...titles.map(right), left('verdict')],
		rows: kernels.map(({ name, sampling: { temperature }, finding, leftOut }, i) => {
			const [, K, rms, , ...others] = scoredNumbers({ temperature, finding, leftOut });
			return [nameOf(i), name, K ?? DASH, rms ?? DASH, ...others];
		}),
		note: 'K: states · rms A: root mean square cycle affinity, nats (?: no other shape was tried) · grad: share of the log ratios that a potential explains · σ: entropy production per step, nats · I(f;g): mutual information of input and output, nats · left: largest mass of a source that was not followed',
	};
}

function pairTables(exact: ShownExactComparison): PageTable[] {
	const { kernels, pairs, ranking } = exact;
	if (pairs.length === 0) return [];
	if (kernels.length <= MOST_EXACT)
		return [pairTable('Pair by pair, furthest apart first', exact, ranking)];
	const rest = pairs.length - 2 * ENDS;
	if (rest <= 0) return [pairTable('Pair by pair, furthest apart first', exact, ranking)];
	const ends = `${ENDS} of ${count(pairs.length, 'pair', 'pairs')}; all are in the JSON`;
	// How to read them is said once.
	const { note: _, ...nearest } = pairTable(
		`Nearest: ${ends}`,
		exact,
		ranking.slice(-ENDS).reverse(),
	);
	return [nearest, pairTable(`Furthest apart: ${ends}`, exact, ranking.slice(0, ENDS))];
}

function pairTable(
	title: string,
	{ pairs }: ShownExactComparison,
	which: readonly number[],
): PageTable {
	const titles = ['mean TV', '±', 'max TV', 'rms Δ', 'max Δ', 'r', 'slope', 'max ΔV'];
	return {
		title,
		columns: [right('pair'), right('sources'), ...titles.map(right)],
		rows: which.map((i) => pairRow(pairs[i] as ShownExactPair)),
		note: 'TV: total variation distance between the rows of equal sources, every source alike · Δ: of log T, nats, over transitions to another state found in both · r, slope: of the second potential over the first (least squares; a dash: fewer than three states, or a flat one) · ΔV: difference of the potentials, each less its mean, nats',
	};
}

function pairRow({ groups, likeness }: ShownExactPair): (string | number | null)[] {
	const { totalVariation: tv, logRatio, potential, sources, onlyFirst, onlySecond } = likeness;
	return [
		groups.map(nameOf).join('–') + (onlyFirst + onlySecond > 0 ? ' ∩' : ''),
		sources,
		rounded(tv?.mean.value),
		tv === null ? DASH : numerical(tv.mean),
		rounded(tv?.largest),
		rounded(logRatio?.rms),
		rounded(logRatio?.largest),
		rounded(potential?.correlation),
		rounded(potential?.slope),
		rounded(potential?.largest),
	];
}

/** What mass left out and other shapes leave open; ?: no other shape was tried of one kernel. */
function numerical({
	jitter,
	leftOut,
}: {
	readonly jitter: number | null;
	readonly leftOut: number | null;
}): string {
	return oneDigit((jitter ?? 0) + (leftOut ?? 0)) + (jitter === null ? '?' : '');
}

function leftOutTable({ notCompared }: ShownExactComparison): PageTable[] {
	if (notCompared.length === 0) return [];
	const reasons = new Map<string, string[]>();
	for (const { groups, reason } of notCompared) {
		reasons.set(reason, [...(reasons.get(reason) ?? []), groups.map(nameOf).join('–')]);
	}
	return [
		{
			title: `${count(notCompared.length, 'pair', 'pairs')} not compared`,
			columns: [right('pairs'), left('reason'), left('which')],
			rows: [...reasons].map(([reason, names]) => [
				names.length,
				reason,
				names.slice(0, MOST.reasons).join(', ') + (names.length > MOST.reasons ? ' …' : ''),
			]),
		},
	];
}
