import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exactTest } from '../../../harness/analysis/exact/exact-test.js';
import { findLoops } from '../../../harness/analysis/loops/loops.js';
import { fitReversible } from '../../../harness/analysis/potential/reversible-fit.js';
import {
	completeDesign,
	type DesignShape,
} from '../../../harness/analysis/power/complete-design.js';
import { exactTestSquares } from '../../../harness/analysis/power/loop-squares.js';
import {
	attemptsFor,
	type Design,
	powerAt,
	powerTable,
} from '../../../harness/analysis/power/power.js';
import { rejectionChance, signalFor } from '../../../harness/analysis/power/signal-chance.js';
import { resampleHere } from '../../../harness/analysis/resample.js';
import { findComponents } from '../../../harness/analysis/table/components.js';
import type { CountTable } from '../../../harness/analysis/table/counts.js';
import { chanceBelow } from '../../../harness/numerics/shift-bound.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { type Kernel, sampleTable, tableOf } from '../synthetic.js';

const LOOPS = { maxLoops: 200_000, seed: 1, searchStates: 1000, searchLoops: 2000 };
const near = (x: number, y: number, tolerance: number): void =>
	assert.ok(Math.abs(x - y) <= tolerance * Math.abs(y), `${x} is not ${y}`);

const perAttempt = (shape: DesignShape): Design => ({
	...completeDesign(shape),
	attemptsPerState: 1,
});

function subjectOf(table: CountTable) {
	const components = findComponents(table);
	return { loops: findLoops(components, LOOPS), fit: fitReversible(table, components) };
}

test('the examples of the docstrings', () => {
	const chi = { noise: 10, variance: 20, slope: 1 };
	near(chanceBelow(30, chi, 40.403250401011), 0.05, 1e-9);
	near(rejectionChance(chi, 20.5317, 0.05), 0.9, 1e-4);
	near(signalFor(chi, 0.05, 0.9), 20.531970741795, 1e-9);
	near(rejectionChance(chi, 0, 0.05), 0.05, 1e-9);
	const ten = perAttempt({ states: 10, valid: 1, depth: 0 });
	near(ten.sumWeights / ten.squares.slope, 2 / 3, 1e-12);
	near((2 * ten.squares.noise ** 2) / ten.squares.variance, 36, 1e-12);
	const wish = { affinity: 0.2 * Math.sqrt(3), power: 0.8, alpha: 0.05 };
	assert.is(Math.ceil(attemptsFor(ten, wish)), 331);
	const { loops, fit } = subjectOf(
		tableOf({ 'A>B': 50, 'B>A': 50, 'B>C': 50, 'C>B': 50, 'C>A': 50, 'A>C': 50 }),
	);
	const { squares, sumWeights } = exactTestSquares(loops, fit.up)!;
	near(squares.noise, 1875, 1e-12);
	near(squares.slope, 1875, 1e-12);
	near(squares.variance, 2 * 1875 ** 2, 1e-12);
	near(sumWeights, 15625, 1e-12);
});

test('a signal that lies on the noisiest loops: mean and variance are still matched', () => {
	// Q = (x + s)² · 9 + 49 unit squares: slope 9 where the noise has mean 58.
	const squares = { noise: 58, variance: 2 * (81 + 49), slope: 9 };
	const shift = 300;
	const stream = new Stream([1, 901], 0);
	let below = 0;
	for (let i = 0; i < 4000; i++) {
		let q = 9 * (stream.normal() + Math.sqrt(shift / 9)) ** 2;
		for (let j = 0; j < 49; j++) q += stream.normal() ** 2;
		if (q <= 350) below += 1;
	}
	assert.ok(Math.abs(chanceBelow(350, squares, shift) - below / 4000) < 0.025);
});

test('a flat potential: the closed form and the sum over triangles agree', () => {
	const flat = completeDesign({ states: 9, valid: 0.7, depth: 0 });
	const almost = completeDesign({ states: 9, valid: 0.7, depth: 1e-9 });
	for (const key of ['noise', 'variance', 'slope'] as const) {
		near(almost.squares[key], flat.squares[key], 1e-8);
	}
	near(almost.sumWeights, flat.sumWeights, 1e-8);
});

/** The kernel that `completeDesign` has in mind. */
function outline({ states: K, valid, depth }: DesignShape): Kernel {
	const spacing = depth * Math.sqrt(12 / (K * K - 1));
	const q = Array.from({ length: K }, (_, f) => Math.exp(-spacing * f));
	const total = q.reduce((sum, x) => sum + x, 0);
	return q.map((own, f) => q.map((x, g) => (g === f ? 0 : (valid * x) / (total - own))));
}

/** Its table of `attempts` per state without any sampling noise. */
function expectedTable(kernel: Kernel, attempts: number): CountTable {
	const counts: Record<string, number> = {};
	for (const [f, row] of kernel.entries()) {
		for (const [g, p] of row.entries()) if (g !== f) counts[`${f}>${g}`] = Math.round(p * attempts);
	}
	return tableOf(counts);
}

