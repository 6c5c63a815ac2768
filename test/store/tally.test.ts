/** Tallies in columns against a slow count of the attempts themselves. */
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { identify } from '../../harness/store/identity.js';
import type { StoredAttempt, StoreReader } from '../../harness/store/reader.js';
import type { AttemptRecord, CellPlan } from '../../harness/store/records.js';
import {
	countAttempts,
	stateOrder,
	type Tally,
	tallyAttempts,
	tallyParts,
	tallySuccessions,
} from '../../harness/store/tally.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { attempt, attempts, cellPlan, inFolder, reading, runPlan, STATES } from './fixture.js';

const MANY = { most: Infinity };
const CODES: Readonly<Record<string, number>> = { invalid: -1, unparsable: -2, truncated: -3 };

/** A name for every row: first, source, category; with its count. */
function named({ first, source, category, count }: Tally, texts: readonly string[]) {
	const rows = [...count].map((n, i) => {
		const to = category[i]! < 0 ? category[i] : texts[category[i]!];
		return [`${first[i]} ${texts[source[i]!]} ${to}`, n] as const;
	});
	return new Map(rows);
}

/** The same, attempt by attempt. */
function slowly(list: Iterable<StoredAttempt>, first: (a: StoredAttempt) => number | string) {
	const found = new Map<string, number>();
	for (const a of list) {
		const key = `${first(a)} ${a.source} ${a.target ?? CODES[a.outcome]}`;
		found.set(key, (found.get(key) ?? 0) + 1);
	}
	return found;
}

function same(tally: Tally | null, expected: Map<string, number>, reader: StoreReader): void {
	assert.ok(tally);
	const { texts } = stateOrder(reader);
	const found = named(tally as Tally, texts);
	assert.is(found.size, tally?.count.length, 'no row twice');
	assert.equal(new Map([...found].sort()), new Map([...expected].sort()));
	const { first, source, category } = tally as Tally;
	const keys = [...first].map((f, i) => (f * 1000 + source[i]!) * 1000 + category[i]! + 3);
	assert.equal(
		keys,
		keys.toSorted((a, b) => a - b),
		'rows ascend',
	);
}

/** Steps of a sequential cell; the states run round, so that draws follow. */
function bySteps(cell: number, steps: readonly number[]): AttemptRecord[] {
	return steps.map((step) => {
		const source = STATES[(step * 7) % 4] as string;
		return attempt({ cell, source, draw: Math.floor(step / 4) }, step);
	});
}

/** A file with these cells; `fill` gives the attempts of each. */
function written(
	folder: string,
	cells: readonly CellPlan[],
	fill: (id: number, plan: CellPlan) => AttemptRecord[],
): string {
	const file = join(folder, 'tally.db');
	const writer = StoreWriter.open(file);
	const handle = writer.planRun(runPlan({ cells }));
	for (const [i, { id }] of handle.cells.entries()) writer.append(fill(id, cells[i] as CellPlan));
	writer.close();
	return file;
}

test('states come in the order of their bytes, whatever their ids', () =>
	inFolder((folder) => {
		const plan = cellPlan({ sources: ['é', 'Z', '\u{1F600}', 'a', '\ufffd'] });
		const file = written(folder, [plan], () => []);
		reading(file, (reader) => {
			const { texts, rank } = stateOrder(reader);
			assert.equal(texts, ['Z', 'a', 'é', '\ufffd', '\u{1F600}']);
			for (const [id, text] of reader.query('SELECT id, text FROM states').rows) {
				assert.is(texts[rank[id as number]!], text);
			}
		});
	}));

