import { type CountTable, countTable } from '../analysis/table/counts.js';
import type { ImportedGroup } from '../store/imports.js';

/**
 * The count table of an import. Without attempts per source, all states get the same number C_f by
 * convention: the stated total over the number of states, as arXiv 2512.10047 does, or, where no
 * total is stated either, the most outcomes counted from one source. Loop quantities do not depend
 * on it. Attempts beyond the counts are invalid outcomes.
 */
export function importedTable({ columns, attemptsTotal }: ImportedGroup): CountTable {
	const { states, source, target, count, attempts } = columns;
	const body = { states, source, target, count };
	if (attempts !== null) return countTable({ ...body, attempts });
	const from = new Float64Array(states.length);
	const outcomes = { valid: 0, self: 0, invalid: 0, unparsable: 0, truncated: 0 };
	for (const [i, n] of count.entries()) {
		const f = source[i] as number;
		from[f] = (from[f] as number) + n;
		outcomes[f === target[i] ? 'self' : 'valid'] += n;
	}
	if (attemptsTotal === null)
		return countTable({ ...body, outcomes, attemptsByConvention: largest(from) });
	outcomes.invalid = attemptsTotal - outcomes.valid - outcomes.self;
	return countTable({ ...body, outcomes, attemptsByConvention: attemptsTotal / states.length });
}

function largest(values: Float64Array): number {
	return values.reduce((most, value) => Math.max(most, value), 0);
}
