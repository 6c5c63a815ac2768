import type { UsageError } from '../errors.js';

/** Where a reader is in its file. */
export interface Place {
	/** A fault at this place, to be thrown: `file:line: key: problem`. */
	fault(problem: string): UsageError;
	/** A number by which this place can be named later. */
	mark(): number;
	/** Names a place that was marked, as `line 7` or `counts[3]`. */
	marked(mark: number): string;
}

/** Lets progress and Ctrl-C have their turn. @throws where the work is to be given up */
export type Pulse = (bytesRead: number, bytes: number) => Promise<void>;
