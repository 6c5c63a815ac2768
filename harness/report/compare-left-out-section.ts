import { left, MOST, pairName, right } from './compare-cells.js';
import type { ShownComparison } from './compare-shown.js';
import { count } from './numbers.js';
import type { PageSection } from './page/section.js';

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