test('an outline is what a pilot of its expected counts gives', () => {
	const shape = { states: 6, valid: 0.8, depth: 0.7 };
	const { loops, fit } = subjectOf(expectedTable(outline(shape), 1e8));
	const pilot = exactTestSquares(loops, fit.up)!;
	const design = completeDesign(shape);
	near(
		pilot.sumWeights / pilot.squares.noise,
		(1e8 * design.sumWeights) / design.squares.noise,
		1e-6,
	);
	near(
		pilot.squares.variance / pilot.squares.noise ** 2,
		design.squares.variance / design.squares.noise ** 2,
		1e-6,
	);
	near(
		pilot.squares.slope / pilot.squares.noise,
		design.squares.slope / design.squares.noise,
		1e-6,
	);
});

test('squares of loops against the matrices they stand for', () => {
	// Two triangles that share a pair, and a square through all four states: B′wB by hand.
	const { loops, fit } = subjectOf(
		tableOf({
			'A>B': 9,
			'B>A': 7,
			'B>C': 8,
			'C>B': 9,
			'C>A': 30,
			'A>C': 20,
			'C>D': 5,
			'D>C': 9,
			'D>A': 8,
			'A>D': 4,
		}),
	);
	const { squares, sumWeights } = exactTestSquares(loops, fit.up)!;
	const P = loops.pairs.low.length;
	const n = loops.pairs.up.map((up, p) => up + loops.pairs.down[p]!);
	const v = n.map((x, p) => 1 / (x * fit.up[p]! * (1 - fit.up[p]!)));
	const G = Array.from({ length: P }, () => new Array<number>(P).fill(0));
	let weights = 0;
	for (let loop = 0; loop < loops.start.length - 1; loop++) {
		const row = new Array<number>(P).fill(0);
		let w = 1;
		for (let i = loops.start[loop]!; i < loops.start[loop + 1]!; i++) {
			const p = loops.pair[i]!;
			row[p] = loops.sign[i]!;
			w *= 1 / v[p]!;
		}
		weights += w;
		for (let i = 0; i < P; i++) for (let j = 0; j < P; j++) G[i]![j]! += w * row[i]! * row[j]!;
	}
	let noise = 0;
	let variance = 0;
	let spread = 0;
	let trace = 0;
	for (let i = 0; i < P; i++) {
		noise += G[i]![i]! * v[i]!;
		trace += G[i]![i]!;
		for (let j = 0; j < P; j++) {
			variance += 2 * G[i]![j]! ** 2 * v[i]! * v[j]!;
			spread += G[i]![j]! ** 2 * v[j]!;
		}
	}
	assert.is(loops.start.length - 1, 2);
	near(squares.noise, noise, 1e-12);
	near(squares.variance, variance, 1e-12);
	near(squares.slope, spread / trace, 1e-12);
	near(sumWeights, weights, 1e-12);
});

/**
 * Rejections at 0.05 of the exact test (M = 99) over 300 or 400 tables each, at the affinity that the
 * outline sees with the power named. Irreversible log-odds: normal on every pair, scaled to the rms.
 */
const SIMULATED: readonly [shape: DesignShape, attempts: number, power: number, seen: number][] = [
	[{ states: 10, valid: 0.8, depth: 0 }, 500, 0.5, 0.503],
	[{ states: 10, valid: 0.8, depth: 1 }, 500, 0.5, 0.478],
	[{ states: 10, valid: 0.8, depth: 1 }, 500, 0.8, 0.755],
	[{ states: 20, valid: 0.8, depth: 0 }, 200, 0.8, 0.787],
	[{ states: 20, valid: 0.8, depth: 0.5 }, 200, 0.5, 0.497],
	[{ states: 20, valid: 0.8, depth: 1 }, 200, 0.5, 0.457],
	[{ states: 5, valid: 0.8, depth: 0.5 }, 100, 0.8, 0.763],
	[{ states: 10, valid: 0.8, depth: 0 }, 60, 0.8, 0.768],
];

test('the affinities at which the simulations were made', () => {
	const affinities = SIMULATED.map(([shape, attempts, power]) => {
		const wish = { affinity: 1, power, alpha: 0.05 };
		return Number(Math.sqrt(attemptsFor(perAttempt(shape), wish) / attempts).toFixed(4));
	});
	assert.equal(affinities, [0.2436, 0.2738, 0.3663, 0.4628, 0.3775, 0.3972, 0.88, 0.9084]);
	for (const [, , power, seen] of SIMULATED) assert.ok(Math.abs(power - seen) < 0.06);
});

test('the real exact test rejects as often as the theory says (5 states, 100 attempts)', async () => {
	const shape = { states: 5, valid: 0.8, depth: 0.5 };
	const affinity = 0.88;
	const base = outline(shape);
	let rejected = 0;
	const SETS = 150;
	for (let i = 0; i < SETS; i++) {
		const stream = new Stream([i, 902], 0);
		const table = sampleTable(driven(base, affinity, stream), 100, stream);
		const found = await exactTest(
			subjectOf(table),
			{ seed: i, samples: 99, steps: null },
			resampleHere,
		);
		if (found.p !== null && found.p <= 0.05) rejected += 1;
	}
	const predicted = powerAt(perAttempt(shape), { affinity, attempts: 100, alpha: 0.05 });
	near(predicted, 0.8, 1e-3);
	assert.ok(Math.abs(rejected / SETS - predicted) < 0.12, `${rejected} of ${SETS}`);
});

