import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { statePotentials } from '../../../harness/analysis/potential/potential.js';
import { fitReversible } from '../../../harness/analysis/potential/reversible-fit.js';
import { findComponents } from '../../../harness/analysis/table/components.js';
import { type CountTable, countTable } from '../../../harness/analysis/table/counts.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { randomKernel, sampleTable, tableOf } from '../synthetic.js';

const potential = (table: CountTable) => {
	const components = findComponents(table);
	return statePotentials(table, components, fitReversible(table, components));
};

/** The slow obvious version: x_fg = (C_fg + C_gf) / (C_f/x_f + C_g/x_g), V = −log x_f. */
function fixedPoint(table: CountTable): number[] {
	const K = table.states.length;
	const C = Array.from({ length: K }, () => new Float64Array(K));
	for (let f = 0; f < K; f++) {
		let rest = table.attempts[f]!;
		for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) {
			C[f]![table.target[i]!] = table.count[i]!;
			rest -= table.count[i]!;
		}
		C[f]![f] = rest;
	}
	let x = Array.from(table.attempts);
	for (let round = 0; round < 200000; round++) {
		const next = x.map((_, f) => {
			let sum = 0;
			for (let g = 0; g < K; g++) {
				const both = C[f]![g]! + C[g]![f]!;
				if (both > 0) sum += both / (table.attempts[f]! / x[f]! + table.attempts[g]! / x[g]!);
			}
			return sum;
		});
		const change = Math.max(...next.map((y, f) => Math.abs(Math.log(y / x[f]!))));
		x = next;
		if (change < 1e-16) break;
	}
	const top = Math.max(...x);
	return x.map((y) => Math.log(top / y));
}

test('agrees with the reversible fixed point to 1e-10', () => {
	for (let seed = 0; seed < 6; seed++) {
		const stream = new Stream([seed, 20], 0);
		const kernel = randomKernel(5, stream, { depth: 1, spread: 0.5, noise: seed % 2 });
		const table = sampleTable(kernel, 60 + 100 * seed, stream);
		const slow = fixedPoint(table);
		for (const [f, { value }] of potential(table).entries()) {
			assert.ok(Math.abs(value! - slow[f]!) < 1e-10, `${value} and ${slow[f]}`);
		}
	}
});

test('two states in closed form, with unequal attempts', () => {
	const [A, B] = potential(tableOf({ 'A>B': 66, 'B>A': 3879, 'A>A': 3934, 'B>B': 121 }));
	assert.is(A!.value, 0);
	assert.is(A!.standardError, 0);
	assert.ok(Math.abs(B!.value! - Math.log(3879 / 66)) < 1e-12);
	// Binomial counts of fixed attempts: Var log (C_fg / C_f) = 1/C_fg − 1/C_f.
	const fixed = 1 / 66 - 1 / 4000 + 1 / 3879 - 1 / 4000;
	assert.ok(Math.abs(B!.standardError! - Math.sqrt(fixed)) < 1e-12);
	const rows = [
		{ source: 'A', target: 'B', count: 66 },
		{ source: 'B', target: 'A', count: 3879 },
	];
	const [, free] = potential(countTable({ rows, attemptsByConvention: 4000 }));
	assert.ok(Math.abs(free!.standardError! - Math.sqrt(1 / 66 + 1 / 3879)) < 1e-12);
	const [, skewed] = potential(tableOf({ 'A>B': 10, 'B>A': 10, 'A>A': 990, 'B>B': 90 }));
	assert.ok(Math.abs(skewed!.value! - Math.log(10)) < 1e-12);
});

test('known V is recovered within its errors', () => {
	let sum = 0;
	let n = 0;
	for (let seed = 0; seed < 40; seed++) {
		const stream = new Stream([seed, 21], 0);
		const V = Array.from({ length: 6 }, () => stream.normal());
		const kernel = V.map((_, f) => V.map((v, g) => (f === g ? 0 : 0.03 * Math.exp(-v))));
		const fitted = potential(sampleTable(kernel, 3000, stream));
		const low = fitted.findIndex(({ value }) => value === 0);
		for (const [f, { value, standardError }] of fitted.entries()) {
			if (f === low) continue;
			sum += ((value! - (V[f]! - V[low]!)) / standardError!) ** 2;
			n += 1;
		}
	}
	assert.ok(sum / n > 0.75 && sum / n < 1.3, `mean squared pull ${sum / n}, 200 pulls`);
});

test('what leads in only is +∞, what is only reached −∞, through any number of steps', () => {
	const table = tableOf(
		{ 'A>B': 5, 'B>A': 3, 'up>A': 2, 'upper>up': 1, 'B>down': 1, 'down>deep': 2, 'deep>deep': 4 },
		1,
	);
	const found = Object.fromEntries(potential(table).map((p) => [p.state, p]));
	assert.equal(
		['up', 'upper', 'down', 'deep'].map((state) => found[state]!.unbounded),
		['+inf', '+inf', '-inf', '-inf'],
	);
	for (const state of ['up', 'upper', 'down', 'deep']) assert.is(found[state]!.value, null);
	assert.is(found.A!.unbounded, null);
	assert.is(found.A!.reason, null);
});

test('no attempts, no tie to the reference, and nothing closed at all: null with its reason', () => {
	const found = Object.fromEntries(
		potential(tableOf({ 'A>B': 5, 'B>A': 3, 'A>C': 1, 'D>C': 1, 'E>F': 2, 'F>F': 1 })).map((p) => [
			p.state,
			p,
		]),
	);
	assert.equal(
		['C', 'D', 'E', 'F'].map((state) => [found[state]!.value, found[state]!.unbounded]),
		Array(4).fill([null, null]),
	);
	assert.is(found.C!.reason, 'no attempts');
	assert.is(found.D!.reason, 'no directed path to or from the reference component');
	assert.is(found.E!.reason, 'not in a loop or two-way pair with any state');
});

test('each component has its own gauge', () => {
	const table = tableOf({ 'A>B': 5, 'B>A': 3, 'B>C': 2, 'C>D': 4, 'D>C': 8 });
	const found = potential(table);
	assert.equal(
		found.map(({ component }) => component),
		[0, 0, 1, 1],
	);
	assert.is(found.filter(({ value }) => value === 0).length, 2);
});

test('above 400 states in a component there are values but no standard errors', () => {
	const counts: Record<string, number> = {};
	for (let f = 0; f < 401; f++) {
		counts[`${f}>${(f + 1) % 402}`] = 2;
		counts[`${(f + 1) % 402}>${f}`] = 3;
	}
	const [first] = potential(tableOf(counts, 5));
	assert.is.not(first!.value, null);
	assert.is(first!.standardError, null);
	assert.match(first!.reason!, /up to 400 states/);
});

test('counts near 2^53 and rates near 1e-8 fit as well', () => {
	const [, B] = potential(tableOf({ 'A>B': 3, 'B>A': 2 ** 50, 'A>A': 2 ** 50 - 3 }));
	assert.ok(Math.abs(B!.value! - Math.log(2 ** 50 / 3)) < 1e-9);
});

test.run();
