import type { Outcome } from '../../outcome.js';

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

export interface CountRow {
	readonly source: string;
	readonly target: string;
	readonly count: number;
}

/** `attempts` were counted per source; `attemptsByConvention` gives all states the same number. */
export type CountInput = {
	readonly rows: readonly CountRow[];
	/** left out: all attempts beyond the counts are invalid outcomes */
	readonly outcomes?: Readonly<Record<Outcome, number>>;
} & (
	| { readonly attempts: ReadonlyMap<string, number> | Readonly<Record<string, number>> }
	| { readonly attemptsByConvention: number }
);

/**
 * The one checking constructor of a count table.
 *
 * @param input rows (a row with source = target counts self outcomes, a zero count only names its
 *   states), attempts per source, outcomes of all attempts
 * @returns the table; the order of rows and attempts does not matter
 * @throws TypeError if a name is not a non-empty string or a count is not a number
 * @throws RangeError if a count is negative, fractional, NaN or above 2^53; a pair comes twice; a
 *   source has no attempts or fewer than its counts; outcomes contradict the counts. An attempts
 *   number by convention may be any positive finite number and is not held against the counts.
 *
 * @example countTable({ rows: [{ source: 'B', target: 'A', count: 2 }], attempts: { B: 5 } })
 *   // states A, B; attempts 0, 5; outcomes valid 2, invalid 3
 */
export function countTable(input: CountInput): CountTable {
	const cells = checkedRows(input.rows);
	const given = 'attempts' in input ? checkedAttempts(input.attempts) : new Map<string, number>();
	const names = new Set(given.keys());
	for (const { source, target } of input.rows) names.add(source).add(target);
	const states = [...names].sort(binaryOrder);
	const index = new Map(states.map((state, i) => [state, i] as const));
	const body = compress(cells, states, index);

	const recorded = 'attempts' in input;
	const attempts = new Float64Array(states.length);
	if (recorded) {
		for (const [state, count] of given) attempts[index.get(state)!] = count;
		checkAgainstCounts(states, attempts, body);
	} else attempts.fill(checkedConvention(input.attemptsByConvention));
	const outcomes = settleOutcomes(input.outcomes, body, recorded ? attempts : null);
	return { states, attempts, attemptsRecorded: recorded, ...body, outcomes };
}

type Body = Pick<CountTable, 'rowStart' | 'target' | 'count' | 'self'>;

/** Binary order of UTF-8 text, as SQLite's BINARY collation: by code point, not by UTF-16 unit. */
export function binaryOrder(a: string, b: string): number {
	const length = Math.min(a.length, b.length);
	for (let i = 0; i < length; i++) {
		const x = a.charCodeAt(i);
		const y = b.charCodeAt(i);
		if (x === y) continue;
		// Surrogates stand for code points above every other unit.
		const xHigh = x >= 0xd800 && x <= 0xdfff;
		const yHigh = y >= 0xd800 && y <= 0xdfff;
		if (xHigh !== yHigh) return xHigh ? 1 : -1;
		return x - y;
	}
	return a.length - b.length;
}

function checkedRows(rows: readonly CountRow[]): Map<string, Map<string, number>> {
	const cells = new Map<string, Map<string, number>>();
	for (const [i, { source, target, count }] of rows.entries()) {
		const where = `row ${i} (${String(source)} → ${String(target)})`;
		checkName(source, `${where}: source`);
		checkName(target, `${where}: target`);
		checkCount(count, `${where}: count`);
		const row = cells.get(source) ?? new Map<string, number>();
		if (row.has(target)) throw new RangeError(`${where}: this pair was given before; add them up`);
		row.set(target, count);
		cells.set(source, row);
	}
	return cells;
}

function checkName(name: unknown, what: string): void {
	if (typeof name !== 'string' || name === '') {
		throw new TypeError(`${what} must be a non-empty string, got ${JSON.stringify(name)}`);
	}
}

function checkCount(count: unknown, what: string): void {
	if (typeof count !== 'number')
		throw new TypeError(`${what} must be a number, got ${String(count)}`);
	if (!Number.isInteger(count) || count < 0 || count > 2 ** 53) {
		throw new RangeError(`${what} must be an integer from 0 to 2^53, got ${count}`);
	}
}

function checkedAttempts(
	attempts: ReadonlyMap<string, number> | Readonly<Record<string, number>>,
): Map<string, number> {
	const given = new Map(attempts instanceof Map ? attempts : Object.entries(attempts));
	for (const [state, count] of given) {
		checkName(state, 'attempts: source');
		checkCount(count, `attempts from ${state}`);
	}
	return given;
}

function checkedConvention(attempts: number): number {
	if (typeof attempts === 'number' && attempts > 0 && attempts < Infinity) return attempts;
	throw new RangeError(`attemptsByConvention must be positive and finite, got ${attempts}`);
}

function compress(
	cells: ReadonlyMap<string, ReadonlyMap<string, number>>,
	states: readonly string[],
	index: ReadonlyMap<string, number>,
): Body {
	const rowStart = new Int32Array(states.length + 1);
	const self = new Float64Array(states.length);
	const targets: number[] = [];
	const counts: number[] = [];
	for (const [f, state] of states.entries()) {
		const row = [...(cells.get(state) ?? [])].map(([g, n]) => [index.get(g)!, n] as const);
		row.sort((x, y) => x[0] - y[0]);
		for (const [g, n] of row) {
			if (g === f) self[f] = n;
			else if (n > 0) {
				targets.push(g);
				counts.push(n);
			}
		}
		rowStart[f + 1] = targets.length;
	}
	return { rowStart, target: Int32Array.from(targets), count: Float64Array.from(counts), self };
}

function checkAgainstCounts(states: readonly string[], attempts: Float64Array, body: Body): void {
	for (const [f, state] of states.entries()) {
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
		checkCount(count, `outcomes: ${outcome}`);
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
