import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type FlowGraph, hodgeParts } from '../../harness/numerics/hodge.js';

const floats = (...x: number[]) => Float64Array.from(x);
const ints = (...x: number[]) => Int32Array.from(x);
const near = (x: ArrayLike<number>, y: readonly number[], tolerance = 1e-9): void => {
	for (const [i, value] of y.entries()) {
		assert.ok(Math.abs(x[i]! - value) <= tolerance, `${Array.from(x)} is not ${y}`);
	}
};

test('the documented ring: gradient and curl in closed form', () => {
	const ring = { nodes: 3, low: ints(0, 1, 2), high: ints(1, 2, 0), weight: floats(1, 1, 1) };
	const { gradient, curl, harmonic } = hodgeParts(
		{ ...ring, triangles: null },
		floats(2, 1, 0),
		1e-12,
	);
	near(gradient, [1, 0, -1]);
	near(curl, [1, 1, 1]);
	near(harmonic, [0, 0, 0]);
});

/** A square 0 1 2 3 with a triangle 0 1 4 on one side: one loop is a triangle, one is not. */
const graph = (weight: Float64Array): FlowGraph => ({
	nodes: 5,
	low: ints(0, 1, 2, 0, 1, 0),
	high: ints(1, 2, 3, 3, 4, 4),
	weight,
	triangles: { edge: ints(0, 4, 5), sign: Int8Array.from([1, 1, -1]) },
});

test('a flow round the square that avoids the triangle is harmonic, one round the triangle curl', () => {
	const weight = floats(1, 2, 3, 4, 5, 6);
	const triangle = hodgeParts(graph(weight), floats(1, 0, 0, 0, 1 / 5, -1 / 6), 1e-12);
	near(triangle.curl, [1, 0, 0, 0, 1 / 5, -1 / 6]);
	near(triangle.gradient, [0, 0, 0, 0, 0, 0]);
	// Without divergence, and closed round the triangle: x on 0→1, (x / 6) + (x / 5) shared by its others.
	const share = 1 / (1 / 5 + 1 / 6);
	const outer = 1 + share;
	const harmonic = floats(1, outer / 2, outer / 3, -outer / 4, -share / 5, share / 6);
	assert.ok(Math.abs(1 - share / 5 - share / 6) < 1e-12, 'closed round the triangle');
	near(hodgeParts(graph(weight), harmonic, 1e-12).harmonic, Array.from(harmonic));
	const all = { ...graph(weight), triangles: null };
	near(hodgeParts(all, harmonic, 1e-12).curl, Array.from(harmonic));
});

test('property: the parts add up, are orthogonal, and are of their kind', () => {
	const positive = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
	const values = fc.array(
		fc.integer({ min: -500, max: 500 }).map((x) => x / 100),
		{ minLength: 6, maxLength: 6 },
	);
	fc.assert(
		fc.property(fc.array(positive, { minLength: 6, maxLength: 6 }), values, (w, x) => {
			const weight = floats(...w);
			const flow = floats(...x);
			const parts = hodgeParts(graph(weight), flow, 1e-12);
			const energy = flow.reduce((sum, y, e) => sum + w[e]! * y * y, 0);
			const inner = (a: Float64Array, b: Float64Array) =>
				a.reduce((sum, y, e) => sum + w[e]! * y * b[e]!, 0);
			near(
				flow.map((_, e) => parts.gradient[e]! + parts.curl[e]! + parts.harmonic[e]!),
				x,
				1e-9,
			);
			for (const [a, b] of [
				[parts.gradient, parts.curl],
				[parts.gradient, parts.harmonic],
				[parts.curl, parts.harmonic],
			] as const) {
				assert.ok(Math.abs(inner(a, b)) <= 1e-9 * energy + 1e-300);
			}
			const round = (y: Float64Array) => y[0]! + y[4]! - y[5]!;
			const size = Math.sqrt(energy / Math.min(...w));
			assert.ok(Math.abs(round(parts.gradient)) <= 1e-9 * size + 1e-300);
			assert.ok(Math.abs(round(parts.harmonic)) <= 1e-7 * size + 1e-300);
		}),
		{ numRuns: 60, seed: 1 },
	);
});

test('two parts, and a flow that is all gradient: no rounding is blown up', () => {
	const two = { nodes: 6, low: ints(0, 1, 0, 3, 4, 3), high: ints(1, 2, 2, 4, 5, 5) };
	const triangles = { edge: ints(0, 1, 2, 3, 4, 5), sign: Int8Array.from([1, 1, -1, 1, 1, -1]) };
	const weight = floats(1, 2, 3, 1e-8, 2e-8, 3e-8);
	const { gradient, curl } = hodgeParts(
		{ ...two, weight, triangles },
		floats(1, 2, 3, 5, 6, 11),
		1e-12,
	);
	near(gradient, [1, 2, 3, 5, 6, 11], 1e-6);
	for (const x of curl) assert.ok(Math.abs(x) < 1e-6);
});

test.run();
