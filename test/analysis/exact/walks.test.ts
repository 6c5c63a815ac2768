/** The walk itself, what is read off its tables, and the mixing check. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exactTest } from '../../../harness/analysis/exact/exact-test.js';
import {
	directedCounts,
	loopTable,
	walkTable,
} from '../../../harness/analysis/exact/loop-moves.js';
import {
	expectedCounts,
	largestSquare,
	loopResiduals,
	loopStatistic,
	memorySums,
} from '../../../harness/analysis/exact/loop-statistics.js';
import { MEMORY_LIMIT, mixingOf } from '../../../harness/analysis/exact/mixing.js';
import { EXACT_WALKS, WALK } from '../../../harness/analysis/exact/walks-panel.js';
import { findLoops, type Loops } from '../../../harness/analysis/loops/loops.js';
import { fitReversible } from '../../../harness/analysis/potential/reversible-fit.js';
import { PURPOSE } from '../../../harness/analysis/purposes.js';
import { resampleHere } from '../../../harness/analysis/resample.js';
import { findComponents } from '../../../harness/analysis/table/components.js';
import { type CountTable, countTable } from '../../../harness/analysis/table/counts.js';
import { DEFAULT_VERIFY } from '../../../harness/analysis/verify.js';
import { logGamma } from '../../../harness/numerics/gamma.js';
import { philox4x32, uniform53 } from '../../../harness/numerics/philox.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { randomKernel, sampleTable, tableOf } from '../synthetic.js';

function subjectOf(table: CountTable) {
	const components = findComponents(table);
	const loops = findLoops(components, DEFAULT_VERIFY);
	return { loops, fit: fitReversible(table, components) };
}

const fixed = (K: number, attempts: number, seed = 1): CountTable => {
	const stream = new Stream([seed, 32], 0);
	return sampleTable(
		randomKernel(K, stream, { depth: 0.5, spread: 0.5, noise: 0 }),
		attempts,
		stream,
	);
};

/** The walk said slowly: loops of states, log-factorials, one comparison of logarithms. */
function slowWalk(loops: Loops, seed: number, walk: number, steps: number): number[] {
	const { start, pair, sign, pairs } = loops;
	const up = [...pairs.up];
	const n = up.map((c, p) => c + pairs.down[p]!);
	const logWeight = (p: number, c: number) => -logGamma(c + 1) - logGamma(n[p]! - c + 1);
	for (let step = 0; step < steps; step++) {
		const [a, b, c, d] = [...philox4x32([step, 0, walk, 0], [seed, PURPOSE.exactTest])];
		const loop = Math.floor((a! / 2 ** 32) * (start.length - 1));
		const entries = [...pair.slice(start[loop]!, start[loop + 1]!)].map((p, i) => {
			return { p, sign: sign[start[loop]! + i]! };
		});
		const spread = 1 / Math.sqrt(entries.reduce((sum, { p }) => sum + 4 / n[p]!, 0));
		const sizes = 1 + Math.max(0, Math.floor(Math.log2(2 * spread)));
		const size = 2 ** Math.floor((Math.floor(b! / 2) / 2 ** 31) * sizes);
		const m = b! % 2 === 1 ? size : -size;
		const after = entries.map((e) => ({ ...e, to: up[e.p]! - e.sign * m }));
		if (after.some(({ p, to }) => to < 0 || to > n[p]!)) continue;
		const logRatio = after.reduce((s, { p, to }) => s + logWeight(p, to) - logWeight(p, up[p]!), 0);
		if (Math.log(uniform53(c!, d!)) >= logRatio) continue;
		for (const { p, to } of after) up[p] = to;
	}
	return up;
}

const lows = (counts: Float64Array) => [...counts.filter((_, e) => e % 2 === 0)];

