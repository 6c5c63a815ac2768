import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inputDependence } from '../../../harness/analysis/dependence/dependence.js';
import { informationOf } from '../../../harness/analysis/dependence/information.js';
import { TARGET_SHUFFLES } from '../../../harness/analysis/dependence/target-panel.js';
import { PANELS } from '../../../harness/analysis/panels.js';
import { type Resample, resampleHere } from '../../../harness/analysis/resample.js';
import type { CountTable } from '../../../harness/analysis/table/counts.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { sampleCrawl } from '../../calibration/designs.js';
import { type Kernel, sampleTable, tableOf } from '../synthetic.js';
import { trueInformation } from './true-information.js';

const OPTIONS = { seed: 1, resamples: 99, maxDraws: 1e8 };
const look = (table: CountTable, change: Partial<typeof OPTIONS> = {}) =>
	inputDependence(table, { ...OPTIONS, ...change }, resampleHere);

interface Shape {
	/** sd of log q */
	readonly depth: number;
	/** sd of log T beyond it */
	readonly noise: number;
}

/** T(g|f) = q(g) exp(N(0, noise²)), a third of the attempts valid. */
function deaf(K: number, stream: Stream, { depth, noise }: Shape): Kernel {
	const q = Array.from({ length: K }, () => Math.exp(depth * stream.normal()));
	return q.map(() => {
		const row = q.map((x) => x * Math.exp(noise * stream.normal()));
		const total = 3 * row.reduce((sum, x) => sum + x, 0);
		return row.map((x) => x / total);
	});
}

test('a kernel that ignores its input: p even, bound small; one that does not: found', async () => {
	let rejected = 0;
	let small = 0;
	let found = 0;
	const quick = { resamples: 19 };
	for (let i = 0; i < 20; i++) {
		const stream = new Stream([i, 50], 0);
		const draw = (noise: number) =>
			sampleTable(deaf(6, stream, { depth: 0.7, noise }), 1500, stream);
		const ignoring = await look(draw(0), quick);
		if (ignoring.p! <= 0.05) rejected += 1;
		if (ignoring.upper95! < 0.01) small += 1;
		const listening = await look(draw(0.5), quick);
		if (listening.p! <= 0.05 && listening.upper95! > 0.01) found += 1;
	}
	assert.ok(rejected <= 5, `${rejected} of 20 rejected at 0.05`);
	assert.ok(small >= 18, `${small} of 20 bounds below 0.01 nats`);
	assert.ok(found >= 19, `${found} of 20 found`);
});

test('a sparse crawl: an ignored input is not rejected, a used one is, its size known roughly', async () => {
	let rejected = 0;
	for (let i = 0; i < 10; i++) {
		const stream = new Stream([i, 51], 0);
		const make = (noise: number) => deaf(400, stream, { depth: 1, noise });
		const ignoring = await look(sampleCrawl(make(0), 5000, stream), { resamples: 19 });
		if (ignoring.p! <= 0.05) rejected += 1;
		assert.ok(ignoring.upper95! > 0.01, 'so few counts cannot show that nothing is there');
		if (i > 2) continue;
		const kernel = make(1);
		const table = sampleCrawl(kernel, 5000, stream);
		const listening = await look(table, { resamples: 19 });
		const truth = trueInformation(kernel, table);
		assert.is(listening.p, 1 / 20);
		assert.ok(listening.response! < 0.3 && /thin/.test(listening.caution!));
		// Without the response it would be a tenth of the truth.
		const ratio = listening.mutualInformation! / truth;
		assert.ok(ratio > 0.5 && ratio < 1.5, `${listening.mutualInformation} for ${truth}`);
	}
	assert.ok(rejected <= 3, `${rejected} of 10 rejected at 0.05`);
});

/** Tables with the margins of a list of transitions, each with the number of ways to get it. */
function enumerate(source: readonly number[], targets: readonly number[]): [number[], number][] {
	const found = new Map<string, [number[], number]>();
	const given: number[] = [];
	const left = [...targets];
	const visit = (): void => {
		if (given.length === source.length) {
			const cells = new Map<number, number>();
			for (const [i, f] of source.entries()) {
				const cell = 10 * f + given[i]!;
				cells.set(cell, (cells.get(cell) ?? 0) + 1);
			}
			const name = [...cells].sort(([x], [y]) => x - y).join(' ');
			const [counts, ways] = found.get(name) ?? [[...cells.values()], 0];
			found.set(name, [counts, ways + 1]);
			return;
		}
		for (let i = 0; i < left.length; i++) {
			if (left[i] === source[given.length]) continue;
			const [taken] = left.splice(i, 1);
			given.push(taken!);
			visit();
			left.splice(i, 0, given.pop()!);
		}
	};
	visit();
	return [...found.values()];
}

