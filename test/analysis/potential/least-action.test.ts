import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
	actionParts,
	leastAction,
	minimiseAction,
} from '../../../harness/analysis/potential/least-action.js';
import { statePotentials } from '../../../harness/analysis/potential/potential.js';
import { fitReversible } from '../../../harness/analysis/potential/reversible-fit.js';
import { findComponents } from '../../../harness/analysis/table/components.js';
import { type CountTable, countTable } from '../../../harness/analysis/table/counts.js';
import { type Normalisation, normalise } from '../../../harness/analysis/table/normalise.js';
import { TIGHT } from '../../../harness/numerics/pair-action.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { randomKernel, sampleTable, tableOf } from '../synthetic.js';

const KERNELS = ['exponential', 'logistic'] as const;
const least = (table: CountTable, name: Normalisation, kernel: (typeof KERNELS)[number]) =>
	leastAction(normalise(table, findComponents(table), name)!, kernel);

const near = (x: number | null, y: number, tolerance: number): void =>
	assert.ok(x !== null && Math.abs(x - y) <= tolerance, `${x} is not ${y}`);

test('the example: two states, T = 0.1 and 0.4', () => {
	const table = tableOf({ 'A>B': 10, 'B>A': 40, 'A>A': 90, 'B>B': 60 });
	for (const kernel of KERNELS) {
		const { potential, gradient, reason } = least(table, 'true-attempt', kernel);
		near(potential[1]!.value, Math.log(4), 1e-12);
		assert.is(potential[0]!.value, 0);
		assert.ok(gradient! <= 1e-10);
		assert.is(reason, null);
	}
	near(least(table, 'true-attempt', 'exponential').value, 0.2, 1e-14);
	const entropy = 0.1 * Math.log(5) + 0.4 * Math.log(1.25);
	near(least(table, 'true-attempt', 'logistic').value, entropy / 2, 1e-14);
});

test('equal attempts: the logistic action gives the maximum likelihood V, the other does not', () => {
	const stream = new Stream([1, 920], 0);
	const kernel = randomKernel(8, stream, { depth: 1, spread: 1, noise: 0.5 });
	const table = sampleTable(kernel, 120, stream);
	const components = findComponents(table);
	const likelihood = statePotentials(table, components, fitReversible(table, components));
	for (const name of ['high-reject', 'true-attempt'] as const) {
		const { potential } = least(table, name, 'logistic');
		for (const [f, p] of potential.entries()) near(p.value, likelihood[f]!.value!, 1e-9);
		const other = least(table, name, 'exponential').potential;
		assert.ok(other.some((p, f) => Math.abs(p.value! - likelihood[f]!.value!) > 0.01));
	}
});

test('unequal attempts or cut entries: the weights matter', () => {
	const table = tableOf({ 'A>B': 30, 'B>A': 10, 'B>C': 5, 'C>B': 9, 'C>A': 3, 'A>C': 90 }, 40);
	const V = (name: Normalisation) => least(table, name, 'logistic').potential.map((p) => p.value!);
	const [high, low, all] = [V('high-reject'), V('low-reject'), V('true-attempt')];
	assert.ok(Math.abs(high[1]! - all[1]!) > 0.01 && Math.abs(low[1]! - all[1]!) > 0.01);
});

test('components have their own minimum, states outside a sign; S is over all states', () => {
	const table = tableOf(
		{ 'A>B': 5, 'B>A': 3, 'B>C': 2, 'C>D': 4, 'D>C': 8, 'U>A': 2, 'D>X': 1 },
		4,
	);
	for (const kernel of KERNELS) {
		const { potential, value } = least(table, 'true-attempt', kernel);
		const found = Object.fromEntries(potential.map((p) => [p.state, p]));
		near(found.A!.value! - found.B!.value!, Math.log(5 / 9 / (3 / 9)), 1e-10);
		near(found.C!.value! - found.D!.value!, Math.log(4 / 8 / (8 / 13)), 1e-10);
		assert.is(found.U!.unbounded, '+inf');
		assert.is(found.X!.reason, 'no attempts');
		if (kernel === 'exponential') {
			const expected = 2 * Math.sqrt((5 / 9) * (3 / 9)) + 2 * Math.sqrt((4 / 8) * (8 / 13));
			near(value! * table.states.length, expected, 1e-12);
		}
	}
});

test('attempts of 1e9 with rates near 1e-8; nothing to minimise', () => {
	const attempts = { A: 1e9, B: 1e9, C: 1e9 };
	const rows = [
		{ source: 'A', target: 'B', count: 30 },
		{ source: 'B', target: 'A', count: 10 },
		{ source: 'B', target: 'C', count: 20 },
		{ source: 'C', target: 'B', count: 10 },
	];
	const table = countTable({ rows, attempts });
	for (const kernel of KERNELS) {
		const { potential } = least(table, 'true-attempt', kernel);
		near(potential[0]!.value, Math.log(6), 1e-10);
		near(potential[1]!.value, Math.log(2), 1e-10);
	}
	const none = least(tableOf({ 'A>B': 3, 'B>C': 2 }, 1), 'true-attempt', 'logistic');
	assert.is(none.value, null);
	assert.is(none.gradient, null);
	assert.match(none.reason!, /no loop/);
});

test('the minimal action does not see irreversibility', () => {
	const [none, ...driven] = [0, 0.2, 0.5, 1].map((noise) => {
		let [sum, moved] = [0, 0];
		for (let seed = 0; seed < 12; seed++) {
			const stream = new Stream([seed, 921], 0);
			const T = randomKernel(12, stream, { depth: 0.7, spread: 0.7, noise });
			const low: number[] = [];
			const high: number[] = [];
			const up: number[] = [];
			const down: number[] = [];
			for (let f = 0; f < 12; f++) {
				for (let g = f + 1; g < 12; g++) {
					low.push(f);
					high.push(g);
					up.push(T[f]![g]!);
					down.push(T[g]![f]!);
				}
			}
			// On average 0.35 of the attempts leave their state.
			const scale = (0.35 * 12) / (up.reduce((a, x) => a + x, 0) + down.reduce((a, x) => a + x, 0));
			const pairs = {
				low: Int32Array.from(low),
				high: Int32Array.from(high),
				up: Float64Array.from(up, (x) => x * scale),
				down: Float64Array.from(down, (x) => x * scale),
			};
			const parts = actionParts(new Int32Array(12), pairs);
			const options = { kernel: 'logistic', start: null, tolerance: TIGHT } as const;
			const { potential, value } = minimiseAction(parts, options);
			sum += value / 12;
			for (let p = 0; p < low.length; p++) {
				const l = Math.log(up[p]! / down[p]!);
				moved += (l - (potential[low[p]!]! - potential[high[p]!]!)) ** 2;
			}
		}
		return { action: sum / 12, affinity: moved };
	});
	assert.ok(none!.affinity < 1e-12 && driven[2]!.affinity > 100);
	for (const { action } of driven) {
		assert.ok(action > 0.19 && action < 0.22, `action ${action}`);
		assert.ok(Math.abs(action / none!.action - 1) < 0.08, `${action} and ${none!.action}`);
	}
});

test.run();
