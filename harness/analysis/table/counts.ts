import type { Outcome } from '../../outcome.js';
import {
	type CountColumns,
	type CountInput,
	checkColumns,
	isCount,
	noCount,
	rowName,
	toColumns,
} from './count-rows.js';

export { binaryOrder, type CountColumns, type CountInput, type CountRow } from './count-rows.js';

/**
 * Counts of one group (model × template × setting), checked once by `countTable`.
 * K states f in binary order of their text; off-diagonal counts C_fg > 0 sorted by (source, target).
 */
export interface CountTable {
	readonly states: readonly string[];
	/** C_f, length K: every attempt from f whatever came out; 0 for a target that never was a source */
	readonly attempts: Float64Array;
	/** false if C_f is a convention (a published table without attempts per source) */
	readonly attemptsRecorded: boolean;
	/** length K + 1: the pairs of source f are rowStart[f] … rowStart[f + 1] − 1 */
	readonly rowStart: Int32Array;
	readonly target: Int32Array;
	readonly count: Float64Array;
	/** C_ff, length K */
	readonly self: Float64Array;
	readonly outcomes: Readonly<Record<Outcome, number>>;
}

/**
 * The one checking constructor of a count table.
 *
 * @param input rows (a row with source = target counts self outcomes, a zero count only names its
 *   states), as objects or in columns; attempts per source, outcomes of all attempts
 * @returns the table; the order of rows and attempts does not matter
 * @throws TypeError if a name is not a non-empty string, a count is not a number, or columns differ
 *   in length
 * @throws RangeError if a count is negative, fractional, NaN or above 2^53; a pair comes twice; a
 *   source has no attempts or fewer than its counts; outcomes contradict the counts; the states of
 *   columns are not in order. An attempts number by convention may be any positive finite number and
 *   is not held against the counts.
 *
 * @example countTable({ rows: [{ source: 'B', target: 'A', count: 2 }], attempts: { B: 5 } })
 *   // states A, B; attempts 0, 5; outcomes valid 2, invalid 3
 */
export function countTable(input: CountInput | CountColumns): CountTable {
	const columns = 'rows' in input ? toColumns(input) : input;
	const { states } = columns;
	checkColumns(columns);
	const body = compress(columns);
	if ('attempts' in columns) {
		const attempts = Float64Array.from(columns.attempts);
		checkAttempts(states, attempts, body);
		const outcomes = settleOutcomes(columns.outcomes, body, attempts);
		return { states, attempts, attemptsRecorded: true, ...body, outcomes };
	}
	const attempts = new Float64Array(states.length);
	attempts.fill(checkedConvention(columns.attemptsByConvention));
	const outcomes = settleOutcomes(columns.outcomes, body, null);
	return { states, attempts, attemptsRecorded: false, ...body, outcomes };
}

type Body = Pick<CountTable, 'rowStart' | 'target' | 'count' | 'self'>;

/** Rows sorted by (source, target): two stable counting sorts, the later key first. */
function compress({ states, source, target, count }: CountColumns): Body {
	const K = states.length;
	const byTarget = countingSort(target, null, K);
	const order = countingSort(source, byTarget, K);
	const kept = new Int32Array(order.length);
	const rowStart = new Int32Array(K + 1);
	const self = new Float64Array(K);
	let size = 0;
	let before = -1;
	for (const i of order) {
		const f = source[i]!;
		const g = target[i]!;
		if (before >= 0 && source[before] === f && target[before] === g) {
			const where = rowName(i, states[f], states[g]);
			throw new RangeError(`${where}: this pair was given before; add them up`);
		}
		before = i;
		if (g === f) self[f] = count[i]!;
		else if (count[i]! > 0) {
			kept[size++] = i;
			rowStart[f + 1]! += 1;
		}
	}
	for (let f = 0; f < K; f++) rowStart[f + 1]! += rowStart[f]!;
	const targets = new Int32Array(size);
	const counts = new Float64Array(size);
	for (let at = 0; at < size; at++) {
		targets[at] = target[kept[at]!]!;
		counts[at] = count[kept[at]!]!;
	}
	return { rowStart, target: targets, count: counts, self };
}

/** Rows in ascending order of `key` (0 … K − 1), stable over the `order` they come in (null: as they are). */
function countingSort(key: Int32Array, order: Int32Array | null, K: number): Int32Array {
	const next = new Int32Array(K + 1);
	for (const k of key) next[k + 1]! += 1;
	for (let k = 0; k < K; k++) next[k + 1]! += next[k]!;
	const result = new Int32Array(key.length);
	for (let at = 0; at < key.length; at++) {
		const i = order === null ? at : order[at]!;
		result[next[key[i]!]!++] = i;
	}
	return result;
}

function checkedConvention(attempts: number): number {
	if (typeof attempts === 'number' && attempts > 0 && attempts < Infinity) return attempts;
	throw new RangeError(`attemptsByConvention must be positive and finite, got ${attempts}`);
}

function checkAttempts(states: readonly string[], attempts: Float64Array, body: Body): void {
	for (const [f, state] of states.entries()) {
		if (!isCount(attempts[f])) throw noCount(attempts[f], `attempts from ${state}`);
		let sum = body.self[f]!;
		for (let i = body.rowStart[f]!; i < body.rowStart[f + 1]!; i++) sum += body.count[i]!;
		if (sum > attempts[f]!) {
			throw new RangeError(
				`${state} has ${sum} counted outcomes but ${attempts[f]} attempts; give every attempt made from it`,
			);
		}
	}
}

function settleOutcomes(
	given: Readonly<Record<Outcome, number>> | undefined,
	body: Body,
	attempts: Float64Array | null,
): Readonly<Record<Outcome, number>> {
	const valid = body.count.reduce((sum, n) => sum + n, 0);
	const self = body.self.reduce((sum, n) => sum + n, 0);
	const total = attempts === null ? null : attempts.reduce((sum, n) => sum + n, 0);
	if (given === undefined) {
		const invalid = total === null ? 0 : total - valid - self;
		return { valid, self, invalid, unparsable: 0, truncated: 0 };
	}
	let sum = 0;
	for (const [outcome, count] of Object.entries(given)) {
		if (!isCount(count)) throw noCount(count, `outcomes: ${outcome}`);
		sum += count;
	}
	if (given.valid !== valid || given.self !== self) {
		throw new RangeError(
			`outcomes say ${given.valid} valid and ${given.self} self, the rows hold ${valid} and ${self}`,
		);
	}
	if (total !== null && sum !== total) {
		throw new RangeError(`outcomes add up to ${sum}, attempts to ${total}`);
	}
	return { ...given };
}
