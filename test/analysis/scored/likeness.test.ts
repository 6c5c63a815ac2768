/** Two exact kernels beside each other, against closed forms. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ScoredKernel } from '../../../harness/analysis/scored/kernel.js';
import {
	type ScoredLikeness,
	type ScoredSide,
	scoredLikeness,
} from '../../../harness/analysis/scored/likeness.js';
import type { Kernel } from '../synthetic.js';
import { analyse, permuted, ring, scored } from './kernels.js';

const side = (base: ScoredKernel, ...variants: ScoredKernel[]): ScoredSide => ({
	subject: { base, variants },
	potential: analyse(base, ...variants).potential,
});
const close = (a: number | null | undefined, b: number, tolerance = 1e-12): void =>
	assert.ok(Math.abs(Number(a) - b) <= tolerance, `${a} is not ${b}`);

/** T(g|f) = c exp((V_f − V_g) / 2): reversible with this potential. */
const reversible = (V: readonly number[], c = 0.05): Kernel =>
	V.map((vf, f) => V.map((vg, g) => (f === g ? 0 : c * Math.exp((vf - vg) / 2))));

test('one kernel twice: everything is 0, and the potentials lie on one line', () => {
	const one = side(scored(reversible([0, 0.5, 1.2])));
	const { totalVariation: tv, logRatio, potential, ...rest } = scoredLikeness(one, one);
	assert.equal([tv!.mean.value, tv!.largest, logRatio!.rms, logRatio!.largest], [0, 0, 0, 0]);
	assert.equal([logRatio!.transitions, rest.foundOnce, rest.reason], [6, 0, null]);
	assert.equal([rest.sources, rest.states, rest.onlyFirst, rest.onlySecond], [3, 3, 0, 0]);
	close(potential!.correlation, 1);
	close(potential!.slope, 1);
	assert.equal([potential!.rms, potential!.largest], [0, 0]);
});

test('a ring turned round: TV 0.2 in every row, each log T apart by log 2, potentials flat', () => {
	const {
		totalVariation: tv,
		logRatio,
		potential,
	} = scoredLikeness(side(scored(ring(3, 0.4, 0.2))), side(scored(ring(3, 0.2, 0.4))));
	close(tv!.mean.value, 0.2);
	close(tv!.largest, 0.2);
	assert.equal([tv!.mean.jitter, tv!.mean.leftOut], [null, 0]);
	close(logRatio!.rms, Math.log(2));
	close(logRatio!.largest, Math.log(2));
	assert.equal([potential!.correlation, potential!.slope], [null, null]);
	close(potential!.largest, 0);
});

test('laws without a common outcome are 1 apart, and say which row', () => {
	const a = [
		[0, 1, 0],
		[0.5, 0, 0.5],
		[0, 1, 0],
	];
	const b = [
		[0, 0, 1],
		[0.5, 0, 0.5],
		[0, 1, 0],
	];
	const { totalVariation: tv, foundOnce } = scoredLikeness(side(scored(a)), side(scored(b)));
	close(tv!.mean.value, 1 / 3);
	assert.equal([tv!.largest, tv!.source, foundOnce], [1, 's0000', 2]);
});

test('twice the potential: slope 2; another one: its own r; ΔV from the means', () => {
	const V = [0, 0.3, 0.9];
	const one = side(scored(reversible(V)));
	const twice = scoredLikeness(one, side(scored(reversible(V.map((v) => 2 * v))))).potential;
	close(twice!.slope, 2, 1e-10);
	close(twice!.correlation, 1, 1e-10);
	// V − mean: −0.4, −0.1, 0.5, and once more of each.
	close(twice!.largest, 0.5, 1e-10);
	assert.is(twice!.state, 's0002');
	close(twice!.rms, Math.sqrt((0.16 + 0.01 + 0.25) / 3), 1e-10);
	const turned = scoredLikeness(one, side(scored(reversible(V.map((v) => -v))))).potential;
	close(turned!.correlation, -1, 1e-10);
	close(turned!.slope, -1, 1e-10);
	const two = side(scored(reversible([0, 0.3])));
	assert.equal(scoredLikeness(two, two).potential?.correlation, null);
});

