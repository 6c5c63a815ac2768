import type { NextTokenLaw, Token } from '../engine/engine.js';
import type { Outcome } from '../outcome.js';
import type { Ending } from '../sampling/stop.js';
import type { Attempt, Classified } from '../sampling/tree.js';
import type { StoreReader } from '../store/reader.js';
import { wellFormed } from '../store/text.js';
import { summarise } from './law-summary.js';
import type { DrawRange, Ledger } from './ledger.js';

/** One side of a comparison. */
export interface Transition {
	readonly outcome: Outcome;
	readonly target: string | null;
	readonly tokens: readonly Token[];
	readonly text: string;
}

export interface Divergence {
	readonly cell: number;
	readonly source: string;
	readonly draw: number;
	readonly step: number | null;
	/** Position of the first token that differs, or the shorter length. */
	readonly token: number;
	readonly recorded: Transition | null;
	readonly repeated: Transition;
}

/** Compares what a repetition makes with what a database holds; writes nothing. */
export class RerunLedger implements Ledger {
	readonly #reader: StoreReader;
	/** Recorded transitions by cell, source and draw; equal ones are one object. */
	readonly #recorded = new Map<number, Map<string, RecordedRow>>();
	readonly #verdicts = new WeakMap<Ending, Map<Transition, boolean>>();
	/** Cells in the order of the plan: the order in which "first" is meant. */
	readonly #order: ReadonlyMap<number, number>;
	compared = 0;
	different = 0;
	first: Divergence | null = null;
	laws = 0;
	lawsDifferent = 0;

	constructor(reader: StoreReader, cells: readonly number[]) {
		this.#reader = reader;
		this.#order = new Map(cells.map((cell, i) => [cell, i]));
	}

	*missing(cell: number, source: string): Generator<DrawRange> {
		for (const { from, to } of this.#reader.draws(cell, source)) yield [from, to];
	}

	/** A repetition begins at the beginning. */
	done(): [] {
		return [];
	}

	attempts(
		source: string,
		ending: Ending,
		{ outcome, target }: Classified,
		attempts: readonly Attempt[],
	): void {
		const repeated: Transition = { outcome, target, tokens: ending.tokens, text: ending.text };
		for (const { sampler, draw, step } of attempts) {
			const row = this.#row(sampler.cell, source);
			const recorded = row?.transitions[draw] ?? null;
			const sameStep = (row?.steps[draw] ?? null) === step;
			this.compared += 1;
			if (recorded && sameStep && this.#same(ending, recorded, repeated)) continue;
			this.different += 1;
			const token = recorded ? firstDifference(recorded.tokens, repeated.tokens) : 0;
			this.#note({ cell: sampler.cell, source, draw, step, token, recorded, repeated });
		}
	}

	law(tree: number, source: string, path: readonly Token[], law: NextTokenLaw): void {
		const recorded = this.#reader.law(tree, { source, path });
		if (!recorded) return;
		this.laws += 1;
		const { checksum } = summarise(law);
		if (Buffer.compare(recorded.checksum, checksum) !== 0) this.lawsDifferent += 1;
	}

	#same(ending: Ending, recorded: Transition, repeated: Transition): boolean {
		let known = this.#verdicts.get(ending);
		if (!known) {
			known = new Map();
			this.#verdicts.set(ending, known);
		}
		let verdict = known.get(recorded);
		if (verdict === undefined) {
			verdict =
				recorded.outcome === repeated.outcome &&
				recorded.target === repeated.target &&
				recorded.text === wellFormed(repeated.text) &&
				recorded.tokens.length === repeated.tokens.length &&
				firstDifference(recorded.tokens, repeated.tokens) === recorded.tokens.length;
			known.set(recorded, verdict);
		}
		return verdict;
	}

	#note(found: Divergence): void {
		if (this.first === null || this.#before(found, this.first)) this.first = found;
	}

	#before(a: Divergence, b: Divergence): boolean {
		const cells = (this.#order.get(a.cell) as number) - (this.#order.get(b.cell) as number);
		if (cells !== 0) return cells < 0;
		if (a.step !== null && b.step !== null) return a.step < b.step;
		const sources = Buffer.compare(Buffer.from(a.source), Buffer.from(b.source));
		return sources !== 0 ? sources < 0 : a.draw < b.draw;
	}

	#row(cell: number, source: string): RecordedRow | undefined {
		let rows = this.#recorded.get(cell);
		if (!rows) {
			rows = readTransitions(this.#reader, cell);
			this.#recorded.set(cell, rows);
		}
		return rows.get(source);
	}
}

/** By draw number. */
interface RecordedRow {
	readonly transitions: (Transition | undefined)[];
	/** Empty for fixed sources. */
	readonly steps: number[];
}

function readTransitions(reader: StoreReader, cell: number): Map<string, RecordedRow> {
	const rows = new Map<string, RecordedRow>();
	const known = new Map<string, Transition>();
	for (const { source, draw, step, outcome, target, tokens, text } of reader.attempts(cell)) {
		const key = `${outcome}\0${target ?? ''}\0${tokens.join(' ')}\0${text}`;
		const transition = known.get(key) ?? { outcome, target, tokens, text };
		known.set(key, transition);
		const row = rows.get(source) ?? { transitions: [], steps: [] };
		rows.set(source, row);
		row.transitions[draw] = transition;
		if (step !== null) row.steps[draw] = step;
	}
	return rows;
}

/** Index of the first element that differs; the shorter length where one begins the other. */
export function firstDifference(a: readonly Token[], b: readonly Token[]): number {
	const end = Math.min(a.length, b.length);
	for (let i = 0; i < end; i++) if (a[i] !== b[i]) return i;
	return end;
}
