/** Numbers as the tables and lines of a report show them. */
import { group } from './progress.js';

export const DASH = '–';

/** Three significant digits, or a dash. */
export function digits(value: number | null | undefined): string {
	if (value === null || value === undefined) return DASH;
	if (value === 0) return '0';
	const size = Math.abs(value);
	if (size < 0.001 || size >= 1e6) return value.toExponential(1);
	return String(Number(value.toPrecision(3)));
}

export function percent(share: number | null): string {
	return share === null ? DASH : `${(100 * share).toFixed(1)} %`;
}

/** `value (lower … upper)`. */
export function estimate(
	value: number | null,
	interval: { readonly lower: number; readonly upper: number } | null,
): string {
	const bounds =
		interval === null ? '' : ` (${digits(interval.lower)} … ${digits(interval.upper)})`;
	return digits(value) + bounds;
}

export function count(n: number, one: string, many: string): string {
	return `${group(n)} ${n === 1 ? one : many}`;
}
