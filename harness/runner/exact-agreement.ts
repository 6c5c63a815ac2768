/** Exact kernels against what was sampled of the same setting. */
import {
	type FitRow,
	type GoodnessOfFit,
	goodnessOfFit,
} from '../analysis/scored/goodness-of-fit.js';
import type { CountTable } from '../analysis/table/counts.js';
import { countedFrom } from '../analysis/table/kernel.js';
import type { ExactKernel } from './exact-read.js';
import type { CountedKernel } from './kernels.js';

/** Whether the attempts of a run are draws from an exact kernel; p null with a reason where it cannot be told. */
export type Agreement =
	| Pick<GoodnessOfFit, 'p' | 'statistic' | 'degreesOfFreedom' | 'attempts' | 'impossible'>
	| { readonly p: null; readonly reason: string };

/** How much larger, on the average, G² may be because mass was left out: more would be taken for a difference. */
const NEGLIGIBLE = 0.05;

/**
 * Tests the attempts of the same model, template, task and setting against an exact kernel, source by
 * source: every state of the kernel is a category, everything else one more.
 *
 * @param options seed (uint32) and tables drawn
 * @returns null where nothing was sampled of this setting, from any of its sources
 */
export function agreement(
	exact: Pick<ExactKernel, 'rows' | 'stored'>,
	sampled: readonly CountedKernel[],
	options: { readonly seed: number; readonly samples: number },
): Agreement | null {
	const twin = sampled.find((kernel) => sameSetting(exact, kernel));
	if (twin === undefined) return null;
	const { table } = twin;
	const number = new Map(table.states.map((state, i) => [state, i]));
	const rows: FitRow[] = [];
	let doubt = 0;
	for (const row of exact.rows) {
		const f = number.get(row.source);
		if (f === undefined || (table.attempts[f] ?? 0) === 0) continue;
		doubt += doubtOf(row, table.attempts[f] as number);
		rows.push(fitRow(row, table, f));
	}
	if (rows.length === 0) return null;
	if (doubt > NEGLIGIBLE) {
		const reason = `the mass left out may raise the statistic by ${doubt.toPrecision(2)}: score it with a smaller --epsilon`;
		return { p: null, reason };
	}
	const { p, statistic, degreesOfFreedom, attempts, impossible } = goodnessOfFit(rows, options);
	return { p, statistic, degreesOfFreedom, attempts, impossible };
}

/** Whether attempts were made of the model file, template, task and setting that an exact kernel is of. */
export function sameSetting(
	{ stored }: Pick<ExactKernel, 'stored'>,
	{ cells }: Pick<CountedKernel, 'cells'>,
): boolean {
	const kinds = ['model', 'template', 'task', 'sampling'] as const;
	const first = cells[0];
	if (first === undefined) return false;
	return kinds.every((kind) => first.identities[kind] === stored.identities[kind]);
}

/**
 * Noncentrality of G² at most, n Σ δ² / p, if each target may have δ more than was found for it; where nothing
 * was found, the attempts to be expected there.
 */
function doubtOf({ entries, leftOut }: ExactKernel['rows'][number], attempts: number): number {
	let doubt = 0;
	let found = 0;
	let open = 0;
	for (const { logFound, logBound } of entries) {
		const p = Math.exp(logFound);
		const more = Math.min(leftOut, Math.exp(logBound) - p);
		found += p;
		open += more;
		doubt += p > 0 ? (attempts * more * more) / p : attempts * more;
	}
	const less = Math.min(leftOut, open);
	const rest = 1 - found;
	return doubt + (rest > less ? (attempts * less * less) / rest : attempts * less);
}

function fitRow({ entries }: ExactKernel['rows'][number], table: CountTable, f: number): FitRow {
	const counted = new Map(
		Array.from(countedFrom(table, f), ([g, count]) => [table.states[g] as string, count]),
	);
	const counts = entries.map(({ target }) => counted.get(target) ?? 0);
	const probabilities = entries.map(({ logFound }) => Math.exp(logFound));
	const elsewhere = (table.attempts[f] as number) - counts.reduce((sum, n) => sum + n, 0);
	const rest = Math.max(0, 1 - probabilities.reduce((sum, p) => sum + p, 0));
	return { counts: [...counts, elsewhere], probabilities: [...probabilities, rest] };
}
