/** Loops against slow versions: all triangles, all relevant cycles, the rank by elimination. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findLoops, type Loops } from '../../../harness/analysis/loops/loops.js';
import { peel } from '../../../harness/analysis/loops/peel.js';
import { spanningForest } from '../../../harness/analysis/loops/spanning-tree.js';
import { type Components, findComponents } from '../../../harness/analysis/table/components.js';
import { pairGraph } from '../../../harness/analysis/table/pair-graph.js';
import { ParitySpan } from '../../../harness/numerics/parity-span.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { tableOf } from '../synthetic.js';

const OPTIONS = { seed: 1, maxLoops: 200_000, searchStates: 1000, searchLoops: 2000 };
const stream = new Stream([20, 4], 0);

/** Components of a graph of K states; each pair is seen both ways, or one way if `both` says no. */
function graphOf(
	K: number,
	joined: (f: number, g: number) => boolean,
	both: () => boolean = () => true,
): Components {
	const name = (f: number): string => `s${String(f).padStart(5, '0')}`;
	const counts: Record<string, number> = {};
	for (let f = 0; f < K; f++) {
		for (let g = f + 1; g < K; g++) {
			if (!joined(f, g)) continue;
			counts[`${name(f)}>${name(g)}`] = 2;
			if (both()) counts[`${name(g)}>${name(f)}`] = 1;
		}
	}
	return findComponents(tableOf(counts));
}

const random = (K: number, density: number): Components =>
	graphOf(
		K,
		() => stream.next() < density,
		() => stream.next() < 0.8,
	);

const ladder = (K: number): Components =>
	graphOf(K, (f, g) => g === f + 2 || (f % 2 === 0 && g === f + 1));

/** Pairs of each loop, ascending. */
const vectors = ({ start, pair }: Loops): number[][] =>
	[...start.slice(1)].map((end, i) => [...pair.slice(start[i], end)].sort((a, b) => a - b));

function rankOf(list: readonly (readonly number[])[]): number {
	const span = new ParitySpan();
	for (const vector of list) span.add(vector.toSorted((a, b) => a - b));
	return span.rank;
}

/** f < g < h, all three pairs there. */
function slowTriangles({ of, inner }: Components): number[][] {
	const index = new Map<number, number>();
	const K = of.length;
	for (const [p, f] of inner.low.entries()) index.set(f * K + inner.high[p]!, p);
	const found: number[][] = [];
	for (let f = 0; f < K; f++) {
		for (let g = f + 1; g < K; g++) {
			for (let h = g + 1; h < K; h++) {
				const pairs = [f * K + g, g * K + h, f * K + h].map((key) => index.get(key) ?? -1);
				if (!pairs.includes(-1)) found.push(pairs);
			}
		}
	}
	return found;
}

/** Every simple cycle, by length; then those that no sum of shorter ones gives. */
function slowRelevant({ of, inner }: Components): number[][] {
	const next: { to: number; pair: number }[][] = Array.from(of, () => []);
	for (const [p, f] of inner.low.entries()) {
		next[f]!.push({ to: inner.high[p]!, pair: p });
		next[inner.high[p]!]!.push({ to: f, pair: p });
	}
	const cycles: number[][] = [];
	const extend = (root: number, path: readonly number[], pairs: readonly number[]): void => {
		for (const { to, pair } of next[path.at(-1)!]!) {
			if (to === root && pairs.length >= 2 && pairs[0]! < pair) {
				cycles.push([...pairs, pair].sort((a, b) => a - b));
			}
			if (to > root && !path.includes(to)) extend(root, [...path, to], [...pairs, pair]);
		}
	};
	for (let root = 0; root < of.length; root++) extend(root, [root], []);
	const span = new ParitySpan();
	const relevant: number[][] = [];
	for (let length = 3; length <= of.length; length++) {
		const fresh = cycles.filter((c) => c.length === length && !span.contains(c));
		relevant.push(...fresh);
		for (const vector of fresh) span.add(vector);
	}
	return relevant;
}

const sorted = (list: readonly (readonly number[])[]): string[] =>
	list.map((v) => v.join(' ')).sort();

