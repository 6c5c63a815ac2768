import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flowShares } from '../../../harness/analysis/effect/flow-shares.js';
import { trianglesOf, weighedGraph } from '../../../harness/analysis/effect/weighed-graph.js';
import { findLoops } from '../../../harness/analysis/loops/loops.js';
import { hodgeParts } from '../../../harness/numerics/hodge.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { type Kernel, randomKernel, sampleTable, tableOf } from '../synthetic.js';
import { flowData, HERE, LOOPS, ring, sharesOf } from './flow-data.js';

test('the documented values', async () => {
	const counts = { 'A>B': 400, 'B>C': 400, 'A>C': 400, 'B>A': 200, 'C>B': 200, 'C>A': 200 };
	const { gradient, curl, harmonic } = await sharesOf(tableOf(counts, 400));
	assert.ok(Math.abs(gradient!.value - 0.732157885) < 1e-9);
	assert.ok(Math.abs(curl!.value - 0.267842115) < 1e-9);
	assert.is(harmonic!.value, 0);
});

const NAMES = ['gradient', 'curl', 'harmonic'] as const;

test('a driven ring of three: all curl; of four: all harmonic; a reversible kernel: all gradient', async () => {
	const three = await sharesOf(tableOf(ring(10, 700)));
	assert.ok(three.curl!.value > 0.99 && three.curl!.interval95.lower > 0.98);
	assert.is(three.harmonic!.value, 0);
	assert.equal(
		NAMES.map((name) => three[name]!.dimensions),
		[2, 1, 0],
	);

	const counts: Record<string, number> = {};
	for (const [f, g] of ['AB', 'BC', 'CD', 'DA'].map((pair) => [...pair])) {
		counts[`${f}>${g}`] = 7000;
		counts[`${g}>${f}`] = 3000;
	}
	const four = await sharesOf(tableOf(counts));
	assert.ok(four.harmonic!.value > 0.99 && four.curl!.value === 0);
	assert.is(four.harmonic!.dimensions, 1);

	const stream = new Stream([1, 50], 0);
	const kernel = randomKernel(8, stream, { depth: 1, spread: 0.5, noise: 0 });
	const quiet = await sharesOf(sampleTable(kernel, 2000, stream));
	assert.ok(quiet.gradient!.value > 0.95 && quiet.curl!.interval95.lower === 0);
});

test('shares add up to 1 and lie in their intervals', async () => {
	for (let i = 0; i < 6; i++) {
		const stream = new Stream([i, 51], 0);
		const kernel = randomKernel(7, stream, { depth: 0.2, spread: 0.4, noise: 0.1 * i });
		const found = await sharesOf(sampleTable(kernel, 150, stream));
		const parts = NAMES.map((name) => found[name]!);
		assert.ok(Math.abs(parts.reduce((sum, { value }) => sum + value, 0) - 1) < 1e-12);
		for (const { value, interval95 } of parts) {
			assert.ok(interval95.lower <= value + 1e-12 && value <= interval95.upper + 1e-12);
		}
	}
});

/** Shares of the true log-ratios, with the weights that the table gives. */
function trueShares(data: ReturnType<typeof flowData>, kernel: Kernel): number[] {
	const { loops, estimates } = data;
	const graph = weighedGraph(loops.pairs, estimates.used);
	const { triangles } = trianglesOf(graph, loops);
	const weight = Float64Array.from(graph.pair, (i) => 1 / estimates.variance[i]!);
	const l = Float64Array.from(graph.pair, (i) => {
		const [f, g] = [loops.pairs.low[i]!, loops.pairs.high[i]!];
		return Math.log(kernel[f]![g]! / kernel[g]![f]!);
	});
	const parts = hodgeParts({ ...graph, weight, triangles }, l, 1e-10);
	const energies = NAMES.map((name) =>
		parts[name].reduce((sum, x, e) => sum + weight[e]! * x * x, 0),
	);
	const total = energies.reduce((sum, x) => sum + x, 0);
	return energies.map((x) => x / total);
}

