import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PANELS } from '../../../harness/analysis/panels.js';
import { resampleHere } from '../../../harness/analysis/resample.js';
import {
	comparePair,
	DEFAULT_COMPARE,
	findSharedPotential,
} from '../../../harness/analysis/universality/compare.js';
import { UNIVERSALITY } from '../../../harness/analysis/universality/nested-test.js';
import type { Comparable } from '../../../harness/analysis/universality/shared-part.js';
import { temperatureLaw } from '../../../harness/analysis/universality/temperature.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { counted, drawn, normals } from './kernels.js';

const QUICK = { ...DEFAULT_COMPARE, samples: 99 };
const pair = (a: Comparable, b: Comparable) => comparePair([a, b], QUICK, resampleHere);

test('a table and itself: correlation 1, slope 1, statistic 0, p 1', async () => {
	const stream = new Stream([1, 941], 0);
	const one = drawn(normals(6, stream), 300, stream);
	const { correlation, slope, likelihoodRatio, scales, states } = await pair(one, one);
	assert.is(states.length, 6);
	assert.is(correlation!.value, 1);
	assert.ok(Math.abs(slope!.value! - 1) < 1e-6);
	assert.ok(slope!.lower! < 1 && slope!.upper! > 1);
	assert.ok(likelihoodRatio!.statistic < 1e-6);
	assert.is(likelihoodRatio!.p, 1);
	assert.ok(Math.abs(scales[1]!.value! - 1) < 1e-6);
});

test('one potential at another scale is not rejected, another potential is', async () => {
	const stream = new Stream([2, 941], 0);
	const V = normals(8, stream);
	const first = drawn(V, 500, stream);
	const scaled = await pair(
		first,
		drawn(
			V.map((v) => 0.6 * v),
			500,
			stream,
		),
	);
	assert.ok(scaled.likelihoodRatio!.p > 0.05, `p ${scaled.likelihoodRatio!.p}`);
	assert.is(scaled.likelihoodRatio!.freedom, 6);
	assert.ok(scaled.slope!.lower! < 0.6 && scaled.slope!.upper! > 0.6);
	assert.ok(scaled.slope!.upper! < 1);
	assert.ok(scaled.correlation!.lower! > 0.9);
	const other = await pair(first, drawn(normals(8, stream), 500, stream));
	assert.is(other.likelihoodRatio!.p, 0.01);
	assert.ok(other.correlation!.upper! < 0.9);
	// A small change of one state alone is found with more attempts.
	const moved = V.map((v, f) => v + (f === 3 ? 0.5 : 0));
	const found = await pair(drawn(V, 5000, stream), drawn(moved, 5000, stream));
	assert.is(found.likelihoodRatio!.p, 0.01);
	assert.ok(found.correlation!.value! > 0.9);
});

test('the other way round: the slope is the reciprocal, with its interval', async () => {
	const stream = new Stream([3, 941], 0);
	const V = normals(7, stream);
	const a = drawn(V, 400, stream);
	const b = drawn(
		V.map((v) => 1.7 * v),
		400,
		stream,
	);
	const there = await pair(a, b);
	const back = await pair(b, a);
	assert.ok(Math.abs(there.slope!.value! * back.slope!.value! - 1) < 1e-5);
	// The draws differ, and with them the quantile that bounds the interval.
	assert.ok(Math.abs(there.slope!.lower! * back.slope!.upper! - 1) < 0.08);
	assert.ok(Math.abs(there.correlation!.uncut! - back.correlation!.uncut!) < 1e-6);
	assert.ok(Math.abs(there.likelihoodRatio!.statistic - back.likelihoodRatio!.statistic) < 1e-5);
});

