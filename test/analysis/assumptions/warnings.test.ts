import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { assumptionWarnings } from '../../../harness/analysis/assumptions/warnings.js';

const outcomes = { valid: 60, self: 20, invalid: 10, unparsable: 6, truncated: 4 };

test('lost attempts are worth a sentence above a fifth, a grammar always', () => {
	assert.equal(assumptionWarnings({ outcomes, constrained: false }), []);
	const [more, ...rest] = assumptionWarnings({
		outcomes: { ...outcomes, truncated: 5 },
		constrained: false,
	});
	assert.match(more!, /^21 % of the attempts reached no state/);
	assert.equal(rest, []);
	const [grammar] = assumptionWarnings({ outcomes, constrained: true });
	assert.match(grammar!, /another kernel/);
	assert.is(
		assumptionWarnings({ outcomes: { ...outcomes, invalid: 500 }, constrained: true }).length,
		2,
	);
});

test('no attempts, no warning', () => {
	const none = { valid: 0, self: 0, invalid: 0, unparsable: 0, truncated: 0 };
	assert.equal(assumptionWarnings({ outcomes: none, constrained: false }), []);
});

test.run();