/** The kernel times exp(± l/2), l normal on every pair with the rms cycle affinity given. */
function driven(kernel: Kernel, rms: number, stream: Stream): Kernel {
	const K = kernel.length;
	const l = kernel.map((row) => row.map(() => 0));
	const variance = (f: number, g: number): number => 1 / kernel[f]![g]! + 1 / kernel[g]![f]!;
	for (let f = 0; f < K; f++) {
		for (let g = f + 1; g < K; g++) {
			l[f]![g] = stream.normal();
			l[g]![f] = -l[f]![g]!;
		}
	}
	let square = 0;
	let weights = 0;
	for (let f = 0; f < K; f++) {
		for (let g = f + 1; g < K; g++) {
			for (let h = g + 1; h < K; h++) {
				const w = 1 / (variance(f, g) + variance(g, h) + variance(h, f));
				square += w * (l[f]![g]! + l[g]![h]! + l[h]![f]!) ** 2;
				weights += w;
			}
		}
	}
	const scale = rms / Math.sqrt(square / weights);
	return kernel.map((row, f) => row.map((x, g) => x * Math.exp((scale * l[f]![g]!) / 2)));
}

test('what the science page says of sd 0.1: no flat design can see l of sd 0.1 that often', () => {
	// 10 × 500, 20 × 200, 40 × 500 attempts, flat and all valid; a triangle has a² = 3 sd².
	const power = (sd: number) =>
		[
			[10, 500],
			[20, 200],
			[40, 500],
		].map(([states, attempts]) => {
			const design = perAttempt({ states: states!, valid: 1, depth: 0 });
			const at = { affinity: sd * Math.sqrt(3), attempts: attempts!, alpha: 0.05 };
			return Number(powerAt(design, at).toFixed(2));
		});
	assert.equal(power(0.1), [0.3, 0.13, 0.33]);
	assert.equal(power(0.1 * Math.SQRT2), [0.64, 0.25, 0.76]);
	assert.equal(power(0.2), [0.96, 0.57, 1]);
});

test('the table: attempts go as 1 / a², and at those attempts the curve has that power', () => {
	const design = perAttempt({ states: 12, valid: 0.6, depth: 0.4 });
	const question = { affinities: [0.1, 0.2], powers: [0.5, 0.8, 0.95], alpha: 0.05 };
	const { needed, curves, freedom } = powerTable(design, question);
	assert.is(needed.length, 6);
	for (const [i, { power, attemptsPerState }] of needed.slice(3).entries()) {
		near(needed[i]!.attemptsPerState!, 4 * attemptsPerState!, 0.01);
		const at = { affinity: 0.2, attempts: attemptsPerState!, alpha: 0.05 };
		near(powerAt(design, at), power, 0.002);
	}
	assert.ok(freedom > 10 && freedom < 55);
	for (const { power } of curves.powers) {
		assert.is(power.length, curves.attemptsPerState.length);
		for (let i = 1; i < power.length; i++) assert.ok(power[i]! >= power[i - 1]! - 1e-9);
	}
	// α matters, and asking in other units of attempts does not.
	const strict = powerTable(design, { ...question, alpha: 0.01 }).needed[0]!.attemptsPerState!;
	assert.ok(strict > 1.3 * needed[0]!.attemptsPerState!);
	const hundred = { ...design, sumWeights: 100 * design.sumWeights, attemptsPerState: 100 };
	assert.equal(powerTable(hundred, question).needed, needed);
});

test('no loop, no power; numbers out of range are refused', () => {
	const star = subjectOf(tableOf({ 'A>B': 9, 'B>A': 9, 'A>C': 9, 'C>A': 9 }));
	assert.is(exactTestSquares(star.loops, star.fit.up), null);
	const design = perAttempt({ states: 4, valid: 1, depth: 0 });
	const question = { affinities: [0.1], powers: [0.8], alpha: 0.05 };
	for (const wrong of [
		{ affinities: [] },
		{ affinities: [0] },
		{ affinities: [Number.NaN] },
		{ powers: [0.05] },
		{ powers: [1] },
		{ alpha: 0 },
	]) {
		assert.throws(() => powerTable(design, { ...question, ...wrong }), RangeError);
	}
	for (const wrong of [
		{ states: 2 },
		{ states: 3.5 },
		{ valid: 0 },
		{ valid: 1.1 },
		{ depth: -1 },
		{ states: 2000 },
	]) {
		assert.throws(() => completeDesign({ states: 5, valid: 0.5, depth: 1, ...wrong }), RangeError);
	}
	assert.is(
		powerTable({ ...design, sumWeights: 1e-30 }, question).needed[0]!.attemptsPerState,
		null,
	);
});

test.run();
