import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cycleAffinity } from '../../../harness/analysis/effect/affinity.js';
import { noiseQuantile } from '../../../harness/numerics/shift-bound.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { randomKernel, sampleTable, tableOf } from '../synthetic.js';
import { affinityOf, flowData, ring } from './flow-data.js';

test('even counts have no affinity, and the bound falls as one over the root of the counts', () => {
	const even = (n: number) => affinityOf(tableOf(ring(n, 500)));
	assert.is(even(2).rms, 0);
	assert.ok(Math.abs(even(2).upper95! - 0.178597149) < 1e-9);
	assert.ok(Math.abs(even(2).upper95! / even(200).upper95! - 10) < 0.01);
	assert.ok(even(2).reversibleUpper95! > even(2).upper95!);
});

test('one driven loop: the sum of its log-ratios, less the noise', () => {
	const { rms, meanSquare, upper95, interval95 } = affinityOf(
		tableOf({ 'A>B': 2000, 'B>A': 1000, 'B>C': 2000, 'C>B': 1000, 'C>A': 2000, 'A>C': 1000 }),
	);
	const A = 3 * Math.log(2000.5 / 1000.5);
	// The noise taken out is that near detailed balance, n p q = 750, right to second order.
	assert.ok(Math.abs(meanSquare! - (A * A - (3 * 4) / 3000)) < 2e-3);
	assert.ok(rms! < A && upper95! > A && upper95! < A + 0.2);
	assert.ok(interval95!.lower < A && interval95!.lower > A - 0.2);
	assert.ok(interval95!.upper > upper95! && interval95!.upper < A + 0.2);
});

test('driven kernels: recovered, and the intervals cover; reversible ones: mostly small', () => {
	let below = 0;
	let above = 0;
	let small = 0;
	let off = 0;
	const runs = 60;
	for (let i = 0; i < runs; i++) {
		const stream = new Stream([i, 40], 0);
		const kernel = randomKernel(8, stream, { depth: 0.3, spread: 0.2, noise: 0.2 });
		const { loops, estimates } = flowData(sampleTable(kernel, 1000, stream));
		const { low, high } = loops.pairs;
		let sum = 0;
		let weights = 0;
		for (let l = 0; l < loops.start.length - 1; l++) {
			let A = 0;
			let noise = 0;
			for (let j = loops.start[l]!; j < loops.start[l + 1]!; j++) {
				const p = loops.pair[j]!;
				const [f, g] = [low[p]!, high[p]!];
				A += loops.sign[j]! * Math.log(kernel[f]![g]! / kernel[g]![f]!);
				noise += estimates.variance[p]!;
			}
			sum += (A * A) / noise;
			weights += 1 / noise;
		}
		const truth = Math.sqrt(sum / weights);
		const { rms, interval95 } = cycleAffinity(loops, estimates);
		if (truth < interval95!.lower) below += 1;
		if (truth > interval95!.upper) above += 1;
		off += (rms! - truth) / runs;
		const quiet = randomKernel(8, stream, { depth: 0.3, spread: 0.2, noise: 0 });
		if (affinityOf(sampleTable(quiet, 4000, stream)).upper95! < 0.15) small += 1;
	}
	// 1.5 expected on each side
	assert.ok(below <= 6 && above <= 6, `${below} below, ${above} above of ${runs} intervals`);
	assert.ok(Math.abs(off) < 0.02, `mean error ${off} nats`);
	assert.ok(small >= 54, `${small} of ${runs} reversible bounds below 0.15 nats`);
});

test('sparse counts: no bias under detailed balance, and the noise is as wide as stated', () => {
	// About 4 transitions a pair, a fifth of the pairs one-way: the plain log-ratios are far off here.
	const runs = 120;
	let sum = 0;
	let squares = 0;
	let oneWay = 0;
	for (let i = 0; i < runs; i++) {
		const stream = new Stream([i, 41], 0);
		const kernel = randomKernel(12, stream, { depth: 0.8, spread: 0.6, noise: 0 });
		const found = affinityOf(sampleTable(kernel, 40, stream));
		const z = (found.meanSquare! * found.squares!.sumWeights) / Math.sqrt(found.squares!.variance);
		sum += z / runs;
		squares += (z * z) / runs;
		oneWay += found.oneWayLoops / found.loops / runs;
	}
	assert.ok(Math.abs(sum) < 0.3, `mean ${sum}`);
	assert.ok(squares > 0.6 && squares < 1.5, `mean square ${squares}`);
	assert.ok(oneWay > 0.3, `${oneWay} of the loops are one-way`);
});

test('the record holds what its bounds were made of', () => {
	const stream = new Stream([7, 42], 0);
	const kernel = randomKernel(6, stream, { depth: 0.3, spread: 0.2, noise: 0.3 });
	const { meanSquare, rms, squares, interval95, upper95 } = affinityOf(
		sampleTable(kernel, 500, stream),
	);
	assert.ok(Math.abs(Math.sqrt(meanSquare!) - rms!) < 1e-12);
	const seen = meanSquare! * squares!.sumWeights + squares!.noise;
	// q lies above the median of noise: the power constraint does nothing here.
	assert.ok(seen > noiseQuantile(squares!, 0.5));
	assert.ok(interval95!.lower < rms! && rms! < upper95! && upper95! < interval95!.upper);
});

test('a one-way pair does not hide a violation', () => {
	const counts: Record<string, number> = {};
	for (const [f, g] of ['AB', 'BC', 'CA', 'AD', 'BD', 'CD'].map((pair) => [...pair])) {
		counts[`${f}>${g}`] = 1000;
		counts[`${g}>${f}`] = 1000;
	}
	const quiet = affinityOf(tableOf(counts, 2000));
	assert.is(quiet.oneWayLoops, 0);
	delete counts['B>A'];
	const oneWay = affinityOf(tableOf({ ...counts, 'A>B': 2000 }, 2000));
	assert.is(oneWay.oneWayLoops, 2);
	assert.ok(quiet.upper95! < 0.3 && oneWay.rms! > 4);
});

test('rates near 1e-8: driven is found driven, its reversible neighbour is not', () => {
	const rare = (forward: number) => affinityOf(tableOf(ring(1, forward), 3e11));
	assert.ok(rare(600).interval95!.lower > 0.5);
	assert.is(rare(510).interval95!.lower, 0);
});

test('no loop, and loops over pairs seen once only: null with a reason', () => {
	const none = affinityOf(tableOf({ 'A>B': 3, 'B>A': 3 }));
	assert.equal([none.rms, none.upper95, none.interval95, none.squares], [null, null, null, null]);
	assert.is(none.reason, 'no loop');
	const once = affinityOf(tableOf({ 'A>B': 1, 'B>C': 2, 'C>A': 2 }));
	assert.equal([once.rms, once.loops, once.loopsLeftOut], [null, 0, 1]);
	assert.is(once.reason, 'every loop runs over a pair seen only once');
	const twice = affinityOf(tableOf({ 'A>B': 2, 'B>C': 2, 'C>A': 2 }));
	assert.equal([twice.loops, twice.loopsLeftOut, twice.oneWayLoops], [1, 0, 1]);
	assert.ok(twice.rms! > 0 && twice.reason === null);
});

test.run();
