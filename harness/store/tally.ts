/** Attempts counted in columns: one pass, memory for what differs and not for what repeats. */
import { Counter, type Tally } from './counter.js';
import type { StoreReader } from './reader.js';

export type { Tally } from './counter.js';

/** What an attempt came to: the rank of the state it reached, or one of these. */
export const INVALID = -1;
export const UNPARSABLE = -2;
export const TRUNCATED = -3;

/** All states of a database in the order of their UTF-8 bytes. */
export interface StateOrder {
	readonly texts: readonly string[];
	/** rank of each state by its id; −1 for an id that is none */
	readonly rank: Int32Array;
}

/** Attempts read at once. */
const PAGE = 65536;

/** Every state of the database. */
export function stateOrder(reader: StoreReader): StateOrder {
	const rows = reader.rows<readonly [number, string]>(
		'SELECT id, text FROM states ORDER BY text',
		[],
	);
	const last = rows.reduce((most, [id]) => Math.max(most, id), 0);
	const rank = new Int32Array(last + 1).fill(-1);
	for (const [i, [id]] of rows.entries()) rank[id] = i;
	return { texts: rows.map(([, text]) => text), rank };
}

/** How many attempts some cells have. */
export function countAttempts(reader: StoreReader, cells: readonly number[]): number {
	const [row] = reader.rows<readonly [number]>(
		'SELECT count(*) FROM attempts WHERE cell_id IN (SELECT value FROM json_each(?))',
		[JSON.stringify(cells)],
	);
	return (row as readonly [number])[0];
}

/** Attempts of some cells together, by source and category; `first` is 0 throughout. */
export function tallyAttempts(
	reader: StoreReader,
	order: StateOrder,
	cells: readonly number[],
): Tally {
	const counter = new Counter(Infinity);
	for (const cell of cells) {
		eachAttempt(reader, { ...ALL, order, cell }, (source, category) => {
			counter.add(0, source, category);
		});
	}
	return counter.tally();
}

export interface Part {
	readonly cell: number;
	/** first draw of the second half; null: of the attempts made from each source, half and half */
	readonly middle: number | null;
}

/**
 * The same attempts twice: by cell (`first` is its position in `parts`) and by half of the cell
 * (`first` is 0 or 1).
 * @param most rows of one tally; null where it would have more
 */
export function tallyParts(
	reader: StoreReader,
	order: StateOrder,
	{ parts, most }: { readonly parts: readonly Part[]; readonly most: number },
): { readonly byCell: Tally | null; readonly byHalf: Tally | null } {
	const byCell = new Counter(most);
	const byHalf = new Counter(most);
	for (const [i, { cell, middle }] of parts.entries()) {
		const ranges = middle === null ? halvedSources(reader, cell) : [{ ...ALL, middle }];
		for (const range of ranges) {
			eachAttempt(reader, { ...range, order, cell }, (source, category, half) => {
				byCell.add(i, source, category);
				byHalf.add(half, source, category);
			});
		}
	}
	return {
		byCell: byCell.full ? null : byCell.tally(),
		byHalf: byHalf.full ? null : byHalf.tally(),
	};
}

/** Each source of a crawl or chain, whose draws run 0, 1, 2 …, with the draw in their middle. */
function halvedSources(reader: StoreReader, cell: number): Range[] {
	return reader
		.rows<readonly [source: number, made: number]>(
			'SELECT source_id, count(*) FROM attempts WHERE cell_id = ? GROUP BY source_id',
			[cell],
		)
		.map(([id, made]) => ({ from: id, to: id, middle: Math.ceil(made / 2) }));
}

export interface Chains {
	readonly cell: number;
	/** chains of the cell: step k belongs to chain k mod chains */
	readonly chains: number;
}

/**
 * Attempts of chains with the source of the attempt before (`first`), in the same chain; attempts
 * whose predecessor is missing are left out.
 * @param most rows; null where there would be more
 */
export function tallySuccessions(
	reader: StoreReader,
	order: StateOrder,
	{ cells, most }: { readonly cells: readonly Chains[]; readonly most: number },
): Tally | null {
	const counter = new Counter(most);
	for (const { cell, chains } of cells) {
		const lastStep = new Float64Array(chains).fill(-1);
		const lastSource = new Int32Array(chains);
		const rows = reader.pages<readonly [step: number, source: number, code: number]>(
			`SELECT step, source_id, ${CODE} FROM attempts
			WHERE cell_id = ? AND step > ? ORDER BY step`,
			{ fixed: [cell], key: ([step]) => step },
		);
		for (const [step, id, code] of rows) {
			const chain = step % chains;
			const source = rankOf(order, id);
			if (step >= chains && lastStep[chain] === step - chains) {
				counter.add(lastSource[chain]!, source, categoryOf(order, code));
			}
			lastStep[chain] = step;
			lastSource[chain] = source;
		}
	}
	return counter.full ? null : counter.tally();
}

/** The id of the state reached, or minus the outcome's number. */
const CODE = 'coalesce(target_id, -outcome)';

function rankOf({ rank }: StateOrder, id: number): number {
	const found = rank[id] ?? -1;
	if (found < 0) throw new Error(`state ${id} came after the states were read`);
	return found;
}

/** −2 invalid, −3 unparsable and −4 truncated are outcomes. */
const categoryOf = (order: StateOrder, code: number): number =>
	code < 0 ? code + 1 : rankOf(order, code);

/** Sources by id, and the draw at which their second half begins. */
interface Range {
	readonly from: number;
	readonly to: number;
	readonly middle: number;
}

const ALL: Range = { from: 0, to: Number.MAX_SAFE_INTEGER, middle: 0 };

/**
 * Visits the attempts of a cell source by source. A page comes back as one text per source, several
 * times quicker than a row per attempt.
 */
function eachAttempt(
	reader: StoreReader,
	{ order, cell, from, to, middle }: Range & { readonly cell: number; readonly order: StateOrder },
	visit: (source: number, category: number, half: number) => void,
): void {
	let last: readonly [source: number, draw: number] = [from, -1];
	for (;;) {
		const rows = reader.rows<readonly [source: number, draw: number, codes: string]>(
			`SELECT source_id, max(draw), group_concat(code) FROM (
				SELECT source_id, draw, 2 * ${CODE} + (draw >= ?) AS code
				FROM attempts WHERE cell_id = ? AND (source_id, draw) > (?, ?) AND source_id <= ?
				ORDER BY source_id, draw LIMIT ${PAGE}
			) GROUP BY source_id ORDER BY source_id`,
			[middle, cell, ...last, to],
		);
		if (rows.length === 0) return;
		for (const [id, draw, codes] of rows) {
			const source = rankOf(order, id);
			eachInteger(codes, (code) => {
				const half = code & 1;
				visit(source, categoryOf(order, (code - half) / 2), half);
			});
			last = [id, draw];
		}
	}
}

/** The integers of "12,-3,4" in turn. */
function eachInteger(text: string, visit: (n: number) => void): void {
	let n = 0;
	let sign = 1;
	for (let i = 0; i < text.length; i++) {
		const c = text.charCodeAt(i);
		if (c === 44) {
			visit(sign * n);
			n = 0;
			sign = 1;
		} else if (c === 45) sign = -1;
		else n = 10 * n + c - 48;
	}
	visit(sign * n);
}
