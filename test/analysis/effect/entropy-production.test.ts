import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kernelEntropy } from '../../../harness/analysis/effect/kernel-flux.js';
import { countTable } from '../../../harness/analysis/table/counts.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { logKernel } from '../../../models/calibration/kernels.js';
import { type Kernel, randomKernel, sampleTable, tableOf } from '../synthetic.js';
import { entropyOf, ring } from './flow-data.js';

/** ½ Σ (π_f T_fg − π_g T_gf) log (…) with π from powers of the kernel: the slow way. */
function slowEntropy(T: Kernel): number {
	const K = T.length;
	let pi = new Array<number>(K).fill(1 / K);
	for (let step = 0; step < 20000; step++) {
		pi = pi.map((_, g) => {
			const stays = 1 - T[g]!.reduce((sum, x, f) => sum + (f === g ? 0 : x), 0);
			return pi.reduce((sum, x, f) => sum + (f === g ? 0 : x * T[f]![g]!), pi[g]! * stays);
		});
	}
	let sum = 0;
	for (let f = 0; f < K; f++) {
		for (let g = 0; g < K; g++) {
			const [there, back] = [pi[f]! * T[f]![g]!, pi[g]! * T[g]![f]!];
			if (f !== g && there > 0 && back > 0) sum += ((there - back) * Math.log(there / back)) / 2;
		}
	}
	return sum;
}

function exactEntropy(T: Kernel, scale: number): number {
	const low: number[] = [];
	const high: number[] = [];
	for (let f = 0; f < T.length; f++) {
		for (let g = f + 1; g < T.length; g++) {
			if (T[f]![g]! + T[g]![f]! === 0) continue;
			low.push(f);
			high.push(g);
		}
	}
	const reference = new Float64Array(T.length).fill(1 / T.length);
	return kernelEntropy({
		nodes: T.length,
		low: Int32Array.from(low),
		high: Int32Array.from(high),
		reference,
		forward: Float64Array.from(low, (f, e) => (T[f]![high[e]!]! * scale) / T.length),
		backward: Float64Array.from(high, (g, e) => (T[g]![low[e]!]! * scale) / T.length),
	})!.all!;
}

/** K states in a ring, T `forward` to the next and `backward` to the last one. */
const driven = (K: number, forward: number, backward: number): Kernel =>
	Array.from({ length: K }, (_, f) =>
		Array.from({ length: K }, (_, g) => {
			if (g === (f + 1) % K) return forward;
			return f === (g + 1) % K ? backward : 0;
		}),
	);
const calibration = (name: 'driven' | 'reversible'): Kernel =>
	Array.from({ length: 8 }, (_, f) =>
		logKernel(name, f)
			.slice(0, 8)
			.map((x, g) => (f === g ? 0 : Math.exp(x))),
	);

test('closed forms: a driven ring gives (a − b) log (a / b), two states and reversible kernels 0', () => {
	assert.ok(Math.abs(exactEntropy(driven(3, 0.4, 0.2), 1) - 0.13862943611198905) < 1e-15);
	for (const K of [3, 8, 300]) {
		const found = exactEntropy(driven(K, 0.5, 0.1), 1);
		assert.ok(Math.abs(found - 0.4 * Math.log(5)) < 1e-9);
	}
	const two = [
		[0, 0.3],
		[0.1, 0],
	];
	assert.ok(exactEntropy(two, 1) < 1e-30);
	assert.ok(exactEntropy(calibration('reversible'), 1) < 1e-15);
});

test('agrees with powers of the kernel, and is proportional to the rates down to 1e-8', () => {
	for (let i = 0; i < 3; i++) {
		const kernel = randomKernel(6, new Stream([i, 70], 0), { depth: 1, spread: 1, noise: i });
		const found = exactEntropy(kernel, 1);
		assert.ok(Math.abs(found - slowEntropy(kernel)) < 1e-8 * (1 + found));
		assert.ok(Math.abs(exactEntropy(kernel, 1e-8) / found - 1e-8) < 1e-14 + (i === 0 ? 1 : 0));
	}
});

/** Expected counts of n attempts from each state, rounded. */
function expectedTable(T: Kernel, n: number) {
	const rows = T.flatMap((row, f) =>
		row.map((x, g) => ({ source: `s${f}`, target: `s${g}`, count: Math.round(n * x) })),
	).filter(({ count }) => count > 0);
	const attempts = Object.fromEntries(T.map((_, f) => [`s${f}`, n]));
	return countTable({ rows, attempts });
}

