/**
 * Runs in a process of its own: fetches one file through node-llama-cpp's downloader.
 * That downloader retries a dead server some 150 times, cannot be stopped while it waits, and
 * leaves a failed write as an unhandled rejection; here all of that ends with this process.
 * The job comes as the first message, for an address or a token among the arguments could be read
 * by every user of the machine.
 */
import { createModelDownloader, type ModelDownloader } from 'node-llama-cpp';
import type { DownloadMessage, DownloadOrder } from './download.js';

let downloader: ModelDownloader | null = null;
let stopping = false;

function tell(message: DownloadMessage, then: () => void = () => undefined): void {
	if (process.connected) process.send?.(message, undefined, undefined, then);
	else then();
}

function fail(error: unknown): void {
	const { code, message } = error as NodeJS.ErrnoException;
	tell({ failed: { code: code ?? null, message: message ?? String(error) } }, () =>
		process.exit(1),
	);
}

/** Keeps what has come: writes still under way are waited for. */
async function stop(): Promise<void> {
	stopping = true;
	await downloader?.cancel({ deleteTempFile: false });
	setTimeout(() => process.exit(1), 200);
}

async function fetchFile({ url, headers, folder, name }: DownloadOrder['fetch']): Promise<void> {
	downloader = await createModelDownloader({
		modelUri: url,
		dirPath: folder,
		fileName: name,
		headers: { ...headers },
		// null: it must not look for a token itself.
		tokens: { huggingFace: null as never },
		deleteTempFileOnCancel: false,
		onProgress: ({ downloadedSize }) => tell({ done: downloadedSize }),
	});
	await downloader.download();
	// A download that was cancelled counts as done there.
	if (!stopping) tell({ finished: true }, () => process.exit(0));
}

process.on('unhandledRejection', fail);
process.on('uncaughtException', fail);
// Ctrl-C on a terminal reaches both processes; the other one says when to stop.
process.on('SIGINT', () => undefined);
process.on('disconnect', stop);
process.on('message', (order: DownloadOrder | 'stop') => {
	if (order === 'stop') void stop();
	else fetchFile(order.fetch).catch(fail);
});
tell({ ready: true });
