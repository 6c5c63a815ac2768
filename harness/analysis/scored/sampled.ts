/** Sampled shares beside the exact transitions that they are draws of. */
import { wilson95 } from '../../numerics/wilson.js';
import type { CountTable } from '../table/counts.js';
import { countedFrom } from '../table/kernel.js';

/** The law of one source, between states that were sources. */
export interface ExactLaw {
	readonly source: string;
	/** log T to each state, nats; null: none, and for the source itself */
	readonly logT: readonly (number | null)[];
	/** T of the self outcome */
	readonly self: number;
}

export interface SampledShare {
	readonly source: string;
	/** the source itself: the self outcome */
	readonly target: string;
	/** T(g | f) */
	readonly exact: number;
	/** C_fg, 0 where it was never drawn */
	readonly count: number;
	/** C_f */
	readonly attempts: number;
	/** 95 %, Wilson's */
	readonly interval: { readonly lower: number; readonly upper: number };
	/** whether the interval holds the exact T */
	readonly holds: boolean;
}

/**
 * Every transition between states of an exact kernel, self outcomes among them, with its share of the
 * attempts of a table; those that are possible or were drawn.
 *
 * @param laws one for each source of the kernel
 * @param table counts of the same setting
 * @returns by source, then target, both in the kernel's order; none for sources without attempts, and none at
 *   all where attempts per source were not recorded
 * Source: Wilson, J. Am. Stat. Assoc. 22, 209 (1927).
 *
 * @example T(B|A) 0.5 and 8 of 10 attempts: count 8, interval 0.4901624715366417 … 0.9433178485456247, holds
 */
export function sampledShares(laws: readonly ExactLaw[], table: CountTable): SampledShare[] {
	if (!table.attemptsRecorded) return [];
	const number = new Map(table.states.map((state, f) => [state, f]));
	return laws.flatMap(({ source, logT, self }, i) => {
		const f = number.get(source);
		const attempts = f === undefined ? 0 : table.attempts[f]!;
		if (f === undefined || attempts === 0) return [];
		const counted = new Map(countedFrom(table, f));
		return laws.flatMap(({ source: target }, k) => {
			const log = logT[k] ?? null;
			const exact = k === i ? self : log === null ? 0 : Math.exp(log);
			const count = counted.get(number.get(target) ?? -1) ?? 0;
			if (exact === 0 && count === 0) return [];
			const interval = wilson95(count, attempts);
			const holds = interval.lower <= exact && exact <= interval.upper;
			return [{ source, target, exact, count, attempts, interval, holds }];
		});
	});
}
