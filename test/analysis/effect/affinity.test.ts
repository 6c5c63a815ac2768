import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cycleAffinity } from '../../../harness/analysis/effect/affinity.js';
import { findLoops } from '../../../harness/analysis/loops/loops.js';
import { findComponents } from '../../../harness/analysis/table/components.js';
import type { CountTable } from '../../../harness/analysis/table/counts.js';
import { DEFAULT_VERIFY } from '../../../harness/analysis/verify.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { randomKernel, sampleTable, tableOf } from '../synthetic.js';

const affinity = (table: CountTable) =>
	cycleAffinity(findLoops(findComponents(table), DEFAULT_VERIFY));

test('even counts have no affinity, and the bound falls as one over the root of the counts', () => {
	const even = (n: number) =>
		affinity(tableOf({ 'A>B': n, 'B>A': n, 'B>C': n, 'C>B': n, 'C>A': n, 'A>C': n }));
	assert.is(even(1000).rms, 0);
	assert.ok(Math.abs(even(1000).upper95! - 0.17854077523352865) < 1e-9);
	assert.ok(Math.abs(even(1000).upper95! / even(100000).upper95! - 10) < 0.01);
	assert.ok(even(1000).reversibleUpper95! > even(1000).upper95!);
});

test('one driven loop: the sum of its log-ratios, less the noise', () => {
	const { rms, meanSquare, upper95 } = affinity(
		tableOf({ 'A>B': 2000, 'B>A': 1000, 'B>C': 2000, 'C>B': 1000, 'C>A': 2000, 'A>C': 1000 }),
	);
	const A = 3 * Math.log(2000.5 / 1000.5);
	assert.ok(Math.abs(meanSquare! - (A * A - 3 * (1 / 2000.5 + 1 / 1000.5))) < 1e-12);
	assert.ok(rms! < A && upper95! > A && upper95! < A + 0.2);
});

test('driven kernels: recovered, and the bound covers; reversible ones: mostly small', () => {
	let covered = 0;
	let small = 0;
	let off = 0;
	const runs = 60;
	for (let i = 0; i < runs; i++) {
		const stream = new Stream([i, 40], 0);
		const kernel = randomKernel(8, stream, { depth: 0.3, spread: 0.2, noise: 0.2 });
		const table = sampleTable(kernel, 1000, stream);
		const loops = findLoops(findComponents(table), DEFAULT_VERIFY);
		const { low, high, up, down } = loops.pairs;
		let sum = 0;
		let weights = 0;
		for (let l = 0; l < loops.start.length - 1; l++) {
			let A = 0;
			let inverse = 0;
			for (let j = loops.start[l]!; j < loops.start[l + 1]!; j++) {
				const p = loops.pair[j]!;
				const [f, g] = [low[p]!, high[p]!];
				A += loops.sign[j]! * Math.log(kernel[f]![g]! / kernel[g]![f]!);
				inverse += 1 / (up[p]! + down[p]!);
			}
			sum += (A * A) / inverse;
			weights += 1 / inverse;
		}
		const truth = Math.sqrt(sum / weights);
		const { rms, upper95 } = cycleAffinity(loops);
		if (truth <= upper95!) covered += 1;
		off += (rms! - truth) / runs;
		const quiet = randomKernel(8, stream, { depth: 0.3, spread: 0.2, noise: 0 });
		if (affinity(sampleTable(quiet, 4000, stream)).upper95! < 0.15) small += 1;
	}
	assert.ok(covered >= 53, `${covered} of ${runs} bounds covered`);
	assert.ok(Math.abs(off) < 0.02, `mean error ${off} nats`);
	assert.ok(small >= 54, `${small} of ${runs} reversible bounds below 0.15 nats`);
});

test('a one-way pair does not hide a violation', () => {
	const counts: Record<string, number> = {};
	for (const [f, g] of ['AB', 'BC', 'CA', 'AD', 'BD', 'CD'].map((pair) => [...pair])) {
		counts[`${f}>${g}`] = 1000;
		counts[`${g}>${f}`] = 1000;
	}
	const quiet = affinity(tableOf(counts, 2000));
	assert.is(quiet.oneWayLoops, 0);
	delete counts['B>A'];
	const oneWay = affinity(tableOf({ ...counts, 'A>B': 2000 }, 2000));
	assert.is(oneWay.oneWayLoops, 2);
	assert.ok(quiet.upper95! < 0.3 && oneWay.rms! > 4);
});

test('no loop: null with a reason', () => {
	const none = affinity(tableOf({ 'A>B': 3, 'B>A': 3 }));
	assert.equal([none.rms, none.upper95, none.reason], [null, null, 'no loop']);
});

test.run();
