import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PANELS } from '../../../harness/analysis/panels.js';
import { fitReversible } from '../../../harness/analysis/potential/reversible-fit.js';
import { drawCounts, replicaDesign } from '../../../harness/analysis/replica/design.js';
import { FIGURE_NAMES } from '../../../harness/analysis/replica/figures.js';
import { compareWithNull } from '../../../harness/analysis/replica/null-law.js';
import {
	REPLICA,
	type Replica,
	type ReplicaOptions,
	replicaPanel,
} from '../../../harness/analysis/replica/replica.js';
import { type Resample, resampleHere } from '../../../harness/analysis/resample.js';
import { findComponents } from '../../../harness/analysis/table/components.js';
import { type CountTable, countTable } from '../../../harness/analysis/table/counts.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { randomKernel, sampleTable, tableOf } from '../synthetic.js';

const OPTIONS: ReplicaOptions = { seed: 1, resamples: 39, maxDraws: 1e7, points: 1000 };

function subjectOf(table: CountTable) {
	const components = findComponents(table);
	return { table, components, fit: fitReversible(table, components) };
}
const panel = (table: CountTable, options = OPTIONS, resample = resampleHere): Promise<Replica> =>
	replicaPanel(subjectOf(table), options, resample);

function synthetic(seed: number, K: number, { attempts = 100, noise = 0, spread = 1 }): CountTable {
	const stream = new Stream([seed, 940], 0);
	return sampleTable(randomKernel(K, stream, { depth: 1, spread, noise }), attempts, stream);
}

test('matched data sets have the fitted means: n p̂ inside components, C_fg between', () => {
	const table = tableOf({ 'A>B': 40, 'B>A': 10, 'B>C': 30, 'C>B': 5, 'C>A': 20, 'U>A': 7 }, 20);
	const subject = subjectOf(table);
	const design = replicaDesign(table, subject.components, { fit: subject.fit, seed: 1 });
	const sums = new Map<string, number>();
	const rounds = 4000;
	for (let index = 0; index < rounds; index++) {
		const { rowStart, target, count, attempts } = drawCounts(design, index);
		assert.equal(attempts, table.attempts);
		for (let f = 0; f < attempts.length; f++) {
			let [row, last] = [0, -1];
			for (let i = rowStart[f]!; i < rowStart[f + 1]!; i++) {
				assert.ok(count[i]! > 0 && target[i]! > last);
				last = target[i]!;
				row += count[i]!;
				const key = `${table.states[f]}>${table.states[target[i]!]}`;
				sums.set(key, (sums.get(key) ?? 0) + count[i]! / rounds);
			}
			assert.ok(row <= attempts[f]!);
		}
	}
	const { inner } = subject.components;
	const expected = new Map([['U>A', 7]]);
	for (let p = 0; p < inner.low.length; p++) {
		const n = inner.up[p]! + inner.down[p]!;
		const [f, g] = [table.states[inner.low[p]!], table.states[inner.high[p]!]];
		expected.set(`${f}>${g}`, n * subject.fit.up[p]!);
		expected.set(`${g}>${f}`, n * (1 - subject.fit.up[p]!));
	}
	assert.ok(expected.get('A>C')! > 0.5, 'never seen, but possible under detailed balance');
	for (const [cell, mean] of expected) {
		assert.ok(Math.abs(sums.get(cell)! - mean) < 5 * Math.sqrt(mean / rounds), cell);
	}
	assert.is(sums.size, expected.size);
});

test('a data set is a function of seed and number; any division of the work gives the same bits', async () => {
	const table = synthetic(1, 8, {});
	const { components, fit } = subjectOf(table);
	const design = replicaDesign(table, components, { fit, seed: 7 });
	assert.equal(drawCounts(design, 3), drawCounts(structuredClone(design), 3));
	assert.not.equal(drawCounts(design, 3).count, drawCounts(design, 4).count);
	assert.not.equal(drawCounts(design, 3).count, drawCounts({ ...design, seed: 8 }, 3).count);
	const divided: Resample = async (named, input, count) => {
		const rows = new Float64Array(count * named.width);
		for (let i = 0; i < count; i += 7) {
			const part = named.draw(structuredClone(input), i, Math.min(i + 7, count));
			rows.set(part, i * named.width);
		}
		return rows;
	};
	assert.equal(await panel(table, OPTIONS, divided), await panel(table));
	assert.ok((PANELS as readonly unknown[]).includes(REPLICA));
	assert.is(REPLICA.width, FIGURE_NAMES.length);
});

