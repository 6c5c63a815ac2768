import { HarnessError } from '../errors.js';
import { quote } from '../experiment/faults.js';
import { nameProblem } from './names.js';
import { PairTally, STATES_MOST } from './pair-tally.js';
import type { Place } from './place.js';

/** How a count was made of the sampling setting, as far as a file says so; null: it does not say. */
export interface StatedSampling {
	readonly temperature: number | null;
	readonly topK: number | null;
	readonly topP: number | null;
	readonly minP: number | null;
}

export const UNSTATED: StatedSampling = { temperature: null, topK: null, topP: null, minP: null };

/** What a table says it is about. */
export interface Labels {
	readonly model: string | null;
	readonly template: string | null;
	readonly sampling: StatedSampling;
}

/** One table of counts as it is gathered; states are numbered in the order in which they come. */
export class Tally {
	readonly states: string[] = [];
	readonly pairs = new PairTally();
	/** C_f by state, where the file says them. */
	attempts: Map<number, number> | null = null;
	/** Attempts from all states, whatever came out, where the file says so. */
	attemptsTotal: number | null = null;
	readonly #ids = new Map<string, number>();
	readonly #statesMost: number;
	#outcomes = 0;

	/** @param statesMost how many states can be told apart */
	constructor(statesMost: number = STATES_MOST) {
		this.#statesMost = statesMost;
	}

	/** Outcomes counted: transitions and self outcomes. */
	get outcomes(): number {
		return this.#outcomes;
	}

	/** Number of a state. @throws UsageError, HarnessError at this place where it cannot be one */
	state(name: string, place: Place): number {
		const known = this.#ids.get(name);
		if (known !== undefined) return known;
		const problem = nameProblem(name);
		if (problem !== null) throw place.fault(problem);
		if (this.states.length >= this.#statesMost)
			throw new HarnessError(
				place.fault(`more than ${this.#statesMost} states: import the table in parts`).message,
			);
		// A copy: a slice would keep the whole chunk of the file in memory.
		const copy = Buffer.from(name, 'utf8').toString('utf8');
		this.#ids.set(copy, this.states.length);
		return this.states.push(copy) - 1;
	}

	/** Adds one transition; how often a pair comes does not matter. */
	transition(source: number, target: number): void {
		this.#outcomes++;
		this.pairs.add(source, target, { count: 1, mark: 0 });
	}

	/** Adds the count of a pair, which may come once. @throws UsageError at this place */
	count(pair: { source: number; target: number; count: number }, place: Place): void {
		const { source, target, count } = pair;
		const first = this.pairs.add(source, target, { count, mark: place.mark() });
		if (first !== null) {
			const [from, to] = [this.states[source] as string, this.states[target] as string];
			throw place.fault(
				`${quote(from)} → ${quote(to)} is counted already in ${place.marked(first)}: add the two up, or import what they tell apart as tables of their own`,
			);
		}
		this.#outcomes += count;
		if (this.#outcomes > Number.MAX_SAFE_INTEGER)
			throw place.fault(
				`the counts up to here add up to more than ${Number.MAX_SAFE_INTEGER} (2^53 − 1), which no longer is exact: check them`,
			);
	}
}