test('takes the very steps of the slow version: sparse, dense, and beyond the table of factorials', () => {
	const ring: Record<string, number> = {};
	for (let f = 0; f < 7; f++) {
		ring[`${f}>${(f + 1) % 7}`] = 50_000 + 17 * f;
		ring[`${(f + 1) % 7}>${f}`] = 50_000 - 23 * f;
	}
	for (const table of [fixed(6, 20), fixed(6, 5000), tableOf(ring)]) {
		const { loops } = subjectOf(table);
		const counts = directedCounts(loops);
		const prepared = loopTable(loops);
		const accepted = walkTable(prepared, counts, { seed: 3, walk: 5, from: 0, to: 400 });
		assert.ok(accepted > 40 && accepted < 400, `${accepted} accepted`);
		assert.equal(lows(counts), slowWalk(loops, 3, 5, 400));
		const again = directedCounts(loops);
		walkTable(prepared, again, { seed: 3, walk: 5, from: 0, to: 150 });
		walkTable(prepared, again, { seed: 3, walk: 5, from: 150, to: 400 });
		assert.equal(again, counts);
	}
});

/** The table with other counts low → high. */
function rebuilt({ loops }: { loops: Loops }, counts: Float64Array): CountTable {
	const name = (f: number): string => String.fromCharCode(65 + f);
	const rows = [...loops.pairs.low].flatMap((low, p) => {
		const [f, g] = [name(low), name(loops.pairs.high[p]!)];
		return [
			{ source: f, target: g, count: counts[2 * p]! },
			{ source: g, target: f, count: counts[2 * p + 1]! },
		];
	});
	const attempts = Object.fromEntries(rows.map(({ source }) => [source, 1e6]));
	return countTable({ rows, attempts });
}

test('every table of a walk has the same totals, and the same fit', () => {
	for (const attempts of [12, 300]) {
		const subject = subjectOf(fixed(6, attempts));
		const table = loopTable(subject.loops);
		const counts = directedCounts(subject.loops);
		for (let walk = 0; walk < 4; walk++) {
			walkTable(table, counts, { seed: 1, walk, from: 0, to: 200 });
			const other = subjectOf(rebuilt(subject, counts));
			assert.is.not(lows(counts).join(), [...subject.loops.pairs.up].join());
			assert.equal(loopTable(other.loops).total, table.total);
			for (const [p, up] of subject.fit.up.entries()) {
				assert.ok(Math.abs(other.fit.up[p]! - up) < 1e-9, `${other.fit.up[p]} and ${up}`);
			}
		}
	}
});

test('statistic and residuals: documented digits', () => {
	const { loops, fit } = subjectOf(tableOf({ 'A>B': 4, 'B>C': 4, 'C>A': 4 }));
	const table = loopTable(loops);
	const counts = directedCounts(loops);
	assert.ok(Math.abs(loopStatistic(table, counts) - 64) < 1e-12);
	const z = loopResiduals(table, expectedCounts(table, fit), counts);
	assert.ok(Math.abs(z[0]! - 2 * Math.sqrt(3)) < 1e-12);
	assert.is(largestSquare(Float64Array.of(1, -3, 2)), 9);
});

test('z of a loop is its affinity over its standard error where counts are large', () => {
	const counts = { 'A>B': 3e6, 'B>A': 1e6, 'B>C': 2e6, 'C>B': 5e6, 'C>A': 4e6 };
	for (const back of [4.8e6 + 15000, 4.8e6 - 15000]) {
		const { loops, fit } = subjectOf(tableOf({ ...counts, 'A>C': back }));
		const table = loopTable(loops);
		const [z] = loopResiduals(table, expectedCounts(table, fit), directedCounts(loops));
		// A → B → C → A; with 4.8e6 back there is none.
		const A = Math.log((3e6 * 2e6 * 4e6) / (1e6 * 5e6 * back));
		const error = Math.sqrt(1 / 3e6 + 1 / 1e6 + 1 / 2e6 + 1 / 5e6 + 1 / 4e6 + 1 / back);
		assert.ok(Math.abs(z! / (A / error) - 1) < 0.01, `${z}, ${A / error}`);
	}
});

