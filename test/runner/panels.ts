/** Panels for the pool's tests, as its workers load them. */
import { isMainThread, threadId } from 'node:worker_threads';
import type { Panel } from '../../harness/analysis/resample.js';
import { Stream } from '../../harness/numerics/stream.js';

export interface Work {
	readonly seed: number;
	/** spent on each draw, so that a job is large or small on every machine */
	readonly milliseconds: number;
	/** typed arrays are cloned to workers, too */
	readonly shift: Float64Array;
}

/** Two random numbers, and the thread that drew them. */
function row({ seed, milliseconds, shift }: Work, draw: number): number[] {
	const end = performance.now() + milliseconds;
	while (performance.now() < end);
	const stream = new Stream([seed, 34], draw);
	return [stream.next() + shift[0]!, stream.next(), threadId];
}

function panel(name: string, at: (draw: number) => void): Panel<Work> {
	return {
		name,
		width: 3,
		draw(input, from, to) {
			const rows: number[] = [];
			for (let i = from; i < to; i++) {
				at(i);
				rows.push(...row(input, i));
			}
			return Float64Array.from(rows);
		},
	};
}

export const PLAIN = panel('plain', () => {});
export const THROWS = panel('throws', (draw) => {
	if (draw === 100) throw new RangeError('draw 100 cannot be made');
});
export const DIES = panel('dies', () => {
	if (!isMainThread) process.exit(7);
});
export const SHORT: Panel<Work> = { name: 'short', width: 3, draw: () => new Float64Array(2) };
export const UNKNOWN: Panel<Work> = { ...PLAIN, name: 'unknown' };

export const PANELS: readonly Panel<never>[] = [PLAIN, THROWS, DIES, SHORT];
