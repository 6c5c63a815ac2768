import type { Token } from '../engine/engine.js';
import type { LogLaw } from '../sampling/log-law.js';
import { logSum } from './row.js';

/** The tokens of a law that matter, likeliest first. */
export interface Ranked {
	readonly tokens: readonly Token[];
	readonly logProbabilities: readonly number[];
	/** log mass of the wanted tokens after these */
	readonly logRest: number;
	/** mass of tokens that are not wanted */
	readonly unwanted: number;
}

/** Which tokens of a law matter. */
export interface Wish {
	/** null: all are wanted */
	readonly wanted: ReadonlySet<Token> | null;
	/** Wanted tokens that rank before all others. */
	readonly first: ReadonlySet<Token>;
}

/**
 * Wanted tokens of the ranks from ≤ rank < to: those that come first, then the others, each by falling
 * probability, the lower id first on ties.
 */
export function ranked(
	{ tokens, logProbabilities }: LogLaw,
	{ wanted, first }: Wish,
	[from, to]: readonly [from: number, to: number],
): Ranked {
	let unwanted = 0;
	const ahead: number[] = [];
	const places: number[] = [];
	for (let i = 0; i < tokens.length; i++) {
		const token = tokens[i] as Token;
		if (first.has(token)) ahead.push(i);
		else if (wanted === null || wanted.has(token)) places.push(i);
		else unwanted += Math.exp(logProbabilities[i] as number);
	}
	const log = (i: number) => logProbabilities[i] as number;
	const order = (a: number, b: number) =>
		log(b) - log(a) || (tokens[a] as number) - (tokens[b] as number);
	const least = nthLargest(places.map(log), to);
	const likely = places.filter((i) => log(i) >= least).sort(order);
	const all = [...ahead.sort(order), ...likely];
	const chosen = all.slice(from, to);
	const rest = [...all.slice(to), ...places.filter((i) => log(i) < least)];
	return {
		tokens: chosen.map((i) => tokens[i] as Token),
		logProbabilities: chosen.map(log),
		logRest: logSum(rest.map(log)),
		unwanted,
	};
}

/** The n-th largest of some numbers; −∞ where there are no more than n. */
function nthLargest(values: readonly number[], n: number): number {
	if (values.length <= n) return -Infinity;
	// Without a comparison of its own, a typed array sorts at native speed.
	const sorted = Float64Array.from(values).sort();
	return sorted[sorted.length - n] as number;
}
