/** Which states a completion that begins like this may still be read as. */

/** Numbers from ≤ i < to of states, in the order of `Prospects.states`. */
export interface StateRange {
	readonly from: number;
	readonly to: number;
}

/**
 * A cover of the ways in which a task reads states out of completions: never too few states, at times
 * too many.
 */
export interface Prospects {
	/** In the order that ranges refer to. */
	readonly states: readonly string[];
	/**
	 * States that some completion beginning with `text` can be read as.
	 * @param text the beginning of a completion, before any stop string
	 * @returns ranges in ascending order, none of them empty, no two overlapping
	 */
	of(text: string): readonly StateRange[];
}

/** What a task tells of its way of reading. */
export interface ReadingRule {
	/** How a state and a completion are spelled alike: states equal after folding are read alike. */
	readonly fold: (text: string) => string;
	/**
	 * What of the beginning of a completion, without the blanks before it, may be the beginning of a
	 * state, read in every way; '' is the beginning of any.
	 */
	readonly cores: (beginning: string) => readonly string[];
	/** Whether this may follow a state that has ended and still leave it readable; then also all ends of it. */
	readonly tail: (text: string) => boolean;
}

/**
 * Prospects of states under a rule of reading.
 * @param states without repetition
 * @example prospectsOf(['FIG', 'PLUM'], rule).of(' "fi') // [{ from: 0, to: 1 }] where case is folded
 */
export function prospectsOf(states: readonly string[], rule: ReadingRule): Prospects {
	const folded = states
		.map((state) => ({ state, text: rule.fold(state) }))
		.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
	const texts = folded.map(({ text }) => text);
	return {
		states: folded.map(({ state }) => state),
		of(text) {
			const found: StateRange[] = [];
			for (const core of rule.cores(withoutBroken(text).trimStart())) {
				const beginning = rule.fold(core);
				found.push(beginningWith(texts, beginning));
				for (const at of endingWithin(texts, beginning, rule.tail))
					found.push({ from: at, to: at + 1 });
			}
			return unionOf(found);
		},
	};
}

/**
 * Bytes of a character that is not whole yet decode to one U+FFFD; they may become anything. One before
 * it stands for bytes that are no character for good.
 */
export function withoutBroken(text: string): string {
	return text.endsWith('\ufffd') ? text.slice(0, -1) : text;
}

function beginningWith(texts: readonly string[], beginning: string): StateRange {
	const from = firstNotBelow(texts, beginning);
	let to = firstNotBelow(texts, `${beginning}\uffff`);
	while (to < texts.length && texts[to]?.startsWith(beginning)) to++;
	return { from, to };
}

/** Numbers of states that the text has already gone past, leaving only what may follow a state. */
function* endingWithin(
	texts: readonly string[],
	text: string,
	tail: ReadingRule['tail'],
): Generator<number> {
	for (let end = text.length - 1; end > 0; end--) {
		if (/^[\udc00-\udfff]/.test(text.slice(end))) continue;
		if (!tail(text.slice(end))) return;
		for (let at = firstNotBelow(texts, text.slice(0, end)); texts[at] === text.slice(0, end); at++)
			yield at;
	}
}

/** Number of the first text that is not below `bound`, by code units. */
function firstNotBelow(texts: readonly string[], bound: string): number {
	let low = 0;
	let high = texts.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((texts[middle] as string) < bound) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** The same numbers as disjoint ranges in ascending order, without empty ones. */
export function unionOf(ranges: readonly StateRange[]): StateRange[] {
	const merged: { from: number; to: number }[] = [];
	for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
		if (from >= to) continue;
		const last = merged.at(-1);
		if (last && from <= last.to) last.to = Math.max(last.to, to);
		else merged.push({ from, to });
	}
	return merged;
}