test('a row is what its walk shows', () => {
	const { loops, fit } = subjectOf(fixed(6, 50));
	const table = loopTable(loops);
	const expected = expectedCounts(table, fit);
	const hub = directedCounts(loops);
	const row = EXACT_WALKS.draw({ table, expected, hub, seed: 2, steps: 101 }, 4, 5);
	const half = hub.slice();
	const first = walkTable(table, half, { seed: 2, walk: 5, from: 0, to: 50 });
	const end = half.slice();
	const second = walkTable(table, end, { seed: 2, walk: 5, from: 50, to: 101 });
	assert.is(row[WALK.halfStatistic], loopStatistic(table, half));
	assert.is(row[WALK.statistic], loopStatistic(table, end));
	assert.is(row[WALK.accepted], first + second);
	const squares = [...loopResiduals(table, expected, end)].map((z) => z * z);
	assert.is(row[WALK.largest], Math.max(...squares));
	assert.equal([...row.slice(WALK.halfEnd)], [...memorySums(expected, half, end)]);
});

const rowsOf = (walks: readonly number[][]): Float64Array =>
	Float64Array.from(walks.flatMap(([halfT, t, xy]) => [halfT!, t!, 1, 1, xy!, 1, 1]));

test('memory: all, none, too few walks, nothing that varies', () => {
	const ts = Array.from({ length: 40 }, (_, i) => i + 1);
	const same = mixingOf(rowsOf(ts.map((t) => [t, t, 1])));
	assert.equal([same.counts, same.mixed], [1, false]);
	assert.ok(Math.abs(same.statistic! - 1) < 1e-12);
	// An even function of an odd one: no correlation.
	const none = mixingOf(rowsOf(ts.map((t) => [t - 20.5, (t - 20.5) ** 2, 0])));
	assert.ok(Math.abs(none.statistic!) < 1e-12);
	assert.equal([none.counts, none.mixed], [0, true]);
	// Each of the two alone is enough to say no.
	const memory = (xy: number) => mixingOf(rowsOf(ts.map((t) => [t - 20.5, (t - 20.5) ** 2, xy])));
	assert.is(memory(MEMORY_LIMIT - 1e-9).mixed, true);
	assert.is(memory(MEMORY_LIMIT + 1e-9).mixed, false);
	assert.is(mixingOf(rowsOf(ts.map((t) => [t, t, 0]))).mixed, false);
	assert.is(mixingOf(rowsOf(ts.slice(0, 18).map((t) => [t, t, 0]))).statistic, null);
	const flat = mixingOf(rowsOf(ts.map((t) => [0.1, t, 0])));
	assert.equal([flat.statistic, flat.mixed], [null, false]);
	assert.match(flat.sentence, /mixing is not known/);
});

test('walks of the chosen length mix; short ones do not, and it is said', async () => {
	const ring: Record<string, number> = {};
	for (let f = 0; f < 7; f++) {
		ring[`${f}>${(f + 1) % 7}`] = 2500;
		ring[`${(f + 1) % 7}>${f}`] = 2500;
	}
	const cases: [CountTable, number][] = [
		[fixed(4, 15), 6],
		[fixed(10, 500), 45],
		[fixed(20, 200), 190],
		[tableOf(ring), 3],
	];
	for (const [table, short] of cases) {
		const mixing = async (steps: number | null) =>
			(await exactTest(subjectOf(table), { seed: 5, samples: 199, steps }, resampleHere)).mixing;
		const long = await mixing(null);
		assert.is(long.mixed, true, long.sentence);
		assert.match(long.sentence, /^The walks mix/);
		const brief = await mixing(short);
		assert.is(brief.mixed, false, brief.sentence);
		assert.match(brief.sentence, /do not mix well .* exact all the same.*--steps/);
	}
});

test.run();
