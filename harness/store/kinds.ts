/** The kinds of SQLite file that detbal makes. */
import { LAW_CACHE_ID, LAW_CACHE_STEPS } from './law-cache-schema.js';
import { APPLICATION_ID, STEPS } from './schema.js';

export interface Schema {
	/** In the header of every such file. */
	readonly applicationId: number;
	/** Step i takes a file from version i to i + 1, the number in its `user_version`. */
	readonly steps: readonly string[];
	/** What a new file needs before its first step. */
	readonly pragmas: readonly string[];
	/** What a file is, in messages. */
	readonly what: string;
	/** One of what it holds. */
	readonly holds: string;
	/** What makes one. */
	readonly madeBy: string;
	/** What to name instead of a file of another kind. */
	readonly nameInstead: string;
	/** What to do, as ends of messages. */
	readonly remedies: {
		/** about a file that is not whole */
		readonly cut: string;
		/** about damage within a file */
		readonly damaged: string;
		/** when a full disk has space again */
		readonly full: string;
	};
	/** Several processes write it in turns: the end of one does not wait for the others. */
	readonly shared: boolean;
}

export const RUN_DATABASE: Schema = {
	applicationId: APPLICATION_ID,
	steps: STEPS,
	pragmas: [],
	what: 'a detbal database',
	holds: 'run',
	madeBy: 'detbal run',
	nameInstead: 'name a detbal database',
	remedies: {
		cut: 'Restore it from a copy, or run the experiment into a new file',
		damaged: 'Restore it from a copy; `sqlite3 FILE .recover` may save part of it',
		full: 'free some space, then go on: detbal run with --resume, detbal kernel as before',
	},
	shared: false,
};

const REMOVE = 'If it was a cache of laws, remove it: laws can be evaluated again';

export const LAW_CACHE: Schema = {
	applicationId: LAW_CACHE_ID,
	steps: LAW_CACHE_STEPS,
	// Two laws of a small vocabulary do not fit a page of the usual 4096 bytes: half the file would be air.
	pragmas: ['page_size = 16384'],
	what: 'a cache of laws',
	holds: 'law',
	madeBy: 'detbal run --cache',
	nameInstead: 'name a cache of laws, or a new file',
	remedies: {
		cut: REMOVE,
		damaged: REMOVE,
		full: 'free some space, or prune the cache',
	},
	shared: true,
};

const KINDS = [RUN_DATABASE, LAW_CACHE] as const;

/** What a file with this application id is. */
export function kindOf(applicationId: number): string {
	const known = KINDS.find((kind) => kind.applicationId === applicationId);
	return known?.what ?? 'a SQLite database of another program';
}
