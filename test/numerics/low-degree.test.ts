import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gather } from '../../harness/numerics/gather.js';
import { type Edges, groundedLaplacian } from '../../harness/numerics/graph-laplacian.js';
import { symmetricInverse } from '../../harness/numerics/linear-algebra.js';
import { eliminateLowDegrees, solveEliminated } from '../../harness/numerics/low-degree.js';
import { Stream } from '../../harness/numerics/stream.js';

const graphOf = (nodes: number, ends: readonly (readonly [number, number])[]): Edges => ({
	nodes,
	low: Int32Array.from(ends, (e) => e[0]),
	high: Int32Array.from(ends, (e) => e[1]),
});

/** Dense solution with x[0] = 0. */
function dense(graph: Edges, weight: Float64Array, b: Float64Array): Float64Array {
	const n = graph.nodes - 1;
	const inverse = symmetricInverse(groundedLaplacian(graph, weight, 0), n);
	const x = new Float64Array(n + 1);
	for (let i = 0; i < n; i++) {
		for (let j = 0; j < n; j++) x[i + 1]! += inverse[i * n + j]! * b[j + 1]!;
	}
	return x;
}

test('the path of the example; a tree and a ring need no conjugate gradients', () => {
	const path = graphOf(3, [
		[0, 1],
		[1, 2],
	]);
	const x = solveEliminated(
		eliminateLowDegrees(path),
		Float64Array.of(1, 2),
		Float64Array.of(1, 0, -1),
		1,
	);
	assert.equal(Array.from(x), [0, -1, -1.5]);
	const ring = graphOf(
		7,
		[0, 1, 2, 3, 4, 5, 6].map((f) => [f, (f + 1) % 7]),
	);
	assert.is(eliminateLowDegrees(ring).core.nodes, 1);
	assert.is(eliminateLowDegrees(path).core.nodes, 1);
});

test('property: agrees with the dense inverse, also with double edges and wide weights', () => {
	const size = fc.integer({ min: 2, max: 14 });
	const share = fc.constantFrom(0, 0.05, 0.2, 0.6);
	fc.assert(
		fc.property(size, share, fc.nat(1e6), (S, extra, seed) => {
			const stream = new Stream([seed, 903], 0);
			const ends: [number, number][] = [];
			for (let f = 1; f < S; f++) ends.push([stream.below(f), f]);
			for (let f = 0; f < S; f++) {
				for (let g = f + 1; g < S; g++) if (stream.next() < extra) ends.push([g, f]);
			}
			const graph = graphOf(S, ends);
			const weight = Float64Array.from(ends, () => Math.exp(3 * stream.normal()));
			const b = Float64Array.from({ length: S }, () => stream.normal());
			b[0]! -= b.reduce((sum, x) => sum + x, 0);
			const elimination = eliminateLowDegrees(graph);
			const quick = solveEliminated(elimination, weight, b, 1e-14);
			const slow = dense(graph, weight, b);
			const scale = Math.max(...slow.map(Math.abs));
			for (let f = 0; f < S; f++) assert.ok(Math.abs(quick[f]! - slow[f]!) <= 1e-7 * scale);
			const degree = new Int32Array(elimination.core.nodes);
			for (const f of elimination.core.low) degree[f]! += 1;
			for (const f of elimination.core.high) degree[f]! += 1;
			assert.ok(degree.length === 1 || degree.every((d) => d >= 3));
			assert.is(elimination.node.length + elimination.core.nodes, S);
		}),
		{ numRuns: 150, seed: 1 },
	);
});

test('gather', () => {
	assert.equal(Array.from(gather(Float64Array.of(5, 6, 7), Int32Array.of(2, 0))), [7, 5]);
});

test.run();
