import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fitReversible } from '../../../harness/analysis/potential/reversible-fit.js';
import { drawCounts, replicaDesign } from '../../../harness/analysis/replica/design.js';
import { matchedExample } from '../../../harness/analysis/replica/matched.js';
import { replicaPanel } from '../../../harness/analysis/replica/replica.js';
import { resampleHere } from '../../../harness/analysis/resample.js';
import { findComponents } from '../../../harness/analysis/table/components.js';
import type { CountTable } from '../../../harness/analysis/table/counts.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { randomKernel, sampleTable, tableOf } from '../synthetic.js';

const OPTIONS = { seed: 1, points: 1000 };

function synthetic(): CountTable {
	const stream = new Stream([3, 940], 0);
	return sampleTable(randomKernel(8, stream, { depth: 1, spread: 1, noise: 0.2 }), 200, stream);
}

test('the observed side is what the replica panel keeps', async () => {
	const table = synthetic();
	const components = findComponents(table);
	const subject = { table, components, fit: fitReversible(table, components) };
	const panel = await replicaPanel(
		subject,
		{ ...OPTIONS, resamples: 19, maxDraws: 1e7 },
		resampleHere,
	);
	const example = matchedExample(table, OPTIONS);
	assert.ok(panel.scatter.length > 5 && panel.loops.length > 5);
	assert.equal(example?.observed.scatter, panel.scatter);
	assert.equal(example?.observed.loops, panel.loops);
});

test('the matched side is data set 0 of the panel, from the same attempts', () => {
	const table = synthetic();
	const components = findComponents(table);
	const fit = fitReversible(table, components);
	const drawn = drawCounts(replicaDesign(table, components, { fit, seed: 1 }), 0);
	const example = matchedExample(table, OPTIONS);
	assert.equal(example?.matched.counts, drawn);
	assert.equal(example?.matched.counts.attempts, table.attempts);
	assert.not.equal(example?.matched.scatter, example?.observed.scatter);
	assert.not.equal(matchedExample(table, { seed: 2, points: 1000 })?.matched.counts, drawn);
});

test('potentials: the lowest of a component is 0, a state without a way back has none', () => {
	const table = tableOf({ 'A>B': 40, 'B>A': 10, 'B>C': 30, 'C>B': 5, 'C>A': 20, 'U>A': 7 }, 50);
	const potential: readonly (number | null)[] =
		matchedExample(table, OPTIONS)?.observed.potential ?? [];
	const bounded = potential.filter((v): v is number => v !== null);
	assert.is(bounded.length, 3);
	assert.is(Math.min(...bounded), 0);
	assert.is(potential[table.states.indexOf('U')], null);
});

test('points are thinned, and a table without a component has no example', () => {
	const few = matchedExample(synthetic(), { seed: 1, points: 5 });
	assert.ok((few?.observed.scatter.length ?? 99) <= 5);
	assert.is(matchedExample(tableOf({ 'A>B': 3, 'A>C': 2 }, 10), OPTIONS), null);
});

test.run();
