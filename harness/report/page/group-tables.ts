/** Sortable tables of one kernel: states, pairs, loops, outcomes by source. */
import type { CountTable } from '../../analysis/table/counts.js';
import type { GroupRecord } from '../../dossier/dossier.js';
import { OUTCOMES } from '../../outcome.js';
import { DASH, digits } from '../numbers.js';
import { group } from '../progress.js';
import type { Markup } from './html.js';
import { name } from './html.js';
import { type Cell, column, keyed, tableMarkup } from './table.js';

/** Rows shown at most; the rest is counted. */
export const MOST_ROWS = { states: 300, pairs: 200, sources: 300 } as const;

const { left, right } = column;

/** Potential and counts of the states with most attempts. */
export function stateTable({ slug, table, finding }: GroupRecord): Markup {
	const reached = arrivals(table);
	const order = ranked(table.states.length, (f) => [
		table.attempts[f] as number,
		reached[f] as number,
	]);
	const shown = order.slice(0, MOST_ROWS.states);
	const rows = shown.map((f): Cell[] => {
		const potential = finding.potential[f];
		const error = potential?.standardError ?? null;
		return [
			name(table.states[f] as string),
			table.attemptsRecorded ? (table.attempts[f] as number) : null,
			departures(table, f),
			reached[f] as number,
			table.self[f] as number,
			shownPotential(potential),
			error === null ? null : keyed(digits(error), error),
			potential?.component ?? null,
			name(potential?.reason ?? ''),
		];
	});
	return tableMarkup({
		id: `${slug}.states`,
		title: 'States',
		columns: [
			left('state'),
			right('attempts'),
			right('left it'),
			right('reached it'),
			right('stayed'),
			right('V', 'nats'),
			right('± V', 'nats'),
			right('component'),
			left('remark'),
		],
		rows,
		note: note(order.length, shown.length, {
			what: 'states',
			kept: 'those with most attempts',
			read: 'V: potential above the lowest state of its component, true-attempt normalisation, with the standard error of the difference. Attempts: from this state; a dash: not recorded.',
		}),
	});
}

/** Counts both ways of the pairs seen most. */
export function pairTable({ slug, table, finding }: GroupRecord): Markup {
	const pairs = pairsOf(table);
	pairs.sort((a, b) => b.up + b.down - (a.up + a.down) || a.f - b.f || a.g - b.g);
	const shown = pairs.slice(0, MOST_ROWS.pairs);
	const rows = shown.map(({ f, g, up, down }): Cell[] => {
		const ratio = logRatio(table, { f, g, up, down });
		const V = (k: number): number | null => finding.potential[k]?.value ?? null;
		const [from, to] = [V(f), V(g)];
		const drop = from === null || to === null || !sameComponent(finding, f, g) ? null : from - to;
		return [
			name(table.states[f] as string),
			name(table.states[g] as string),
			up,
			down,
			ratio === null ? null : keyed(ratio.toFixed(2), ratio),
			drop === null ? null : keyed(drop.toFixed(2), drop),
			ratio === null || drop === null ? null : keyed((ratio - drop).toFixed(2), ratio - drop),
		];
	});
	return tableMarkup({
		id: `${slug}.pairs`,
		title: 'Pairs',
		columns: [
			left('f'),
			left('g'),
			right('f → g'),
			right('g → f'),
			right('log-ratio', 'nats'),
			right('V(f) − V(g)', 'nats'),
			right('difference', 'nats'),
		],
		rows,
		note: note(pairs.length, shown.length, {
			what: 'pairs',
			kept: 'those seen most',
			read: 'Log-ratio: log T(g|f) − log T(f|g) from the counts; detailed balance makes it V(f) − V(g). A dash: seen one way only, or not in one component.',
		}),
	});
}

/** Loops that stand out. */
export function loopTable({ slug, finding: { worstLoops } }: GroupRecord): Markup | null {
	if (worstLoops.loops.length === 0) return null;
	const rows = worstLoops.loops.map((loop): Cell[] => [
		loopName(loop.states),
		loop.states.length,
		keyed(digits(loop.affinity), loop.affinity),
		keyed(digits(loop.standardError), loop.standardError),
		keyed(digits(loop.z), loop.z),
		keyed(digits(loop.adjustedP), loop.adjustedP),
	]);
	return tableMarkup({
		id: `${slug}.loops`,
		title: 'Loops that stand out',
		columns: [
			left('loop'),
			right('states'),
			right('affinity', 'nats'),
			right('±', 'nats'),
			right('z'),
			right('p, all loops together'),
		],
		rows,
		note: `${group(worstLoops.tested)} loops were looked at; the ${worstLoops.loops.length} with the largest |z| are shown, each the way round in which its affinity is positive. ${worstLoops.reason ?? ''}`.trim(),
	});
}

