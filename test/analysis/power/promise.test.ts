/** The promise against its definition: a second look at normal log-ratios, simulated. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cycleAffinity } from '../../../harness/analysis/effect/affinity.js';
import { pairEstimates } from '../../../harness/analysis/effect/pair-estimates.js';
import { exactTest } from '../../../harness/analysis/exact/exact-test.js';
import { findLoops } from '../../../harness/analysis/loops/loops.js';
import { fitReversible } from '../../../harness/analysis/potential/reversible-fit.js';
import { type Aim, growthToSettle } from '../../../harness/analysis/power/promise.js';
import { resampleHere } from '../../../harness/analysis/resample.js';
import { findComponents } from '../../../harness/analysis/table/components.js';
import { countTable } from '../../../harness/analysis/table/counts.js';
import { DEFAULT_TOLERANCES, decide } from '../../../harness/analysis/verdict.js';
import { binomial } from '../../../harness/numerics/binomial.js';
import { chanceBelow, noiseQuantile } from '../../../harness/numerics/shift-bound.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { type Kernel, randomKernel, stateName } from '../synthetic.js';

const LIMITS = { maxLoops: 10_000, seed: 1, searchStates: 1000, searchLoops: 2000 };
const AIM: Aim = { tolerance: 0.1, affinity: 0.1, alpha: 0.05 };
/** Ten loops seen with a variance of 1 and weighed alike: Q = |l̂|². */
const LOOPS = 10;
const SQUARES = { noise: LOOPS, variance: 2 * LOOPS, slope: 1, sumWeights: 500 };
const MEDIAN = noiseQuantile(SQUARES, 0.5);
const REJECT = noiseQuantile(SQUARES, 1 - AIM.alpha);

const looks = (l: readonly number[], stream: Stream, variance: number): number[] =>
	l.map((x) => x + Math.sqrt(variance) * stream.normal());
const squared = (l: readonly number[]): number => l.reduce((sum, x) => sum + x * x, 0);

/** A look at Q with all counts grown by g: settled? */
function settles(q: number, g: number): 'bound' | 'rejected' | null {
	// The upper bound lies below the tolerance if so small a Q is rare at the tolerance.
	const shift = AIM.tolerance ** 2 * g * SQUARES.sumWeights;
	if (chanceBelow(Math.max(q, MEDIAN), SQUARES, shift) < 0.05) return 'bound';
	return q > REJECT ? 'rejected' : null;
}

const known = new Map<number, number>();

function growthAt(q: number): number {
	const found = known.get(q);
	if (found !== undefined) return found;
	const meanSquare = (q - SQUARES.noise) / SQUARES.sumWeights;
	const affinity = Math.max(AIM.tolerance, Math.sqrt(Math.max(0, meanSquare)));
	const g = growthToSettle({ squares: SQUARES, meanSquare }, { ...AIM, affinity });
	known.set(q, g);
	return g;
}

/** Share settled at the second look of those open after the first. */
function secondLooks(rms: number, sets: number) {
	// rms² Σ w = |l|², all in one direction.
	const l = [rms * Math.sqrt(SQUARES.sumWeights), ...new Array<number>(LOOPS - 1).fill(0)];
	const stream = new Stream([Math.round(1000 * rms), 911], 0);
	let open = 0;
	let settled = 0;
	for (let i = 0; i < sets; i++) {
		const first = looks(l, stream, 1);
		const q = squared(first);
		if (settles(q, 1) !== null) continue;
		open += 1;
		const g = growthAt(Math.round(q));
		const more = looks(l, stream, 1 / (g - 1));
		const both = first.map((x, j) => (x + (g - 1) * more[j]!) / g);
		if (settles(g * squared(both), g) !== null) settled += 1;
	}
	return { open, share: settled / open };
}

test('at least 95 in 100 of the open looks are settled, at no affinity and at the tolerance', () => {
	for (const [rms, least] of [
		[0, 0.94],
		[0.1, 0.94],
		[0.13, 0.94],
	] as const) {
		const { open, share } = secondLooks(rms, 500);
		assert.ok(open > 100, `${open} open at ${rms}`);
		assert.ok(share >= least, `${share} of ${open} settled at ${rms}`);
	}
});

