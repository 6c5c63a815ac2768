import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Stream } from '../../../harness/numerics/stream.js';
import { randomKernel, sampleTable, tableOf } from '../synthetic.js';
import { flowData, ring } from './flow-data.js';

test('the documented values', () => {
	const { estimates } = flowData(tableOf({ 'A>B': 1, 'B>A': 3 }));
	assert.ok(Math.abs(estimates.value[0]! - 0.196241647) < 1e-9);
	assert.ok(Math.abs(estimates.variance[0]! - 1.364527068) < 1e-9);
	assert.ok(Math.abs(estimates.square[0]! + 1.901599518) < 1e-9);
});

test('large counts near balance: Var ε̂ is 1/C_fg + 1/C_gf, the weight of HodgeRank', () => {
	const { estimates, loops } = flowData(tableOf(ring(1000, 503)));
	for (const [i, v] of estimates.variance.entries()) {
		const plain = 1 / loops.pairs.up[i]! + 1 / loops.pairs.down[i]!;
		assert.ok(Math.abs(v / plain - 1) < 1e-4);
	}
});

test('large counts: V_f − V_g + ε̂ is the log-ratio itself, however strong the drive', () => {
	const { estimates, loops, fit, table } = flowData(
		tableOf({ 'A>B': 9e5, 'B>A': 1e5, 'B>C': 4e5, 'C>B': 2e4, 'C>A': 3e5, 'A>C': 1e6 }, 7e5),
	);
	const { low, high, up, down } = loops.pairs;
	const V = (f: number): number => fit.theta[f]! - Math.log(table.attempts[f]!);
	for (const [i, value] of estimates.value.entries()) {
		const [f, g] = [low[i]!, high[i]!];
		const l = Math.log(up[i]! / table.attempts[f]!) - Math.log(down[i]! / table.attempts[g]!);
		assert.ok(Math.abs(V(f) - V(g) + value - l) < 1e-4);
	}
});

test('a pair that is one-way by its potential is far less certain than a driven one', () => {
	// From A and B alike C is left 100 to 1: the pairs {A, C}, {B, C} are one-way by potential.
	const byPotential = flowData(
		tableOf({ 'A>B': 100, 'B>A': 100, 'C>A': 100, 'C>B': 100, 'A>C': 1 }, 300),
	).estimates;
	const driven = flowData(tableOf({ ...ring(1, 500), 'A>B': 1000, 'B>A': 0 }, 300)).estimates;
	assert.ok(byPotential.variance[2]! > 1, `${byPotential.variance}`);
	assert.ok(driven.variance[0]! < 0.01 && driven.value[0]! > 4, `${driven.value}`);
});

test('a pair seen once has no weight', () => {
	const { estimates } = flowData(tableOf({ 'A>B': 1, 'B>C': 2, 'C>A': 2 }));
	assert.equal(Array.from(estimates.used), [0, 1, 1]);
	assert.is(estimates.square[0], 0);
	assert.is(estimates.squareVariance[0], Infinity);
});

test('the spread of ε comes out right, or 0 where there is none', () => {
	const found = [0, 0.4].map((noise) => {
		const stream = new Stream([3, 43], 0);
		const kernel = randomKernel(30, stream, { depth: 0.5, spread: 0.3, noise });
		return flowData(sampleTable(kernel, 600, stream)).estimates;
	});
	assert.ok(found[0]!.spread < 0.02, `${found[0]!.spread}`);
	assert.ok(Math.abs(found[1]!.spread - 0.16) < 0.05, `${found[1]!.spread}`);
	for (const { varianceSeen, variance } of found) {
		for (const [i, v] of varianceSeen.entries()) assert.ok(v > 0.3 * variance[i]!);
	}
});

test.run();
