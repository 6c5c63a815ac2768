import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../harness/errors.js';
import { OUTCOMES, type Outcome } from '../../harness/outcome.js';
import type { AttemptRecord } from '../../harness/store/records.js';
import { StoreWriter } from '../../harness/store/writer.js';
import {
	attempt,
	attempts,
	cellPlan,
	inFolder,
	law,
	reading,
	refused,
	runPlan,
	STATES,
	writeRun,
} from './fixture.js';

test('runs, cells and identities as planned', () =>
	inFolder((folder) => {
		const file = join(folder, 'plan.db');
		const cells = [cellPlan({ label: 'first' }), cellPlan({ seed: 4294967295, design: 'chain' })];
		const shard = { index: 2, count: 3 };
		const writer = StoreWriter.open(file);
		writer.planRun(runPlan({ cells, shard }));
		writer.planRun(runPlan({ key: 'run 2', cells: [cellPlan({ seed: 5 })] }));
		writer.close();
		reading(file, (reader) => {
			const [run, second] = reader.runs();
			assert.match(run?.createdAt as string, /^20\d\d-\d\d-\d\dT[\d:.]+Z$/);
			const { createdAt: _, ...rest } = run as NonNullable<typeof run>;
			const { cells: _cells, ...planned } = runPlan({ shard });
			assert.equal(rest, { id: 1, ...planned });
			assert.is(second?.shard, null);
			const stored = reader.cells(1).map(({ id, run, tree, identities, ...cell }) => {
				const contents = Object.entries(identities).map(([kind, sha256]) => [
					kind,
					{ sha256, content: reader.identity(sha256) },
				]);
				const sources = reader.plannedSources(id);
				return { ...cell, identities: Object.fromEntries(contents), sources };
			});
			assert.equal(stored, [{ ...cells[0], sources: ['A', 'B', 'D', 'Ç'] }, cells[1]]);
			assert.equal(
				reader.cells(2).map(({ id, run, tree }) => [id, run, tree]),
				[[3, 2, 2]],
			);
			assert.equal(reader.cells(9), []);
			refused(() => reader.identity('f'.repeat(64)), UsageError, /no identity ffff/);
		});
	}));

test('attempts come back as they went in, by source and draw', () =>
	inFolder((folder) => {
		const file = join(folder, 'attempts.db');
		const writer = StoreWriter.open(file);
		const cells = [cellPlan({ attempts: 5000 }), cellPlan({ seed: 2 })];
		const [cell, other] = writer.planRun(runPlan({ cells })).cells;
		const id = cell?.id as number;
		const made = attempts(id, { to: 5000 });
		writer.append([...made].reverse());
		writer.append(attempts(other?.id as number, { to: 20 }));
		writer.close();
		const order = ['A', 'B', 'D', 'Ç'];
		const expected = made
			.map(({ cell: _, ...rest }) => rest)
			.sort((a, b) => order.indexOf(a.source) - order.indexOf(b.source) || a.draw - b.draw);
		reading(file, (reader) => {
			assert.equal([...reader.attempts(id)], expected);
			assert.equal(
				reader.sources(id).map(({ text }) => text),
				order,
			);
			assert.equal(reader.attempt(id, { source: 'Ç', draw: 4999 }), expected.at(-1));
			assert.is(reader.attempt(id, { source: 'Ç', draw: 5000 }), null);
			assert.is(reader.attempt(id, { source: 'Z', draw: 0 }), null);
			assert.equal([...reader.attempts(99)], []);
			assert.equal(reader.sources(99), []);
		});
	}));

