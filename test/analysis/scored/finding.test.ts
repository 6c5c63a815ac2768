import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
	analyseScored,
	DEFAULT_SCORED,
	type ScoredFinding,
} from '../../../harness/analysis/scored/finding.js';
import { symmetricInverse } from '../../../harness/numerics/linear-algebra.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { affinityOf, entropyOf, sharesOf } from '../effect/flow-data.js';
import { type Kernel, randomKernel } from '../synthetic.js';
import { analyse, expectedTable, permuted, ring, scored } from './kernels.js';

const near = (x: number | null | undefined, y: number, tolerance = 1e-12): void =>
	assert.ok(
		typeof x === 'number' && Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(y)),
		`${x} is not ${y}`,
	);
const kernelOf = (K: number, seed: number, noise: number, spread = 1): Kernel =>
	randomKernel(K, new Stream([seed, 80], 0), { depth: 1, spread, noise });

/** Kernels of K states with the noise given, small enough to be looked at one by one. */
const kernels = fc
	.record({
		K: fc.integer({ min: 3, max: 7 }),
		seed: fc.nat(1e6),
		noise: fc.double({ min: 0, max: 2, noNaN: true }),
	})
	.map(({ K, seed, noise }) => kernelOf(K, seed, noise));

test('a ring of three, 0.4 one way and 0.2 the other: the documented values', () => {
	const found = analyse(scored(ring(3, 0.4, 0.2)));
	assert.is(found.affinity.rms, 2.0794415416798357);
	near(found.affinity.rms, 3 * Math.log(2));
	near(found.entropyProduction, 0.2 * Math.log(2));
	near(found.dependence.mutualInformation, (2 / 3) * Math.log(4 / 3) + Math.log(2 / 3) / 3);
	near(found.gradientShare, 0);
	near(found.affinity.typical?.rms, 3 * Math.log(2));
	assert.equal(found.affinity.largest[0]?.states, ['s0000', 's0001', 's0002']);
	assert.equal([found.states, found.pairs, found.independentLoops], [3, 3, 1]);
	assert.equal(
		found.potential.map(({ value }) => value),
		[0, 0, 0],
	);
	for (const { stationary } of found.potential) near(stationary, 1 / 3);
	// Run the other way round the loop is named the other way round.
	const back = analyse(scored(ring(3, 0.2, 0.4))).affinity.largest[0]!;
	assert.equal(back.states, ['s0000', 's0002', 's0001']);
	near(back.affinity, 3 * Math.log(2));
});

test('a bare ring of seven has no triangle: its one loop is taken; driven and not', () => {
	const driven = analyse(scored(ring(7, 0.5, 0.1)));
	near(driven.affinity.rms, 7 * Math.log(5));
	near(driven.entropyProduction, 0.4 * Math.log(5));
	assert.equal(
		[driven.affinity.loops, driven.affinity.triangles, driven.affinity.longer],
		[1, 0, 1],
	);
	assert.is(driven.verdict, 'violated');
	assert.is(analyse(scored(ring(7, 0.3, 0.3))).verdict, 'balanced');
});

test('built from a potential: rms 0, the potential and π back, no entropy production', () => {
	const V = [0, 0.7, 2.1, 5.5, 1.3];
	const T = V.map((_, f) =>
		V.map((v, g) => (f === g ? 0 : (0.3 * Math.exp(-v)) / (1 + (f - g) ** 2))),
	);
	const found = analyse(scored(T));
	assert.ok(found.affinity.rms! < 1e-12 && found.affinity.upper! < 1e-12);
	assert.ok(found.entropyProduction! < 1e-24);
	near(found.gradientShare, 1);
	const Z = V.reduce((sum, v) => sum + Math.exp(-v), 0);
	for (const [f, { value, stationary, unbounded }] of found.potential.entries()) {
		near(value, V[f]!);
		near(stationary, Math.exp(-V[f]!) / Z);
		assert.is(unbounded, null);
	}
	assert.is(found.verdict, 'balanced');
	assert.match(found.sentence, /^Detailed balance to within/);
});

test('probabilities of 1e-200 are numbers like others: V of 300 nats comes back', () => {
	const V = [0, 150, 300];
	const T = V.map((_, f) => V.map((v, g) => (f === g ? 0 : 0.1 * Math.exp(-v))));
	const found = analyse(scored(T));
	for (const [f, { value }] of found.potential.entries()) near(value, V[f]!, 1e-13);
	assert.is(found.verdict, 'balanced');
});

