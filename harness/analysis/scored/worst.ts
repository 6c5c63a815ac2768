import { furthest, type LogRatios, nearest } from './log-ratios.js';

/** One loop the way round in which its affinity is positive. */
export interface ScoredLoop {
	/** from its lowest state */
	readonly states: readonly string[];
	/** nats */
	readonly affinity: number;
	readonly lower: number;
	/** null where it may be of any size */
	readonly upper: number | null;
}

interface Kept extends Omit<ScoredLoop, 'states'> {
	readonly run: readonly number[];
}

/** Keeps the loops of the largest |A| among those offered. */
export class WorstOf {
	readonly #most: number;
	readonly #kept: Kept[] = [];

	/** @param most an integer ≥ 1 */
	constructor(most: number) {
		this.#most = most;
	}

	offer(run: ArrayLike<number>, loop: LogRatios): void {
		const A = loop.value[0]!;
		const affinity = Math.abs(A);
		const full = this.#kept.length === this.#most;
		if (full && affinity <= this.#kept[this.#most - 1]!.affinity) return;
		const { least, most } = loop;
		const upper = furthest(least, most);
		const at = this.#kept.findIndex((kept) => kept.affinity < affinity);
		this.#kept.splice(at === -1 ? this.#kept.length : at, 0, {
			run: fromLowest(Array.from(run), A < 0),
			affinity,
			lower: nearest(least, most),
			upper: upper < Infinity ? upper : null,
		});
		if (this.#kept.length > this.#most) this.#kept.pop();
	}

	/** Largest first; equal ones in the order they were offered. */
	named(states: readonly string[]): ScoredLoop[] {
		return this.#kept.map(({ run, ...loop }) => ({ states: run.map((f) => states[f]!), ...loop }));
	}
}

function fromLowest(run: readonly number[], turned: boolean): number[] {
	const at = run.indexOf(Math.min(...run));
	const [first, ...rest] = [...run.slice(at), ...run.slice(0, at)] as [number, ...number[]];
	return [first, ...(turned ? rest.reverse() : rest)];
}
