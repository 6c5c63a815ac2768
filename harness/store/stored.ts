import type { Shard } from '../experiment/shard.js';
import type { Outcome } from '../outcome.js';
import type { Design, IdentityKind, TopToken } from './records.js';

export interface StoredRun {
	readonly id: number;
	readonly key: string;
	readonly name: string;
	readonly config: string;
	readonly createdAt: string;
	readonly shard: Shard | null;
	readonly toolVersion: string;
}

export interface StoredCell {
	readonly id: number;
	readonly run: number;
	readonly tree: number;
	readonly key: string;
	readonly modelLabel: string;
	readonly templateLabel: string;
	readonly design: Design;
	readonly seed: number;
	/** As in its plan: per source (fixed), in all (crawl, chain). */
	readonly attempts: number;
	/** sha256 of each; contents by `identity`. */
	readonly identities: Readonly<Record<IdentityKind, string>>;
}

export interface StoredAttempt {
	readonly source: string;
	readonly draw: number;
	readonly step: number | null;
	readonly outcome: Outcome;
	readonly target: string | null;
	readonly tokens: readonly number[];
	readonly text: string;
}

export interface StoredLaw {
	readonly path: readonly number[];
	readonly checksum: Uint8Array;
	readonly logNormalizer: number;
	readonly top: readonly TopToken[];
}

/** Draws from ≤ draw < to. */
export interface DrawRange {
	readonly from: number;
	readonly to: number;
}

export interface PairCount {
	readonly source: string;
	/** Equal to the source for self outcomes. */
	readonly target: string;
	readonly count: number;
}

export interface Hole {
	/** Key of the cell. */
	readonly cell: string;
	/** The source short of attempts (fixed); null for crawl and chain. */
	readonly source: string | null;
	readonly planned: number;
	readonly done: number;
}