test('mass left out and other shapes move the distance by no more than is said', () => {
	const [a, b] = [ring(3, 0.4, 0.2), ring(3, 0.3, 0.3)];
	const left = 0.01;
	const open = scoredLikeness(side(scored(a, left)), side(scored(b)));
	const { value, leftOut } = open.totalVariation!.mean;
	// Every bound is 0.01 higher, the diagonal’s too.
	close(leftOut, 3 * left);
	const moved = a.map((row, f) => row.map((x, g) => (g === (f + 1) % 3 ? x + left : x)));
	const there = scoredLikeness(side(scored(moved)), side(scored(b))).totalVariation!.mean.value;
	assert.ok(Math.abs(there - value) > 0 && Math.abs(there - value) <= leftOut!);

	const shape = ring(3, 0.38, 0.2);
	const shaped = scoredLikeness(side(scored(a), scored(shape)), side(scored(b), scored(b)));
	close(shaped.totalVariation!.mean.jitter, 0.02);
	const other = scoredLikeness(side(scored(shape)), side(scored(b))).totalVariation!.mean.value;
	assert.ok(Math.abs(other - value) <= 0.02 + 1e-12);
	const half = scoredLikeness(side(scored(a), scored(shape)), side(scored(b)));
	assert.is(half.totalVariation!.mean.jitter, null);
});

test('other states: what is shared is compared, what is not is one outcome with the rest', () => {
	const whole = scored(reversible([0, 0.5, 1.2, 0.1]));
	const part: ScoredKernel = {
		...scored(reversible([0, 0.5, 1.2])),
	};
	const { totalVariation: tv, potential, ...rest } = scoredLikeness(side(whole), side(part));
	assert.equal([rest.sources, rest.states, rest.onlyFirst, rest.onlySecond], [3, 3, 1, 0]);
	// Equal on the shared states, and the fourth is with all that is no state.
	close(tv!.mean.value, 0);
	assert.is(potential!.states, 3);
	close(potential!.largest, 0, 1e-10);
	const apart = { ...part, states: ['x', 'y', 'z'] };
	const none = scoredLikeness(side(whole), side(apart));
	assert.equal(
		[none.sources, none.totalVariation, none.logRatio, none.potential],
		[0, null, null, null],
	);
	assert.is(none.reason, 'no state is a source in both');
});

test('the order of states does not matter', () => {
	const [A, B] = [reversible([0, 0.5, 1.2]), ring(3, 0.4, 0.2)];
	const order = [2, 0, 1];
	const names = (kernel: ScoredKernel): ScoredKernel => ({
		...kernel,
		states: order.map((f) => kernel.states[f]!),
	});
	const plain = scoredLikeness(side(scored(A)), side(scored(B)));
	const mixed = scoredLikeness(side(scored(A)), side(names(scored(permuted(B, order)))));
	const numbers = ({ totalVariation, logRatio, potential }: ScoredLikeness) => [
		totalVariation!.mean.value,
		totalVariation!.largest,
		logRatio!.rms,
		logRatio!.largest,
		potential!.largest,
	];
	for (const [i, x] of numbers(plain).entries()) close(numbers(mixed)[i], x);
});

test('potentials are compared where pairs found both ways connect the states', () => {
	// Two islands in the first kernel: their zeros cannot be compared.
	const islands = [
		[0, 0.2, 0, 0, 0],
		[0.1, 0, 0, 0, 0],
		[0, 0, 0, 0.2, 0.1],
		[0, 0, 0.1, 0, 0.1],
		[0, 0, 0.1, 0.1, 0],
	];
	const { potential } = scoredLikeness(
		side(scored(islands)),
		side(scored(reversible([0, 0.1, 0.2, 0.3, 0.4]))),
	);
	assert.is(potential!.states, 3);
});

test('what is no kernel, or has another potential, is refused', () => {
	const one = side(scored(ring(3, 0.4, 0.2)));
	const short = { ...one, potential: one.potential.slice(1) };
	assert.throws(
		() => scoredLikeness(one, short),
		(error: Error) =>
			error instanceof TypeError && /each of the 3 sources.*got 2/.test(error.message),
	);
	const bad = { ...one.subject.base, logFound: new Float64Array(9).fill(1) };
	assert.throws(
		() => scoredLikeness({ ...one, subject: { base: bad, variants: [] } }, one),
		(error: Error) => error instanceof RangeError,
	);
});

test.run();
