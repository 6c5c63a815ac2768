import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gaugePotential, potentialRecords } from '../../../harness/analysis/potential/gauge.js';
import { statePotentials } from '../../../harness/analysis/potential/potential.js';
import { fitReversible } from '../../../harness/analysis/potential/reversible-fit.js';
import { findComponents } from '../../../harness/analysis/table/components.js';
import {
	type CountRow,
	type CountTable,
	countTable,
} from '../../../harness/analysis/table/counts.js';
import {
	acceptedDraws,
	innerRates,
	NORMALISATIONS,
	type Normalisation,
	type NormalisationSummary,
	normalisations,
	normalise,
} from '../../../harness/analysis/table/normalise.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { randomKernel, sampleTable, tableOf } from '../synthetic.js';

function published(name: string): CountTable {
	const file = new URL(`../../../datasets/published/${name}.json`, import.meta.url);
	const data = JSON.parse(readFileSync(file, 'utf8')) as {
		attempts_total: number;
		counts: CountRow[];
	};
	const states = new Set(data.counts.flatMap(({ source, target }) => [source, target])).size;
	return countTable({ rows: data.counts, attemptsByConvention: data.attempts_total / states });
}

function summaries(table: CountTable): Record<Normalisation, NormalisationSummary> {
	const components = findComponents(table);
	const all = normalisations(table, components, fitReversible(table, components));
	assert.equal(
		all.map(({ normalisation }) => normalisation),
		[...NORMALISATIONS],
	);
	return Object.fromEntries(all.map((s) => [s.normalisation, s])) as Record<
		Normalisation,
		NormalisationSummary
	>;
}

const values = ({ potential }: NormalisationSummary) =>
	Object.fromEntries(
		potential!
			.filter(({ value }) => value !== null)
			.map(({ state, value }) => [state, Number(value!.toFixed(2))]),
	);

test('the published tables: high-reject and low-reject as published', () => {
	const claude = summaries(published('claude-4'));
	assert.equal(values(claude['high-reject']), { ATTITUDE: 0, PERSONAL: 4.07, PROBLEMS: 5.18 });
	assert.equal(values(claude['low-reject']), { ATTITUDE: 0, PERSONAL: 0.26, PROBLEMS: 1.46 });
	// TURKEY → ATTITUDE was drawn 4,122 times, N0 is 4,000.
	assert.is(claude['high-reject'].clipped, 1);
	assert.equal(claude['high-reject'].denominator, { least: 4000, most: 4000 });
	const gemini = summaries(published('gemini-2.5-flash'));
	assert.equal(values(gemini['high-reject']), {
		ATTITUDE: 0,
		BLISSFUL: 5.17,
		DISCIPLINE: 0.53,
		EXCELLENT: 4.77,
	});
	assert.equal(values(gemini['low-reject']), {
		ATTITUDE: 0,
		BLISSFUL: 5.66,
		DISCIPLINE: 0.02,
		EXCELLENT: 4.4,
	});
	for (const [found, unbounded] of [
		[claude, 2],
		[gemini, 9],
	] as const) {
		for (const name of ['high-reject', 'low-reject'] as const) {
			const above = found[name].potential!.filter((p) => p.unbounded === '+inf');
			assert.is(above.length, unbounded);
		}
		assert.is(found['true-attempt'].potential, null);
		assert.match(found['true-attempt'].reason!, /not recorded/);
	}
});

test('the example', () => {
	const counts = { 'A>B': 66, 'A>C': 20, 'B>A': 3879, 'C>A': 3558 };
	const rows = Object.entries(counts).map(([key, count]) => ({
		source: key[0]!,
		target: key[2]!,
		count,
	}));
	const found = summaries(countTable({ rows, attemptsByConvention: 4000 }));
	const B = (name: Normalisation) => found[name].potential![1]!.value!;
	assert.ok(Math.abs(B('high-reject') - Math.log(3879 / 66)) < 1e-12);
	assert.ok(Math.abs(B('low-reject') - Math.log(86 / 66)) < 1e-12);
	assert.is(B('low-reject').toFixed(5), '0.26469');
	assert.is(B('high-reject').toFixed(5), '4.07368');
});

