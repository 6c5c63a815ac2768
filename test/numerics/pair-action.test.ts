import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
	type ActionKernel,
	minimisePairAction,
	type PairWeights,
	prepareWeights,
	TIGHT,
} from '../../harness/numerics/pair-action.js';
import { Stream } from '../../harness/numerics/stream.js';

const KERNELS: readonly ActionKernel[] = ['exponential', 'logistic'];

type Row = readonly [low: number, high: number, up: number, down: number];
const weightsOf = (nodes: number, rows: readonly Row[]): PairWeights => ({
	nodes,
	low: Int32Array.from(rows, (r) => r[0]),
	high: Int32Array.from(rows, (r) => r[1]),
	up: Float64Array.from(rows, (r) => r[2]),
	down: Float64Array.from(rows, (r) => r[3]),
});
const solve = (weights: PairWeights, kernel: ActionKernel, start: Float64Array | null = null) =>
	minimisePairAction(prepareWeights(weights), { kernel, start, tolerance: TIGHT });

/** K(x), K′(x). */
const K = {
	exponential: (x: number): [number, number] => [Math.exp(-x / 2), -Math.exp(-x / 2) / 2],
	logistic: (x: number): [number, number] => [Math.log(1 + Math.exp(-x)), -1 / (1 + Math.exp(x))],
};

/** The slow obvious version: gradient descent with halved steps. */
function descend(weights: PairWeights, kernel: ActionKernel): { V: number[]; value: number } {
	let V = Array.from({ length: weights.nodes }, () => 0);
	const at = (x: readonly number[]) => {
		const gradient = x.map(() => 0);
		let value = 0;
		for (let e = 0; e < weights.low.length; e++) {
			const [f, g] = [weights.low[e]!, weights.high[e]!];
			const [a, da] = K[kernel](x[f]! - x[g]!);
			const [b, db] = K[kernel](x[g]! - x[f]!);
			value += weights.up[e]! * a + weights.down[e]! * b;
			const pull = weights.up[e]! * da - weights.down[e]! * db;
			gradient[f]! += pull;
			gradient[g]! -= pull;
		}
		return { value, gradient };
	};
	let step = 1;
	for (let round = 0; round < 20000; round++) {
		const { value, gradient } = at(V);
		const next = V.map((v, i) => v - step * gradient[i]!);
		if (at(next).value < value) {
			V = next;
			step *= 1.1;
		} else step /= 2;
	}
	return { V: V.map((v) => v - V[0]!), value: at(V).value };
}

const near = (x: number, y: number, tolerance: number): void =>
	assert.ok(Math.abs(x - y) <= tolerance, `${x} is not ${y}`);

test('two nodes in closed form: V_low − V_high = log(up / down), both kernels', () => {
	for (const kernel of KERNELS) {
		for (const [up, down] of [
			[1, 3],
			[0.1, 0.4],
			[3e-8, 1e-8],
			[1, 1e-12],
			[5e15, 2],
		] as const) {
			const { potential, converged } = solve(weightsOf(2, [[0, 1, up, down]]), kernel);
			near(potential[1]!, Math.log(down / up), 1e-9);
			assert.ok(converged);
		}
	}
	// At the minimum a exp(−x/2) = b exp(x/2), so the exponential action is 2 √(a b); with
	// p = a / (a + b) the logistic one is the entropy −a log p − b log(1 − p).
	near(solve(weightsOf(2, [[0, 1, 0.1, 0.4]]), 'exponential').value, 0.4, 1e-14);
	const entropy = -0.1 * Math.log(0.2) - 0.4 * Math.log(0.8);
	near(solve(weightsOf(2, [[0, 1, 0.1, 0.4]]), 'logistic').value, entropy, 1e-14);
});

