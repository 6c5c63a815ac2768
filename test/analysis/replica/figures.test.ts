import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { leastAction } from '../../../harness/analysis/potential/least-action.js';
import {
	type AnalysisSettings,
	type Figures,
	paperFit,
	replicaFigures,
} from '../../../harness/analysis/replica/figures.js';
import { eachLoop, type LoopSums } from '../../../harness/analysis/replica/loop-panel.js';
import { findComponents } from '../../../harness/analysis/table/components.js';
import { type CountTable, countTable } from '../../../harness/analysis/table/counts.js';
import { normalise } from '../../../harness/analysis/table/normalise.js';
import { TIGHT } from '../../../harness/numerics/pair-action.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { randomKernel, sampleTable, tableOf } from '../synthetic.js';

const settingsOf = (table: CountTable): AnalysisSettings => ({
	perState: table.attempts.reduce((sum, n) => sum + n, 0) / table.states.length,
	start: null,
	tolerance: TIGHT,
});
const figuresOf = (table: CountTable, settings = settingsOf(table)): Figures =>
	replicaFigures(table, paperFit(table, settings), settings);

const near = (x: number, y: number, tolerance = 1e-12): void =>
	assert.ok(
		(Number.isNaN(x) && Number.isNaN(y)) || Math.abs(x - y) <= tolerance * (1 + Math.abs(y)),
		`${x} is not ${y}`,
	);

/** The slow obvious version of scatter and loops, over a full matrix. */
function slow(table: CountTable) {
	const K = table.states.length;
	const C = Array.from({ length: K }, () => new Float64Array(K));
	const accepted = new Float64Array(K);
	for (let f = 0; f < K; f++) {
		for (let i = table.rowStart[f]!; i < table.rowStart[f + 1]!; i++) {
			C[f]![table.target[i]!] = table.count[i]!;
			accepted[f]! += table.count[i]!;
		}
	}
	const components = findComponents(table);
	const least = leastAction(normalise(table, components, 'high-reject')!, 'logistic');
	const V = least.potential.map(({ value }) => value ?? Number.NaN);
	const xs: number[] = [];
	const ys: number[] = [];
	for (let f = 0; f < K; f++) {
		for (let g = 0; g < K; g++) {
			// Both orientations of every pair.
			if (f === g || !(C[f]![g]! > 1 && C[g]![f]! > 1)) continue;
			xs.push(V[f]! - V[g]!);
			ys.push(Math.log(C[f]![g]! / accepted[f]! / (C[g]![f]! / accepted[g]!)));
		}
	}
	const mean = (a: readonly number[]): number => a.reduce((sum, x) => sum + x, 0) / a.length;
	const covariance = (a: readonly number[], b: readonly number[]): number =>
		mean(a.map((x, i) => (x - mean(a)) * (b[i]! - mean(b))));
	const loops = [0, 1].map((threshold) => {
		let [N, sum] = [0, 0];
		for (let f = 0; f < K; f++) {
			for (let g = f + 1; g < K; g++) {
				for (let h = g + 1; h < K; h++) {
					const forward = [
						[f, g],
						[g, h],
						[h, f],
					] as const;
					const counts = forward.flatMap(([a, b]) => [C[a]![b]!, C[b]![a]!]);
					if (Math.min(...counts) <= threshold) continue;
					let [log, variance] = [0, 0];
					for (const [a, b] of forward) {
						log += Math.log(C[a]![b]! / table.attempts[a]!);
						log -= Math.log(C[b]![a]! / table.attempts[b]!);
						variance += 1 / C[a]![b]! + 1 / table.attempts[a]!;
						variance += 1 / C[b]![a]! + 1 / table.attempts[b]!;
					}
					N += 1;
					sum += log ** 2 / variance;
				}
			}
		}
		return { N, chi: sum / N };
	});
	return {
		scatterPairs: xs.length / 2,
		correlation: covariance(xs, ys) / Math.sqrt(covariance(xs, xs) * covariance(ys, ys)),
		scatterChiSquare: mean(xs.map((x, i) => (ys[i]! - x) ** 2)),
		loopsAbove0: loops[0]!.N,
		loopChiSquareAbove0: loops[0]!.chi,
		loopsAbove1: loops[1]!.N,
		loopChiSquareAbove1: loops[1]!.chi,
		actionLogistic: least.value ?? Number.NaN,
	};
}

