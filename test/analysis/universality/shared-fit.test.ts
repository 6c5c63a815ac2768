import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitReversible } from '../../../harness/analysis/potential/reversible-fit.js';
import {
	fitFromSeparate,
	fitSeparate,
	groupPairs,
} from '../../../harness/analysis/universality/separate-fits.js';
import { evaluate, fitShared } from '../../../harness/analysis/universality/shared-fit.js';
import { sharedPart } from '../../../harness/analysis/universality/shared-part.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { counted, drawn, normals } from './kernels.js';

const near = (x: number, y: number, tolerance: number): void =>
	assert.ok(Math.abs(x - y) <= tolerance, `${x} is not ${y}`);

test('the docstring’s example', () => {
	const { states, pairs } = sharedPart([counted({ 'A>B': 1, 'B>A': 3, 'A>A': 9, 'B>B': 7 })]);
	assert.equal(states, ['A', 'B']);
	const start = { potential: new Float64Array(2), scale: Float64Array.of(1) };
	const fit = fitShared(pairs, start, []);
	near(fit.potential[0]!, -0.5493061443340549, 1e-9);
	near(fit.potential[1]!, 0.5493061443340549, 1e-9);
	near(fit.logLikelihood, -2.249340578475233, 1e-9);
	assert.ok(fit.converged);
});

test('the shared part: states that every group connects by themselves', () => {
	const chain = counted({ 'A>B': 5, 'B>A': 5, 'B>C': 5, 'C>B': 5, 'C>D': 5 });
	const longer = counted({ 'A>B': 5, 'B>A': 5, 'B>C': 5, 'C>B': 5, 'C>D': 5, 'D>C': 5, 'D>E': 1 });
	assert.equal(sharedPart([chain, longer]).states, ['A', 'B', 'C']);
	assert.equal(sharedPart([longer, chain]).states, ['A', 'B', 'C']);
	// A and C are joined through X in one and through Y in the other: nothing joins them in both.
	const overX = counted({ 'A>X': 5, 'X>A': 5, 'X>C': 5, 'C>X': 5 });
	const overY = counted({ 'A>Y': 5, 'Y>A': 5, 'Y>C': 5, 'C>Y': 5 });
	assert.equal(sharedPart([overX, overY]).states, []);
	// Other names for other states: pairs of one group are not those of the other.
	const part = sharedPart([chain, longer]);
	assert.equal([...part.pairs.start], [0, 2, 4]);
	assert.equal([...part.pairs.up], [5, 5, 5, 5]);
});

test('one group alone is the reversible fit', () => {
	const stream = new Stream([1, 921], 0);
	const one = drawn(normals(6, stream), 300, stream);
	const { pairs } = sharedPart([one]);
	const [fit] = fitSeparate(pairs, null);
	const { theta } = fitReversible(one.table, one.components);
	const V = theta.map((x, f) => x - Math.log(one.table.attempts[f]!));
	for (let f = 0; f < 6; f++) {
		near(fit!.potential[f]! - fit!.potential[0]!, V[f]! - V[0]!, 1e-6);
	}
});

test('the shared fit is a maximum: nothing near it is likelier, and its derivatives vanish', () => {
	const stream = new Stream([2, 921], 0);
	const V = normals(5, stream);
	const groups = [V, V.map((v) => 0.5 * v), V.map((v) => 2 * v)].map((W) => drawn(W, 200, stream));
	const { pairs } = sharedPart(groups);
	const { fit, anchor } = fitFromSeparate(pairs, fitSeparate(pairs, null));
	assert.is(fit.scale[anchor], 1);
	assert.ok(fit.converged);
	const at = (f: number, dV: number, m: number, dB: number): number => {
		const potential = fit.potential.map((v, i) => v + (i === f ? dV : 0));
		const scale = fit.scale.map((b, i) => b + (i === m ? dB : 0));
		return evaluate(pairs, { potential, scale }).logLikelihood;
	};
	for (let f = 0; f < 5; f++) {
		near((at(f, 1e-4, -1, 0) - at(f, -1e-4, -1, 0)) / 2e-4, 0, 2e-3);
		assert.ok(at(f, 0.05, -1, 0) < fit.logLikelihood && at(f, -0.05, -1, 0) < fit.logLikelihood);
	}
	for (let m = 0; m < 3; m++) {
		if (m === anchor) continue;
		near((at(-1, 0, m, 1e-4) - at(-1, 0, m, -1e-4)) / 2e-4, 0, 2e-3);
		assert.ok(at(-1, 0, m, 0.05) < fit.logLikelihood);
	}
	const ratio = fit.scale[2]! / fit.scale[1]!;
	assert.ok(ratio > 2.5 && ratio < 6, String(ratio));
});

test('the scales’ covariance is what the curvature of the profile says', () => {
	const stream = new Stream([3, 921], 0);
	const V = normals(6, stream);
	const { pairs } = sharedPart([drawn(V, 4000, stream), drawn(V, 4000, stream)]);
	const { fit, anchor } = fitFromSeparate(pairs, fitSeparate(pairs, null));
	const other = 1 - anchor;
	const profile = (turn: number): number => {
		const scale = fit.scale.map((b, m) => b + (m === other ? turn : 0));
		return fitShared(pairs, { potential: fit.potential, scale }, []).logLikelihood;
	};
	const h = 0.02;
	const curvature = (2 * fit.logLikelihood - profile(h) - profile(-h)) / (h * h);
	near(curvature * fit.scaleCovariance![0]!, 1, 0.03);
});

test('counts without a finite maximum: the fit stops where nothing is left to gain', () => {
	const pairs = sharedPart([counted({ 'A>B': 5, 'B>A': 5, 'B>C': 5, 'C>B': 5 })]).pairs;
	const oneWay = { ...pairs, up: Float64Array.of(5, 5), down: Float64Array.of(5, 0) };
	const start = { potential: new Float64Array(3), scale: Float64Array.of(1) };
	const fit = fitShared(oneWay, start, []);
	assert.ok(fit.converged);
	near(fit.logLikelihood, 10 * Math.log(0.5), 1e-6);
	// A pair that was not drawn at all leaves its state where it is.
	const lost = { ...pairs, up: Float64Array.of(5, 0), down: Float64Array.of(5, 0) };
	near(fitShared(lost, start, []).logLikelihood, 10 * Math.log(0.5), 1e-9);
});

test('the pairs of one group are views of it', () => {
	const a = counted({ 'A>B': 5, 'B>A': 6 });
	const b = counted({ 'A>B': 7, 'B>A': 8 }, 10);
	const { pairs } = sharedPart([a, b]);
	const second = groupPairs(pairs, 1);
	assert.equal([...second.up, ...second.down], [7, 8]);
	near(second.offset[0]!, Math.log(17 / 18), 1e-12);
	assert.equal([...second.attempts[0]!], [17, 18]);
});

test.run();