test('true-attempt is the potential of statePotentials; nothing left out or cut', () => {
	const stream = new Stream([1, 910], 0);
	const table = sampleTable(
		randomKernel(6, stream, { depth: 1, spread: 0.5, noise: 0.5 }),
		80,
		stream,
	);
	const components = findComponents(table);
	const fit = fitReversible(table, components);
	const found = summaries(table)['true-attempt'];
	for (const [f, p] of statePotentials(table, components, fit).entries()) {
		assert.ok(Math.abs(p.value! - found.potential![f]!.value!) < 1e-12);
	}
	assert.equal(
		[found.leftOut, found.selfLoops, found.clipped],
		[{ states: 0, transitions: 0 }, 0, 0],
	);
	assert.equal(found.denominator, { least: 80, most: 80 });
});

test('low-reject leaves out states of at most one draw, and fits the rest again', () => {
	// C has one draw, and closes the ring A → B → C → A; D has none.
	const table = tableOf(
		{ 'A>B': 4, 'B>A': 6, 'B>C': 3, 'C>A': 1, 'A>D': 2, 'A>A': 5, 'E>E': 3, 'E>A': 2 },
		7,
	);
	const found = summaries(table)['low-reject'];
	assert.equal(found.leftOut, { states: 2, transitions: 6 });
	assert.is(found.selfLoops, 8);
	const record = (name: string) => found.potential!.find(({ state }) => state === name)!;
	for (const name of ['C', 'D']) {
		assert.is(record(name).value, null);
		assert.is(record(name).unbounded, null);
		assert.match(record(name).reason!, /left out/);
	}
	// Alone, A ⇄ B has V_B − V_A = log((6 / 9) / (4 / 6)) = 0: draws stay 6 and 9.
	assert.ok(Math.abs(record('A').value!) < 1e-12 && Math.abs(record('B').value!) < 1e-12);
	assert.is(record('E').unbounded, '+inf');
	const high = summaries(table)['high-reject'];
	assert.is.not(high.potential!.find(({ state }) => state === 'C')!.value, null);
	// One draw more, and C stays.
	const more = tableOf({ 'A>B': 4, 'B>A': 6, 'B>C': 3, 'C>A': 2 });
	assert.is(summaries(more)['low-reject'].leftOut.states, 0);
});

test('loop sums of log T are the same under all three, unless an entry is cut', () => {
	const stream = new Stream([2, 911], 0);
	const kernel = randomKernel(5, stream, { depth: 0.3, spread: 0.3, noise: 1 });
	const table = sampleTable(kernel, 200, stream);
	const components = findComponents(table);
	const loopSum = (name: Normalisation): number => {
		const { low, high } = components.inner;
		const { up, down } = innerRates(normalise(table, components, name)!);
		const l = new Map<string, number>();
		for (let p = 0; p < low.length; p++) {
			const x = Math.log(up[p]!) - Math.log(down[p]!);
			l.set(`${low[p]} ${high[p]}`, x).set(`${high[p]} ${low[p]}`, -x);
		}
		return l.get('0 1')! + l.get('1 3')! + l.get('3 4')! + l.get('4 0')!;
	};
	const [a, b, c] = NORMALISATIONS.map(loopSum);
	assert.ok(Math.abs(a!) > 0.05, 'a loop that is driven');
	assert.ok(Math.abs(a! - b!) < 1e-12 && Math.abs(a! - c!) < 1e-12);
	const single = (name: Normalisation) => innerRates(normalise(table, components, name)!).up[0]!;
	assert.ok(single('low-reject') > 1.01 * single('true-attempt'));
});

test('a cut entry, draws, and denominators of an empty table', () => {
	const table = tableOf({ 'A>B': 90, 'B>A': 2, 'B>C': 1, 'C>B': 1 });
	const components = findComponents(table);
	const high = normalise(table, components, 'high-reject')!;
	assert.is(high.denominator[0], 94 / 3);
	assert.equal(Array.from(innerRates(high).up), [1, 1 / (94 / 3)]);
	assert.equal(Array.from(acceptedDraws(table)), [90, 3, 1]);
	const empty = countTable({ rows: [], attempts: {} });
	for (const summary of Object.values(summaries(empty))) {
		assert.is(summary.denominator, null);
		assert.equal(summary.potential, []);
	}
});

test('the gauge: lowest state of each component 0', () => {
	const table = tableOf({ 'A>B': 5, 'B>A': 3, 'C>A': 1 });
	const components = findComponents(table);
	const raw = Float64Array.of(3, 1, 0);
	assert.equal(Array.from(gaugePotential(components, raw)), [2, 0, Number.NaN]);
	assert.equal(
		potentialRecords(table, components, raw).map(({ value, unbounded }) => [value, unbounded]),
		[
			[2, null],
			[0, null],
			[null, '+inf'],
		],
	);
});

test.run();
