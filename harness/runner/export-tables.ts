/** Tables of a database for other programs, as the columns of a file name them. */

import { statePotentials } from '../analysis/potential/potential.js';
import { fitReversible } from '../analysis/potential/reversible-fit.js';
import { findComponents } from '../analysis/table/components.js';
import type { CountTable } from '../analysis/table/counts.js';
import { countedFrom, kernelEntries } from '../analysis/table/kernel.js';
import type { OutputColumn, OutputTable } from '../exchange/table-file.js';
import type { KnownSampling } from '../store/imports.js';

/** A kernel as the columns of a file name it. */
export interface Labelled {
	readonly model: string;
	readonly template: string;
	readonly sampling: KnownSampling;
	readonly table: CountTable;
}

export type Row = readonly (string | number | null)[];

export const text = (name: string, nullable = false): OutputColumn => ({
	name,
	type: 'text',
	nullable,
});
export const whole = (name: string, nullable = false): OutputColumn => ({
	name,
	type: 'whole',
	nullable,
});
const real = (name: string, nullable = false): OutputColumn => ({ name, type: 'real', nullable });

/** Which kernel a row belongs to. */
export const LABELS: readonly OutputColumn[] = [
	text('model'),
	text('template'),
	real('temperature', true),
	whole('top_k', true),
	real('top_p', true),
	real('min_p', true),
];

export function labels({ model, template, sampling }: Omit<Labelled, 'table'>): Row {
	const { temperature, topK, topP, minP } = sampling;
	return [model, template, temperature, topK, topP, minP];
}

/** How often each source led to each target; equal ones are self outcomes. */
export function countsTable(groups: readonly Labelled[]): OutputTable {
	return {
		columns: [...LABELS, text('source'), text('target'), whole('count')],
		rows: of(groups, pairRows),
	};
}

/** C_f: all attempts from each source, whatever came out. */
export function attemptsPerSourceTable(groups: readonly Labelled[]): OutputTable {
	return {
		columns: [...LABELS, text('source'), whole('attempts')],
		rows: of(groups, sourceRows),
	};
}

/**
 * T(g | f) = C_fg / C_f with its 95 % score interval; the self outcomes, and the attempts that reached
 * no state as a row without target, so that the rows of a source add up to 1.
 */
export function kernelTable(groups: readonly Labelled[]): OutputTable {
	return {
		columns: [
			...LABELS,
			text('source'),
			text('target', true),
			text('outcome'),
			whole('count'),
			whole('attempts'),
			real('probability'),
			real('lower95'),
			real('upper95'),
		],
		rows: of(groups, kernelRows),
	};
}

/** V of each state in nats above the lowest of its component, or why it has none. */
export function potentialsTable(groups: readonly Labelled[]): OutputTable {
	return {
		columns: [
			...LABELS,
			text('state'),
			real('value', true),
			real('standard_error', true),
			text('unbounded', true),
			whole('component'),
			text('reason', true),
		],
		rows: of(groups, potentialRows),
	};
}

function* of(
	groups: readonly Labelled[],
	rows: (table: CountTable) => Iterable<Row>,
): Generator<Row> {
	for (const group of groups) {
		const named = labels(group);
		for (const row of rows(group.table)) yield [...named, ...row];
	}
}

/** Pairs with a count, in binary order of source, then target. */
function* pairRows(table: CountTable): Generator<Row> {
	for (const [f, source] of table.states.entries())
		for (const [g, count] of countedFrom(table, f))
			yield [source, table.states[g] as string, count];
}

/** Sources with attempts, in binary order. */
function* sourceRows({ states, attempts }: CountTable): Generator<Row> {
	for (const [f, source] of states.entries()) {
		const made = attempts[f] as number;
		if (made > 0) yield [source, made];
	}
}

function* kernelRows(table: CountTable): Generator<Row> {
	for (const entry of kernelEntries(table)) {
		const { source, target, outcome, count, attempts, probability, interval95 } = entry;
		const { lower, upper } = interval95;
		yield [source, target, outcome, count, attempts, probability, lower, upper];
	}
}

function* potentialRows(table: CountTable): Generator<Row> {
	const components = findComponents(table);
	const potentials = statePotentials(table, components, fitReversible(table, components));
	for (const { state, value, standardError, unbounded, component, reason } of potentials)
		yield [state, value, standardError, unbounded, component, reason];
}
