import { Presets, SingleBar } from 'cli-progress';
import { printable } from './table.js';

export interface Progress {
	/** @param detail short free text shown behind the numbers */
	update(done: number, detail?: string): void;
	stop(): void;
}

const LINE_EVERY_MS = 5000;

/**
 * A bar where the stream is a terminal, a plain line every few seconds elsewhere; jobs under a
 * second show nothing there.
 */
export function startProgress(
	label: string,
	total: number,
	stream: NodeJS.WriteStream | (NodeJS.WritableStream & { isTTY?: boolean }),
): Progress {
	const shown =
		stream.isTTY && !process.env.CI ? bar(label, total, stream) : lines(label, total, stream);
	return {
		// Details name models, templates and files: text from elsewhere.
		update: (done, detail = '') => shown.update(done, printable(detail)),
		stop: () => shown.stop(),
	};
}

function bar(label: string, total: number, stream: NodeJS.WritableStream): Progress {
	const shown = new SingleBar(
		{
			format: `${label} {bar} {percentage}% · {value}/{total} · {detail} · {eta_formatted} left`,
			stream,
			barsize: 24,
			hideCursor: true,
			clearOnComplete: true,
			etaBuffer: 50,
			fps: 8,
			gracefulExit: false,
			emptyOnZero: true,
		},
		Presets.shades_classic,
	);
	shown.start(total, 0, { detail: '' });
	return {
		update: (done, detail = '') => shown.update(done, { detail }),
		stop: () => shown.stop(),
	};
}

function lines(label: string, total: number, stream: NodeJS.WritableStream): Progress {
	let last = performance.now();
	return {
		update(done, detail = '') {
			const now = performance.now();
			if (now - last < LINE_EVERY_MS) return;
			last = now;
			const share = total > 0 ? ` (${Math.floor((100 * done) / total)} %)` : '';
			stream.write(
				`${label}: ${group(done)} of ${group(total)}${share}${detail ? ` · ${detail}` : ''}\n`,
			);
		},
		stop() {},
	};
}

/** 1234567 → 1,234,567 */
export function group(n: number): string {
	return n.toLocaleString('en-US');
}
