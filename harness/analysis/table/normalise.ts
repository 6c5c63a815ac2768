/** The three ways to make a transition kernel of counts: they differ in the denominator alone. */
import { type BarePotential, potentialRecords } from '../potential/gauge.js';
import { fitReversible, type ReversibleFit } from '../potential/reversible-fit.js';
import { type Components, findComponents } from './components.js';
import type { CountTable } from './counts.js';

export const NORMALISATIONS = ['high-reject', 'low-reject', 'true-attempt'] as const;
export type Normalisation = (typeof NORMALISATIONS)[number];

/** What T(g|f) is, in words. */
export const RULES: Readonly<Record<Normalisation, string>> = {
	'high-reject': 'T = min(1, C_fg / N0), N0 = attempts / states',
	'low-reject': 'T = C_fg / Σ_{g≠f} C_fg, states with at most 1 draw left out',
	'true-attempt': 'T = C_fg / C_f, every attempt counted',
};

/** A table under one normalisation: T(g|f) = min(1, C_fg / denominator_f). */
export interface NormalisedTable {
	readonly normalisation: Normalisation;
	/** without the transitions of states left out */
	readonly table: CountTable;
	readonly components: Components;
	/** length K; 0 for a state left out or without attempts */
	readonly denominator: Float64Array;
	/** length K: 1 for a state left out */
	readonly leftOut: Uint8Array;
}

export interface NormalisationSummary {
	readonly normalisation: Normalisation;
	readonly rule: string;
	/** smallest and largest denominator of the states that have one; null if none has */
	readonly denominator: { readonly least: number; readonly most: number } | null;
	/** states left out, with the transitions from and to them */
	readonly leftOut: { readonly states: number; readonly transitions: number };
	/** self outcomes left out (of all states); 0 where they count as attempts */
	readonly selfLoops: number;
	/** entries of T cut to 1; the potential here does not see the cut, a least action does */
	readonly clipped: number;
	/** maximum likelihood V_f = θ_f − log denominator_f; null where there is no denominator */
	readonly potential: readonly BarePotential[] | null;
	/** why there is none */
	readonly reason: string | null;
}

/**
 * A table under one normalisation.
 *
 * @param table K states
 * @param components of the same table
 * @param normalisation high-reject: N0 = (all attempts) / K for every state (by convention, that
 *   convention); low-reject: the draws Σ_{g≠f} C_fg, states with at most 1 left out as source and as
 *   target; true-attempt: C_f
 * @returns see `NormalisedTable`; null for true-attempt where attempts per source were not recorded
 * Source: arXiv 2512.10047 (2025) for high-reject and low-reject.
 */
export function normalise(
	table: CountTable,
	components: Components,
	normalisation: Normalisation,
): NormalisedTable | null {
	const K = table.states.length;
	const nothing = new Uint8Array(K);
	if (normalisation === 'high-reject') {
		const N0 = table.attempts.reduce((sum, n) => sum + n, 0) / K;
		const denominator = new Float64Array(K).fill(N0);
		return { normalisation, table, components, denominator, leftOut: nothing };
	}
	if (normalisation === 'true-attempt') {
		if (!table.attemptsRecorded) return null;
		return { normalisation, table, components, denominator: table.attempts, leftOut: nothing };
	}
	const draws = acceptedDraws(table);
	const leftOut = Uint8Array.from(draws, (n) => (n <= 1 ? 1 : 0));
	const denominator = draws.map((n) => (n <= 1 ? 0 : n));
	const none = leftOut.every((out) => out === 0);
	const kept = none ? table : withoutStates(table, leftOut);
	return {
		normalisation,
		table: kept,
		components: none ? components : findComponents(kept),
		denominator,
		leftOut,
	};
}

/** Σ_{g≠f} C_fg of each state. */
export function acceptedDraws({
	rowStart,
	count,
}: Pick<CountTable, 'rowStart' | 'count'>): Float64Array {
	const draws = new Float64Array(rowStart.length - 1);
	for (let f = 0; f < draws.length; f++) {
		for (let i = rowStart[f]!; i < rowStart[f + 1]!; i++) draws[f]! += count[i]!;
	}
	return draws;
}

