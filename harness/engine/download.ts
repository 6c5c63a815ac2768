import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface DownloadJob {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly folder: string;
	/** Name of the file; while it grows, `.ipull` is appended. */
	readonly name: string;
	readonly signal: AbortSignal;
	/** Without a new byte for so long the download is given up. */
	readonly patienceMs: number;
	/** Bytes there are, those of an earlier try included. */
	readonly onProgress: (done: number) => void;
}

/** To the downloading process. */
export interface DownloadOrder {
	readonly fetch: Pick<DownloadJob, 'url' | 'headers' | 'folder' | 'name'>;
}

/** From the downloading process. */
export interface DownloadMessage {
	readonly ready?: true;
	readonly done?: number;
	readonly finished?: true;
	readonly failed?: { readonly code: string | null; readonly message: string };
}

/** `stopped`: by the signal; `stalled`: nothing came; `full`: no space left to write. */
export type DownloadEnd =
	| { readonly state: 'done' | 'stopped' | 'stalled' }
	| { readonly state: 'full' | 'failed'; readonly message: string };

/** How long the other process may take to put away what it has. */
const GRACE_MS = 5000;
/** Settings of the downloader's own: what it needs is in the job. */
const WITHHELD = ['HF_TOKEN', 'HF_TOKEN_PATH', 'HF_ENDPOINT', 'MODEL_ENDPOINT'];

/**
 * Fetches a file with node-llama-cpp's downloader in a process of its own; goes on where an earlier
 * try of the same folder and name ended, if the server offers ranges. Never rejects.
 */
export function download(job: DownloadJob): Promise<DownloadEnd> {
	const { signal, patienceMs } = job;
	return new Promise((resolve) => {
		const child = startChild();
		let end: DownloadEnd | null = null;
		let most = -1;
		let last = performance.now();
		let said = '';

		const finish = (how: DownloadEnd) => {
			if (end !== null) return;
			end = how;
			if (child.connected) child.send('stop', () => undefined);
			setTimeout(() => child.kill('SIGKILL'), GRACE_MS).unref();
		};
		const onAbort = () => finish({ state: 'stopped' });
		const watch = setInterval(() => {
			if (performance.now() - last > patienceMs) finish({ state: 'stalled' });
		}, 200);

		child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			said = (said + text).slice(-2000);
		});
		child.on('message', (message: DownloadMessage) => {
			if (message.ready) {
				last = performance.now();
				const { url, headers, folder, name } = job;
				const order: DownloadOrder = { fetch: { url, headers, folder, name } };
				child.send(order, () => undefined);
			}
			if (message.done !== undefined && message.done > most) {
				most = message.done;
				last = performance.now();
				job.onProgress(most);
			}
			if (message.finished) end ??= { state: 'done' };
			if (message.failed) end ??= failure(message.failed);
		});
		const settle = (how: DownloadEnd) => {
			clearInterval(watch);
			signal.removeEventListener('abort', onAbort);
			resolve(end ?? how);
		};
		child.on('error', ({ message }) => settle({ state: 'failed', message }));
		child.on('close', (code, killedBy) =>
			settle({ state: 'failed', message: `${killedBy ?? `exit code ${code}`} ${said.trim()}` }),
		);
		if (signal.aborted) onAbort();
		else signal.addEventListener('abort', onAbort);
	});
}

function startChild() {
	const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
	const script = fileURLToPath(new URL(`./llama-download.${extension}`, import.meta.url));
	const env = Object.fromEntries(
		Object.entries(process.env).filter(([name]) => !WITHHELD.includes(name)),
	);
	// The folder, so that names in execArgv (--import tsx) are found wherever the user is.
	return spawn(process.execPath, [...process.execArgv, script], {
		cwd: dirname(script),
		env,
		stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
	});
}

function failure({ code, message }: NonNullable<DownloadMessage['failed']>): DownloadEnd {
	return { state: code === 'ENOSPC' || code === 'EDQUOT' ? 'full' : 'failed', message };
}
