import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TokenPath } from '../../harness/engine/engine.js';
import { asSplit, splitting } from '../../harness/engine/prompt-split.js';
import type { SlotBackend } from '../../harness/engine/slots.js';

const PATH: TokenPath = { head: [1, 2], rest: [3, 4, 5], completion: [6] };

/** Notes the prompts it is given. */
function noting(): { readonly backend: SlotBackend; readonly asked: [number[], boolean][] } {
	const asked: [number[], boolean][] = [];
	const backend: SlotBackend = {
		width: 2,
		cut: async (_, tokens) => tokens.length,
		async prompt(_, tokens, wanted) {
			asked.push([[...tokens], wanted]);
			return wanted ? { logits: Float32Array.of(tokens.at(-1) as number), logNormalizer: 0 } : null;
		},
		decode: async (tokens) => tokens.map(() => null),
	};
	return { backend, asked };
}

test('whole: head and rest become one part; the others leave the paths as they are', () => {
	assert.equal(asSplit([PATH], 'whole'), [{ head: [], rest: [1, 2, 3, 4, 5], completion: [6] }]);
	for (const split of ['head|rest', 'tokens'] as const)
		assert.equal(asSplit([PATH], split), [PATH]);
});

test('tokens: a part is evaluated token by token, and the law is that of the last', async () => {
	const { backend, asked } = noting();
	const law = await splitting(backend, 'tokens').prompt(0, [3, 4, 5], true);
	assert.equal(asked, [
		[[3], false],
		[[4], false],
		[[5], true],
	]);
	assert.is(law?.logits[0], 5);
	assert.is(splitting(backend, 'head|rest'), backend);
	assert.is(splitting(backend, 'whole'), backend);
});

test.run();
