import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inputDependence } from '../../../harness/analysis/dependence/dependence.js';
import { informationSplit } from '../../../harness/analysis/dependence/information-split.js';
import { fitReversible } from '../../../harness/analysis/potential/reversible-fit.js';
import { resampleHere } from '../../../harness/analysis/resample.js';
import { findComponents } from '../../../harness/analysis/table/components.js';
import type { CountTable } from '../../../harness/analysis/table/counts.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { type Kernel, randomKernel, sampleTable, stateName, tableOf } from '../synthetic.js';

const OPTIONS = { seed: 1, resamples: 19, maxDraws: 1e6 };

async function split(table: CountTable) {
	const fit = fitReversible(table, findComponents(table));
	const dependence = await inputDependence(table, OPTIONS, resampleHere);
	return { ...informationSplit({ table, fit, dependence }, { seed: 1 }), dependence };
}

/** So many counts that noise is below 1e-6 nats. */
function vast(kernel: Kernel): CountTable {
	const counts: Record<string, number> = {};
	for (const [f, row] of kernel.entries()) {
		for (const [g, p] of row.entries()) {
			if (f !== g) counts[`${stateName(f)}>${stateName(g)}`] = Math.round(1e9 * p);
		}
	}
	return tableOf(counts);
}

const near = (x: number | null, y: number, tolerance = 1e-6): void =>
	assert.ok(x !== null && Math.abs(x - y) <= tolerance, `${x} is not ${y}`);

test('each part alone, against its closed form', async () => {
	// Round the ring with chance 3/4, back with 1/4: log 2 less the entropy of that.
	const ring = await split(
		vast([
			[0, 0.75, 0.25],
			[0.25, 0, 0.75],
			[0.75, 0.25, 0],
		]),
	);
	near(ring.target, 0);
	near(ring.symmetric, 0);
	near(ring.antisymmetric, Math.log(2) + 0.75 * Math.log(0.75) + 0.25 * Math.log(0.25));
	assert.ok(ring.shares!.antisymmetric > 0.9999);

	// Two blocks, four times as often inside as to each state outside: see the test of dependence.
	const blocks = [0, 1, 2, 3].map((f) =>
		[0, 1, 2, 3].map((g) => (f === g ? 0 : f >> 1 === g >> 1 ? 4 / 6 : 1 / 6)),
	);
	const pairs = await split(vast(blocks));
	near(pairs.target, 0);
	near(pairs.symmetric, Math.log(2) / 3);
	near(pairs.antisymmetric, 0);

	// T(g|f) = q(g), a refusal in place of f itself: Σ over f, g of q(g) log (3 q(g) / (1 − q(f))).
	const q = [0.1, 0.2, 0.3, 0.4];
	const deaf = await split(vast(q.map(() => q)));
	let target = 0;
	let all = 0;
	for (const [f, own] of q.entries()) {
		for (const [g, p] of q.entries()) {
			if (f === g) continue;
			target += p * Math.log((3 * p) / (1 - own));
			all += p;
		}
	}
	near(deaf.target, target / all);
	near(deaf.symmetric, 0);
	near(deaf.antisymmetric, 0);
});

test('a reversible kernel has no antisymmetric part, a driven one has; the others stay', async () => {
	const [totals, driven] = [0, 0.5].map((noise) => ({ noise, sums: [0, 0, 0], exact: [0, 0, 0] }));
	for (const found of [totals!, driven!]) {
		for (let i = 0; i < 12; i++) {
			const stream = new Stream([i, 55], 0);
			const shape = { depth: 0.5, spread: 0.5, noise: found.noise };
			const kernel = randomKernel(10, stream, shape);
			const table = sampleTable(kernel, 500, stream);
			const [seen, truth] = [await split(table), await split(vast(weighed(kernel, table)))];
			for (const [k, part] of (['target', 'symmetric', 'antisymmetric'] as const).entries()) {
				found.sums[k]! += seen[part]! / 12;
				found.exact[k]! += truth[part]! / 12;
			}
			assert.ok(
				Math.abs(seen.symmetric! + seen.antisymmetric! - seen.dependence.mutualInformation!) <
					1e-12,
			);
		}
		for (const k of [0, 1, 2]) near(found.sums[k]!, found.exact[k]!, 0.01);
	}
	assert.ok(totals!.sums[2]! < 0.002, `${totals!.sums[2]} nats where there are none`);
	assert.ok(driven!.sums[2]! > 0.012, `${driven!.sums[2]} nats of ${driven!.exact[2]}`);
});

/** The kernel's valid transitions as often from each state as the table has them. */
function weighed(kernel: Kernel, table: CountTable): Kernel {
	const all = table.count.reduce((sum, n) => sum + n, 0);
	return kernel.map((row, f) => {
		const valid = row.reduce((sum, p, g) => sum + (g === f ? 0 : p), 0);
		const made = table.count.subarray(table.rowStart[f], table.rowStart[f + 1]);
		const weight = made.reduce((sum, n) => sum + n, 0) / all;
		return row.map((p) => (p * weight) / valid);
	});
}

test('a table without a loop has no antisymmetric part, however few its counts', async () => {
	// A path with a pair between components: every pair is fitted exactly.
	const counts = { 'A>B': 3, 'B>A': 1, 'B>C': 1, 'C>B': 1, 'C>D': 2, 'D>C': 5, 'A>E': 2 };
	const { antisymmetric, symmetric } = await split(tableOf(counts));
	near(antisymmetric, 0, 1e-9);
	assert.ok(symmetric! >= 0);
});

test('property: parts are not negative and shares add up to one, or all is null with a reason', async () => {
	const cell = fc.tuple(fc.nat(4), fc.nat(4), fc.integer({ min: 1, max: 30 }));
	await fc.assert(
		fc.asyncProperty(fc.array(cell, { minLength: 3, maxLength: 20 }), async (cells) => {
			const counts: Record<string, number> = {};
			for (const [f, g, n] of cells) if (f !== g) counts[`${'ABCDE'[f]}>${'ABCDE'[g]}`] = n;
			if (Object.keys(counts).length === 0) return;
			const found = await split(tableOf(counts));
			const parts = [found.target, found.symmetric, found.antisymmetric];
			if (found.dependence.mutualInformation === null) {
				assert.equal(parts, [null, null, null]);
				assert.is(found.reason, found.dependence.reason);
				return;
			}
			assert.ok(parts.every((part) => part! >= 0));
			if (found.shares === null) assert.ok(parts.every((part) => part === 0));
			else
				near(
					Object.values(found.shares).reduce((sum, share) => sum + share, 0),
					1,
					1e-12,
				);
		}),
		{ numRuns: 60, seed: 1 },
	);
});

test.run();