test('tallies of one cell and of several agree with a slow count', () =>
	inFolder((folder) => {
		const cells = [
			cellPlan({ attempts: 33 }),
			cellPlan({ seed: 2, attempts: 21, sources: ['D', 'A'] }),
			cellPlan({ seed: 3, design: 'crawl', attempts: 40 }),
		];
		const steps = Array.from({ length: 31 }, (_, k) => k);
		const file = written(folder, cells, (id, { design, sources, attempts: to }) =>
			design === 'fixed' ? attempts(id, { sources, to }) : bySteps(id, steps),
		);
		reading(file, (reader) => {
			const order = stateOrder(reader);
			for (const ids of [[1], [2], [3], [1, 2], [3, 1], [9], []]) {
				const all = ids.flatMap((id) => [...reader.attempts(id)]);
				same(
					tallyAttempts(reader, order, ids),
					slowly(all, () => 0),
					reader,
				);
				assert.is(countAttempts(reader, ids), all.length);
			}
			const parts = [
				{ cell: 1, middle: 17 },
				{ cell: 2, middle: 11 },
				{ cell: 3, middle: null },
			];
			const { byCell, byHalf } = tallyParts(reader, order, { parts, ...MANY });
			const each = parts.map(({ cell }) => [...reader.attempts(cell)]);
			const cellOf = new Map(each.flatMap((list, i) => list.map((a) => [a, i] as const)));
			same(
				byCell,
				slowly(each.flat(), (a) => cellOf.get(a) as number),
				reader,
			);
			const half = (a: StoredAttempt): number => {
				const i = cellOf.get(a) as number;
				const made = each[i]?.filter(({ source }) => source === a.source).length as number;
				return a.draw >= (parts[i]?.middle ?? Math.ceil(made / 2)) ? 1 : 0;
			};
			same(byHalf, slowly(each.flat(), half), reader);
		});
	}));

test('a source of more attempts than a page holds', () =>
	inFolder((folder) => {
		const plan = cellPlan({ attempts: 70_000, sources: ['A', 'B'] });
		const file = written(folder, [plan], (id) => [
			...attempts(id, { sources: ['A'], to: 70_000 }),
			...attempts(id, { sources: ['B'], from: 69_990, to: 70_000 }),
		]);
		reading(file, (reader) => {
			const tally = tallyAttempts(reader, stateOrder(reader), [1]);
			same(
				tally,
				slowly(reader.attempts(1), () => 0),
				reader,
			);
		});
	}));

test('above the number of rows allowed there is no tally, at it there is', () =>
	inFolder((folder) => {
		const file = written(folder, [cellPlan({ attempts: 33 })], (id) => attempts(id, { to: 33 }));
		reading(file, (reader) => {
			const order = stateOrder(reader);
			const parts = [{ cell: 1, middle: 2 }];
			const both = tallyParts(reader, order, { parts, ...MANY });
			const rows = both.byCell?.count.length as number;
			assert.ok((both.byHalf?.count.length as number) > rows);
			const some = tallyParts(reader, order, { parts, most: rows });
			assert.equal(some, { byCell: both.byCell, byHalf: null });
			assert.equal(tallyParts(reader, order, { parts, most: rows - 1 }).byCell, null);
		});
	}));

test('successions: the source one attempt before in the same chain, over no gap', () =>
	inFolder((folder) => {
		const design = identify({ design: 'chain', states: ['A', 'B', 'D'] });
		const base = cellPlan({ design: 'chain', attempts: 100 });
		const plan = { ...base, identities: { ...base.identities, design } };
		const steps = Array.from({ length: 60 }, (_, k) => k).filter((k) => k !== 30);
		const file = written(folder, [plan], (id) => bySteps(id, steps));
		reading(file, (reader) => {
			const order = stateOrder(reader);
			for (const chains of [1, 3]) {
				const byStep = new Map([...reader.attemptsByStep(1)].map((a) => [a.step, a] as const));
				const later = [...byStep.values()].filter((a) => byStep.has((a.step as number) - chains));
				assert.is(later.length, 59 - chains - 1);
				const before = (a: StoredAttempt): number =>
					order.texts.indexOf(byStep.get((a.step as number) - chains)?.source as string);
				const cells = [{ cell: 1, chains }];
				same(tallySuccessions(reader, order, { cells, ...MANY }), slowly(later, before), reader);
				assert.is(tallySuccessions(reader, order, { cells, most: 3 }), null);
			}
		});
	}));

test.run();
