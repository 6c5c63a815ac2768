/** What came back from each source in two kernels, side by side. */
import { binaryOrder, type CountTable } from '../table/counts.js';

/** One source with attempts in both kernels. */
export interface OutcomeRow {
	readonly source: string;
	/** names of what came back: a state, or null for all that reached none; C ≥ 1 of them */
	readonly outcomes: readonly (string | null)[];
	/** attempts by outcome, first kernel, length C */
	readonly first: Float64Array;
	/** the same of the second kernel */
	readonly second: Float64Array;
	/** attempts in all, ≥ 1 each */
	readonly attempts: readonly [number, number];
}

export interface OutcomeRows {
	/** in binary order of the source */
	readonly rows: readonly OutcomeRow[];
	/** sources with attempts in one kernel only */
	readonly leftOut: readonly [number, number];
	/**
	 * attempts per source are not known of one kernel, so that both laws are those of the attempts that
	 * reached a state
	 */
	readonly conditional: boolean;
}

/**
 * The outcomes of every source that attempts were made from in both kernels: each state reached, whether
 * the other kernel knows it or not, the source itself, and one outcome for all that reached no state.
 *
 * @param a counts of the first kernel
 * @param b counts of the second
 * @returns the rows; none where no source was tried in both
 *
 * @example A → B 3, A → A 1 of 5 attempts, against A → C 2 of 2: outcomes A, B, C, none;
 *   [1, 3, 0, 1] and [0, 0, 2, 0]
 */
export function outcomeRows(a: CountTable, b: CountTable): OutcomeRows {
	const conditional = !(a.attemptsRecorded && b.attemptsRecorded);
	const place = new Map(b.states.map((state, g) => [state, g]));
	const rows: OutcomeRow[] = [];
	let onlyFirst = 0;
	for (const [f, source] of a.states.entries()) {
		const one = outcomesOf(a, f, conditional);
		if (one.attempts === 0) continue;
		const g = place.get(source);
		const other = g === undefined ? null : outcomesOf(b, g, conditional);
		if (other === null || other.attempts === 0) onlyFirst += 1;
		else rows.push(join(source, one, other));
	}
	const inSecond = b.states.filter((_, g) => outcomesOf(b, g, conditional).attempts > 0).length;
	return { rows, leftOut: [onlyFirst, inSecond - rows.length], conditional };
}

interface Outcomes {
	readonly counts: ReadonlyMap<string | null, number>;
	readonly attempts: number;
}

function outcomesOf(table: CountTable, f: number, conditional: boolean): Outcomes {
	const counts = new Map<string | null, number>();
	let reached = table.self[f]!;
	if (reached > 0) counts.set(table.states[f]!, reached);
	for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) {
		counts.set(table.states[table.target[i]!]!, table.count[i]!);
		reached += table.count[i]!;
	}
	if (conditional) return { counts, attempts: reached };
	const attempts = table.attempts[f]!;
	if (attempts > reached) counts.set(null, attempts - reached);
	return { counts, attempts };
}

function join(source: string, one: Outcomes, other: Outcomes): OutcomeRow {
	const outcomes = [...new Set([...one.counts.keys(), ...other.counts.keys()])].sort((x, y) =>
		x === null || y === null ? (x === y ? 0 : x === null ? 1 : -1) : binaryOrder(x, y),
	);
	const column = ({ counts }: Outcomes) =>
		Float64Array.from(outcomes, (outcome) => counts.get(outcome) ?? 0);
	return {
		source,
		outcomes,
		first: column(one),
		second: column(other),
		attempts: [one.attempts, other.attempts],
	};
}