test('the documented values, and even counts: 0, but not for certain', async () => {
	const counts = { 'A>B': 400, 'B>C': 400, 'C>A': 400, 'B>A': 200, 'C>B': 200, 'A>C': 200 };
	const found = await entropyOf(tableOf(counts, 400));
	assert.ok(Math.abs(found.value! - 0.137459264) < 1e-9);
	assert.ok(Math.abs(found.plugIn! - 0.138629436) < 1e-9);
	const even = await entropyOf(tableOf(ring(1, 500), 500));
	assert.ok(even.value === 0 && even.plugIn === 0 && even.interval95!.lower === 0);
	assert.ok(even.interval95!.upper > even.bias!);
});

test('large expected counts: the estimate is the exact value, weak driving or strong', async () => {
	for (const kernel of [
		driven(3, 0.4, 0.2),
		driven(5, 0.5, 0.02),
		calibration('driven'),
		randomKernel(6, new Stream([1, 71], 0), { depth: 1, spread: 1, noise: 0.05 }),
	]) {
		const truth = exactEntropy(kernel, 1);
		const found = await entropyOf(expectedTable(kernel, 1e9));
		assert.ok(Math.abs(found.value! / truth - 1) < 1e-3, `${found.value} is not ${truth}`);
		assert.ok(Math.abs(found.plugIn! / truth - 1) < 1e-5);
		assert.ok(found.interval95!.lower < found.value! && found.value! < found.interval95!.upper);
		assert.match(found.method, /exact/);
	}
});

test('few counts: the plug-in is far off, the estimate is not, and its interval covers', async () => {
	const kernel = calibration('driven');
	const truth = exactEntropy(kernel, 1);
	const runs = 80;
	let mean = 0;
	let plugIn = 0;
	let missed = 0;
	for (let i = 0; i < runs; i++) {
		const found = await entropyOf(sampleTable(kernel, 150, new Stream([i, 72], 0)));
		mean += found.value! / runs;
		plugIn += found.plugInTwoWay! / runs;
		if (truth < found.interval95!.lower || truth > found.interval95!.upper) missed += 1;
	}
	assert.ok(Math.abs(mean - truth) < 0.012, `mean ${mean}, truth ${truth}`);
	assert.ok(plugIn > truth + 0.025, `plug-in ${plugIn}`);
	assert.ok(missed <= 10, `${missed} of ${runs} intervals missed`);
});

test('a one-way pair: the plug-in is infinite, the estimate finite, and both are said', async () => {
	const found = await entropyOf(tableOf({ ...ring(1, 600), 'A>B': 1000, 'B>A': 0 }, 500));
	assert.equal([found.plugIn, found.oneWayPairs], [null, 1]);
	assert.ok(Math.abs(found.oneWayShare - 1 / 3) < 1e-12);
	assert.ok(found.value! > 0 && Number.isFinite(found.value!) && found.plugInTwoWay! > 0);
	const twoWay = await entropyOf(tableOf(ring(1, 600), 500));
	assert.ok(twoWay.plugIn! > 0 && twoWay.oneWayPairs === 0);
});

test('which states: the largest set joined by pairs seen more than once', async () => {
	const counts = { ...ring(1, 700), 'C>D': 1, 'D>A': 1, 'X>Y': 5, 'Y>X': 5 };
	const found = await entropyOf(tableOf(counts, 100));
	assert.equal([found.states, found.component, found.pairsLeftOut], [3, 0, 2]);
	assert.ok(Math.abs(found.leftOutShare - 2 / 3002) < 1e-12);
});

test('attempts by convention are said; rates near 1e-8 change the unit alone', async () => {
	const rows = Object.entries(ring(1, 700)).map(([key, count]) => ({
		source: key[0]!,
		target: key[2]!,
		count,
	}));
	const found = await entropyOf(countTable({ rows, attemptsByConvention: 4000 }));
	assert.match(found.note!, /by convention/);
	const common = await entropyOf(tableOf(ring(1, 700), 3000));
	assert.is(common.note, null);
	assert.ok(Math.abs(found.value! / common.value! - 1) < 1e-9);
	const rare = await entropyOf(tableOf(ring(1, 700), 4e11 - 1000));
	for (const [x, y] of [
		[rare.value!, common.value!],
		[rare.interval95!.lower, common.interval95!.lower],
		[rare.plugIn!, common.plugIn!],
	] as const) {
		assert.ok(Math.abs((x * 1e8) / y - 1) < 1e-6);
	}
});

test('no loop: null with a reason, for two states and for a star', async () => {
	for (const counts of [
		{ 'A>B': 30, 'B>A': 5 },
		{ 'A>B': 9, 'B>A': 9, 'A>C': 9, 'C>A': 9 },
	]) {
		const none = await entropyOf(tableOf(counts));
		assert.equal([none.value, none.interval95, none.plugIn], [null, null, null]);
		assert.match(none.reason!, /no loop/);
	}
	const nothing = await entropyOf(tableOf({ 'A>B': 3 }));
	assert.equal([nothing.value, nothing.states, nothing.component], [null, 0, null]);
});

test.run();
