import { type Progress, startProgress } from '../report/progress.js';

/** Where a command speaks: data on stdout, talk on stderr. */
export interface Io {
	/** One JSON document and nothing else on stdout. */
	readonly json: boolean;
	/** Aborted by Ctrl-C. */
	readonly signal: AbortSignal;
	/** A line of data. */
	out(line: string): void;
	/** A line of talk. */
	say(line: string): void;
	/** Shows how far a long job is: a bar on a terminal, plain lines elsewhere. */
	progress(label: string, total: number): Progress;
}

export function openIo(json: boolean, signal: AbortSignal): Io {
	return {
		json,
		signal,
		out: (line) => void process.stdout.write(`${line}\n`),
		say: (line) => void process.stderr.write(`${line}\n`),
		progress: (label, total) => startProgress(label, total, process.stderr),
	};
}
