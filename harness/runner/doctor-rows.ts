/** What a setting changed: laws of the same paths, compared bit for bit. */
import type { NextTokenLaw } from '../engine/engine.js';
import { changedAttempts, type Trial } from './doctor-trial.js';

/** One setting against the base. */
export interface DoctorRow {
	/** Name of the setting, and its two values in words. */
	readonly knob: string;
	readonly from: string;
	readonly to: string;
	/** All laws are the same bits; null: it could not be tried, and `note` says why. */
	readonly equal: boolean | null;
	/** Laws compared, and how many of them are not the same bits. */
	readonly laws: number;
	readonly different: number;
	/** Largest |Δ log p| of a token, nats; null where nothing was compared, or a token became impossible. */
	readonly largest: number | null;
	/** Attempts that come out otherwise. */
	readonly changed: number | null;
	readonly note: string | null;
}

export type RowName = Pick<DoctorRow, 'knob' | 'from' | 'to'>;

export function row(
	{ knob, from, to }: RowName,
	{ trial, base }: { readonly trial: Trial; readonly base: readonly NextTokenLaw[] },
	laws: readonly NextTokenLaw[],
): DoctorRow {
	const { different, largest } = difference(base, laws);
	return {
		...{ knob, from, to },
		equal: different === 0,
		...{ laws: laws.length, different },
		largest: largest === Infinity ? null : largest,
		changed: changedAttempts(trial, laws),
		note: largest === Infinity ? 'a token became impossible, or possible' : null,
	};
}

/** A setting that could not be tried. */
export function untried({ knob, from, to }: RowName, note: string): DoctorRow {
	return {
		...{ knob, from, to, note },
		...{ equal: null, laws: 0, different: 0, largest: null, changed: null },
	};
}

/** Laws that differ in a bit, and the largest |Δ log p|; Infinity where a token is possible in one only. */
export function difference(
	a: readonly NextTokenLaw[],
	b: readonly NextTokenLaw[],
): { readonly different: number; readonly largest: number } {
	let different = 0;
	let largest = 0;
	for (const [i, law] of a.entries()) {
		const other = b[i] as NextTokenLaw;
		if (sameBits(law, other)) continue;
		different++;
		largest = Math.max(largest, distance(law, other));
	}
	return { different, largest };
}

function sameBits(a: NextTokenLaw, b: NextTokenLaw): boolean {
	const bytes = ({ logits: { buffer, byteOffset, byteLength } }: NextTokenLaw) =>
		Buffer.from(buffer, byteOffset, byteLength);
	return bytes(a).equals(bytes(b));
}

function distance(a: NextTokenLaw, b: NextTokenLaw): number {
	let largest = 0;
	for (const [token, logit] of a.logits.entries()) {
		const other = b.logits[token] as number;
		if (logit === other && logit === -Infinity) continue;
		largest = Math.max(largest, Math.abs(logit - a.logNormalizer - (other - b.logNormalizer)));
	}
	return largest;
}
