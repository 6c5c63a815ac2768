import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { incompleteGamma } from '../../harness/numerics/gamma.js';
import { shuffleTargets } from '../../harness/numerics/target-shuffle.js';

const OPTIONS = { seed: 1, purpose: 90, draw: 0, sweeps: 3, direction: 1 } as const;

/** Transitions f → g as one string each, sorted: the table. */
const nameOf = (source: ArrayLike<number>, target: ArrayLike<number>): string =>
	Array.from({ length: source.length }, (_, i) => `${source[i]}${target[i]}`)
		.sort()
		.join(' ');

/** Every way to hand the targets to the transitions without a self transition, counted by table. */
function enumerate(source: readonly number[], targets: readonly number[]): Map<string, number> {
	const found = new Map<string, number>();
	const given: number[] = [];
	const left = [...targets];
	const visit = (): void => {
		if (given.length === source.length) {
			const name = nameOf(source, given);
			found.set(name, (found.get(name) ?? 0) + 1);
			return;
		}
		for (let i = 0; i < left.length; i++) {
			if (left[i] === source[given.length]) continue;
			const [taken] = left.splice(i, 1);
			given.push(taken!);
			visit();
			left.splice(i, 0, given.pop()!);
		}
	};
	visit();
	return found;
}

/** p of Pearson's test of the tables reached against the enumeration. */
function agreement(source: readonly number[], targets: readonly number[], draws: number): number {
	const law = enumerate(source, targets);
	const ways = [...law.values()].reduce((sum, n) => sum + n, 0);
	const seen = new Map<string, number>();
	const list = { source: Int32Array.from(source), target: Int32Array.from(targets) };
	for (let draw = 0; draw < draws; draw++) {
		shuffleTargets(list, { ...OPTIONS, draw, sweeps: 12, direction: draw % 2 === 0 ? 1 : -1 });
		const name = nameOf(list.source, list.target);
		assert.ok(law.has(name), `${name} has other margins or a self transition`);
		seen.set(name, (seen.get(name) ?? 0) + 1);
	}
	let statistic = 0;
	for (const [name, n] of law) {
		const expected = (draws * n) / ways;
		statistic += ((seen.get(name) ?? 0) - expected) ** 2 / expected;
	}
	return incompleteGamma((law.size - 1) / 2, statistic / 2).upper;
}

test('the law of the tables is that of full enumeration', () => {
	// Only rotations move three states; four states have swaps too.
	assert.ok(agreement([0, 1, 2], [1, 2, 0], 2000) > 1e-3);
	assert.ok(agreement([0, 0, 1, 1, 2, 2], [1, 2, 0, 2, 0, 1], 3000) > 1e-3);
	assert.ok(agreement([0, 0, 1, 1, 2, 3, 3], [1, 2, 0, 3, 0, 1, 0], 6000) > 1e-3);
});

test('a star cannot be moved', () => {
	const source = Int32Array.of(0, 0, 1, 2, 3);
	const target = Int32Array.of(1, 2, 0, 0, 0);
	const before = nameOf(source, target);
	for (let draw = 0; draw < 50; draw++) {
		shuffleTargets({ source, target }, { ...OPTIONS, draw });
		assert.is(nameOf(source, target), before);
	}
});

test('one seed, purpose and draw give one list; each of them matters', () => {
	const source = Int32Array.from({ length: 200 }, (_, i) => Math.floor(i / 10));
	const start = source.map((f, i) => (f + 1 + (i % 7)) % 20);
	const shuffled = (change: Partial<Parameters<typeof shuffleTargets>[1]>): string => {
		const target = start.slice();
		shuffleTargets({ source, target }, { ...OPTIONS, ...change });
		return target.join();
	};
	assert.is(shuffled({}), shuffled({}));
	for (const change of [{ seed: 2 }, { purpose: 91 }, { draw: 1 }, { direction: -1 as const }]) {
		assert.is.not(shuffled(change), shuffled({}));
	}
});

test.run();
