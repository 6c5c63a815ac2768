import { type Prospects, type StateRange, unionOf } from '../experiment/tasks/prospects.js';

/**
 * Which states a completion may still become, where stop strings may end it: what looks like the
 * beginning of a stop string may not belong to the answer.
 */
export class Outlook {
	readonly #prospects: Prospects;
	readonly #stops: readonly string[];

	constructor(prospects: Prospects, stops: readonly string[]) {
		this.#prospects = prospects;
		this.#stops = stops;
	}

	get states(): readonly string[] {
		return this.#prospects.states;
	}

	/** @param text decoded so far, with no stop string in it */
	of(text: string): readonly StateRange[] {
		const ranges = [...this.#prospects.of(text)];
		for (const cut of this.#begunStops(text))
			ranges.push(...this.#prospects.of(text.slice(0, cut)));
		return unionOf(ranges);
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
