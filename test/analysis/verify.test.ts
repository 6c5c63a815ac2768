import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { subjectOf } from '../../harness/analysis/finding.js';
import { resampleHere } from '../../harness/analysis/resample.js';
import type { CountTable } from '../../harness/analysis/table/counts.js';
import { type CountRow, countTable } from '../../harness/analysis/table/counts.js';
import { DEFAULT_VERIFY, type VerifyOptions, verifyGroups } from '../../harness/analysis/verify.js';
import { Stream } from '../../harness/numerics/stream.js';
import { type Kernel, randomKernel, sampleTable, tableOf } from './synthetic.js';

const QUICK: VerifyOptions = {
	...DEFAULT_VERIFY,
	samples: 99,
	resamples: 39,
	replicas: 19,
	maxDraws: 5e6,
};

const verdicts = (tables: readonly CountTable[], options: VerifyOptions) =>
	verifyGroups(tables.map(subjectOf), options, resampleHere);

async function published(name: string) {
	const file = new URL(`../../datasets/published/${name}.json`, import.meta.url);
	const data = JSON.parse(readFileSync(file, 'utf8')) as {
		source: string;
		attempts_total: number;
		counts: CountRow[];
	};
	assert.match(data.source, /arXiv 2512\.10047/);
	const states = new Set(data.counts.flatMap(({ source, target }) => [source, target])).size;
	const table = countTable({
		rows: data.counts,
		attemptsByConvention: data.attempts_total / states,
	});
	return (await verdicts([table], DEFAULT_VERIFY))[0]!;
}

const values = (found: Awaited<ReturnType<typeof published>>) =>
	Object.fromEntries(
		found.potential
			.filter(({ value }) => value !== null)
			.map(({ state, value }) => [state, Number(value!.toFixed(2))]),
	);
const unbounded = (found: Awaited<ReturnType<typeof published>>) =>
	found.potential.filter((p) => p.unbounded !== null).map((p) => p.state);

test('the published Claude-4 table', async () => {
	const found = await published('claude-4');
	assert.equal(values(found), { ATTITUDE: 0, PERSONAL: 4.07, PROBLEMS: 5.18 });
	assert.equal(unbounded(found), ['BUZZY', 'TURKEY']);
	assert.is(found.independentLoops, 0);
	assert.is(found.verdict, 'untestable');
	assert.is(found.exactTest.p, null);
	assert.is(found.attempts, null);
});

test('the published Gemini-2.5-flash table', async () => {
	const found = await published('gemini-2.5-flash');
	assert.equal(values(found), { ATTITUDE: 0, BLISSFUL: 5.17, DISCIPLINE: 0.53, EXCELLENT: 4.77 });
	assert.is(unbounded(found).length, 9);
	assert.is(found.independentLoops, 0);
	assert.is(found.verdict, 'untestable');
});

const kernels: Record<string, (stream: Stream) => Kernel> = {
	holds: (stream) => randomKernel(4, stream, { depth: 0.4, spread: 0.4, noise: 0 }),
	violated: (stream) => randomKernel(4, stream, { depth: 0.4, spread: 0.4, noise: 1 }),
	trivial: () => [0.1, 0.3, 0.2, 0.25].map((_, __, q) => q),
};

test('the five controls', async () => {
	for (const [verdict, make] of Object.entries(kernels)) {
		const stream = new Stream([6, 60], 0);
		const [found] = await verdicts([sampleTable(make(stream), 30000, stream)], QUICK);
		assert.is(found!.verdict, verdict, found!.sentence);
	}
	const star = tableOf({ 'A>B': 90, 'B>A': 90, 'A>C': 90, 'C>A': 90 });
	assert.is((await verdicts([star], QUICK))[0]!.verdict, 'untestable');
	const stream = new Stream([6, 61], 0);
	const few = sampleTable(kernels.holds!(stream), 100, stream);
	assert.is((await verdicts([few], QUICK))[0]!.verdict, 'insufficient');
});

