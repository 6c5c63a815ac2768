import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Beginning, Frontier, massOf } from '../../harness/kernel/frontier.js';
import { Stream } from '../../harness/numerics/stream.js';

const STATES = 5;

/** Beginnings that share a mass of 1 unevenly, each with a range of states. */
function beginnings(count: number): Beginning[] {
	const stream = new Stream([1, 0], count);
	const weights = Array.from({ length: count }, () => stream.next() ** 4);
	const all = weights.reduce((a, b) => a + b, 0);
	return weights.map((weight, i) => {
		const logMass = Math.log(weight / all);
		const from = stream.below(STATES);
		const prospects = [{ from, to: from + 1 + stream.below(STATES - from) }];
		return { path: [i % 7, i], logMass, mass: massOf(logMass), rank: 0, prospects };
	});
}

const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-12, `${a} is not ${b}`);

test('what is let go of keeps its mass, in all and for each state; the heaviest stay', () => {
	const entries = beginnings(1000);
	const [roomy, tight] = [new Frontier(STATES, 1000), new Frontier(STATES, 100)];
	for (const entry of entries) {
		roomy.push(entry);
		tight.push(entry);
	}
	assert.is(roomy.size, 1000);
	assert.ok(tight.size <= 100 && tight.size >= 50, `${tight.size}`);
	close(roomy.mass(), 1);
	close(tight.mass(), 1);
	for (const [i, mass] of roomy.massOfStates().entries())
		close(tight.massOfStates()[i] as number, mass);
	const best = (frontier: Frontier) => frontier.take(3, ({ mass }) => mass);
	assert.equal(best(tight), best(roomy));
});

test('takes the highest scores, the heavier on ties, in order of their paths; none at a score of 0', () => {
	const entries = beginnings(20);
	const frontier = new Frontier(STATES, 100);
	for (const entry of entries) frontier.push(entry);
	const even = (entry: Beginning) => ((entry.path[1] as number) % 2 === 0 ? 1 : 0);
	const heaviest = entries
		.filter((entry) => even(entry) === 1)
		.sort((a, b) => b.mass - a.mass)
		.slice(0, 4);
	const byPath = (a: Beginning, b: Beginning) =>
		(a.path[0] as number) - (b.path[0] as number) || (a.path[1] as number) - (b.path[1] as number);
	assert.equal(frontier.take(4, even), heaviest.sort(byPath));
	assert.is(frontier.size, 16);
	assert.is(frontier.take(100, even).length, 6);
	assert.equal(frontier.take(100, even), []);
	assert.equal(
		frontier.take(0, () => 1),
		[],
	);
	assert.is(frontier.size, 10);
});

test('which entries are taken does not depend on the order they came in', () => {
	const entries = beginnings(50);
	const taken = (order: readonly Beginning[]) => {
		const frontier = new Frontier(STATES, 100);
		for (const entry of order) frontier.push(entry);
		return [frontier.take(5, ({ mass }) => mass), frontier.take(9, () => 1)];
	};
	assert.equal(taken(entries), taken(entries.toReversed()));
});

test('a mass too small to be told from 0 is no 0', () => {
	assert.is(massOf(-1000), 1e-300);
	assert.is(massOf(-10), Math.exp(-10));
});

test.run();