test('it asks for no more than it must: a third less settles too few', () => {
	const q = SQUARES.noise;
	const g = growthToSettle({ squares: SQUARES, meanSquare: 0 }, AIM);
	const share = (growth: number): number => {
		const stream = new Stream([2, 912], 0);
		let settled = 0;
		for (let i = 0; i < 800; i++) {
			const first = looks(new Array<number>(LOOPS).fill(0), stream, 1);
			const scale = Math.sqrt(q / squared(first));
			const more = looks(new Array<number>(LOOPS).fill(0), stream, 1 / (growth - 1));
			const both = first.map((x, j) => (x * scale + (growth - 1) * more[j]!) / growth);
			if (settles(growth * squared(both), growth) === 'bound') settled += 1;
		}
		return settled / 800;
	};
	const full = share(g);
	assert.ok(full > 0.94 && full < 0.985, `${full} at ${g}`);
	const less = share(1 + (g - 1) / 1.5);
	assert.ok(less < full - 0.05, `${less} at two thirds, ${full} at ${g}`);
});

test('the docstring’s example, and what moves it', () => {
	const squares = { noise: 36, variance: 72, slope: 1, sumWeights: 36 };
	const growth = (change: Partial<Aim>, meanSquare = 0): number =>
		growthToSettle({ squares, meanSquare }, { ...AIM, ...change });
	assert.ok(Math.abs(growth({}) - 105.577384) < 1e-5);
	assert.ok(growth({ tolerance: 0.2, affinity: 0.2 }) < growth({}) / 3.5);
	assert.ok(growth({ alpha: 0.001 }) > growth({}));
	// A larger affinity is seen sooner, but the bound still has to fall.
	assert.ok(Math.abs(growth({ affinity: 1 }) - growth({})) < 2);
	// An unlucky first look takes more to outweigh.
	assert.ok(growth({}, 0.5) > growth({}, 0));
	assert.is(growth({ tolerance: 5, affinity: 5 }), 1.1);
});

/** Counts of one more look, a row at a time: what is left of the attempts goes to the next target. */
function draw(kernel: Kernel, attempts: number, stream: Stream): number[][] {
	return kernel.map((row) => {
		let left = attempts;
		let rest = 1;
		return row.map((p) => {
			const count = binomial(left, Math.min(1, p / rest), stream);
			left -= count;
			rest -= p;
			return count;
		});
	});
}

async function decideTable(counts: readonly (readonly number[])[], attempts: number, seed: number) {
	const rows = counts.flatMap((row, f) =>
		row.map((count, g) => ({ source: stateName(f), target: stateName(g), count })),
	);
	const made = Object.fromEntries(counts.map((_, f) => [stateName(f), attempts]));
	const table = countTable({ rows, attempts: made });
	const components = findComponents(table);
	const loops = findLoops(components, LIMITS);
	const fit = fitReversible(table, components);
	const { independentLoops } = components;
	const options = { seed, samples: 99, steps: null };
	const [decision] = decide(
		[
			{
				independentLoops,
				exactTest: await exactTest({ loops, fit }, options, resampleHere),
				affinity: cycleAffinity(loops, pairEstimates(components.inner, fit)),
				dependence: { upper95: null },
				attempts: attempts * counts.length,
				attemptsPerSource: attempts,
			},
		],
		DEFAULT_TOLERANCES,
	);
	return decision!;
}

/**
 * Settled among those open after the first look, measured: 4 states × 300 attempts, reversible 136 of
 * 137, driven at the tolerance 135 of 137, at half of it 84 of 88, at twice 84 of 84; 8 × 2000, 58 of
 * 58 and 45 of 46; 4 × 100 with potential and pair factors of sd 1, 93 of 96 and 88 of 94; 20 × 20 of
 * that kind, where the sentence says that the number is a guess, 29 of 37 and 34 of 34 (tolerance 0.5).
 */
test('the promise on real tables: the attempts it names settle what was open', async () => {
	let open = 0;
	let settled = 0;
	for (let i = 0; i < 16; i++) {
		const stream = new Stream([i, 913], 0);
		// A triangle has a² = 3 sd²: 0.08 is above the tolerance for most kernels.
		const shape = { depth: 0.4, spread: 0.4, noise: i % 2 === 0 ? 0 : 0.08 };
		const kernel = randomKernel(4, stream, shape);
		const first = draw(kernel, 300, stream);
		const before = await decideTable(first, 300, i);
		if (before.verdict !== 'insufficient') continue;
		open += 1;
		const more = before.furtherAttemptsPerSource!;
		const second = draw(kernel, more, stream);
		const both = first.map((row, f) => row.map((n, g) => n + second[f]![g]!));
		const after = await decideTable(both, 300 + more, i);
		if (after.verdict !== 'insufficient') settled += 1;
	}
	assert.ok(open >= 12, `${open} open`);
	assert.ok(settled >= open - 2, `${settled} of ${open} settled`);
});

test.run();
