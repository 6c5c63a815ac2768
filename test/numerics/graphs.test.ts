import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitBradleyTerry } from '../../harness/numerics/bradley-terry.js';
import { groundedLaplacian, solveLaplacian } from '../../harness/numerics/graph-laplacian.js';
import { symmetricInverse } from '../../harness/numerics/linear-algebra.js';
import { ParitySpan } from '../../harness/numerics/parity-span.js';
import { Stream } from '../../harness/numerics/stream.js';

const near = (x: number, y: number, tolerance = 1e-12): void =>
	assert.ok(Math.abs(x - y) <= tolerance, `${x} is not ${y}`);

test('the inverse is the inverse, and bad matrices are refused', () => {
	const inverse = symmetricInverse(new Float64Array([2, 1, 1, 2]), 2);
	for (const [i, x] of [2 / 3, -1 / 3, -1 / 3, 2 / 3].entries()) near(inverse[i]!, x);
	const bad: [number[], number, RegExp][] = [
		[[1, 2, 3], 2, /needs 4 entries, has 3/],
		[[1, Number.NaN, 0, 1], 2, /entry \(0, 1\) is not finite/],
		[[1, 0.5, 0, 1], 2, /differ/],
		[[1, 2, 2, 1], 2, /not positive definite/],
		[[], 0, /positive integer/],
	];
	for (const [m, n, message] of bad) {
		assert.throws(() => symmetricInverse(new Float64Array(m), n), message);
	}
});

test('conjugate gradients agree with the dense inverse', () => {
	const stream = new Stream([3, 1], 0);
	const low: number[] = [];
	const high: number[] = [];
	for (let f = 0; f < 12; f++) {
		for (let g = f + 1; g < 12; g++) {
			if (g === f + 1 || stream.next() < 0.3) {
				low.push(f);
				high.push(g);
			}
		}
	}
	const edges = { nodes: 12, low: Int32Array.from(low), high: Int32Array.from(high) };
	const weight = Float64Array.from(low, () => Math.exp(3 * stream.normal()));
	const b = Float64Array.from({ length: 12 }, () => stream.normal());
	b[0]! -= b.reduce((sum, x) => sum + x, 0);
	const x = solveLaplacian(edges, weight, b, 1e-13);
	const inverse = symmetricInverse(groundedLaplacian(edges, weight, 0), 11);
	for (let i = 0; i < 11; i++) {
		let direct = 0;
		for (let j = 0; j < 11; j++) direct += inverse[i * 11 + j]! * b[j + 1]!;
		near(x[i + 1]!, direct, 1e-8 * (1 + Math.abs(direct)));
	}
	assert.is(x[0], 0);
});

test('Bradley–Terry: two nodes in closed form, also for odds of 1e12', () => {
	const two = (up: number, down: number) =>
		fitBradleyTerry({
			nodes: 2,
			low: Int32Array.of(0),
			high: Int32Array.of(1),
			up: Float64Array.of(up),
			down: Float64Array.of(down),
		});
	near(two(1, 3).theta[1]!, Math.log(3));
	near(two(1, 1e12).theta[1]!, Math.log(1e12), 1e-9);
	assert.ok(two(1, 3).converged);
	assert.not.ok(two(0, 3).converged, 'a one-way pair has no maximum');
});

test('the parity span knows sums and only sums', () => {
	const span = new ParitySpan();
	assert.ok(span.add([0, 1]));
	assert.ok(span.add([1, 2, 5]));
	assert.not.ok(span.add([0, 2, 5]));
	assert.is(span.rank, 2);
	assert.ok(span.contains([]));
	assert.not.ok(span.contains([2]));
	assert.ok(span.add([2]));
	assert.ok(span.contains([0, 5]));
});

test.run();
