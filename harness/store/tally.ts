/** Attempts counted in columns: one pass, memory for what differs and not for what repeats. */
import type { StoreReader } from './reader.js';

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

/** Counts > 0 by three numbers each, rows ascending by (first, source, category). */
export interface Tally {
	readonly first: Int32Array;
	/** rank of the state */
	readonly source: Int32Array;
	/** rank of the state reached (the source's own: self), or −1, −2, −3 */
	readonly category: Int32Array;
	readonly count: Float64Array;
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

/** Counts triples of integers in a hash table of columns, open addressing. */
class Counter {
	readonly #most: number;
	#first = new Int32Array(1024);
	#source = new Int32Array(1024);
	#category = new Int32Array(1024);
	#count = new Float64Array(1024);
	/** row + 1, or 0 for a free slot; twice as many slots as rows */
	#slots = new Int32Array(2048);
	#size = 0;

	constructor(most: number) {
		this.#most = most;
	}

	/** More than `most` different triples came: the counts are not complete. */
	get full(): boolean {
		return this.#size > this.#most;
	}

	add(first: number, source: number, category: number): void {
		if (this.full) return;
		const mask = this.#slots.length - 1;
		let slot = hash(first, source, category) & mask;
		for (;;) {
			const row = this.#slots[slot]! - 1;
			if (row === -1) break;
			if (
				this.#category[row] === category &&
				this.#source[row] === source &&
				this.#first[row] === first
			) {
				this.#count[row]! += 1;
				return;
			}
			slot = (slot + 1) & mask;
		}
		if (this.#size === this.#count.length) {
			this.#grow();
			this.add(first, source, category);
			return;
		}
		const row = this.#size++;
		this.#slots[slot] = row + 1;
		this.#first[row] = first;
		this.#source[row] = source;
		this.#category[row] = category;
		this.#count[row] = 1;
	}

	tally(): Tally {
		const order = sortedRows([this.#category, this.#source, this.#first], this.#size);
		return {
			first: order.map((row) => this.#first[row]!),
			source: order.map((row) => this.#source[row]!),
			category: order.map((row) => this.#category[row]!),
			count: Float64Array.from(order, (row) => this.#count[row]!),
		};
	}

	#grow(): void {
		const size = 2 * this.#count.length;
		this.#first = widened(new Int32Array(size), this.#first);
		this.#source = widened(new Int32Array(size), this.#source);
		this.#category = widened(new Int32Array(size), this.#category);
		this.#count = widened(new Float64Array(size), this.#count);
		this.#slots = new Int32Array(2 * size);
		for (let row = 0; row < this.#size; row++) {
			let slot = hash(this.#first[row]!, this.#source[row]!, this.#category[row]!);
			slot &= this.#slots.length - 1;
			while (this.#slots[slot] !== 0) slot = (slot + 1) & (this.#slots.length - 1);
			this.#slots[slot] = row + 1;
		}
	}
}

function widened<A extends Int32Array | Float64Array>(wide: A, narrow: A): A {
	wide.set(narrow);
	return wide;
}

/** Mixing step of MurmurHash3 over three words. */
function hash(a: number, b: number, c: number): number {
	let h = Math.imul(a, 0xcc9e2d51) ^ Math.imul(b, 0x1b873593) ^ Math.imul(c, 0x9e3779b1);
	h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
	h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
	return h ^ (h >>> 16);
}

/** Rows 0 … size − 1 ascending by the columns, the last one first: stable counting sorts. */
function sortedRows(columns: readonly Int32Array[], size: number): Int32Array {
	let order = Int32Array.from({ length: size }, (_, row) => row);
	for (const column of columns) {
		const lowest = order.reduce((least, row) => Math.min(least, column[row]!), 0);
		const highest = order.reduce((most, row) => Math.max(most, column[row]!), 0);
		const next = new Int32Array(highest - lowest + 2);
		for (const row of order) next[column[row]! - lowest + 1]! += 1;
		for (let k = 1; k < next.length; k++) next[k]! += next[k - 1]!;
		const sorted = new Int32Array(size);
		for (const row of order) sorted[next[column[row]! - lowest]!++] = row;
		order = sorted;
	}
	return order;
}