test('energies are right in the mean and intervals cover, in a dense design', async () => {
	const runs = 60;
	let off = 0;
	let missed = 0;
	for (let i = 0; i < runs; i++) {
		const stream = new Stream([i, 52], 0);
		const kernel = randomKernel(8, stream, { depth: 0.5, spread: 0.5, noise: 0.4 });
		const data = flowData(sampleTable(kernel, 200, stream));
		const found = await flowShares(data, HERE);
		const truth = trueShares(data, kernel);
		off += (found.gradient!.value - truth[0]!) / runs;
		const { lower, upper } = found.gradient!.interval95;
		if (truth[0]! < lower || truth[0]! > upper) missed += 1;
	}
	assert.ok(Math.abs(off) < 0.03, `mean error ${off}`);
	assert.ok(missed <= 8, `${missed} of ${runs} intervals missed`);
});

test('a gradient added to l moves the gradient energy alone', async () => {
	const stream = new Stream([2, 53], 0);
	const plain = randomKernel(5, stream, { depth: 0.3, spread: 0.3, noise: 0.4 });
	const expected = (tilt: readonly number[]) => {
		// Row sums are free cells: scaling T(g|f) by exp(x_f − x_g) needs no normalisation.
		const counts: Record<string, number> = {};
		for (const [f, row] of plain.entries()) {
			for (const [g, T] of row.entries()) {
				if (f !== g) counts[`${f}>${g}`] = Math.round(1e9 * T * Math.exp(tilt[f]! - tilt[g]!));
			}
		}
		return sharesOf(tableOf(counts));
	};
	const none = await expected([0, 0, 0, 0, 0]);
	const drop = fc.integer({ min: -5, max: 5 }).map((x) => x / 1000);
	await fc.assert(
		fc.asyncProperty(fc.array(drop, { minLength: 5, maxLength: 5 }), async (tilt) => {
			const found = await expected(tilt);
			// Weights move by about the tilt squared.
			assert.ok(Math.abs(found.curl!.energy / none.curl!.energy - 1) < 2e-2);
			if (tilt.some((x) => x !== tilt[0])) {
				assert.is.not(found.gradient!.energy, none.gradient!.energy);
			}
		}),
		{ numRuns: 10, seed: 1 },
	);
});

test('other labels change nothing', async () => {
	const order = fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e'], { minLength: 5 });
	const cells = fc.array(fc.nat(30), { minLength: 20, maxLength: 20 });
	const build = (counts: readonly number[], names: readonly string[]) => {
		const table: Record<string, number> = {};
		let i = 0;
		for (const f of names) {
			for (const g of names) if (f !== g) table[`${f}>${g}`] = counts[i++]!;
		}
		return sharesOf(tableOf(table, 20));
	};
	await fc.assert(
		fc.asyncProperty(cells, order, async (counts, names) => {
			const x = await build(counts, ['a', 'b', 'c', 'd', 'e']);
			const y = await build(counts, names);
			assert.is(x.reason, y.reason);
			for (const name of NAMES) {
				const [one, other] = [x[name], y[name]];
				if (one === null || other === null) assert.is(one, other);
				else {
					assert.is(one.dimensions, other.dimensions);
					assert.ok(Math.abs(one.energy - other.energy) < 1e-6 * (1 + Math.abs(one.energy)));
					assert.ok(Math.abs(one.interval95.upper - other.interval95.upper) < 1e-5);
				}
			}
		}),
		{ numRuns: 25, seed: 1 },
	);
});

test('a cut set of triangles is said, a whole one not', async () => {
	const stream = new Stream([4, 54], 0);
	const kernel = randomKernel(8, stream, { depth: 0.3, spread: 0.3, noise: 0.4 });
	const whole = flowData(sampleTable(kernel, 400, stream));
	assert.is((await flowShares(whole, HERE)).note, null);
	const loops = findLoops(whole.components, { ...LOOPS, maxLoops: 10 });
	const cut = await flowShares({ ...whole, loops }, HERE);
	assert.match(cut.note!, /of 56 triangles, drawn at random/);
	assert.ok(cut.harmonic!.dimensions > 0);
});

test('nothing to share: null with a reason', async () => {
	const two = await sharesOf(tableOf({ 'A>B': 30, 'B>A': 5 }));
	assert.is(two.gradient, null);
	assert.match(two.reason!, /no loop/);
	const even = await sharesOf(tableOf(ring(1, 500)));
	assert.equal([even.gradient, even.curl, even.harmonic], [null, null, null]);
	assert.match(even.reason!, /no energy above the sampling noise/);
	const once = await sharesOf(tableOf({ ...ring(1, 600), 'A>D': 1, 'D>A': 0, 'D>B': 1 }));
	assert.equal([once.pairs, once.pairsLeftOut], [3, 2]);
});

test.run();
