/** Exact kernels in compare: alone, beside sampled ones, over other states. */
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareJson, failuresOf } from '../../harness/commands/compare.js';
import { UsageError } from '../../harness/errors.js';
import { compareSections } from '../../harness/report/compare-sections.js';
import { sectionsMarkdown, sectionsText } from '../../harness/report/sections-text.js';
import {
	type CompareRequest,
	type CompareResult,
	compareDatabases,
} from '../../harness/runner/compare.js';
import { inFolder } from '../store/fixture.js';
import { type ExactMember, lawsOf, V, writeExact, writeSampled } from './exact-fixture.js';

const test = suite('compare: exact kernels');

function compare(
	change: Partial<CompareRequest>,
	...dbs: readonly string[]
): Promise<CompareResult> {
	return compareDatabases({
		dbs,
		run: null,
		quick: true,
		options: { samples: 39 },
		workers: 1,
		signal: new AbortController().signal,
		onComparison: () => {},
		...change,
	});
}

const refusal = (work: Promise<unknown>): Promise<string> =>
	work.then(
		() => assert.unreachable('nothing was refused') as never,
		(error: Error) => {
			assert.instance(error, UsageError);
			return error.message;
		},
	);

test('a database of exact kernels alone: table, pairs, ranking, JSON, limits', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'exact.db');
		writeExact(db, [
			{ label: 'one', shifts: [0, 1e-3] },
			{ label: 'same', model: 'n', shifts: [0, 1e-3] },
			{ label: 'driven', model: 'd', drive: 3, left: 1e-4 },
		]);
		const result = await compare({}, db);
		const { exact, kernels, pairs } = result;
		assert.equal([kernels, pairs, result.ranking], [[], [], []]);
		assert.equal(
			exact.kernels.map(({ name, finding }) => [name, finding.verdict]),
			[
				['one · plain', 'independent'],
				['same · plain', 'independent'],
				['driven · plain', 'violated'],
			],
		);
		assert.equal(
			exact.pairs.map(({ groups }) => groups),
			[
				[0, 1],
				[0, 2],
				[1, 2],
			],
		);
		assert.is(exact.ranking.at(-1), 0);
		const [same, far] = exact.pairs.map(({ likeness }) => likeness.totalVariation!.mean);
		assert.is(same!.value, 0);
		assert.ok(same!.jitter! > 0 && same!.jitter! < 1e-2);
		const [a, b] = [lawsOf(V), lawsOf(V, 3)];
		const sum = a.map((row, f) => {
			const lost = (law: readonly number[]) => 1 - law.reduce((x, y) => x + y, 0);
			const moved = row.reduce((all, p, g) => all + Math.abs(p - b[f]![g]!), 0);
			return (moved + Math.abs(lost(row) - lost(b[f]!))) / 2;
		});
		const mean = sum.reduce((x, y) => x + y, 0) / sum.length;
		assert.ok(Math.abs(far!.value - mean) < 1e-12, `${far!.value} ${mean}`);
		assert.is(far!.jitter, null);
		// Of three transitions and the self outcome.
		assert.ok(Math.abs(far!.leftOut! - 4e-4) < 1e-9, String(far!.leftOut));

		const document = JSON.parse(JSON.stringify(compareJson(result)));
		assert.is(document.exact.groups[2].temperature, 1);
		assert.is(document.exact.pairs.length, 3);
		const failures = (above: number) => failuresOf(result, { above, different: false });
		assert.match(failures(mean - 1e-3).join(), /2 of 3 pairs of exact kernels/);
		// Within what numerics leave open it is not above.
		assert.equal(failures(mean - 1e-4), []);

		const [section, ...more] = compareSections(result);
		assert.equal([section!.id, more], ['compare-exact', []]);
		for (const { columns, rows } of section!.tables) {
			for (const row of rows) assert.is(row.length, columns.length);
		}
		const text = sectionsText([section!]);
		for (const line of text) assert.ok(line.length <= 100, line);
		assert.match(text.join('\n'), /Nearest: one · plain and same · plain/);
		assert.match(text.join('\n'), /E1–E3 +4 .*\?/);
	}));

test('beside sampled kernels both are shown; with a run or by seed exact ones are left out', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'mixed.db');
		const members = [
			{ label: 'one', attempts: 60 },
			{ label: 'two', model: 'n', attempts: 60 },
		];
		writeSampled(db, members);
		writeExact(db, members);
		const ids = (result: CompareResult) => compareSections(result).map(({ id }) => id);
		const both = await compare({}, db);
		assert.equal([both.kernels.length, both.exact.kernels.length], [2, 2]);
		assert.equal(ids(both), [
			'compare-likeness',
			'compare-kernels',
			'compare-rows',
			'compare-exact',
		]);
		const one = await compare({ run: 1 }, db);
		assert.equal([one.kernels.length, one.exact.kernels, one.exact.pairs], [2, [], []]);
		assert.not.ok(ids(one).includes('compare-exact'));
		assert.equal((await compare({ by: 'seed' }, db)).exact.kernels, []);
	}));