test('property: the same as all triangles looked at one by one', () => {
	fc.assert(
		fc.property(kernels, (T) => {
			const { affinity, flow } = analyse(scored(T));
			const l = (f: number, g: number) => Math.log(T[f]![g]! / T[g]![f]!);
			let [squares, loops, largest, even] = [0, 0, 0, 0];
			for (let f = 0; f < T.length; f++) {
				for (let g = 0; g < f; g++) even += l(f, g) ** 2;
				for (let g = 0; g < T.length; g++) {
					for (let h = 0; h < T.length; h++) {
						if (f === g || g === h || h === f) continue;
						const A = l(f, g) + l(g, h) + l(h, f);
						squares += A * A;
						loops += 1;
						largest = Math.max(largest, A);
					}
				}
			}
			// Each triangle was seen six times.
			near(affinity.rms, Math.sqrt(squares / loops), 1e-10);
			assert.is(affinity.loops, loops / 6);
			near(affinity.largest[0]!.affinity, largest, 1e-10);
			// Every pair is there: what no potential explains is Σ A² over triangles / states.
			near(flow.gradient!.value, 1 - squares / 6 / T.length / even, 1e-9);
		}),
		{ numRuns: 40, seed: 1 },
	);
});

/** π by inverting the equations with ml-matrix: π = 1 of (I − T + 1)ᵀ, made symmetric and positive. */
function solvedStationary(T: Kernel): number[] {
	const K = T.length;
	const A = T.map((row, f) =>
		T.map((_, g) => {
			const stays = 1 - row.reduce((sum, x, h) => sum + (h === f ? 0 : x), 0);
			return (f === g ? 1 - stays : -row[g]!) + 1;
		}),
	);
	// π A = 1′ with A = I − T + J, so π = 1′ A′ (A A′)⁻¹.
	const AA = new Float64Array(K * K);
	for (let i = 0; i < K; i++) {
		for (let j = 0; j < K; j++) {
			for (let k = 0; k < K; k++) AA[i * K + j]! += A[i]![k]! * A[j]![k]!;
		}
	}
	const inverse = symmetricInverse(AA, K);
	const ones = A.map((row) => row.reduce((sum, x) => sum + x, 0));
	return ones.map((_, j) => ones.reduce((sum, x, i) => sum + x * inverse[i * K + j]!, 0));
}

test('property: π and the entropy production as from a linear solve', () => {
	fc.assert(
		fc.property(kernels, (T) => {
			const pi = solvedStationary(T);
			const found = analyse(scored(T));
			let sum = 0;
			for (let f = 0; f < T.length; f++) {
				near(found.potential[f]!.stationary, pi[f]!, 1e-9);
				for (let g = 0; g < T.length; g++) {
					if (f === g) continue;
					const [there, back] = [pi[f]! * T[f]![g]!, pi[g]! * T[g]![f]!];
					sum += ((there - back) * Math.log(there / back)) / 2;
				}
			}
			near(found.entropyProduction, sum, 1e-8);
		}),
		{ numRuns: 30, seed: 1 },
	);
});

test('labels permuted: the same numbers, and the same loops by their states', () => {
	const T = kernelOf(9, 3, 0.7).map((row, f) =>
		// Some pairs there are not, some one way only: triangles and longer loops.
		row.map((x, g) => ((f + g) % 3 === 0 || (f === 1 && g === 4) ? 0 : x)),
	);
	const order = [4, 0, 8, 2, 6, 1, 7, 3, 5];
	const [a, b] = [analyse(scored(T)), analyse(scored(permuted(T, order)))];
	const numbers = (f: ScoredFinding) => [
		f.affinity.rms!,
		f.affinity.upper!,
		f.affinity.typical!.rms,
		f.affinity.loops,
		f.affinity.largest[0]!.affinity,
		f.gradientShare!,
		f.flow.typical!.value,
		f.entropy.twoWay!.value,
		f.dependence.mutualInformation!,
		f.oneWayPairs,
		f.independentLoops,
	];
	for (const [i, x] of numbers(a).entries()) near(numbers(b)[i], x, 1e-9);
	assert.is(a.verdict, b.verdict);
	for (const [f, { value }] of a.potential.entries()) {
		near(b.potential[order.indexOf(f)]!.value, value!, 1e-9);
	}
	const back = b.affinity.largest[0]!.states.map((name) => order[Number(name.slice(1))]!);
	const want = a.affinity.largest[0]!.states.map((name) => Number(name.slice(1)));
	const at = back.indexOf(want[0]!);
	assert.equal([...back.slice(at), ...back.slice(0, at)], want);
});

