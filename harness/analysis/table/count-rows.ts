/** What a count table is made of, checked: rows as objects, or in columns. */
import type { Outcome } from '../../outcome.js';

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

/** The same in columns, for tables too large for an object per row. */
export type CountColumns = {
	/** K names in ascending binary order, none twice */
	readonly states: readonly string[];
	/** row i counts source[i] → target[i], as indices of `states` */
	readonly source: Int32Array;
	readonly target: Int32Array;
	readonly count: Float64Array;
	readonly outcomes?: Readonly<Record<Outcome, number>>;
} & (
	| {
			/** length K */
			readonly attempts: Float64Array;
	  }
	| { readonly attemptsByConvention: number }
);

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

/** Rows of objects as columns: names are sorted, attempts of states left out are 0. */
export function toColumns(input: CountInput): CountColumns {
	const names = new Set<string>();
	for (const [i, { source, target, count }] of input.rows.entries()) {
		if (!isName(source)) throw noName(source, `${rowName(i, source, target)}: source`);
		if (!isName(target)) throw noName(target, `${rowName(i, source, target)}: target`);
		if (!isCount(count)) throw noCount(count, `${rowName(i, source, target)}: count`);
		names.add(source).add(target);
	}
	const given = 'attempts' in input ? checkedAttempts(input.attempts) : null;
	for (const state of given?.keys() ?? []) names.add(state);
	const states = sorted(names);
	const index = new Map(states.map((state, f) => [state, f] as const));
	const columns = {
		states,
		source: Int32Array.from(input.rows, (row) => index.get(row.source)!),
		target: Int32Array.from(input.rows, (row) => index.get(row.target)!),
		count: Float64Array.from(input.rows, (row) => row.count),
		...(input.outcomes === undefined ? {} : { outcomes: input.outcomes }),
	};
	if ('attemptsByConvention' in input) {
		return { ...columns, attemptsByConvention: input.attemptsByConvention };
	}
	return { ...columns, attempts: Float64Array.from(states, (state) => given?.get(state) ?? 0) };
}

function sorted(names: ReadonlySet<string>): string[] {
	const list = [...names];
	// Without surrogates the order of UTF-16 units is the order of code points, and much quicker.
	return list.some((name) => /[\ud800-\udfff]/.test(name)) ? list.sort(binaryOrder) : list.sort();
}

function checkedAttempts(
	attempts: ReadonlyMap<string, number> | Readonly<Record<string, number>>,
): Map<string, number> {
	const given = new Map(attempts instanceof Map ? attempts : Object.entries(attempts));
	for (const [state, count] of given) {
		if (!isName(state)) throw noName(state, 'attempts: source');
		if (!isCount(count)) throw noCount(count, `attempts from ${state}`);
	}
	return given;
}

export function checkColumns({ states, source, target, count, ...rest }: CountColumns): void {
	const K = states.length;
	if (target.length !== source.length || count.length !== source.length) {
		throw new TypeError(
			`columns differ in length: source ${source.length}, target ${target.length}, count ${count.length}`,
		);
	}
	if ('attempts' in rest && rest.attempts.length !== K) {
		throw new TypeError(
			`attempts must hold one number per state, ${K}, not ${rest.attempts.length}`,
		);
	}
	for (const [f, state] of states.entries()) {
		if (!isName(state)) throw noName(state, `state ${f}`);
		if (f > 0 && binaryOrder(states[f - 1]!, state) >= 0) {
			throw new RangeError(
				`states must be in ascending binary order, ${JSON.stringify(state)} follows ${JSON.stringify(states[f - 1])}`,
			);
		}
	}
	for (let i = 0; i < source.length; i++) {
		const f = source[i]!;
		const g = target[i]!;
		if (f < 0 || f >= K || g < 0 || g >= K) {
			throw new RangeError(`row ${i}: ${f} → ${g} must be indices of states, from 0 to ${K - 1}`);
		}
		if (!isCount(count[i])) {
			throw noCount(count[i], `${rowName(i, states[f], states[g])}: count`);
		}
	}
}

export const isName = (name: unknown): name is string => typeof name === 'string' && name !== '';

export function noName(name: unknown, what: string): TypeError {
	return new TypeError(`${what} must be a non-empty string, got ${JSON.stringify(name)}`);
}

export const isCount = (count: unknown): count is number =>
	typeof count === 'number' && Number.isInteger(count) && count >= 0 && count <= 2 ** 53;

export function noCount(count: unknown, what: string): Error {
	return typeof count === 'number'
		? new RangeError(`${what} must be an integer from 0 to 2^53, got ${count}`)
		: new TypeError(`${what} must be a number, got ${String(count)}`);
}

export const rowName = (i: number, source: unknown, target: unknown): string =>
	`row ${i} (${String(source)} → ${String(target)})`;
