/** Attempts against an exact kernel: a test, or the reason why there is none. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countTable } from '../../harness/analysis/table/counts.js';
import { agreement } from '../../harness/runner/exact-agreement.js';
import type { ExactKernel } from '../../harness/runner/exact-read.js';
import type { CountedKernel } from '../../harness/runner/kernels.js';

const identities = { model: 'm', template: 't', task: 'k', sampling: 's' };
const OPTIONS = { seed: 1, samples: 199 };

/** 10,000 attempts from A: half to B, a tenth to C. */
function sampled(other: Partial<typeof identities> = {}): CountedKernel {
	const table = countTable({
		rows: [
			{ source: 'A', target: 'B', count: 5000 },
			{ source: 'A', target: 'C', count: 1000 },
		],
		attempts: { A: 10_000 },
	});
	return {
		table,
		cells: [{ identities: { ...identities, ...other } }],
	} as unknown as CountedKernel;
}

/** T(B|A) 0.5, T(C|A) `rare`, each with so much more that may end there. */
function exact(rare: number, left: number): Pick<ExactKernel, 'rows' | 'stored'> {
	const entry = (target: string, found: number) => ({
		target,
		logFound: Math.log(found),
		logBound: Math.log(found + left),
	});
	const row = {
		source: 'A',
		entries: [entry('B', 0.5), entry('C', rare)],
		outcomes: null,
		elsewhere: 1 - 0.5 - rare - left,
		leftOut: left,
		evaluations: 1,
		reached: true,
	};
	return { rows: [row], stored: { identities } } as unknown as Pick<ExactKernel, 'rows' | 'stored'>;
}

const p = (kernel: Pick<ExactKernel, 'rows' | 'stored'>) =>
	agreement(kernel, [sampled()], OPTIONS)?.p;

test('the same law agrees, another does not', () => {
	assert.ok((p(exact(0.1, 0)) as number) > 0.5);
	assert.is(p(exact(0.12, 0)), 1 / 200);
});

test('mass left out: tested while it can shift the statistic by little, with a reason beyond', () => {
	// n δ² (1/0.5 + 1/0.1 + 1/0.4) = 0.05 at δ = 5.9e-4.
	assert.type(p(exact(0.1, 5e-4)), 'number');
	const beyond = agreement(exact(0.1, 7e-4), [sampled()], OPTIONS);
	assert.is(beyond?.p, null);
	assert.match((beyond as { reason: string }).reason, /smaller --epsilon/);
	// Where nothing was found, attempts count and not their square: 10,000 × 4e-6 and × 6e-6.
	assert.is(agreement(exact(0, 6e-6), [sampled()], OPTIONS)?.p, null);
	assert.type(p(exact(0, 4e-6)), 'number');
});

test('nothing of the same setting: no statement', () => {
	for (const kind of ['model', 'template', 'task', 'sampling'])
		assert.is(agreement(exact(0.1, 0), [sampled({ [kind]: 'other' })], OPTIONS), null, kind);
});

test.run();