test('a driven triangle, a ring with a one-way pair: agrees with gradient descent', () => {
	const driven: Row[] = [
		[0, 1, 0.6, 0.1],
		[1, 2, 0.5, 0.2],
		[0, 2, 0.1, 0.7],
	];
	const oneWay: Row[] = [
		[0, 1, 0.6, 0],
		[1, 2, 0.5, 0.2],
		[2, 3, 0.3, 0],
		[0, 3, 0.1, 0.4],
	];
	for (const kernel of KERNELS) {
		for (const weights of [weightsOf(3, driven), weightsOf(4, oneWay)]) {
			const slow = descend(weights, kernel);
			const quick = solve(weights, kernel);
			for (const [f, v] of slow.V.entries()) near(quick.potential[f]!, v, 1e-6);
			near(quick.value, slow.value, 1e-12);
			assert.ok(quick.value <= slow.value + 1e-15 && quick.gradient <= 1e-10);
		}
	}
});

test('property: a reversible kernel gives its own V, any rates, both kernels', () => {
	const V = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 3, maxLength: 7 });
	fc.assert(
		fc.property(V, fc.nat(1000), fc.integer({ min: -10, max: 0 }), (values, seed, power) => {
			const stream = new Stream([seed, 901], 0);
			const rows: Row[] = [];
			for (let f = 0; f < values.length; f++) {
				for (let g = f + 1; g < values.length; g++) {
					if (g > f + 1 && stream.next() < 0.4) continue;
					const S = 10 ** power * Math.exp(stream.normal());
					const half = (values[f]! - values[g]!) / 2;
					rows.push([f, g, S * Math.exp(half), S * Math.exp(-half)]);
				}
			}
			for (const kernel of KERNELS) {
				const { potential } = solve(weightsOf(values.length, rows), kernel);
				for (const [f, v] of values.entries()) near(potential[f]!, v - values[0]!, 1e-9);
			}
		}),
		{ numRuns: 60, seed: 1 },
	);
});

test('pairs ten billion times weaker than their neighbours are solved as well', () => {
	const weak = 1e-10;
	const strong = 1;
	// Two squares of strong pairs, joined by two weak ones that pull by log 3.
	const rows: Row[] = [];
	for (const base of [0, 4]) {
		for (const [a, b] of [
			[0, 1],
			[1, 2],
			[2, 3],
			[0, 3],
			[0, 2],
			[1, 3],
		] as const) {
			rows.push([base + a, base + b, strong, strong]);
		}
	}
	rows.push([0, 4, weak, 3 * weak], [2, 6, weak, 3 * weak]);
	for (const kernel of KERNELS) {
		const { potential, converged } = solve(weightsOf(8, rows), kernel);
		assert.ok(converged);
		near(potential[4]!, Math.log(3), 1e-4);
		near(potential[1]!, 0, 1e-9);
	}
});

test('where it starts changes nothing but the steps; a loose tolerance changes the answer', () => {
	const stream = new Stream([4, 902], 0);
	const rows: Row[] = [];
	for (let f = 0; f < 30; f++) {
		for (let g = f + 1; g < 30; g++) {
			if (g === f + 1 || stream.next() < 0.1) rows.push([f, g, stream.next(), stream.next()]);
		}
	}
	const weights = weightsOf(30, rows);
	for (const kernel of KERNELS) {
		const cold = solve(weights, kernel);
		const start = Float64Array.from({ length: 30 }, () => 4 * stream.normal());
		const far = solve(weights, kernel, start);
		const warm = solve(weights, kernel, cold.potential);
		for (let f = 0; f < 30; f++) near(far.potential[f]!, cold.potential[f]!, 1e-9);
		assert.ok(warm.iterations < cold.iterations);
		const loose = minimisePairAction(prepareWeights(weights), {
			kernel,
			start: null,
			tolerance: 0.01,
		});
		assert.ok(loose.iterations < cold.iterations && loose.converged);
		assert.ok(loose.gradient > 1e-10 && loose.gradient <= 0.01);
		assert.ok(loose.value >= cold.value);
	}
});

test('without a minimum it does not claim one', () => {
	for (const kernel of KERNELS) {
		assert.not.ok(solve(weightsOf(2, [[0, 1, 0, 3]]), kernel).converged);
	}
});

test.run();