test('text is kept: NUL, any plane, quotes; a lone surrogate becomes U+FFFD', () =>
	inFolder((folder) => {
		const file = join(folder, 'text.db');
		const texts = [
			'',
			'a\0b',
			'\0',
			'"; DROP TABLE attempts; --',
			'😀\u{10ffff}',
			'x\ud800y',
			'\ufffd',
		];
		const writer = StoreWriter.open(file);
		const cell = writer.planRun(runPlan()).cells[0]?.id as number;
		const made = texts.map((text, draw) => ({ ...attempt({ cell, source: 'A', draw }), text }));
		writer.append(made);
		writer.close();
		reading(file, (reader) => {
			const back = [...reader.attempts(cell)].map(({ text }) => text);
			assert.equal(back, texts.with(5, 'x\ufffdy'));
			const [count] = reader.query('SELECT count(*) FROM completions').rows.flat();
			assert.is(count, texts.length);
		});
	}));

test('equal text from other tokens is another completion', () =>
	inFolder((folder) => {
		const file = join(folder, 'tokens.db');
		const writer = StoreWriter.open(file);
		const cell = writer.planRun(runPlan()).cells[0]?.id as number;
		const all = [[], [0], [1], [0, 1], [4294967295], [1]];
		const text = 'same';
		writer.append(
			all.map((tokens, draw) => ({ ...attempt({ cell, source: 'A', draw }), tokens, text })),
		);
		writer.close();
		reading(file, (reader) => {
			assert.equal(
				[...reader.attempts(cell)].map(({ tokens }) => tokens),
				all,
			);
			assert.is(reader.query('SELECT count(*) FROM completions').rows[0]?.[0], 5);
		});
	}));

test('draws made, as ranges', () =>
	inFolder((folder) => {
		const file = join(folder, 'draws.db');
		const writer = StoreWriter.open(file);
		const cells = [cellPlan({ attempts: 10_000 })];
		const cell = writer.planRun(runPlan({ cells })).cells[0]?.id as number;
		const ranges = [
			{ from: 0, to: 1 },
			{ from: 3, to: 5 },
			{ from: 6, to: 9000 },
			{ from: 9999, to: 10_000 },
		];
		for (const range of [...ranges].reverse())
			writer.append(attempts(cell, { sources: ['B'], ...range }));
		writer.close();
		reading(file, (reader) => {
			assert.equal(reader.draws(cell, 'B'), ranges);
			assert.equal(reader.draws(cell, 'A'), []);
			assert.equal(reader.draws(cell, 'unknown'), []);
			assert.equal(reader.holes(1)[1], {
				cell: 'cell-1',
				source: 'B',
				planned: 10_000,
				done: 8998,
			});
			assert.is(reader.holes(1).length, 4);
		});
	}));

test('crawls and chains in the order of their steps', () =>
	inFolder((folder) => {
		const file = join(folder, 'steps.db');
		const writer = StoreWriter.open(file);
		const cells = [cellPlan({ design: 'crawl', attempts: 5001 })];
		const cell = writer.planRun(runPlan({ cells })).cells[0]?.id as number;
		const made: AttemptRecord[] = Array.from({ length: 5000 }, (_, step) => {
			const source = STATES[(step * 7) % 4] as string;
			return attempt({ cell, source, draw: Math.floor(step / 4) }, step);
		});
		writer.append(made.toSorted((a, b) => (a.source < b.source ? -1 : 1)));
		writer.close();
		reading(file, (reader) => {
			assert.equal(
				[...reader.attemptsByStep(cell)],
				made.map(({ cell: _, ...rest }) => rest),
			);
			assert.equal(reader.holes(1), [{ cell: 'cell-1', source: null, planned: 5001, done: 5000 }]);
			assert.equal(reader.progress(1), { planned: 5001, done: 5000 });
		});
	}));

