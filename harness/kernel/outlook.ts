import {
	type Prospects,
	type StateRange,
	unionOf,
	withoutBroken,
} from '../experiment/tasks/prospects.js';
import { laterBeginnings } from './cleaning.js';

/**
 * Which states a completion may still become, where stop strings may end it: what looks like the
 * beginning of a stop string may not belong to the answer.
 */
export class Outlook {
	readonly #prospects: Prospects;
	readonly #stops: readonly string[];
	readonly #known = new Map<string, readonly StateRange[]>();

	constructor(prospects: Prospects, stops: readonly string[]) {
		this.#prospects = prospects;
		this.#stops = stops;
	}

	get states(): readonly string[] {
		return this.#prospects.states;
	}

	/**
	 * @param text decoded so far, with no stop string in it
	 * @returns the same array for the same states: many texts may still become the same ones
	 */
	of(text: string): readonly StateRange[] {
		const ranges: StateRange[] = [];
		for (const beginning of laterBeginnings(withoutBroken(text))) {
			ranges.push(...this.#prospects.of(beginning));
			for (const cut of this.#begunStops(beginning))
				ranges.push(...this.#prospects.of(beginning.slice(0, cut)));
		}
		const united = unionOf(ranges);
		const key = united.map(({ from, to }) => `${from}-${to}`).join();
		const known = this.#known.get(key) ?? united;
		this.#known.set(key, known);
		return known;
	}

	/** Whether a text, of which a stop string may be the end, may be or become one of the states. */
	isOpen(text: string): boolean {
		return this.#stops.some((stop) => text.includes(stop)) || this.of(text).length > 0;
	}

	/** Lengths that the text has without an end that is the beginning of a stop string. */
	*#begunStops(text: string): Generator<number> {
		for (const stop of this.#stops)
			for (let length = 1; length < stop.length && length <= text.length; length++)
				if (text.endsWith(stop.slice(0, length))) yield text.length - length;
	}
}
