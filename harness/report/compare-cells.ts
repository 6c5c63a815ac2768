/** Columns and cells that the sections of a comparison share. */
import { count, DASH, digits } from './numbers.js';
import type { PageColumn } from './page/section.js';

/** Pairs and rows shown of very many; all are in the JSON. */
export const MOST = { pairs: 60, detailed: 6, rows: 5, reasons: 8 };

export const left = (title: string): PageColumn => ({ title, align: 'left' });
export const right = (title: string): PageColumn => ({ title, align: 'right' });

/** Kernels by the numbers that tables call them by, from 1. */
export const pairName = (groups: readonly number[]): string => groups.map((i) => i + 1).join('–');

/** Three digits are shown; a page sorts by the number. */
export function rounded(value: number | null | undefined): number | null {
	return value === null || value === undefined ? null : Number(value.toPrecision(3));
}

/** An interval; a dash where it is not known. */
export function bounds(
	found: { readonly lower: number | null; readonly upper: number | null } | null | undefined,
): string {
	if (found == null || found.lower === null || found.upper === null) return DASH;
	return `${digits(found.lower)} … ${digits(found.upper)}`;
}

/** An interval of shares, to two digits. */
export function shares(
	found: { readonly lower: number; readonly upper: number } | null | undefined,
): string {
	if (found == null) return DASH;
	const short = (x: number): string => String(Number(x.toPrecision(2)));
	return `${short(found.lower)} … ${short(found.upper)}`;
}

/** The end of a note under a table that leaves `n` rows out. */
export const more = (n: number, one: string, many: string): string =>
	n > 0 ? ` · ${count(n, one, many)} more are in the JSON` : '';