test('reversible at sparse counts: the null of the loop χ²/ndf is not 1', async () => {
	const medians: number[] = [];
	const edges: number[] = [];
	let rejected = 0;
	for (let seed = 0; seed < 20; seed++) {
		const found = await panel(synthetic(seed, 20, {}));
		const { observed, null: law } = found.figures.loopChiSquareAbove0;
		assert.ok(law!.lower <= law!.median && law!.median <= law!.upper);
		medians.push(law!.median);
		edges.push(law!.lower, law!.upper);
		if (law!.p! <= 0.05) rejected += 1;
		assert.ok(observed! < 1.3);
	}
	for (const median of medians) assert.ok(median > 0.3 && median < 0.8, `median ${median}`);
	assert.ok(Math.min(...edges) >= 0 && Math.max(...edges) < 2.4);
	assert.ok(rejected <= 4, `${rejected} of 20 rejected at 0.05`);
	// Rich counts: nearer to 1, as the six edge counts outgrow nothing but the source terms.
	const rich = await panel(synthetic(3, 6, { attempts: 20000 }));
	assert.ok(rich.figures.loopChiSquareAbove0.null!.median > medians[3]!);
});

test('driven: loops and scatter lie outside their nulls, the action does not', async () => {
	const found = { loop: 0, scatter: 0, action: 0 };
	for (let seed = 0; seed < 12; seed++) {
		const { figures } = await panel(synthetic(seed, 12, { attempts: 400, noise: 1.2 }));
		if (figures.loopChiSquareAbove0.null!.p! <= 0.05) found.loop += 1;
		const scatter = figures.scatterChiSquare;
		if (scatter.observed! > scatter.null!.upper) found.scatter += 1;
		const { observed, null: law } = figures.actionLogistic;
		if (observed! < law!.lower || observed! > law!.upper) found.action += 1;
		assert.is(law!.p, null);
		assert.ok(figures.loopChiSquareAbove0.observed! > 1.5);
	}
	assert.ok(found.loop === 12 && found.scatter >= 10, JSON.stringify(found));
	assert.ok(found.action <= 1, JSON.stringify(found));
});

test('p for loops and scatter, null with the reason for the other figures', async () => {
	const { figures, samples, notes } = await panel(synthetic(2, 10, { attempts: 300 }));
	const tested = ['correlation', 'scatterChiSquare', 'loopChiSquareAbove0', 'loopChiSquareAbove1'];
	assert.is(samples, 39);
	for (const name of FIGURE_NAMES) {
		const { null: law, reason } = figures[name];
		assert.is(law!.samples, 39);
		if (tested.includes(name)) {
			assert.ok(law!.p! >= 2 / 40 && law!.p! <= 1);
			assert.is(reason, null);
		} else {
			assert.is(law!.p, null);
			assert.match(reason!, /not a test/);
		}
	}
	assert.equal(notes, []);
});

test('matched sets that lose states seen once: no p for the scatter, p for the loops', async () => {
	// A core of triangles, and twenty leaves that one draw in thirty leads to.
	const counts: Record<string, number> = {};
	for (const f of 'ABCD')
		for (const g of 'ABCD') if (f !== g) counts[`${f}>${g}`] = g < f ? 20 : 35;
	for (let leaf = 0; leaf < 20; leaf++) {
		counts[`A>${leaf}`] = 1;
		counts[`${leaf}>A`] = 30;
	}
	const { figures } = await panel(tableOf(counts, 30));
	assert.is(figures.boundedStates.observed, 24);
	assert.ok(figures.boundedStates.null!.upper < 24);
	for (const name of ['scatterChiSquare', 'correlation'] as const) {
		assert.is(figures[name].null!.p, null);
		assert.match(figures[name].reason!, /do not match/);
	}
	assert.is(figures.loopChiSquareAbove0.reason, null);
	assert.ok(figures.loopChiSquareAbove0.null!.p! > 0);
});

test('a star has no loops: null with the reason; scatter remains', async () => {
	const star = tableOf({ 'A>B': 30, 'B>A': 20, 'A>C': 9, 'C>A': 12 }, 10);
	const { figures, loops, scatter } = await panel(star);
	for (const name of ['loopChiSquareAbove0', 'loopChiSquareAbove1'] as const) {
		assert.equal(figures[name], {
			observed: null,
			null: null,
			reason: 'no triangle with such counts',
		});
	}
	assert.is(figures.loopsAbove0.observed, 0);
	assert.is(figures.loopsAbove0.null!.upper, 0);
	assert.is(figures.scatterPairs.observed, 2);
	assert.equal([loops.length, scatter.length], [0, 2]);
	// Accepted draws: A 39, B 20, C 12.
	const y = Math.log(30 / 39 / (20 / 20));
	assert.ok(Math.abs(scatter[0]!.y - y) < 1e-12);
	assert.ok(Math.abs(scatter[0]!.x - Math.log(30 / 20)) < 1e-9);
});

