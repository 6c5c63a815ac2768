import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findLoops } from '../../../harness/analysis/loops/loops.js';
import { findComponents, pairsOf } from '../../../harness/analysis/table/components.js';
import { countTable } from '../../../harness/analysis/table/counts.js';
import { incoming } from '../../../harness/analysis/table/incoming.js';
import { DEFAULT_VERIFY } from '../../../harness/analysis/verify.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { randomKernel, sampleTable, tableOf } from '../synthetic.js';

const ring = (n: number, both = true): Record<string, number> => {
	const counts: Record<string, number> = {};
	for (let f = 0; f < n; f++) {
		const g = (f + 1) % n;
		counts[`${f}>${g}`] = 5;
		if (both) counts[`${g}>${f}`] = 5;
	}
	return counts;
};
const lengths = (table: ReturnType<typeof tableOf>, options = DEFAULT_VERIFY): number[] => {
	const { start } = findLoops(findComponents(table), options);
	return [...start.slice(1)].map((end, i) => end - start[i]!);
};

test('a star has no loop, a triangle one, also if every pair is one-way', () => {
	const star = findComponents(tableOf({ 'A>B': 1, 'B>A': 1, 'A>C': 1, 'C>A': 1 }));
	assert.is(star.members.length, 1);
	assert.is(star.pairs.twoWay, 2);
	assert.is(star.independentLoops, 0);
	assert.is(findComponents(tableOf({ 'A>B': 1, 'B>C': 1, 'C>A': 1 })).independentLoops, 1);
	assert.is(findComponents(tableOf({ 'A>B': 1, 'B>C': 1, 'A>C': 1 })).independentLoops, 0);
});

test('pairs between components count for no loop', () => {
	const table = tableOf({ ...ring(3), '0>x': 1, '1>x': 1, 'y>0': 2, 'y>1': 1 });
	const components = findComponents(table);
	assert.is(components.members.length, 3);
	assert.is(components.independentLoops, 1);
	assert.equal(components.pairs, { twoWay: 3, oneWay: 4, between: 4 });
});

test('pairs and transitions by target are those of a slow search', () => {
	const stream = new Stream([2, 10], 0);
	for (let round = 0; round < 40; round++) {
		const K = 2 + (round % 9);
		const counts: Record<string, number> = {};
		for (let f = 0; f < K; f++) {
			for (let g = 0; g < K; g++) {
				if (f !== g && stream.next() < 0.4) counts[`${f}>${g}`] = 1 + stream.below(5);
			}
		}
		if (Object.keys(counts).length === 0) continue;
		const table = tableOf(counts);
		const count = (f: number, g: number) => counts[`${table.states[f]}>${table.states[g]}`] ?? 0;
		const expected: number[][] = [];
		const into: number[][] = [];
		for (let f = 0; f < table.states.length; f++) {
			for (let g = 0; g < table.states.length; g++) {
				if (f < g && count(f, g) + count(g, f) > 0) {
					expected.push([f, g, count(f, g), count(g, f)]);
				}
				if (count(g, f) > 0) into.push([f, g, count(g, f)]);
			}
		}
		const { low, high, up, down } = pairsOf(table);
		assert.equal(
			[...low].map((f, i) => [f, high[i], up[i], down[i]]),
			expected,
		);
		const { start, source, count: number } = incoming(table);
		assert.equal(
			[...source].map((g, i) => [start.findLastIndex((at) => at <= i), g, number[i]]),
			into,
		);
	}
});

test('a path of 100,000 states needs no recursion', () => {
	const rows = Array.from({ length: 99_999 }, (_, f) => [
		{ source: `s${f}`, target: `s${f + 1}`, count: 1 },
		{ source: `s${f + 1}`, target: `s${f}`, count: 1 },
	]).flat();
	const components = findComponents(countTable({ rows, attemptsByConvention: 2 }));
	assert.is(components.members.length, 1);
	assert.is(components.independentLoops, 0);
});

test('loops: a bare ring of seven is one loop of seven', () => {
	assert.equal(lengths(tableOf(ring(7))), [7]);
	assert.equal(lengths(tableOf(ring(7, false))), [7]);
	assert.equal(lengths(tableOf(ring(4))), [4]);
	assert.equal(lengths(tableOf(ring(3))), [3]);
	assert.equal(lengths(tableOf({ 'A>B': 1, 'B>A': 1 })), []);
});

test('loops: a triangle with a ring of six by its side keeps both', () => {
	const table = tableOf({ ...ring(6), '0>t': 2, 't>0': 1, '1>t': 1, 't>1': 1 });
	assert.equal(lengths(table), [3, 6]);
	// Squares that triangles fill are not taken again.
	assert.equal(lengths(tableOf({ ...ring(4), '0>2': 1, '2>0': 1 })), [3, 3]);
});

test('loops: all nine squares of K33 are relevant, though four span them', () => {
	const counts: Record<string, number> = {};
	for (const a of 'abc') for (const b of 'xyz') counts[`${a}>${b}`] = counts[`${b}>${a}`] = 3;
	assert.equal(lengths(tableOf(counts)), Array(9).fill(4));
	const few = findLoops(findComponents(tableOf(counts)), { ...DEFAULT_VERIFY, searchLoops: 3 });
	assert.is(few.start.length - 1, 4, 'above the limit a tree gives one loop per independent loop');
	assert.not.ok(few.complete);
	assert.match(few.note!, /4 longer loops taken from a spanning tree/);
});

test('loops: the caps cut, say so, and still span', () => {
	const stream = new Stream([2, 9], 0);
	const kernel = randomKernel(12, stream, { depth: 0.3, spread: 0.2, noise: 0 });
	const components = findComponents(sampleTable(kernel, 800, stream));
	const all = findLoops(components, DEFAULT_VERIFY);
	assert.is(all.triangles, 220);
	assert.ok(all.complete);
	const some = findLoops(components, { ...DEFAULT_VERIFY, maxLoops: 60 });
	assert.ok(some.triangles > 30 && some.triangles < 90);
	assert.not.ok(some.complete);
	assert.ok(some.start.length - 1 >= components.independentLoops);
	const other = findLoops(components, { ...DEFAULT_VERIFY, maxLoops: 60, seed: 2 });
	assert.not.equal(other.pair, some.pair);
});

test.run();