test('typical: what a sampled run of very many attempts estimates', async () => {
	const T = kernelOf(6, 5, 1.5, 2);
	const found = analyse(scored(T));
	const table = expectedTable(T, 1e10);
	near(affinityOf(table).rms, found.affinity.typical!.rms, 1e-4);
	near((await sharesOf(table)).gradient!.value, found.flow.typical!.value, 1e-4);
	near((await entropyOf(table)).value, found.entropyProduction!, 1e-4);
	// It is another number than with every loop alike.
	assert.ok(Math.abs(found.affinity.typical!.rms - found.affinity.rms!) > 0.05);
});

test('the input does not matter: I = 0 whatever the row sums; it does: I > 0', () => {
	const q = [0.1, 0.2, 0.3, 0.4];
	const T = q.map((_, f) => q.map((x, g) => (f === g ? 0 : (x * (f + 1)) / 5)));
	const found = analyse(scored(T));
	assert.ok(found.dependence.mutualInformation! < 1e-12);
	assert.is(found.verdict, 'independent');
	assert.match(found.sentence, /ignores its input/);
	assert.ok(analyse(scored(kernelOf(4, 1, 0))).dependence.mutualInformation! > 0.05);
});

test('states that are targets only count for the dependence, and for nothing else', () => {
	const square = scored(ring(3, 0.4, 0.2));
	const states = [...square.states, 's0003'];
	const wide = (square3: Float64Array, last: readonly number[]) =>
		Float64Array.from([0, 1, 2].flatMap((f) => [...square3.subarray(3 * f, 3 * f + 3), last[f]!]));
	const log = wide(square.logFound, [Math.log(0.3), Math.log(0.3), -Infinity]);
	const found = analyse({ states, sources: [0, 1, 2], logFound: log, logBound: log });
	assert.equal([found.states, found.targetsOnly, found.potential.length], [3, 1, 3]);
	near(found.affinity.rms, 3 * Math.log(2));
	near(found.entropyProduction, 0.2 * Math.log(2));
	assert.ok(found.dependence.mutualInformation! > 0.1);
});

test('bad input is refused by name', () => {
	const base = scored(ring(3, 0.4, 0.2));
	const options = DEFAULT_SCORED;
	const refuses = (part: object, pattern: RegExp) =>
		assert.throws(() => analyse({ ...base, ...part }), pattern);
	refuses({ logFound: new Float64Array(8) }, /logFound .* 3 × 3 entries, has 8/);
	refuses({ sources: [0, 2, 1] }, /ascending numbers below 3, got 1 after 2/);
	refuses({ sources: [0, 1, 3] }, /got 3/);
	refuses({ logFound: base.logFound.map(() => Number.NaN) }, /s0000 → s0000: .*NaN/);
	refuses({ logBound: base.logFound.map((x) => x - 1) }, /in order/);
	refuses({ logBound: base.logFound.map(() => 0.1) }, /at most 0/);
	assert.throws(() => analyse(base, { ...base, states: ['a', 'b', 'c'] }), /variant 1 .*states/);
	assert.throws(() => analyse(base, scored(ring(4, 0.4, 0.2))), /variant 1 .*states/);
	for (const worstLoops of [0, 1.5]) {
		assert.throws(
			() => analyseScored({ base, variants: [] }, { ...options, worstLoops }),
			/positive integer/,
		);
	}
	const zero = { ...options.tolerances, affinity: 0 };
	assert.throws(
		() => analyseScored({ base, variants: [] }, { ...options, tolerances: zero }),
		/tolerance of affinity/,
	);
});

test('nothing there: no states, one state, no transition', () => {
	for (const T of [
		[],
		[[0.5]],
		[
			[0, 0],
			[0, 0],
		],
	]) {
		const found = analyse(scored(T));
		assert.is(found.verdict, 'untestable');
		assert.equal(
			[found.affinity.rms, found.gradientShare, found.entropyProduction],
			[null, null, null],
		);
		assert.is(found.dependence.mutualInformation, null);
		for (const { reason } of [found.affinity, found.flow, found.entropy, found.dependence]) {
			assert.ok(reason !== null && reason !== '');
		}
	}
});

test.run();
