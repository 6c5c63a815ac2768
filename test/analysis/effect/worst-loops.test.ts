import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { worstLoops } from '../../../harness/analysis/effect/worst-loops.js';
import { exactTables } from '../../../harness/analysis/exact/exact-test.js';
import { findLoops } from '../../../harness/analysis/loops/loops.js';
import { fitReversible } from '../../../harness/analysis/potential/reversible-fit.js';
import { resampleHere } from '../../../harness/analysis/resample.js';
import { findComponents } from '../../../harness/analysis/table/components.js';
import type { CountTable } from '../../../harness/analysis/table/counts.js';
import { DEFAULT_VERIFY } from '../../../harness/analysis/verify.js';
import { logGamma } from '../../../harness/numerics/gamma.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { type Kernel, randomKernel, sampleTable, tableOf } from '../synthetic.js';

async function worstOf(
	table: CountTable,
	{ samples = 999, seed = 1, most = 10 }: { samples?: number; seed?: number; most?: number } = {},
) {
	const components = findComponents(table);
	const loops = findLoops(components, DEFAULT_VERIFY);
	const subject = { loops, fit: fitReversible(table, components) };
	const { maxima } = await exactTables(subject, { seed, samples, steps: null }, resampleHere);
	return worstLoops(subject, { maxima, most });
}

test('the documented digits', async () => {
	const { loops, ...rest } = await worstOf(tableOf({ 'A>B': 4, 'B>C': 4, 'C>A': 4 }));
	const loop = { states: [0, 1, 2], affinity: 6.591673732008658 };
	const z = 3.464101615137755;
	assert.equal(loops, [{ ...loop, standardError: 2.581988897471611, z, adjustedP: 0.008 }]);
	assert.equal(rest, {
		hypothesis: 'the cycle affinity of this loop is 0',
		method: 'Westfall–Young single-step maxT over the tables of the exact test',
		tested: 1,
		samples: 999,
		reason: null,
	});
});

test('the way round is that of positive affinity, from the lowest state', async () => {
	const ring = (forward: number, backward: number): CountTable => {
		const order = ['C', 'A', 'E', 'B', 'D'];
		const counts: Record<string, number> = {};
		for (const [i, f] of order.entries()) {
			counts[`${f}>${order[(i + 1) % 5]}`] = forward;
			counts[`${order[(i + 1) % 5]}>${f}`] = backward;
		}
		return tableOf(counts);
	};
	const [along] = (await worstOf(ring(40, 20), { samples: 19 })).loops;
	const [against] = (await worstOf(ring(20, 40), { samples: 19 })).loops;
	// C → A → E → B → D → C.
	assert.equal(along!.states, [0, 4, 1, 3, 2]);
	assert.equal(against!.states, [0, 2, 3, 1, 4]);
	for (const { affinity, standardError, z } of [along!, against!]) {
		assert.ok(Math.abs(affinity - 5 * Math.log(40.5 / 20.5)) < 1e-12);
		assert.ok(Math.abs(standardError ** 2 - 5 * (1 / 40.5 + 1 / 20.5)) < 1e-12);
		assert.ok(z > 0);
	}
});

/** P(z² ≥ observed) over the tables of one triangle, which form a line. */
function enumerate(forward: number[], backward: number[], up: number): number {
	const n = forward.map((c, i) => c + backward[i]!);
	let all = 0;
	let extreme = 0;
	for (let d = -Math.max(...n); d <= Math.max(...n); d++) {
		const c = forward.map((x) => x - d);
		if (c.some((x, i) => x < 0 || x > n[i]!)) continue;
		const log = c.reduce((sum, x, i) => sum - logGamma(x + 1) - logGamma(n[i]! - x + 1), 0);
		all += Math.exp(log);
		// z is linear in d and vanishes at d = up.
		if (Math.abs(d - up) >= Math.abs(up) * (1 - 1e-9)) extreme += Math.exp(log);
	}
	return extreme / all;
}

test('one triangle: the adjusted p is that of full enumeration', async () => {
	const [forward, backward] = [
		[7, 9, 5],
		[4, 3, 3],
	];
	const table = tableOf({ 'A>B': 7, 'B>C': 9, 'C>A': 5, 'B>A': 4, 'C>B': 3, 'A>C': 3 });
	const components = findComponents(table);
	const { up } = fitReversible(table, components);
	// Every pair is off by the same number of counts from the fit round a single loop.
	const off = 7 - 11 * up[0]!;
	const exact = enumerate(forward!, backward!, off);
	const [loop] = (await worstOf(table, { samples: 1999 })).loops;
	const error = Math.sqrt((exact * (1 - exact)) / 2000) + 1 / 2000;
	assert.ok(Math.abs(loop!.adjustedP! - exact) < 4 * error, `${loop!.adjustedP}, exact ${exact}`);
});

