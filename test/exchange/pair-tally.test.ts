import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PairTally, STATES_MOST } from '../../harness/exchange/pair-tally.js';

const state = fc.oneof(fc.nat({ max: 40 }), fc.constantFrom(STATES_MOST - 1, STATES_MOST - 2));

test('a tally is what a Map says, in order', () => {
	fc.assert(
		fc.property(
			fc.array(fc.tuple(state, state, fc.nat({ max: 2 ** 40 })), { maxLength: 3000, size: 'max' }),
			(rows) => {
				const tally = new PairTally();
				const slow = new Map<string, { pair: [number, number, number]; mark: number }>();
				for (const [mark, [f, g, count]] of rows.entries()) {
					const known = slow.get(`${f} ${g}`);
					assert.is(tally.add(f, g, { count, mark }), known?.mark ?? null);
					if (known === undefined) slow.set(`${f} ${g}`, { pair: [f, g, count], mark });
					else known.pair[2] += count;
				}
				const expected = [...slow.values()].map(({ pair }) => pair);
				expected.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
				assert.equal([...tally], expected);
				assert.is(tally.size, slow.size);
			},
		),
		{ numRuns: 50, seed: 1 },
	);
});

test('it grows: a hundred thousand pairs', () => {
	const tally = new PairTally();
	for (let i = 0; i < 100_000; i++) tally.add(i % 317, Math.floor(i / 317), { count: i, mark: i });
	assert.is(tally.size, 100_000);
	let sum = 0;
	for (const [f, g, count] of tally) {
		assert.is(count, g * 317 + f);
		sum += count;
	}
	assert.is(sum, (100_000 * 99_999) / 2);
	assert.is(tally.add(316, 0, { count: 0, mark: -7 }), 316);
});

test.run();