test('few attempts: the promised number of further ones settles it', async () => {
	let settled = 0;
	for (let i = 0; i < 12; i++) {
		const stream = new Stream([i, 62], 0);
		const kernel = randomKernel(4, stream, {
			depth: 0.4,
			spread: 0.4,
			noise: i % 2 === 0 ? 0 : 0.15,
		});
		const [first] = await verdicts([sampleTable(kernel, 300, stream)], QUICK);
		if (first!.verdict !== 'insufficient') {
			settled += 1;
			continue;
		}
		const attempts = 300 + first!.furtherAttemptsPerSource!;
		const [second] = await verdicts([sampleTable(kernel, attempts, stream)], {
			...QUICK,
			maxDraws: 1,
		});
		if (second!.verdict !== 'insufficient') settled += 1;
	}
	assert.ok(settled >= 10, `${settled} of 12 settled`);
});

test('a bare ring of seven: driven is violated, undriven is not', async () => {
	const ring = (forward: number, backward: number) => {
		const counts: Record<string, number> = {};
		for (let f = 0; f < 7; f++) {
			counts[`${f}>${(f + 1) % 7}`] = forward;
			counts[`${(f + 1) % 7}>${f}`] = backward;
		}
		return tableOf(counts, 10);
	};
	const [driven] = await verdicts([ring(600, 300)], QUICK);
	assert.is(driven!.verdict, 'violated');
	assert.ok(Math.abs(driven!.affinity.rms! - 7 * Math.log(2)) < 0.6, `${driven!.affinity.rms}`);
	assert.is(driven!.flow.curl!.value, 0);
	assert.ok(driven!.flow.harmonic!.value > 0.9);
	const [undriven] = await verdicts([ring(450, 452)], QUICK);
	assert.ok(undriven!.exactTest.p! > 0.05);
	assert.is.not(undriven!.verdict, 'violated');
});

test('rates near 1e-8: the driven ring of three is found, its reversible neighbour is reversible', async () => {
	const ring = (forward: number, backward: number) =>
		countTable({
			rows: [0, 1, 2].flatMap((f) => [
				{ source: `${f}`, target: `${(f + 1) % 3}`, count: forward },
				{ source: `${(f + 1) % 3}`, target: `${f}`, count: backward },
			]),
			attempts: { 0: 1e10, 1: 1e10, 2: 1e10 },
		});
	const [driven, reversible] = await verdicts([ring(150, 50), ring(100, 100)], QUICK);
	assert.is(driven!.verdict, 'violated');
	assert.ok(Math.abs(driven!.affinity.rms! - 3 * Math.log(3)) < 0.3);
	assert.ok(driven!.entropyProduction! > 1e-9, 'per attempt, and attempts rarely move');
	assert.ok(reversible!.exactTest.p! > 0.05);
	assert.is(reversible!.affinity.rms, 0);
	assert.ok(reversible!.entropyProduction! < 0.01 * driven!.entropyProduction!);
});

test('the record is complete and repeats bit for bit', async () => {
	const stream = new Stream([3, 63], 0);
	const table = sampleTable(kernels.violated!(stream), 200, stream);
	const [found] = await verdicts([table], QUICK);
	assert.equal((await verdicts([table], QUICK))[0], found);
	assert.is(found!.attempts, 800);
	assert.is(found!.attemptsPerSource, 200);
	assert.is(found!.outcomes.valid + found!.outcomes.self + found!.outcomes.invalid, 800);
	assert.is(found!.gradientShare, found!.flow.gradient!.value);
	assert.is(found!.entropyProduction, found!.entropy.value);
	assert.ok(
		found!.gradientShare! > 0 && found!.gradientShare! < 1 && found!.entropyProduction! > 0,
	);
	assert.equal(
		found!.normalisations.map((n) => n.normalisation),
		['high-reject', 'low-reject', 'true-attempt'],
	);
	assert.is(found!.leastAction.length, 6);
	assert.is(found!.worstLoops.loops[0]!.states.length, 3);
	assert.ok(found!.split.antisymmetric! > 0 && found!.replica!.samples === 19);
	assert.is(found!.assumptions.seeds.p, null);
	JSON.stringify(found, (_, x) => {
		assert.ok(typeof x !== 'number' || Number.isFinite(x), 'every number is finite');
		return x;
	});
	const other = (await verdicts([table], { ...QUICK, seed: 2 }))[0]!;
	assert.is.not(other.exactTest.acceptance, found!.exactTest.acceptance);
});

