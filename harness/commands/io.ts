import { type Progress, startProgress } from '../report/progress.js';
import { safeJson, safeText } from '../safe-text.js';

/**
 * Where a command speaks: data on stdout, talk on stderr. Whatever text from outside a line holds
 * (a completion, a label, a file name), it drives no terminal.
 */
export interface Io {
	/** One JSON document and nothing else on stdout. */
	readonly json: boolean;
	/** Aborted by Ctrl-C. */
	readonly signal: AbortSignal;
	/** A line of data. */
	out(line: string): void;
	/** Data that must be exact and may be long, waiting for its reader; made safe where that is a terminal. */
	stream(text: string): Promise<void>;
	/** A line of talk. */
	say(line: string): void;
	/** Shows how far a long job is: a bar on a terminal, plain lines elsewhere. */
	progress(label: string, total: number): Progress;
}

export function openIo(json: boolean, signal: AbortSignal): Io {
	const safe = json ? safeJson : safeText;
	return {
		json,
		signal,
		out: (line) => void process.stdout.write(`${safe(line)}\n`),
		stream: (text) => write(process.stdout.isTTY || json ? safe(text) : text),
		say: (line) => void process.stderr.write(`${safeText(line)}\n`),
		progress: (label, total) => startProgress(label, total, process.stderr),
	};
}

function write(text: string): Promise<void> {
	return new Promise((resolve, reject) => {
		process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
	});
}
