import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { weighedFlow } from '../../../harness/analysis/effect/flow-energy.js';
import {
	formNoise,
	formNoisePanel,
	PART_NAMES,
	type ProbeInput,
} from '../../../harness/analysis/effect/form-noise.js';
import { nullFlow, nullTables } from '../../../harness/analysis/effect/null-flow.js';
import { largestPart, weighedGraph } from '../../../harness/analysis/effect/weighed-graph.js';
import { directedCounts } from '../../../harness/analysis/exact/loop-moves.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { randomKernel, sampleTable, tableOf } from '../synthetic.js';
import { flowData, HERE, ring } from './flow-data.js';

function input(K: number, attempts: number) {
	const stream = new Stream([K, 80], 0);
	const kernel = randomKernel(K, stream, { depth: 0.5, spread: 0.5, noise: 0 });
	const data = flowData(sampleTable(kernel, attempts, stream));
	const graph = weighedGraph(data.loops.pairs, data.estimates.used);
	return { data, graph, flow: weighedFlow(data, graph) };
}

test('noise of each part is its number of dimensions, its variance twice that and more', async () => {
	const { data, graph, flow } = input(8, 60);
	const found = await formNoise(flow, () => nullTables(data, graph, 1), HERE);
	const P = graph.pair.length;
	assert.ok(Math.abs(found.gradient.noise - (P - graph.loops)) < 1e-6);
	assert.ok(Math.abs(found.residual.noise - graph.loops) < 1e-6);
	assert.ok(Math.abs(found.curl.noise - graph.loops) < 1e-6);
	assert.ok(Math.abs(found.residual.normalVariance - 2 * graph.loops) < 1e-6);
	assert.ok(found.residual.variance > found.residual.normalVariance);
});

test('random signs agree with probing every edge', () => {
	const { data, graph, flow } = input(14, 40);
	const exact: ProbeInput = { ...flow, seed: 1, exact: true, tables: null };
	const mean = (rows: Float64Array, column: number): number => {
		const draws = rows.length / formNoisePanel.width;
		let sum = 0;
		for (let i = 0; i < draws; i++) sum += rows[i * formNoisePanel.width + column]! / draws;
		return sum;
	};
	const all = formNoisePanel.draw(exact, 0, graph.pair.length);
	const tables = nullTables(data, graph, 1);
	const some = formNoisePanel.draw({ ...exact, exact: false, tables }, 0, 300);
	for (let column = 0; column < formNoisePanel.width; column++) {
		const [x, y] = [mean(all, column), mean(some, column)];
		// excess, noise, normal variance, own; the last is what null tables have left
		if (column % 5 < 3) assert.ok(Math.abs(x - y) < 0.1 * Math.abs(x) + 2, `${column}: ${x}, ${y}`);
	}
	// Detailed balance leaves nothing in a dense table: less than a third of an energy's deviation.
	const left = mean(some, 5 * PART_NAMES.indexOf('residual') + 4);
	assert.ok(Math.abs(left) < Math.sqrt(2 * graph.loops) / 3, `${left} left`);
});

test('draws do not depend on how they are shared out', () => {
	const { data, graph, flow } = input(6, 40);
	const tables = nullTables(data, graph, 7);
	const probes: ProbeInput = { ...flow, seed: 7, exact: false, tables };
	const whole = formNoisePanel.draw(probes, 0, 5);
	const split = [formNoisePanel.draw(probes, 0, 2), formNoisePanel.draw(probes, 2, 5)];
	assert.equal(Array.from(whole), [...split[0]!, ...split[1]!]);
	const other = formNoisePanel.draw({ ...probes, seed: 8 }, 0, 5);
	assert.not.equal(Array.from(whole), Array.from(other));
});

test('null tables keep the margins, and so the fit; their ε̂ comes out even in the mean', () => {
	const { data, graph } = input(5, 100);
	const tables = nullTables(data, graph, 1);
	const sums = new Float64Array(graph.pair.length);
	for (let i = 0; i < 200; i++) {
		const { value } = nullFlow(tables, i);
		for (const [e, x] of value.entries()) sums[e]! += x / 200;
	}
	for (const [e, i] of graph.pair.entries()) {
		assert.ok(Math.abs(sums[e]!) < 5 * Math.sqrt(data.estimates.variance[i]! / 200));
	}
});

test('walks that have not forgotten a driven table are not believed', async () => {
	const stream = new Stream([36, 81], 0);
	const kernel = randomKernel(36, stream, { depth: 0.3, spread: 0.3, noise: 0.5 });
	const data = flowData(sampleTable(kernel, 3000, stream));
	const graph = weighedGraph(data.loops.pairs, data.estimates.used);
	const flow = weighedFlow(data, graph);
	assert.ok(graph.pair.length > 600);
	const still = () => ({
		...nullTables(data, graph, 1),
		steps: 1,
		hub: directedCounts(data.loops),
	});
	const { residual } = await formNoise(flow, still, HERE);
	assert.ok(residual.excess < 1.2 * residual.noise, `${residual.excess} of ${residual.noise}`);
});

test('weighed graphs: parts, forests and the largest part', () => {
	const { loops, estimates } = flowData(
		tableOf({ ...ring(1, 500), 'X>Y': 5, 'Y>X': 5, 'Y>Z': 3, 'Z>Y': 3, 'C>X': 1 }),
	);
	const graph = weighedGraph(loops.pairs, estimates.used);
	assert.equal([graph.nodes, graph.pair.length, graph.loops], [6, 5, 1]);
	assert.is(
		graph.inForest.reduce((sum, x) => sum + x, 0),
		4,
	);
	const largest = weighedGraph(loops.pairs, largestPart(graph, loops.pairs));
	assert.equal(Array.from(largest.state), [0, 1, 2], 'as many states, more transitions');
});

test.run();
