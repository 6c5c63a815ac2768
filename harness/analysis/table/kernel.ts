/** The transition kernel that a count table estimates. */
import { wilson95 } from '../../numerics/wilson.js';
import type { CountTable } from './counts.js';

export interface KernelEntry {
	readonly source: string;
	/** null for the attempts that reached no state */
	readonly target: string | null;
	readonly outcome: 'valid' | 'self' | 'refused';
	/** C_fg */
	readonly count: number;
	/** C_f */
	readonly attempts: number;
	/** T(g | f) = C_fg / C_f */
	readonly probability: number;
	readonly interval95: { readonly lower: number; readonly upper: number };
}

/**
 * T(g | f) = C_fg / C_f with all attempts C_f in the denominator: what was seen, self outcomes, and
 * the share that reached no state, so that the entries of a source add up to 1.
 *
 * @param table counts whose attempts were recorded: by convention, C_f means no chance
 * @returns entries in binary order of source, then target, the refused share last; none for a state
 *   that never was a source
 * @throws RangeError if the attempts are a convention
 *
 * @example counts A→B 6, A→A 1 of 10 attempts: valid 0.6, self 0.1, refused 0.3
 */
export function* kernelEntries(table: CountTable): Generator<KernelEntry> {
	if (!table.attemptsRecorded) throw new RangeError('attempts per source are a convention');
	for (const [f, source] of table.states.entries()) {
		const attempts = table.attempts[f]!;
		if (attempts === 0) continue;
		const entry = (target: string | null, count: number): KernelEntry => ({
			source,
			target,
			outcome: target === null ? 'refused' : target === source ? 'self' : 'valid',
			count,
			attempts,
			probability: count / attempts,
			interval95: wilson95(count, attempts),
		});
		let refused = attempts;
		for (const [g, count] of countedFrom(table, f)) {
			refused -= count;
			yield entry(table.states[g]!, count);
		}
		yield entry(null, refused);
	}
}

/**
 * Targets reached from a source, itself included, in binary order, with C_fg > 0.
 * @param f number of the source
 */
export function* countedFrom(
	{ rowStart, target, count, self }: CountTable,
	f: number,
): Generator<readonly [target: number, count: number]> {
	let due = self[f]! > 0;
	for (let i = rowStart[f]!; i < rowStart[f + 1]!; i++) {
		const g = target[i]!;
		if (due && g > f) {
			yield [f, self[f]!];
			due = false;
		}
		yield [g, count[i]!];
	}
	if (due) yield [f, self[f]!];
}