test('nothing closed at all: no figure but the counts, no data sets', async () => {
	const { figures, samples, notes } = await panel(tableOf({ 'A>B': 3, 'B>C': 1 }, 2));
	assert.is(samples, 0);
	assert.equal(notes, []);
	assert.equal(figures.boundedStates, {
		observed: 0,
		null: null,
		reason: 'no matched data sets were drawn',
	});
	for (const name of ['correlation', 'actionLogistic', 'potential50'] as const) {
		assert.is(figures[name].observed, null);
		assert.ok(figures[name].reason);
	}
});

test('attempts by convention: accepted draws stand in, the convention is N0, and it is said', async () => {
	const rows = Object.entries({ 'A>B': 9, 'B>A': 4, 'B>C': 6, 'C>B': 5, 'C>A': 7, 'A>C': 8 });
	const table = countTable({
		rows: rows.map(([key, count]) => ({ source: key[0]!, target: key[2]!, count })),
		attemptsByConvention: 50,
	});
	const { components, fit } = subjectOf(table);
	const design = replicaDesign(table, components, { fit, seed: 1 });
	assert.equal(Array.from(design.trials), [17, 10, 12]);
	assert.is(design.perState, 50);
	const { count } = drawCounts(design, 0);
	assert.is(
		count.reduce((sum, n) => sum + n, 0),
		39,
	);
	const { notes, attemptsPerState } = await panel(table);
	assert.is(attemptsPerState, 50);
	assert.match(notes[0]!, /accepted draws stand for C_f/);
});

test('caps: points are thinned, too much work leaves the nulls out', async () => {
	const table = synthetic(4, 12, { attempts: 300 });
	const all = await panel(table);
	const few = await panel(table, { ...OPTIONS, points: 20 });
	assert.ok(all.loops.length > 20 && few.loops.length <= 20 && few.loops.length >= 10);
	assert.equal(few.loops[1], all.loops[Math.ceil(all.loops.length / 20)]);
	assert.match(few.notes.join(), /at most 20 of/);
	assert.equal((await panel(table, { ...OPTIONS, points: 0 })).scatter, []);
	const work = 12 * 11 + all.figures.loopsAbove0.observed!;
	const fewer = await panel(table, { ...OPTIONS, maxDraws: work * 25 });
	assert.ok(fewer.samples >= 19 && fewer.samples <= 26);
	assert.match(fewer.notes.join(), /2\d of 39 matched/);
	const none = await panel(table, { ...OPTIONS, maxDraws: work * 10 });
	assert.is(none.samples, 0);
	assert.is(none.figures.correlation.null, null);
	assert.is.not(none.figures.correlation.observed, null);
});

test('comparison with a null: the example, both tails, ties, draws without the figure', () => {
	const draws = Float64Array.from({ length: 41 }, (_, i) => i);
	const tested = { absence: 'none', noTest: null };
	const { observed, null: law } = compareWithNull(5, draws, tested);
	assert.is(observed, 5);
	assert.equal([law!.median, law!.lower, law!.upper, law!.p], [20, 1, 39, 1 / 3]);
	assert.is(compareWithNull(100, draws, tested).null!.p, 2 / 42);
	assert.is(compareWithNull(-3, draws, tested).null!.p, 2 / 42);
	assert.is(compareWithNull(20, draws, tested).null!.p, 1);
	assert.is(compareWithNull(2, new Float64Array(39).fill(2), tested).null!.p, 1);
	const first = (n: number) => draws.map((x) => (x < n ? x : Number.NaN));
	assert.is(compareWithNull(5, first(19), tested).null!.samples, 19);
	assert.match(compareWithNull(5, first(18), tested).reason!, /only 18 of 41/);
	assert.equal(compareWithNull(Number.NaN, draws, tested), {
		observed: null,
		null: null,
		reason: 'none',
	});
});

test('options out of range are refused', async () => {
	const table = tableOf({ 'A>B': 5, 'B>A': 5 });
	const bad: [Partial<ReplicaOptions>, RegExp][] = [
		[{ seed: -1 }, /seed must be/],
		[{ resamples: 18 }, /resamples must be/],
		[{ maxDraws: 0 }, /maxDraws must be/],
		[{ points: 1.5 }, /points must be/],
	];
	for (const [change, message] of bad) {
		try {
			await panel(table, { ...OPTIONS, ...change });
			assert.unreachable();
		} catch (error) {
			assert.instance(error, RangeError);
			assert.match((error as Error).message, message);
		}
	}
});

test.run();