test('p is that of full enumeration', async () => {
	const counts = { 'A>B': 3, 'B>A': 1, 'B>C': 2, 'C>D': 1, 'D>A': 1, 'D>C': 1 };
	const source = [0, 0, 0, 1, 1, 1, 2, 3, 3];
	const target = [1, 1, 1, 0, 2, 2, 3, 0, 2];
	const terms = (cells: readonly number[]) => cells.reduce((sum, n) => sum + n * Math.log(n), 0);
	const observed = terms(Object.values(counts));
	let above = 0;
	let all = 0;
	for (const [cells, ways] of enumerate(source, target)) {
		all += ways;
		if (terms(cells) >= observed - 1e-9) above += ways;
	}
	const { p } = await look(tableOf(counts), { resamples: 1999 });
	const exact = above / all;
	assert.ok(exact > 0.02 && exact < 0.5, `${exact}`);
	assert.ok(Math.abs(p! - exact) < 4 * Math.sqrt((exact * (1 - exact)) / 2000), `${p}, ${exact}`);
});

test('even counts: nothing to see', async () => {
	const counts: Record<string, number> = {};
	for (const f of 'ABCD') for (const g of 'ABCD') if (f !== g) counts[`${f}>${g}`] = 50;
	const found = await look(tableOf(counts));
	assert.is(found.mutualInformation, 0);
	assert.ok(found.statistic! < 1e-6);
	assert.is(found.p, 1);
	assert.is(found.interval95!.lower, 0);
	assert.ok(found.upper95! > 0);
	assert.ok(Math.abs(found.response! - 1) < 0.01);
	assert.is(found.caution, null);
});

/** Two blocks: from A or B to the other of the block `ratio` times as often as out of it. */
function blocks(ratio: number, unit: number): CountTable {
	const counts: Record<string, number> = {};
	for (const f of 'ABCD') {
		for (const g of 'ABCD') {
			const same = 'AB'.includes(f) === 'AB'.includes(g);
			if (f !== g) counts[`${f}>${g}`] = (same ? ratio : 1) * unit;
		}
	}
	return tableOf(counts);
}

test('the statistic is 2 Σ C log (C/E), and I is known where counts are large', async () => {
	const { statistic, mutualInformation, interval95, upper95 } = await look(blocks(4, 10_000), {
		maxDraws: 1,
	});
	// Every margin is even, so E = 20,000 throughout.
	const exact = 2 * 4 * (40_000 * Math.log(2) + 20_000 * Math.log(1 / 2));
	assert.ok(Math.abs(statistic! - exact) < 1e-6 * exact);
	// Five degrees of freedom are taken out.
	const I = (exact - 5) / (2 * 240_000);
	assert.ok(Math.abs(mutualInformation! - I) < 1e-6, `${mutualInformation} nats, not ${I}`);
	assert.ok(interval95!.lower < mutualInformation! && mutualInformation! < upper95!);
	assert.ok(upper95! < interval95!.upper);
});

test('the interval and the bound hold the truth as often as they claim', async () => {
	let inside = 0;
	let above = 0;
	for (let i = 0; i < 40; i++) {
		const stream = new Stream([i, 53], 0);
		const kernel = deaf(8, stream, { depth: 0.5, noise: 0.4 });
		const table = sampleTable(kernel, 600, stream);
		const truth = trueInformation(kernel, table);
		const { interval95, upper95 } = await look(table, { resamples: 39 });
		if (interval95!.lower <= truth && truth <= interval95!.upper) inside += 1;
		if (upper95! >= truth) above += 1;
	}
	// 40 at 0.95: fewer than 34 have a chance of 0.3 %.
	assert.ok(inside >= 34, `${inside} of 40 inside`);
	assert.ok(above >= 34, `${above} of 40 bounds above`);
});