test('a flat potential has no slope to be told from', async () => {
	const stream = new Stream([4, 941], 0);
	const flat = drawn([0, 0, 0, 0, 0], 200, stream);
	const steep = drawn([0, 0.5, 1, 1.5, 2], 200, stream);
	const { slope, correlation } = await pair(flat, steep);
	assert.is(slope!.value, null);
	assert.match(slope!.reason!, /first potential may be flat/);
	assert.match(correlation!.reason!, /first potential does not differ/);
	const turned = await pair(steep, flat);
	assert.ok(turned.slope!.lower! < 0 && turned.slope!.upper! > 0 && turned.slope!.upper! < 0.3);
	assert.match((await pair(flat, flat)).slope!.reason!, /neither potential differs/);
});

test('too few shared states: null with a reason', async () => {
	const two = counted({ 'A>B': 5, 'B>A': 5 });
	const found = await pair(two, two);
	assert.equal([found.likelihoodRatio, found.correlation, found.slope], [null, null, null]);
	assert.match(found.reason!, /only two states have a bounded potential in every group/);
	const none = await pair(two, counted({ 'C>D': 5, 'D>C': 5 }));
	assert.match(none.reason!, /^no two states have/);
	assert.equal(none.states, []);
});

test('options out of range are refused', async () => {
	const two = counted({ 'A>B': 5, 'B>A': 5 });
	for (const wrong of [{ samples: 18 }, { samples: 20.5 }, { seed: -1 }, { alpha: 0 }]) {
		let refused: unknown;
		await comparePair([two, two], { ...QUICK, ...wrong }, resampleHere).catch((error) => {
			refused = error;
		});
		assert.instance(refused, RangeError, JSON.stringify(wrong));
	}
});

test('draws are the same however they are shared out, and depend on the seed', () => {
	assert.ok(PANELS.some(({ name }) => name === 'universality'));
	const stream = new Stream([5, 941], 0);
	const V = normals(5, stream);
	const attempts = Float64Array.of(100, 100, 100, 100, 100);
	const low = Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3);
	const high = Int32Array.of(1, 2, 3, 4, 1, 2, 3, 4);
	const pairs = {
		nodes: 5,
		groups: 2,
		start: Int32Array.of(0, 4, 8),
		group: Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1),
		low,
		high,
		up: new Float64Array(8).fill(20),
		down: new Float64Array(8).fill(15),
		offset: new Float64Array(8),
		attempts: [attempts, null],
	};
	const model = { potential: Float64Array.from(V), scale: Float64Array.of(1, 0.5) };
	const input = structuredClone({ pairs, model, anchor: 0, seed: 3 });
	const whole = UNIVERSALITY.draw(input, 0, 6);
	assert.is(whole.length, 6 * UNIVERSALITY.width);
	const halves = [...UNIVERSALITY.draw(input, 0, 2), ...UNIVERSALITY.draw(input, 2, 6)];
	assert.equal([...whole], halves);
	assert.is.not(UNIVERSALITY.draw({ ...input, seed: 4 }, 0, 1)[0], whole[0]);
});

/**
 * Rejections at 0.05 of one potential up to a scale that is one: measured with 99 tables each, in
 * this order .045 (400), .050 (400), .060 (200, three times the attempts in the second), .072 (500,
 * three transitions per pair), .040 (150).
 */
test('p-values of a shared potential: some below one half, some above, few small', async () => {
	let small = 0;
	let half = 0;
	const SETS = 60;
	for (let i = 0; i < SETS; i++) {
		const stream = new Stream([i, 942], 0);
		const V = normals(4, stream);
		const a = drawn(V, 100, stream);
		const b = drawn(
			V.map((v) => 0.7 * v),
			100,
			stream,
		);
		const { likelihoodRatio } = await comparePair([a, b], { ...QUICK, samples: 39 }, resampleHere);
		if (likelihoodRatio === null) continue;
		if (likelihoodRatio.p <= 0.05) small += 1;
		if (likelihoodRatio.p <= 0.5) half += 1;
	}
	assert.ok(small <= 9, `${small} of ${SETS} below 0.05`);
	assert.ok(half >= 17 && half <= 43, `${half} of ${SETS} below 0.5`);
});