test('by one thing only pairs that differ in it; the others with the reason', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'by.db');
		writeExact(db, [{}, { temperature: 0.5 }, { label: 'two', model: 'n' }]);
		const { exact } = await compare({ by: 'temperature' }, db);
		assert.equal(
			exact.kernels.map(({ name }) => name),
			['tiny · plain · T 1', 'tiny · plain · T 0.5', 'two · plain · T 1'],
		);
		assert.equal(
			exact.pairs.map(({ groups }) => groups),
			[[0, 1]],
		);
		assert.equal(
			exact.notCompared.map(({ groups }) => groups),
			[
				[0, 2],
				[1, 2],
			],
		);
		assert.match(exact.notCompared[1]!.reason, /temperature.*model|model/);
	}));

test('two databases: the same label gets the name of its database; other states are said', () =>
	inFolder(async (folder) => {
		const [a, b] = [join(folder, 'mine.db'), join(folder, 'theirs.db')];
		writeExact(a, [{}]);
		writeExact(b, [
			{ potential: { A: 0, B: 0.8, C: 1.2 } },
			{ label: 'apart', model: 'n', potential: { X: 0, Y: 1, Z: 2 } },
		]);
		const result = await compare({}, a, b);
		assert.equal(
			result.exact.kernels.map(({ name }) => name),
			['tiny · plain (mine)', 'tiny · plain (theirs)', 'apart · plain'],
		);
		const [pair, ...more] = result.exact.pairs;
		assert.equal(more, []);
		const { sources, onlyFirst, onlySecond } = pair!.likeness;
		assert.equal([sources, onlyFirst, onlySecond], [3, 1, 0]);
		assert.equal(
			result.exact.notCompared.map(({ groups, reason }) => [...groups, reason]),
			[
				[0, 2, 'no state is a source in both'],
				[1, 2, 'no state is a source in both'],
			],
		);
		const text = sectionsText(compareSections(result)).join('\n').replaceAll(/\n +/g, ' ');
		assert.match(text, /1 pair has other states in one kernel than in the other \(marked ∩\)/);
		assert.match(text, /E1–E2 ∩/);
		assert.match(text, /2 pairs not compared/);
	}));

test('more than twelve: the nearest and the furthest, all in the JSON', () =>
	inFolder(async (folder) => {
		const [twelve, more] = [join(folder, 'twelve.db'), join(folder, 'more.db')];
		const members = Array.from({ length: 13 }, (_, i): ExactMember => {
			return { label: `k${i}`, model: `m${i}`, drive: i / 10 };
		});
		writeExact(twelve, members.slice(0, 12));
		writeExact(more, members);
		const rows = (result: CompareResult) =>
			compareSections(result)[0]!.tables.map(({ title, rows: all }) => [
				title.split(':')[0],
				all.length,
			]);
		assert.equal(rows(await compare({}, twelve)), [
			['Exact kernels', 12],
			['Pair by pair, furthest apart first', 66],
		]);
		const result = await compare({}, more);
		assert.equal(rows(result), [
			['Exact kernels', 13],
			['Nearest', 10],
			['Furthest apart', 10],
		]);
		const distances = result.exact.ranking.map(
			(i) => result.exact.pairs[i]!.likeness.totalVariation!.mean.value,
		);
		assert.equal(
			distances,
			distances.toSorted((x, y) => y - x),
		);
		assert.equal(
			[...result.exact.ranking].sort((x, y) => x - y),
			[...result.exact.pairs.keys()],
		);
	}));

test('what cannot be compared is refused by name', () =>
	inFolder(async (folder) => {
		const [exact, mixed] = [join(folder, 'exact.db'), join(folder, 'mixed.db')];
		writeExact(exact, [{}]);
		assert.match(await refusal(compare({}, exact)), /only one kernel/);
		writeSampled(mixed, [{ attempts: 30 }]);
		writeExact(mixed, [{}]);
		assert.match(await refusal(compare({}, mixed)), /one sampled and one exact.*detbal verify/);
		writeExact(exact, [{ label: 'two', model: 'n' }]);
		assert.match(await refusal(compare({ by: 'seed' }, exact)), /holds no run/);
	}));

test('hostile names are text', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'hostile.db');
		writeExact(db, [{ label: '<script>|x\u202e\u0007' }, { label: 'two', model: 'n' }]);
		const sections = compareSections(await compare({}, db));
		assert.not.match(sectionsMarkdown(sections, 'x').join(' '), /<script|\p{Cc}|\p{Bidi_Control}/u);
		assert.not.match(sectionsText(sections).join(' '), /\p{Cc}|\p{Bidi_Control}/u);
	}));

test.run();
