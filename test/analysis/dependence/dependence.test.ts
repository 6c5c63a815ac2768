import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inputDependence } from '../../../harness/analysis/dependence/dependence.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { type Kernel, sampleTable, tableOf } from '../synthetic.js';

const OPTIONS = { seed: 1, resamples: 99, maxDraws: 1e8 };

/** T(g|f) = q(g) exp(N(0, noise²)). */
function deaf(K: number, stream: Stream, noise: number): Kernel {
	const q = Array.from({ length: K }, () => Math.exp(0.7 * stream.normal()));
	const total = 3 * q.reduce((sum, x) => sum + x, 0);
	return q.map(() => q.map((x) => (x / total) * Math.exp(noise * stream.normal())));
}

test('a kernel that ignores its input: p even, bound small; one that does not: found', () => {
	let rejected = 0;
	let small = 0;
	let found = 0;
	for (let i = 0; i < 60; i++) {
		const stream = new Stream([i, 50], 0);
		const ignoring = inputDependence(sampleTable(deaf(6, stream, 0), 1500, stream), OPTIONS);
		if (ignoring.p! <= 0.05) rejected += 1;
		if (ignoring.upper95! < 0.01) small += 1;
		const listening = inputDependence(sampleTable(deaf(6, stream, 0.5), 1500, stream), OPTIONS);
		if (listening.p! <= 0.05 && listening.upper95! > 0.01) found += 1;
	}
	assert.ok(rejected <= 9, `${rejected} of 60 rejected at 0.05`);
	assert.ok(small >= 57, `${small} of 60 bounds below 0.01 nats`);
	assert.ok(found >= 57, `${found} of 60 found`);
});

test('even counts: nothing to see', () => {
	const counts: Record<string, number> = {};
	for (const f of 'ABCD') for (const g of 'ABCD') if (f !== g) counts[`${f}>${g}`] = 50;
	const { mutualInformation, p, statistic, upper95 } = inputDependence(tableOf(counts), OPTIONS);
	assert.is(mutualInformation, 0);
	assert.ok(statistic! < 1e-6);
	assert.is(p, 1);
	assert.ok(upper95! > 0);
});

test('the plug-in value is Σ C log (C/E) / N', () => {
	// Two blocks: from A or B to the other of the block twice as often as the fit would have it.
	const counts: Record<string, number> = {};
	for (const f of 'ABCD') {
		for (const g of 'ABCD') {
			const same = 'AB'.includes(f) === 'AB'.includes(g);
			if (f !== g) counts[`${f}>${g}`] = same ? 400 : 100;
		}
	}
	const { statistic } = inputDependence(tableOf(counts), OPTIONS);
	// Every margin is even, so E = 200 throughout.
	const exact = 2 * 4 * (400 * Math.log(2) + 200 * Math.log(1 / 2));
	assert.ok(Math.abs(statistic! - exact) < 1e-6);
});

test('too little to compare: null with a reason; fewer resamples where draws are capped', () => {
	const two = inputDependence(tableOf({ 'A>B': 5, 'B>A': 5 }), OPTIONS);
	assert.is(two.p, null);
	assert.match(two.reason!, /too few/);
	const counts = { 'A>B': 9, 'B>C': 9, 'C>A': 9, 'B>A': 9, 'C>B': 9, 'A>C': 9 };
	assert.is.not(inputDependence(tableOf(counts), OPTIONS).p, null);
	assert.is(inputDependence(tableOf(counts), { ...OPTIONS, maxDraws: 54 * 30 }).samples, 30);
});

test('too many transitions to resample: the χ² limit agrees with resampling', () => {
	// Six cells, three free margins each way less one, one degree of freedom: χ²₁.
	for (const more of [0, 60, 200]) {
		const counts = {
			'A>B': 900 + more,
			'B>C': 900,
			'C>A': 900,
			'B>A': 900,
			'C>B': 900,
			'A>C': 900,
		};
		const drawn = inputDependence(tableOf(counts), OPTIONS);
		const limit = inputDependence(tableOf(counts), { ...OPTIONS, maxDraws: 100 });
		assert.match(limit.method, /limit/);
		assert.is(limit.samples, 0);
		assert.is(limit.statistic, drawn.statistic);
		assert.ok(Math.abs(limit.p! - drawn.p!) < 0.12, `${limit.p} and ${drawn.p}`);
		assert.ok(Math.abs(limit.upper95! / drawn.upper95! - 1) < 0.35);
	}
});

test('options out of range are refused', () => {
	const table = tableOf({ 'A>B': 5, 'B>A': 5 });
	assert.throws(() => inputDependence(table, { ...OPTIONS, seed: 0.5 }), /seed must be/);
	assert.throws(() => inputDependence(table, { ...OPTIONS, resamples: 18 }), /resamples must be/);
	assert.throws(() => inputDependence(table, { ...OPTIONS, maxDraws: 0 }), /maxDraws must be/);
});

test.run();
