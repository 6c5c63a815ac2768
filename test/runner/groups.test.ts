/** Groups of a database: their tables, and the same attempts by stratum. */
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Observations } from '../../harness/analysis/assumptions/homogeneity.js';
import { countTable } from '../../harness/analysis/table/counts.js';
import { type Group, readGroups } from '../../harness/runner/groups.js';
import { identify } from '../../harness/store/identity.js';
import type { StoreReader } from '../../harness/store/reader.js';
import type { AttemptRecord, CellPlan } from '../../harness/store/records.js';
import { StoreWriter } from '../../harness/store/writer.js';
import {
	attempt,
	attempts,
	cellPlan,
	inFolder,
	reading,
	runPlan,
	STATES,
} from '../store/fixture.js';

const MANY = 1_000_000;

function write(
	folder: string,
	cells: readonly CellPlan[],
	fill: (id: number, plan: CellPlan) => AttemptRecord[],
): string {
	const file = join(folder, 'groups.db');
	const writer = StoreWriter.open(file);
	const handle = writer.planRun(runPlan({ cells }));
	for (const [i, { id }] of handle.cells.entries()) writer.append(fill(id, cells[i] as CellPlan));
	writer.close();
	return file;
}

const chain = (seed: number, starts: readonly string[], attempts: number): CellPlan => {
	const plan = cellPlan({ seed, design: 'chain', attempts });
	const design = identify({ design: 'chain', states: starts });
	return { ...plan, identities: { ...plan.identities, design } };
};

function steps(cell: number, count: number): AttemptRecord[] {
	return Array.from({ length: count }, (_, step) => {
		const source = STATES[(step * 7) % 4] as string;
		return attempt({ cell, source, draw: Math.floor(step / 4) }, step);
	});
}

/** The table by way of the reader's own tallies. */
function slowTable(reader: StoreReader, cells: readonly number[]) {
	return countTable({
		rows: reader.counts(cells),
		attempts: new Map(reader.attemptsPerSource(cells).map((a) => [a.source, a.attempts])),
		outcomes: reader.outcomes(cells),
	});
}

const total = (counts: { readonly count: Float64Array } | null): number =>
	counts?.count.reduce((sum, n) => sum + n, 0) ?? -1;

/** Counts by source and category, over the strata. */
function tableFrom({ source, category, count }: Observations): Map<string, number> {
	const found = new Map<string, number>();
	for (const [i, f] of source.entries()) {
		const key = `${f} ${category[i]}`;
		found.set(key, (found.get(key) ?? 0) + count[i]!);
	}
	return sorted(found);
}

/** The same of a group's table, without the failures, which it holds in all only. */
function countsOf({ table }: Group): Map<string, number> {
	const found = new Map<string, number>();
	if (table === null) return found;
	for (const f of table.states.keys()) {
		if (table.self[f]! > 0) found.set(`${f} ${f}`, table.self[f]!);
		for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) {
			found.set(`${f} ${table.target[i]}`, table.count[i]!);
		}
	}
	return sorted(found);
}

const sorted = (counts: ReadonlyMap<string, number>): Map<string, number> =>
	new Map([...counts].filter(([key]) => !key.includes('-')).sort());

/** Attempts of each stratum. */
const sizes = ({ strata, stratum, count }: Observations): number[] => {
	const found = strata.map(() => 0);
	for (const [i, s] of stratum.entries()) found[s]! += count[i]!;
	return found;
};

test('the table of a group is that of its cells; a group without attempts has none', () =>
	inFolder((folder) => {
		const cells = [
			cellPlan({ attempts: 33 }),
			cellPlan({ model: 'other', key: 'other', sources: ['D', 'A'], attempts: 7 }),
			cellPlan({ seed: 2, attempts: 21, sources: ['Ç'] }),
			cellPlan({ model: 'empty', key: 'empty' }),
		];
		const file = write(folder, cells, (id, { sources, attempts: to, key }) =>
			key === 'empty' ? [] : attempts(id, { sources, to }),
		);
		reading(file, (reader) => {
			const [first, other, empty] = readGroups(reader, null);
			assert.equal(
				first?.cells.map(({ id }) => id),
				[1, 3],
			);
			assert.equal(first?.table, slowTable(reader, [1, 3]));
			assert.equal(other?.table, slowTable(reader, [2]));
			assert.equal(other?.table?.states, ['A', 'B', 'D', 'Ç']);
			assert.is(empty?.table, null);
			assert.is(empty?.strata(MANY).reasons.seeds, 'no attempts');
			assert.is(readGroups(reader, 9).length, 0);
		});
	}));

test('strata: seeds, halves and successions hold the attempts of the table', () =>
	inFolder((folder) => {
		const cells = [
			cellPlan({ attempts: 33 }),
			cellPlan({ seed: 2, attempts: 20 }),
			chain(2, ['A', 'B'], 30),
			chain(5, ['A'], 40),
		].map((plan, i) => ({ ...plan, key: `cell ${i}` }));
		const file = write(folder, cells, (id, { design, key, attempts: to }) => {
			if (key === 'cell 3') return [];
			return design === 'fixed' ? attempts(id, { to }) : steps(id, 25);
		});
		reading(file, (reader) => {
			const [group] = readGroups(reader, null);
			const { seeds, halves, successions, reasons } = (group as Group).strata(MANY);
			assert.equal(reasons, {});
			assert.equal(seeds?.strata, ['seed 1', 'seed 2 (run 1, fixed)', 'seed 2 (run 1, chain)']);
			assert.equal(sizes(seeds as Observations), [132, 80, 25]);
			assert.equal(halves?.strata, ['first half', 'second half']);
			// Draws 0 … 16 and 0 … 9 of four sources; of the chain 7, 6, 6 and 6 attempts from them.
			assert.equal(sizes(halves as Observations), [4 * 17 + 4 * 10 + 13, 4 * 16 + 4 * 10 + 12]);
			assert.is(total(successions), 23, 'two chains of 25 attempts');
			for (const observations of [seeds, halves]) {
				assert.equal(tableFrom(observations as Observations), countsOf(group as Group));
			}
		});
	}));

test('strata: too many rows, no chain and attempts that came meanwhile are named', () =>
	inFolder((folder) => {
		const file = write(folder, [cellPlan({ attempts: 33 })], (id) => attempts(id, { to: 30 }));
		reading(file, (reader) => {
			const [group] = readGroups(reader, null);
			assert.equal(group?.strata(1), {
				seeds: null,
				halves: null,
				successions: null,
				reasons: {
					seeds: 'more than 1 different rows',
					halves: 'more than 1 different rows',
					successions: 'no chain',
				},
			});
			assert.is(total(group?.strata(MANY).seeds ?? null), 120);
			const writer = StoreWriter.open(file);
			writer.planRun(runPlan({ cells: [cellPlan({ attempts: 33 })] }));
			writer.append(attempts(1, { from: 30, to: 33 }));
			writer.close();
			const { seeds, reasons } = (group as Group).strata(MANY);
			assert.is(seeds, null);
			assert.match(reasons.seeds as string, /attempts were added/);
			assert.is(total(readGroups(reader, null)[0]?.strata(MANY).seeds ?? null), 132);
		});
	}));

test.run();
