import type { Shard } from '../experiment/shard.js';
import type { Outcome } from '../outcome.js';
import type { Identity } from './identity.js';

/** What a content-addressed identity describes. */
export const IDENTITY_KINDS = [
	'model',
	'template',
	'task',
	'sampling',
	'design',
	'numerics',
] as const;
export type IdentityKind = (typeof IDENTITY_KINDS)[number];

export type Design = 'fixed' | 'crawl' | 'chain';

/** One cell (model × template × sampling setting × seed) as planned before anything runs. */
export interface CellPlan {
	/** Made of the identities and the seed; unique in its run. */
	readonly key: string;
	readonly modelLabel: string;
	readonly templateLabel: string;
	readonly identities: Readonly<Record<IdentityKind, Identity>>;
	readonly design: Design;
	readonly seed: number;
	/** Fixed: draws 0 … attempts − 1 of every source. Crawl and chain: attempts of the cell in all. */
	readonly attempts: number;
	/** Fixed: the sources drawn in this database (a shard lists its own). Crawl and chain: empty. */
	readonly sources: readonly string[];
}

export interface RunPlan {
	/** What makes two runs the same run; neither shard nor number of attempts is part of it. */
	readonly key: string;
	readonly name: string;
	/** JSON of the resolved experiment. */
	readonly config: string;
	readonly shard: Shard | null;
	readonly toolVersion: string;
	readonly cells: readonly CellPlan[];
}

export interface CellHandle {
	readonly id: number;
	/** Laws are kept per tree: one for each model × template of a run. */
	readonly tree: number;
	readonly key: string;
}

export interface RunHandle {
	readonly id: number;
	/** The database held a run of this key already. */
	readonly existed: boolean;
	/** The plan raised attempts or added cells or sources to a run that existed. */
	readonly extended: boolean;
	/** In the order of the plan. */
	readonly cells: readonly CellHandle[];
}

export interface AttemptRecord {
	/** Id of the cell, from its handle. */
	readonly cell: number;
	readonly source: string;
	/** Counts the attempts from this source in this cell, 0 … 2^32 − 2. */
	readonly draw: number;
	/** Ordinal in the cell (crawl, chain), 0 … 2^32 − 2; null for fixed. */
	readonly step: number | null;
	readonly outcome: Outcome;
	/** The state reached (valid), the source (self), else null. */
	readonly target: string | null;
	readonly tokens: readonly number[];
	/** Raw completion. Lone surrogates are stored as U+FFFD; `tokens` stay exact. */
	readonly text: string;
}

/** What the model answered at one node of a tree, enough to recognise another answer. */
export interface LawRecord {
	readonly tree: number;
	readonly source: string;
	/** Completion tokens before this node. */
	readonly path: readonly number[];
	/** 16 bytes over all logits. */
	readonly checksum: Uint8Array;
	readonly logNormalizer: number;
	/** The most probable tokens, most probable first; log-probabilities in nats. */
	readonly top: readonly TopToken[];
}

export interface TopToken {
	readonly token: number;
	readonly logProbability: number;
}