test('scatter, loops and action agree with the slow version', () => {
	let loops = 0;
	for (let seed = 0; seed < 8; seed++) {
		const stream = new Stream([seed, 930], 0);
		const kernel = randomKernel(7, stream, { depth: 1, spread: 1, noise: seed % 2 });
		const table = sampleTable(kernel, 15 + 20 * seed, stream);
		const quick = figuresOf(table);
		for (const [name, value] of Object.entries(slow(table))) {
			near(quick[name as keyof Figures], value, 1e-9);
		}
		loops += quick.loopsAbove1;
	}
	assert.ok(loops > 20);
});

test('one triangle by hand: variance over six edges and six sources', () => {
	const table = tableOf({ 'A>B': 4, 'B>A': 2, 'B>C': 3, 'C>B': 5, 'C>A': 1, 'A>C': 6 }, 10);
	const found: LoopSums[] = [];
	eachLoop(findComponents(table).inner, table.attempts, (sums) => found.push(sums));
	assert.is(found.length, 1);
	const [A, B, C] = [20, 15, 16];
	near(found[0]!.forward, Math.log((4 / A) * (3 / B) * (1 / C)));
	near(found[0]!.backward, Math.log((6 / A) * (5 / C) * (2 / B)));
	const edges = 1 / 4 + 1 / 3 + 1 / 1 + 1 / 6 + 1 / 5 + 1 / 2;
	near(found[0]!.variance, edges + 2 * (1 / A + 1 / B + 1 / C));
	assert.is(found[0]!.least, 1);
	const { loopsAbove0, loopsAbove1, loopChiSquareAbove0, loopChiSquareAbove1 } = figuresOf(table);
	assert.equal([loopsAbove0, loopsAbove1], [1, 0]);
	near(loopChiSquareAbove0, Math.log(60 / 12) ** 2 / found[0]!.variance);
	assert.ok(Number.isNaN(loopChiSquareAbove1));
});

test('the potential: quantiles over bounded states, unbounded ones counted apart', () => {
	const counts = { 'A>B': 2, 'B>A': 8, 'B>C': 4, 'C>B': 4, 'U>A': 1, 'A>D': 1 };
	const figures = figuresOf(tableOf(counts, 20));
	// One N0 for all: V_A = V_B − log(8 / 2), V_C = V_B.
	assert.is(figures.boundedStates, 3);
	assert.is(figures.unboundedStates, 2);
	near(figures.potential25, Math.log(4) / 2, 1e-9);
	near(figures.potential50, Math.log(4), 1e-9);
	near(figures.potentialLargest, Math.log(4), 1e-9);
	const none = figuresOf(tableOf({ 'A>B': 2, 'B>C': 1 }, 3));
	assert.is(none.boundedStates, 0);
	for (const name of ['potential50', 'actionLogistic', 'actionExponential'] as const) {
		assert.ok(Number.isNaN(none[name]));
	}
});

test('property: other labels change no figure', () => {
	const cells = fc.array(fc.tuple(fc.nat(4), fc.nat(4), fc.integer({ min: 1, max: 9 })), {
		maxLength: 20,
	});
	const order = fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e'], { minLength: 5 });
	fc.assert(
		fc.property(cells, order, (drawn, names) => {
			const unique = [...new Map(drawn.map((cell) => [cell[0] * 5 + cell[1], cell])).values()];
			const [one, other] = [['a', 'b', 'c', 'd', 'e'], names].map((labels) =>
				figuresOf(
					countTable({
						rows: unique.map(([f, g, count]) => ({
							source: labels[f]!,
							target: labels[g]!,
							count,
						})),
						attempts: Object.fromEntries(labels.map((label, f) => [label, 100 + 10 * f])),
					}),
				),
			);
			for (const name of Object.keys(one!) as (keyof Figures)[])
				near(one![name], other![name], 1e-8);
		}),
		{ numRuns: 60, seed: 1 },
	);
});

test('the tolerance of the matched sets is fine enough, and it is a tolerance', () => {
	const stream = new Stream([5, 931], 0);
	const kernel = randomKernel(30, stream, { depth: 1, spread: 2, noise: 0 });
	const table = sampleTable(kernel, 60, stream);
	const tight = figuresOf(table);
	const loose = figuresOf(table, { ...settingsOf(table), tolerance: 1e-4 });
	for (const name of Object.keys(tight) as (keyof Figures)[]) near(loose[name], tight[name], 1e-3);
	const rough = figuresOf(table, { ...settingsOf(table), tolerance: 1e-2 });
	assert.ok(rough.potentialLargest !== tight.potentialLargest);
});

test.run();
