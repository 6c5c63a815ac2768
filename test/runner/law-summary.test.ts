/** What is kept of a law, against the slow way. */
import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { logSumExp } from '../../harness/engine/engine.js';
import { summarise } from '../../harness/runner/law-summary.js';

const logit = fc.oneof(
	fc.constantFrom(-Infinity, -1, -0, 0, 1),
	fc.float({ min: -90, max: 90, noNaN: true }),
);
const laws = fc
	.array(logit, { minLength: 1, maxLength: 40 })
	.filter((values) => values.some((x) => x > -Infinity))
	.map((values) => Float32Array.from(values));

test('the likeliest eight, the lower id on ties, and the checksum of all logits', () =>
	fc.assert(
		fc.property(laws, (logits) => {
			const at = (token: number) => logits[token] as number;
			const logNormalizer = logSumExp(logits);
			const { top, checksum } = summarise({ logits, logNormalizer });
			const wanted = [...logits.keys()]
				.filter((token) => at(token) > -Infinity)
				.sort((a, b) => at(b) - at(a) || a - b)
				.slice(0, 8);
			assert.equal(
				top,
				wanted.map((token) => ({ token, logProbability: at(token) - logNormalizer })),
			);
			const bytes = Buffer.alloc(4 * logits.length);
			for (const [i, x] of logits.entries()) bytes.writeFloatLE(x, 4 * i);
			const sum = createHash('sha256').update(bytes).digest('hex').slice(0, 32);
			assert.is(Buffer.from(checksum).toString('hex'), sum);
		}),
		{ numRuns: 500, seed: 1 },
	));

test('a part of a larger array is summed up as that part', () => {
	const whole = Float32Array.of(5, 1, 2, 3, 9);
	const part = { logits: whole.subarray(1, 4), logNormalizer: 0 };
	assert.equal(summarise(part), summarise({ ...part, logits: Float32Array.of(1, 2, 3) }));
});

test.run();
