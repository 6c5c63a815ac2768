import type { SlotBackend } from './slots.js';

interface TimedBackend extends SlotBackend {
	readonly context: { dispose(): Promise<void> };
}

/** More threads must be at least this much faster: oversubscribed threads can be 40 times slower. */
const WORTHWHILE = 0.9;
const WAVES = 4;
/** Decodes quicker than this are mostly overhead that threads do not share. */
const TOO_QUICK_MS = 15;

/**
 * Picks a thread count by a short timing of decodes: 1, 2, 4 … up to `cores`, stopping at the first
 * that is not clearly faster. Thread counts were measured not to change a bit.
 */
export async function chooseThreads(
	cores: number,
	open: (threads: number) => Promise<TimedBackend>,
): Promise<number> {
	let best = 1;
	let bestTime = await timeDecodes(await open(1));
	if (bestTime < TOO_QUICK_MS) return 1;
	for (let threads = 2; threads <= cores; threads *= 2) {
		const time = await timeDecodes(await open(threads));
		if (time > WORTHWHILE * bestTime) break;
		best = threads;
		bestTime = time;
	}
	return best;
}

async function timeDecodes(backend: TimedBackend): Promise<number> {
	const rows = new Array<number>(backend.width).fill(0);
	const unread = rows.map(() => false);
	await backend.decode(rows, unread);
	let fastest = Infinity;
	for (let wave = 0; wave < WAVES; wave++) {
		const start = performance.now();
		await backend.decode(rows, unread);
		fastest = Math.min(fastest, performance.now() - start);
	}
	await backend.context.dispose();
	return fastest;
}