test('tallies agree with a slow count, for one cell and for several', () =>
	inFolder((folder) => {
		const file = join(folder, 'tallies.db');
		const cells = [cellPlan({ attempts: 33 }), cellPlan({ seed: 2, attempts: 21 })];
		writeRun(file, runPlan({ cells }));
		reading(file, (reader) => {
			for (const ids of [[1], [2], [1, 2], [2, 1], [9], []]) {
				const all = ids.flatMap((id) => [...reader.attempts(id)]);
				const pairs = new Map<string, number>();
				const sources = new Map<string, number>();
				const outcomes = Object.fromEntries(OUTCOMES.map((name) => [name, 0])) as Record<
					Outcome,
					number
				>;
				for (const { source, target, outcome } of all) {
					outcomes[outcome] += 1;
					sources.set(source, (sources.get(source) ?? 0) + 1);
					if (target === null) continue;
					const pair = `${source} ${target}`;
					pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
				}
				assert.equal(reader.outcomes(ids), outcomes);
				const counted = reader.counts(ids);
				assert.equal(
					counted.map(({ source, target, count }) => [`${source} ${target}`, count]),
					[...pairs].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
				);
				assert.equal(
					reader.attemptsPerSource(ids).map(({ source, attempts }) => [source, attempts]),
					[...sources].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
				);
			}
			assert.is(
				reader.counts([1, 2]).reduce((sum, { count }) => sum + count, 0),
				86, // by hand: 52 of 33 draws from each of four sources, 34 of 21
			);
		});
	}));

test('laws of a source', () =>
	inFolder((folder) => {
		const file = join(folder, 'laws.db');
		const writer = StoreWriter.open(file);
		const tree = writer.planRun(runPlan()).cells[0]?.tree as number;
		const paths = [[], [1], [1, 2], [256]];
		writer.appendLaws(paths.map((path) => law(tree, 'A', path)));
		writer.appendLaws([law(tree, 'Ç', [1])]);
		writer.close();
		reading(file, (reader) => {
			assert.equal(
				[...reader.laws(tree, 'A')].map(({ path }) => path).sort((a, b) => a.length - b.length),
				[[], [256], [1], [1, 2]],
			);
			assert.equal(reader.lawSources(tree), ['A', 'Ç']);
			assert.is(reader.law(tree, { source: 'A', path: [1] })?.logNormalizer, 4 / 3);
			assert.is(reader.law(tree, { source: 'B', path: [1] }), null);
			assert.is(reader.law(9, { source: 'A', path: [1] }), null);
		});
	}));

test('questions in SQL: reading only', () =>
	inFolder((folder) => {
		const file = join(folder, 'ask.db');
		writeRun(file);
		reading(file, (reader) => {
			assert.equal(reader.query("SELECT 1 AS one, NULL AS absent, 'x' AS text"), {
				columns: ['one', 'absent', 'text'],
				rows: [[1, null, 'x']],
			});
			refused(() => reader.query('SELEKT 1'), UsageError, /refused: .*SELEKT/);
			refused(() => reader.query('SELECT 1; SELECT 2'), UsageError, /more than one statement/);
			for (const sql of [
				'DELETE FROM attempts',
				"INSERT INTO states (text) VALUES ('x') RETURNING id",
				'PRAGMA journal_mode = WAL',
				`ATTACH '${join(folder, 'new.db')}' AS other`,
				'VACUUM',
			])
				refused(() => reader.query(sql), UsageError, /only statements that read/);
			assert.is(reader.progress(1).done, 80);
		});
	}));

test('a reader sees what is committed while a writer is at work', () =>
	inFolder((folder) => {
		const file = join(folder, 'both.db');
		const writer = StoreWriter.open(file);
		const cell = writer.planRun(runPlan()).cells[0]?.id as number;
		reading(file, (reader) => {
			const done = () => reader.progress(1).done;
			writer.append(attempts(cell, { sources: ['A'], to: 5 }));
			assert.is(done(), 0);
			writer.flush();
			assert.is(done(), 5);
			reader.snapshot(() => {
				assert.is(done(), 5);
				writer.append(attempts(cell, { sources: ['A'], from: 5, to: 9 }));
				writer.flush();
				assert.is(done(), 5);
			});
			assert.is(done(), 9);
			writer.close();
			assert.is(done(), 9);
		});
	}));

test.run();
