import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findComponents } from '../../../harness/analysis/table/components.js';
import { correlationOf } from '../../../harness/analysis/universality/correlation.js';
import {
	errorTraces,
	spread,
	type UncertainPotential,
} from '../../../harness/analysis/universality/potential-errors.js';
import { fitSeparate } from '../../../harness/analysis/universality/separate-fits.js';
import { sharedPart } from '../../../harness/analysis/universality/shared-part.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { sampleTable, tableOf } from '../synthetic.js';
import { kernelOf } from './kernels.js';

const near = (x: number, y: number, tolerance: number): void =>
	assert.ok(Math.abs(x - y) <= tolerance * Math.abs(y), `${x} is not ${y}`);

/** A closed ring of S states with information 1 on every pair. */
function ring(S: number, potential?: Float64Array): UncertainPotential {
	const low = Int32Array.from({ length: S }, (_, f) => Math.min(f, (f + 1) % S));
	const high = Int32Array.from({ length: S }, (_, f) => Math.max(f, (f + 1) % S));
	return {
		edges: { nodes: S, low, high },
		information: new Float64Array(S).fill(1),
		potential: potential ?? new Float64Array(S),
		attempts: null,
	};
}

/** Σ 1/λ^power over the ring's eigenvalues 2 − 2 cos(2πk/S), k ≠ 0. */
const ringTrace = (S: number, power: number): number =>
	Array.from({ length: S - 1 }, (_, k) => 2 - 2 * Math.cos((2 * Math.PI * (k + 1)) / S)).reduce(
		(sum, x) => sum + x ** -power,
		0,
	);

test('two states: the closed forms, attempts known or not', () => {
	const two = (attempts: Float64Array | null): UncertainPotential => ({
		edges: { nodes: 2, low: Int32Array.of(0), high: Int32Array.of(1) },
		information: Float64Array.of(2),
		potential: Float64Array.of(-1, 1),
		attempts,
	});
	const { single, product } = errorTraces([two(null)], 1);
	near(single[0]!, 1 / 4, 1e-12);
	near(product[0]![0]!, 1 / 16, 1e-12);
	// The variance of V_A − V_B is 1/2 − 1/10 − 1/20; Σ is that over 4 on the contrast (1, −1).
	const known = two(Float64Array.of(10, 20));
	near(errorTraces([known], 1).single[0]!, (1 / 2 - 1 / 10 - 1 / 20) / 2, 1e-12);
	near(spread(known, Float64Array.of(1, -1))[0]!, (1 / 2 - 1 / 10 - 1 / 20) / 2, 1e-9);
});

test('traces of a ring, exact and from random contrasts', () => {
	const small = errorTraces([ring(30)], 1);
	near(small.single[0]!, ringTrace(30, 1), 1e-9);
	near(small.product[0]![0]!, ringTrace(30, 2), 1e-9);
	// A ring has a few soft directions that hold most of its traces: the worst case for the contrasts.
	const large = errorTraces([ring(201)], 1);
	near(large.single[0]!, ringTrace(201, 1), 0.1);
	near(large.product[0]![0]!, ringTrace(201, 2), 0.25);
	assert.is.not(errorTraces([ring(201)], 2).single[0], large.single[0]);
});

test('errors of a potential with most attempts valid: Σ, not the inverse information', () => {
	// Four states, 400 attempts each: the spread of V over 400 data sets.
	const kernel = kernelOf([0, 0.3, 0.6, 1], 0.3, new Stream([1, 931], 0));
	const S = 4;
	let seen = 0;
	let mean = new Float64Array(S);
	let predicted = 0;
	let naive = 0;
	const SETS = 400;
	const potentials: Float64Array[] = [];
	for (let i = 0; i < SETS; i++) {
		const table = sampleTable(kernel, 400, new Stream([i, 932], 0));
		const { pairs } = sharedPart([{ table, components: findComponents(table) }]);
		const [fit] = fitSeparate(pairs, null);
		potentials.push(fit!.potential);
		mean = mean.map((x, f) => x + fit!.potential[f]! / SETS);
		const { information, potential } = fit!;
		const one = { edges: pairs, information, potential };
		predicted += errorTraces([{ ...one, attempts: table.attempts }], 1).single[0]! / SETS;
		naive += errorTraces([{ ...one, attempts: null }], 1).single[0]! / SETS;
	}
	for (const V of potentials) seen += V.reduce((sum, v, f) => sum + (v - mean[f]!) ** 2, 0) / SETS;
	near(predicted, seen, 0.12);
	assert.ok(naive > 1.3 * seen, `${naive} against ${seen}`);
});

