import type { NextTokenLaw, Token } from '../engine/engine.js';
import type { Ending } from '../sampling/stop.js';
import type { Attempt, Classified } from '../sampling/tree.js';

/** Draw numbers from ≤ draw < to. */
export type DrawRange = readonly [from: number, to: number];

/** Where attempts come from and go to: a database that is being filled, or one that is repeated. */
export interface Ledger {
	/** Draws of a fixed cell's source still to be made, ascending and disjoint. */
	missing(cell: number, source: string): Iterable<DrawRange>;
	/** Steps of a crawl or chain already made, in order. */
	done(cell: number): Iterable<{ readonly source: string; readonly target: string | null }>;
	/** Attempts from `source` that ended alike. */
	attempts(source: string, ending: Ending, result: Classified, attempts: readonly Attempt[]): void;
	/** A law that was evaluated in a tree. */
	law(tree: number, source: string, path: readonly Token[], law: NextTokenLaw): void;
}
