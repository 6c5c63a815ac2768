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

/**
 * Wanted tokens of the ranks from ≤ rank < to, by falling probability, the lower id first on ties.
 * @param wanted null: all are
 */
export function ranked(
	{ tokens, logProbabilities }: LogLaw,
	wanted: ReadonlySet<Token> | null,
	[from, to]: readonly [from: number, to: number],
): Ranked {
	let unwanted = 0;
	const places: number[] = [];
	for (let i = 0; i < tokens.length; i++) {
		if (wanted === null || wanted.has(tokens[i] as Token)) places.push(i);
		else unwanted += Math.exp(logProbabilities[i] as number);
	}
	const log = (i: number) => logProbabilities[i] as number;
	const least = nthLargest(places.map(log), to);
	const likely = places.filter((i) => log(i) >= least);
	likely.sort((a, b) => log(b) - log(a) || (tokens[a] as number) - (tokens[b] as number));
	const chosen = likely.slice(from, to);
	const rest = [...likely.slice(to), ...places.filter((i) => log(i) < least)];
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