function withoutStates(table: CountTable, leftOut: Uint8Array): CountTable {
	const rowStart = new Int32Array(table.rowStart.length);
	const kept: number[] = [];
	for (let f = 0; f < table.states.length; f++) {
		for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) {
			if (leftOut[f] === 0 && leftOut[table.target[i]!] === 0) kept.push(i);
		}
		rowStart[f + 1] = kept.length;
	}
	return {
		...table,
		rowStart,
		target: Int32Array.from(kept, (i) => table.target[i]!),
		count: Float64Array.from(kept, (i) => table.count[i]!),
	};
}

/**
 * What each normalisation would make of a table. Loop sums are the same under all of them: the
 * denominators cancel.
 *
 * @param table K states
 * @param components of the same table
 * @param fit of the same table
 * @returns one record per normalisation, in the order of `NORMALISATIONS`; true-attempt without
 *   potential where attempts per source were not recorded. Where low-reject leaves states out, θ is
 *   fitted again without them
 * @throws RangeError if such a fit does not converge
 * Source: arXiv 2512.10047 (2025) for high-reject and low-reject.
 *
 * @example counts A→B 66, A→C 20, B→A 3879, C→A 3558, 4000 attempts by convention
 *   // high-reject: B log(3879 / 66) = 4.07367…; low-reject: B log(86 / 66) = 0.26469…
 */
export function normalisations(
	table: CountTable,
	components: Components,
	fit: ReversibleFit,
): NormalisationSummary[] {
	return NORMALISATIONS.map((normalisation) => {
		const normalised = normalise(table, components, normalisation);
		if (normalised === null) return withoutDenominators(normalisation);
		const theta =
			normalised.components === components
				? fit.theta
				: fitReversible(normalised.table, normalised.components).theta;
		return summarise(table, normalised, theta);
	});
}

function withoutDenominators(normalisation: Normalisation): NormalisationSummary {
	return {
		normalisation,
		rule: RULES[normalisation],
		denominator: null,
		leftOut: { states: 0, transitions: 0 },
		selfLoops: 0,
		clipped: 0,
		potential: null,
		reason: 'attempts per source were not recorded',
	};
}

function summarise(
	table: CountTable,
	normalised: NormalisedTable,
	theta: Float64Array,
): NormalisationSummary {
	const { normalisation, denominator, leftOut } = normalised;
	const used = denominator.filter((n) => n > 0);
	const raw = theta.map((value, f) => value - Math.log(denominator[f]!));
	const potential = potentialRecords(normalised.table, normalised.components, raw);
	const sum = (counts: Float64Array): number => counts.reduce((total, n) => total + n, 0);
	return {
		normalisation,
		rule: RULES[normalisation],
		denominator:
			used.length === 0
				? null
				: {
						least: used.reduce((low, n) => Math.min(low, n)),
						most: used.reduce((high, n) => Math.max(high, n)),
					},
		leftOut: {
			states: leftOut.reduce((total, out) => total + out, 0),
			transitions: sum(table.count) - sum(normalised.table.count),
		},
		selfLoops: normalisation === 'true-attempt' ? 0 : sum(table.self),
		clipped: clippedEntries(normalised),
		potential: potential.map((record, f) =>
			leftOut[f] === 1 ? { ...record, reason: 'left out: at most 1 draw' } : record,
		),
		reason: null,
	};
}

function clippedEntries({ table, denominator }: NormalisedTable): number {
	let clipped = 0;
	for (let f = 0; f < table.states.length; f++) {
		for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) {
			if (table.count[i]! > denominator[f]!) clipped += 1;
		}
	}
	return clipped;
}

/**
 * T(g|f) of the inner pairs: `up` = T(high | low), `down` = T(low | high), both cut to 1.
 *
 * @returns rates in [0, 1], one of each pair's positive
 */
export function innerRates({
	components,
	denominator,
}: Pick<NormalisedTable, 'components' | 'denominator'>): {
	up: Float64Array;
	down: Float64Array;
} {
	const { low, high, up, down } = components.inner;
	const rate = (count: number, f: number): number => Math.min(1, count / denominator[f]!);
	return {
		up: up.map((count, p) => rate(count, low[p]!)),
		down: down.map((count, p) => rate(count, high[p]!)),
	};
}