const information = (S: number, each: number, V: readonly number[]): UncertainPotential => {
	const low: number[] = [];
	const high: number[] = [];
	for (let f = 0; f < S; f++)
		for (let g = f + 1; g < S; g++) {
			low.push(f);
			high.push(g);
		}
	return {
		edges: { nodes: S, low: Int32Array.from(low), high: Int32Array.from(high) },
		information: new Float64Array(low.length).fill(each),
		potential: Float64Array.from(V),
		attempts: null,
	};
};

test('correlation: errors taken out, cut at 1, null for a flat potential', () => {
	const sharp = information(3, 100, [-1, 0, 1]);
	const { value, uncut, lower, plain, reason } = correlationOf(sharp, sharp, 1);
	assert.equal([value, plain, reason], [1, 1, null]);
	// S_aa = 2 − 2/300.
	near(uncut!, 2 / (2 - 2 / 300), 1e-9);
	assert.ok(lower! > 0.95 && lower! < 1);
	const other = correlationOf(sharp, information(3, 100, [-1, 1, 0]), 1);
	near(other.value!, 1 / (2 - 2 / 300), 1e-9);
	near(correlationOf(sharp, information(3, 100, [1, -1, 0]), 1).value!, -other.value!, 1e-9);
	assert.ok(other.lower! > 0.3 && other.upper! < 0.7);
	const flat = correlationOf(sharp, information(3, 100, [0.01, 0, -0.01]), 1);
	assert.is(flat.value, null);
	assert.match(flat.reason!, /the second potential does not differ/);
	assert.match(correlationOf(information(3, 1, [-0.5, 0, 0.5]), sharp, 1).reason!, /the first/);
});

test('correlation: measured coverage is right for normal errors', () => {
	const stream = new Stream([4, 933], 0);
	const S = 8;
	const U = Array.from({ length: S }, () => stream.normal());
	const X = U.map((u) => 0.8 * u + 0.6 * stream.normal());
	const centre = (x: readonly number[]) => x.map((v) => v - x.reduce((a, b) => a + b, 0) / S);
	const sum = (x: readonly number[], y: readonly number[]) =>
		x.reduce((s, v, i) => s + v * y[i]!, 0);
	const [u, x] = [centre(U), centre(X)];
	const truth = sum(u, x) / Math.sqrt(sum(u, u) * sum(x, x));
	// Information 3 on every pair: errors of variance 1/(3 S) each.
	const noisy = (V: readonly number[]) =>
		centre(V.map((v) => v + stream.normal() / Math.sqrt(3 * S)));
	let covered = 0;
	let mean = 0;
	let plain = 0;
	for (let i = 0; i < 400; i++) {
		const found = correlationOf(information(S, 3, noisy(u)), information(S, 3, noisy(x)), 1);
		if (found.lower! <= truth && found.upper! >= truth) covered += 1;
		mean += found.uncut! / 400;
		plain += found.plain! / 400;
	}
	assert.ok(covered >= 365 && covered <= 394, `${covered} of 400`);
	assert.ok(Math.abs(mean - truth) < 0.01, `${mean} for ${truth}`);
	assert.ok(plain < truth - 0.012, `plain ${plain} for ${truth}`);
});

test('other names for the states change nothing', () => {
	const table = tableOf({ 'A>B': 40, 'B>A': 20, 'B>C': 30, 'C>B': 9, 'A>C': 5, 'C>A': 2 });
	const turned = tableOf({ 'C>B': 40, 'B>C': 20, 'B>A': 30, 'A>B': 9, 'C>A': 5, 'A>C': 2 });
	const traces = [table, turned].map((one) => {
		const { pairs } = sharedPart([{ table: one, components: findComponents(one) }]);
		const [{ information: n, potential }] = fitSeparate(pairs, null) as [
			ReturnType<typeof fitSeparate>[0],
		];
		return errorTraces([{ edges: pairs, information: n!, potential, attempts: one.attempts }], 1);
	});
	near(traces[0]!.single[0]!, traces[1]!.single[0]!, 1e-9);
});

test.run();
