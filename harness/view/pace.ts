/** Attempts a second, over a window that moves with the clock. */
export class Pace {
	readonly #window: number;
	#seen: { readonly at: number; readonly done: number }[] = [];

	/** @param window milliseconds, > 0 */
	constructor(window: number) {
		this.#window = window;
	}

	/** @param at milliseconds of a clock that does not go back. @param done attempts there are then */
	add(at: number, done: number): void {
		const last = this.#seen.at(-1);
		// Fewer than before: another database in the same place.
		if (last !== undefined && done < last.done) this.#seen = [];
		this.#seen.push({ at, done });
		// One beyond the window stays, so that the window is covered.
		while (this.#seen.length > 2 && (this.#seen[1]?.at ?? at) <= at - this.#window) {
			this.#seen.shift();
		}
	}

	/** Attempts a second to three digits; null before two looks, or where nothing was added. */
	rate(): number | null {
		const first = this.#seen[0];
		const last = this.#seen.at(-1);
		if (first === undefined || last === undefined || last.done === first.done) return null;
		return Number(((1000 * (last.done - first.done)) / (last.at - first.at)).toPrecision(3));
	}
}