test('far out the intervals go on as before', () => {
	const sizes = {
		total: 1e7,
		logMean: Float64Array.of(10),
		cells: Float64Array.of(454),
		free: Float64Array.of(454),
	};
	const widths = [0.999e5, 1.001e5].map((rise) => {
		const ratio = { statistic: rise + 90, noise: 90, variance: 180, slope: 1 };
		const { mutualInformation, interval95, upper95 } = informationOf(sizes, ratio);
		assert.ok(Math.abs(mutualInformation - rise / 2e7) < 1e-9);
		return [interval95.lower, interval95.upper, upper95].map((x) => x - mutualInformation);
	});
	for (const [k, width] of widths[0]!.entries()) {
		assert.ok(Math.abs(widths[1]![k]! / width - 1) < 0.01, `${widths[1]![k]} after ${width}`);
	}
});

test('nothing to compare: null with a reason', async () => {
	const two = await look(tableOf({ 'A>B': 5, 'B>A': 5 }));
	assert.match(two.reason!, /too few/);
	const star = await look(tableOf({ 'A>B': 5, 'B>A': 5, 'A>C': 5, 'C>A': 5, 'A>D': 2, 'D>A': 3 }));
	assert.match(star.reason!, /A is one end of every transition/);
	// Each target once: every table has counts of 1.
	const single = await look(tableOf({ 'A>B': 1, 'A>C': 1, 'D>E': 1, 'D>F': 1, 'G>H': 1 }));
	assert.match(single.reason!, /every cell holds one/);
	// A and C can exchange a B for the D: again a two and two ones.
	const same = await look(tableOf({ 'A>B': 2, 'C>B': 1, 'C>D': 1 }));
	assert.match(same.reason!, /same statistic/);
	for (const found of [two, star, single, same]) {
		assert.is(found.p, null);
		assert.is(found.mutualInformation, null);
		assert.is(found.interval95, null);
		assert.is(found.upper95, null);
	}
});

test('too many transitions: the χ² limit where it is valid, else fewer draws, at least 19', async () => {
	const ring = (more: number) =>
		tableOf({ 'A>B': 200 + more, 'B>C': 200, 'C>A': 200, 'B>A': 200, 'C>B': 200, 'A>C': 200 });
	// Six cells, three free margins each way less one, one degree of freedom: χ²₁.
	for (const more of [0, 30, 90]) {
		const drawn = await look(ring(more));
		const limit = await look(ring(more), { maxDraws: 100 });
		assert.match(limit.method, /limit/);
		assert.is(limit.samples, 0);
		assert.ok(Math.abs(limit.statistic! - drawn.statistic!) < 1e-6);
		assert.ok(Math.abs(limit.p! - drawn.p!) < 0.12, `${limit.p} and ${drawn.p}`);
		assert.ok(Math.abs(limit.upper95! / drawn.upper95! - 1) < 0.35);
	}
	const stream = new Stream([1, 54], 0);
	const sparse = sampleTable(deaf(40, stream, { depth: 0.7, noise: 0 }), 60, stream);
	const transitions = sparse.count.reduce((sum, n) => sum + n, 0);
	for (const [maxDraws, samples] of [
		[1e8, 99],
		[30 * transitions, 30],
		[100, 19],
	] as const) {
		const few = await look(sparse, { maxDraws });
		assert.match(few.method, /Besag/);
		assert.is(few.samples, samples);
	}
});

test('draws may be shared out: any division gives the same bits', async () => {
	const table = blocks(2, 20);
	const pieces: Resample = async (panel, input, count) => {
		const cut = [0, 1, 7, 30, count];
		const parts = cut.slice(1).map((to, i) => panel.draw(structuredClone(input), cut[i]!, to));
		return Float64Array.from(parts.flatMap((part) => [...part]));
	};
	assert.equal(await inputDependence(table, OPTIONS, pieces), await look(table));
	assert.ok(PANELS.some(({ name }) => name === TARGET_SHUFFLES.name));
	assert.not.equal(await look(table, { seed: 2 }), await look(table));
});

test('options out of range are refused', async () => {
	const refused = async (change: Partial<typeof OPTIONS>, message: RegExp) => {
		const error = await look(blocks(2, 5), change).catch((reason) => reason);
		assert.instance(error, RangeError);
		assert.match(error.message, message);
	};
	await refused({ seed: 0.5 }, /seed must be/);
	await refused({ resamples: 18 }, /resamples must be/);
	await refused({ maxDraws: 0 }, /maxDraws must be/);
});

test.run();