test('triangles are all there are, in order, and every loop is closed', () => {
	for (let round = 0; round < 60; round++) {
		const components = random(4 + (round % 14), stream.next());
		const loops = findLoops(components, OPTIONS);
		const found = Array.from({ length: loops.triangles }, (_, i) => [
			...loops.pair.slice(3 * i, 3 * i + 3),
		]);
		assert.equal(found, slowTriangles(components));
		const { low, high } = components.inner;
		for (const [i, end] of [...loops.start.slice(1)].entries()) {
			let at = -1;
			for (let j = loops.start[i]!; j < end; j++) {
				const [from, to] = loops.sign[j] === 1 ? [low, high] : [high, low];
				if (at !== -1) assert.is(from[loops.pair[j]!], at);
				at = to[loops.pair[j]!]!;
			}
			const first = loops.start[i]!;
			assert.is((loops.sign[first] === 1 ? low : high)[loops.pair[first]!], at);
		}
	}
});

test('loops are the relevant cycles, found by listing every cycle', () => {
	let longer = 0;
	for (let round = 0; round < 80; round++) {
		const components = random(4 + (round % 5), 0.3 + 0.5 * stream.next());
		const loops = findLoops(components, OPTIONS);
		assert.ok(loops.complete);
		assert.equal(sorted(vectors(loops)), sorted(slowRelevant(components)));
		longer += loops.start.length - 1 - loops.triangles;
	}
	assert.ok(longer > 15, `${longer} longer loops`);
});

test('with or without the search, loops span the cycle space, and the rank of triangles is right', () => {
	let without = 0;
	let partial = 0;
	for (let round = 0; round < 120; round++) {
		const components = random(5 + (round % 30), stream.next() ** 2);
		const { independentLoops } = components;
		const rank = rankOf(slowTriangles(components));
		for (const searchStates of [1000, 0]) {
			const loops = findLoops(components, { ...OPTIONS, searchStates });
			assert.is(loops.triangleRank, rank);
			assert.is(rankOf(vectors(loops)), independentLoops);
			if (searchStates > 0) continue;
			// A tree's loops are as few as can be.
			assert.is(loops.start.length - 1 - loops.triangles, independentLoops - rank);
			assert.is(loops.complete, independentLoops === rank);
			without += independentLoops - rank;
			if (rank > 0 && rank < independentLoops) partial += 1;
		}
	}
	assert.ok(without > 200 && partial > 20, `${without} loops in ${partial} mixed graphs`);
});

test('a subset of triangles is seeded, and a tree’s loops make up for those left out', () => {
	const components = graphOf(20, () => true);
	const options = { ...OPTIONS, maxLoops: 300 };
	const all = new Set(sorted(slowTriangles(components)));
	const some = findLoops(components, options);
	const picked = Array.from({ length: some.triangles }, (_, i) => [
		...some.pair.slice(3 * i, 3 * i + 3),
	]);
	assert.is(new Set(sorted(picked)).size, some.triangles, 'none twice');
	for (const triangle of sorted(picked)) assert.ok(all.has(triangle));
	assert.ok(some.triangles > 240 && some.triangles < 360, `${some.triangles} of 1140`);
	assert.match(some.note!, /^\d+ of 1140 triangles, drawn at random/);
	assert.is(rankOf(vectors(some)), 171);
	assert.is(some.triangleRank, 171, 'the rank is that of all triangles');
	assert.equal(findLoops(components, options), some);
	assert.not.equal(findLoops(components, { ...options, seed: 2 }).pair, some.pair);
});

test('each triangle is as likely as any other to be kept', () => {
	const components = graphOf(10, () => true);
	const kept = new Map<string, number>();
	for (let seed = 0; seed < 600; seed++) {
		const loops = findLoops(components, { ...OPTIONS, maxLoops: 30, seed });
		for (let i = 0; i < 3 * loops.triangles; i += 3) {
			const key = loops.pair.slice(i, i + 3).join(' ');
			kept.set(key, (kept.get(key) ?? 0) + 1);
		}
	}
	assert.is(kept.size, 120);
	// 600 × 30/120 = 150 expected, standard deviation 10.6; χ² of 120 with 4.5 standard deviations
	const spread = [...kept.values()].reduce((sum, n) => sum + (n - 150) ** 2 / 112.5, 0);
	assert.ok(spread > 50 && spread < 190, `${spread}`);
});