test('three groups together: scales over the first, and one that does not belong', async () => {
	const stream = new Stream([6, 941], 0);
	const V = normals(6, stream);
	const at = (scale: number) =>
		drawn(
			V.map((v) => scale * v),
			800,
			stream,
		);
	const groups = [at(1), at(0.5), at(1.5)];
	const { record } = await findSharedPotential(groups, QUICK, resampleHere);
	assert.is(record.likelihoodRatio!.freedom, 8);
	assert.ok(record.likelihoodRatio!.p > 0.05);
	for (const [m, truth] of [1, 0.5, 1.5].entries()) {
		const { value, logError } = record.scales[m]!;
		assert.ok(
			Math.abs(Math.log(value! / truth)) <= 3.5 * logError! + 1e-12,
			`${value} for ${truth}`,
		);
	}
	const mixed = [...groups.slice(0, 2), drawn(normals(6, stream), 800, stream)];
	const odd = await findSharedPotential(mixed, QUICK, resampleHere);
	assert.is(odd.record.likelihoodRatio!.p, 0.01);
});

const heated = (
	V: readonly number[],
	power: number,
	stream: Stream,
	temperatures = [0.5, 0.8, 1.25],
) =>
	temperatures.map((temperature) => ({
		temperature,
		...drawn(
			V.map((v) => v / temperature ** power),
			1000,
			stream,
		),
	}));

test('scale against temperature: proportional to 1/T, and not', async () => {
	const stream = new Stream([7, 941], 0);
	const V = normals(6, stream).map((v) => 0.6 * v);
	const law = await temperatureLaw(heated(V, 1, stream), QUICK, resampleHere);
	assert.equal(
		law.points.map(({ temperature }) => temperature),
		[0.5, 0.8, 1.25],
	);
	assert.is(law.points[0]!.scale, 1);
	assert.ok(law.shared!.p > 0.05 && law.proportional!.p > 0.05);
	assert.is(law.proportional!.freedom, 2);
	assert.ok(law.exponent!.lower < 1 && law.exponent!.upper > 1, JSON.stringify(law.exponent));
	assert.ok(law.unitTemperature!.lower < 0.5 && law.unitTemperature!.upper > 0.5);
	const half = await temperatureLaw(heated(V, 0.4, stream), QUICK, resampleHere);
	assert.ok(half.shared!.p > 0.05);
	assert.is(half.proportional!.p, 0.01);
	assert.ok(half.exponent!.upper < 1 && half.exponent!.lower < 0.4 && half.exponent!.upper > 0.4);
});

test('temperature 0 or one temperature alone: null with a reason', async () => {
	const stream = new Stream([8, 941], 0);
	const V = normals(4, stream);
	const groups = heated(V, 1, stream, [1, 2]);
	const [one] = groups;
	const cold = { ...one!, temperature: 0 };
	const alone = await temperatureLaw([cold, one!], QUICK, resampleHere);
	assert.equal([alone.proportional, alone.leftOut], [null, [0]]);
	assert.match(alone.reason!, /fewer than two temperatures above 0/);
	const same = await temperatureLaw([one!, one!], QUICK, resampleHere);
	assert.match(same.reason!, /fewer than two temperatures/);
	const three = await temperatureLaw([cold, ...groups], QUICK, resampleHere);
	assert.equal(three.leftOut, [0]);
	assert.is(three.points.length, 2);
	assert.ok(three.exponent !== null);
	const turned = await temperatureLaw(
		[
			{ temperature: 1, ...drawn([0, 1, 2, 3], 500, stream) },
			{ temperature: 2, ...drawn([3, 2, 1, 0], 500, stream) },
		],
		QUICK,
		resampleHere,
	);
	assert.match(turned.reason!, /turned over/);
	assert.is(turned.exponent, null);
});

test.run();