/** What came back from every source. */
export function outcomeTable({ slug, table, outcomesBySource }: GroupRecord): Markup | null {
	if (outcomesBySource === null) return null;
	const all = outcomesBySource
		.map((row, i) => ({ row, i, n: OUTCOMES.reduce((sum, o) => sum + row[o], 0) }))
		.filter(({ n }) => n > 0);
	all.sort((a, b) => b.n - a.n || a.i - b.i);
	const shown = all.slice(0, MOST_ROWS.sources);
	return tableMarkup({
		id: `${slug}.outcomes`,
		title: 'Outcomes by source',
		columns: [left('source'), right('attempts'), ...OUTCOMES.map((o) => right(o))],
		rows: shown.map(({ row, i, n }) => [
			name(row.source ?? (table.states[i] as string)),
			n,
			...OUTCOMES.map((o) => row[o]),
		]),
		note: note(all.length, shown.length, {
			what: 'sources',
			kept: 'those with most attempts',
			read: 'Valid: another state. Self: the same state. Invalid: read, but no state. Unparsable: could not be read. Truncated: no end within the limit of tokens.',
		}),
	});
}

/** A loop by its states, the first again at the end. */
export function loopName(states: readonly string[]): string {
	const names = states.map(name);
	const shown = names.length <= 8 ? names : [...names.slice(0, 7), `(${names.length - 7} more)`];
	return [...shown, names[0] ?? ''].join(' → ');
}

function note(
	all: number,
	shown: number,
	{ what, kept, read }: { readonly what: string; readonly kept: string; readonly read: string },
): string {
	if (shown === all) return read;
	return `${group(shown)} of ${group(all)} ${what} are shown, ${kept}; detbal export writes all ${group(all)}. ${read}`;
}

function shownPotential(potential: GroupRecord['finding']['potential'][number] | undefined): Cell {
	if (potential === undefined) return null;
	const { value, unbounded } = potential;
	if (value !== null) return keyed(value.toFixed(3), value);
	if (unbounded === null) return keyed(DASH, null);
	return unbounded === '+inf' ? keyed('+∞', Infinity) : keyed('−∞', -Infinity);
}

function departures({ rowStart, count }: CountTable, f: number): number {
	let sum = 0;
	for (let i = rowStart[f] as number; i < (rowStart[f + 1] as number); i++)
		sum += count[i] as number;
	return sum;
}

function arrivals({ states, target, count }: CountTable): Float64Array {
	const sums = new Float64Array(states.length);
	for (const [i, g] of target.entries()) sums[g] = (sums[g] as number) + (count[i] as number);
	return sums;
}

/** 0 … n − 1 by keys, largest first, equal ones in their order. */
function ranked(n: number, keys: (i: number) => readonly number[]): number[] {
	const all = Array.from({ length: n }, (_, i) => ({ i, keys: keys(i) }));
	all.sort((a, b) => {
		const at = a.keys.findIndex((key, k) => key !== b.keys[k]);
		return at === -1 ? a.i - b.i : (b.keys[at] as number) - (a.keys[at] as number);
	});
	return all.map(({ i }) => i);
}

interface Pair {
	readonly f: number;
	readonly g: number;
	/** C_fg, C_gf */
	readonly up: number;
	readonly down: number;
}

function pairsOf({ states, rowStart, target, count }: CountTable): Pair[] {
	const K = states.length;
	const found = new Map<number, { f: number; g: number; up: number; down: number }>();
	for (let f = 0; f < K; f++) {
		for (let i = rowStart[f] as number; i < (rowStart[f + 1] as number); i++) {
			const g = target[i] as number;
			const key = Math.min(f, g) * K + Math.max(f, g);
			const pair = found.get(key) ?? { f: Math.min(f, g), g: Math.max(f, g), up: 0, down: 0 };
			if (f < g) pair.up += count[i] as number;
			else pair.down += count[i] as number;
			found.set(key, pair);
		}
	}
	return [...found.values()];
}

function logRatio({ attempts }: CountTable, { f, g, up, down }: Pair): number | null {
	if (up === 0 || down === 0) return null;
	return Math.log(up / (attempts[f] as number)) - Math.log(down / (attempts[g] as number));
}

function sameComponent({ potential }: GroupRecord['finding'], f: number, g: number): boolean {
	return potential[f]?.component === potential[g]?.component;
}