/** A reversible kernel with l + `drive` along a → b → c → a. */
function planted(seed: number, drive: number): { kernel: Kernel; stream: Stream } {
	const stream = new Stream([seed, 33], 0);
	const T = randomKernel(7, stream, { depth: 0.4, spread: 0.4, noise: 0 }).map((row) => [...row]);
	for (const [f, g] of [
		[1, 3],
		[3, 5],
		[5, 1],
	] as const) {
		T[f]![g]! *= Math.exp(drive / 2);
		T[g]![f]! *= Math.exp(-drive / 2);
		T[f]![f] = 0;
	}
	const most = Math.max(...T.map((row) => row.reduce((sum, x) => sum + x, 0)));
	return { kernel: T.map((row) => row.map((x) => x / Math.max(1, most))), stream };
}

test('a planted loop is named first, the way round it was driven', async () => {
	const forward = planted(1, 0.9);
	const [loop] = (await worstOf(sampleTable(forward.kernel, 3000, forward.stream))).loops;
	assert.equal(loop!.states, [1, 3, 5]);
	assert.ok(loop!.adjustedP! <= 0.002, `${loop!.adjustedP}`);
	assert.ok(Math.abs(loop!.affinity - 2.7) < 4 * loop!.standardError);
	const back = planted(1, -0.9);
	const [turned] = (await worstOf(sampleTable(back.kernel, 3000, back.stream))).loops;
	assert.equal(turned!.states, [1, 5, 3]);
	const none = planted(1, 0);
	const [free] = (await worstOf(sampleTable(none.kernel, 3000, none.stream))).loops;
	assert.ok(free!.adjustedP! > 0.05, `${free!.adjustedP}`);
});

test('false names: at most 5 % of reversible tables, also of loops beside a driven one', async () => {
	const driven = (states: readonly number[]): boolean => {
		const pairs = states.map((f, i) => [f, states[(i + 1) % states.length]!]);
		return pairs.some((pair) => pair.every((f) => [1, 3, 5].includes(f)));
	};
	let none = 0;
	let beside = 0;
	for (let i = 0; i < 200; i++) {
		const free = planted(100 + i, 0);
		const table = sampleTable(free.kernel, 60, free.stream);
		const named = (await worstOf(table, { samples: 99, seed: i, most: 1 })).loops;
		if (named[0]!.adjustedP! <= 0.05) none += 1;
		const partly = planted(100 + i, 1);
		const mixed = sampleTable(partly.kernel, 200, partly.stream);
		const { loops } = await worstOf(mixed, { samples: 99, seed: i, most: 35 });
		const others = loops.filter(({ states }) => !driven(states));
		if (others.some(({ adjustedP }) => adjustedP! <= 0.05)) beside += 1;
	}
	// Exact binomial 99.9 % limit of 200 draws at 0.05.
	for (const count of [none, beside]) assert.ok(count <= 21, `${none} and ${beside} of 200`);
	assert.ok(none >= 1, `${none} of 200`);
});

test('order by |z|, as many as asked; no loop, no tables', async () => {
	const free = planted(2, 0);
	const table = sampleTable(free.kernel, 100, free.stream);
	const all = await worstOf(table, { samples: 19, most: 1000 });
	assert.is(all.loops.length, all.tested);
	for (const [i, { z, adjustedP }] of all.loops.entries()) {
		const next = all.loops[i + 1];
		if (next === undefined) break;
		assert.ok(Math.abs(z) >= Math.abs(next.z) && adjustedP! <= next.adjustedP!);
	}
	const few = await worstOf(table, { samples: 19, most: 3 });
	assert.equal(few.loops, all.loops.slice(0, 3));
	const star = await worstOf(tableOf({ 'A>B': 9, 'B>A': 9, 'A>C': 9, 'C>A': 9 }));
	assert.equal([star.loops, star.tested, star.samples], [[], 0, 0]);
	assert.is(star.reason, 'the exact test drew no tables');
	for (const most of [0, 1.5]) {
		const error = await worstOf(table, { samples: 19, most }).catch((e: unknown) => e);
		assert.instance(error, RangeError);
		assert.match((error as Error).message, /most must be a positive integer/);
	}
});

test.run();