test('the rank is not claimed where the subset of triangles does not settle it', () => {
	// A complete graph, and a strip of twelve squares beside it: cut into triangles, then not.
	const K = 44;
	const components = graphOf(K, (f, g) =>
		g < 20 ? true : f >= 18 && (g === f + 2 || g === f + 1),
	);
	const loops = findLoops(components, { ...OPTIONS, maxLoops: 300 });
	assert.is(loops.triangleRank, components.independentLoops);
	const holed = graphOf(
		K,
		(f, g) => g < 20 || (f >= 18 && (g === f + 2 || (f % 2 === 0 && g === f + 1))),
	);
	assert.is(findLoops(holed, { ...OPTIONS, maxLoops: 300 }).triangleRank, null);
	assert.is(findLoops(holed, OPTIONS).triangleRank, holed.independentLoops - 12);
});

test('too many, or too long, longer loops: a seeded subset that says so', () => {
	const components = ladder(600);
	assert.is(components.independentLoops, 299);
	const search = findLoops(components, OPTIONS);
	assert.ok(search.complete);
	assert.is(search.pair.length, 299 * 4);
	const tree = findLoops(components, { ...OPTIONS, searchStates: 0 });
	assert.is(tree.note, '299 longer loops taken from a spanning tree');
	const few = findLoops(components, { ...OPTIONS, searchStates: 0, maxLoops: 100 });
	const kept = few.start.length - 1;
	assert.ok(kept > 0 && kept < 60, `${kept}`);
	assert.is(few.note, `${kept} of 299 longer loops taken from a spanning tree`);
	assert.ok(few.pair.length < tree.pair.length / 4, 'entries, not only loops, are bounded');
});

test('the search is given up where it would have to look at too many loops', () => {
	// K(30, 30) has (30·29/2)² squares.
	const components = graphOf(60, (f, g) => f < 30 && g >= 30);
	const given = findLoops(components, OPTIONS);
	assert.is(given.start.length - 1, 189_225);
	assert.ok(given.complete);
	const up = findLoops(components, { ...OPTIONS, maxLoops: 100_000 });
	assert.is(up.note, '841 longer loops taken from a spanning tree');
	assert.is(rankOf(vectors(up)), 841);
});

test('a bare ring of 1000 states is one loop', () => {
	const { start, complete } = findLoops(
		graphOf(1000, (f, g) => g - f === 1 || g - f === 999),
		OPTIONS,
	);
	assert.equal([...start], [0, 1000]);
	assert.ok(complete);
});

test('peel: without triangles every pair outside the forest is taken, nearest to the root first', () => {
	const components = ladder(12);
	const graph = pairGraph(12, components.inner);
	const forest = spanningForest(graph, components.members);
	const { order, left, right, chosen } = peel(components.inner, forest, () => {});
	assert.is(chosen.length, 5);
	assert.equal(order, chosen);
	assert.equal([...left, ...right], Array(10).fill(-1));
	const { low, high } = components.inner;
	const distance = [...chosen].map((p) => forest.depth[low[p]!]! + forest.depth[high[p]!]!);
	assert.equal(
		distance,
		distance.toSorted((a, b) => a - b),
	);
});

test('peel: what triangles reach is independent, and never more than their rank', () => {
	for (let round = 0; round < 40; round++) {
		const components = random(5 + (round % 15), stream.next());
		const { inner, members, of } = components;
		const forest = spanningForest(pairGraph(of.length, inner), members);
		const triangles = slowTriangles(components).filter(() => stream.next() < 0.6);
		const { order, left, right, chosen } = peel(inner, forest, (p, visit) => {
			for (const t of triangles) {
				const at = t.indexOf(p);
				if (at >= 0) visit(t[(at + 1) % 3]!, t[(at + 2) % 3]!);
			}
		});
		assert.is(order.length, components.independentLoops);
		const used = [...order.keys()]
			.filter((i) => left[i] !== -1)
			.map((i) => [order[i]!, left[i]!, right[i]!].sort((a, b) => a - b));
		assert.is(used.length + chosen.length, order.length);
		assert.is(rankOf(used), used.length);
		const given = new Set(triangles.map((t) => t.toSorted((a, b) => a - b).join()));
		for (const t of used) assert.ok(given.has(t.join()), 'only triangles that were given');
		assert.ok(used.length <= rankOf(triangles));
	}
});

test.run();