const near = (x: number | null, y: number | null): boolean =>
	x === null || y === null ? x === y : Math.abs(x - y) <= 1e-9 * (1 + Math.abs(y));

/** Rows over states 0 … 4. */
const rowsOf = fc
	.array(fc.tuple(fc.nat(4), fc.nat(4), fc.integer({ min: 1, max: 40 })), { maxLength: 20 })
	.map((cells) => [...new Map(cells.map(([f, g, n]) => [f * 5 + g, [f, g, n] as const])).values()]);

type Cells = readonly (readonly [number, number, number])[];
const build = (cells: Cells, names: readonly string[]) =>
	countTable({
		rows: cells.map(([f, g, count]) => ({ source: names[f]!, target: names[g]!, count })),
		attempts: Object.fromEntries(names.map((name) => [name, 300])),
	});

test('property: other labels change nothing but the luck of the draws', async () => {
	const order = fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e'], { minLength: 5 });
	await fc.assert(
		fc.asyncProperty(rowsOf, order, async (cells, names) => {
			const [[x], [y]] = [
				await verdicts([build(cells, ['a', 'b', 'c', 'd', 'e'])], QUICK),
				await verdicts([build(cells, names)], QUICK),
			];
			assert.is(x!.independentLoops, y!.independentLoops);
			assert.ok(near(x!.exactTest.statistic, y!.exactTest.statistic));
			assert.ok(near(x!.affinity.rms, y!.affinity.rms));
			assert.ok(near(x!.affinity.upper95, y!.affinity.upper95));
			assert.ok(near(x!.dependence.statistic, y!.dependence.statistic));
			const p = [x!.exactTest.p, y!.exactTest.p];
			if (p[0] !== null && p[1] !== null) assert.ok(Math.abs(p[0]! - p[1]!) < 0.35);
			for (const { state, value, standardError, unbounded: sign } of x!.potential) {
				const other = y!.potential.find((q) => q.state === names[state.charCodeAt(0) - 97])!;
				assert.ok(near(value, other.value) && near(standardError, other.standardError));
				assert.is(sign, other.unbounded);
			}
		}),
		{ numRuns: 40, seed: 1 },
	);
});

test('property: two states are never testable', async () => {
	const counts = fc.array(fc.nat(1000), { minLength: 4, maxLength: 4 });
	await fc.assert(
		fc.asyncProperty(counts, async ([a, b, c, d]) => {
			const table = tableOf({ 'A>B': a!, 'B>A': b!, 'A>A': c!, 'B>B': d! });
			assert.is((await verdicts([table], QUICK))[0]!.verdict, 'untestable');
		}),
		{ numRuns: 30, seed: 1 },
	);
});

test('property: a gradient added to l changes no loop quantity', async () => {
	const forward = [3e6, 2e6, 1e6];
	const backward = [1e6, 2.5e6, 2e6];
	// Counts from state f times scale[f] add log scale[f] − log scale[g] to l.
	const scaled = async (scale: readonly number[]) => {
		const counts: Record<string, number> = {};
		for (let f = 0; f < 3; f++) {
			const g = (f + 1) % 3;
			counts[`${f}>${g}`] = forward[f]! * scale[f]!;
			counts[`${g}>${f}`] = backward[f]! * scale[g]!;
		}
		return (await verdicts([tableOf(counts)], QUICK))[0]!;
	};
	const plain = await scaled([1, 1, 1]);
	const A = Math.log(6e18 / 5e18);
	assert.ok(Math.abs(plain.affinity.rms! - A) < 1e-4);
	const factor = fc.integer({ min: 1, max: 100 });
	await fc.assert(
		fc.asyncProperty(fc.tuple(factor, factor, factor), async (scale) => {
			const { affinity } = await scaled(scale);
			assert.ok(Math.abs(affinity.rms! - plain.affinity.rms!) < 1e-4);
		}),
		{ numRuns: 15, seed: 1 },
	);
});

test.run();
