import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_TOLERANCES, decide, type Evidence, holm } from '../../harness/analysis/verdict.js';

interface Case {
	loops?: number;
	p?: number | null;
	upper?: number;
	information?: number | null;
	attempts?: number | null;
}

const evidence = ({ loops = 3, p = 0.5, upper = 0.3, information = 1, attempts = 100 }: Case) =>
	({
		independentLoops: loops,
		exactTest: { p, reason: p === null ? 'no move was accepted in 9 steps' : null },
		affinity: { rms: 0.05, upper95: upper, reversibleUpper95: 0.4 },
		dependence: { upper95: information },
		attemptsPerSource: attempts,
	}) satisfies Evidence;
const verdict = (c: Case, tolerances = DEFAULT_TOLERANCES) =>
	decide([evidence(c)], tolerances)[0]!.verdict;

test('five verdicts, each on both sides of its line', () => {
	assert.is(verdict({ loops: 0, p: null }), 'untestable');
	assert.is(verdict({ p: null }), 'untestable');
	assert.is(verdict({ upper: 0.0999 }), 'holds');
	assert.is(verdict({ upper: 0.1 }), 'insufficient');
	assert.is(verdict({ upper: 0.0999, information: 0.0099 }), 'trivial');
	assert.is(verdict({ upper: 0.0999, information: 0.01 }), 'holds');
	assert.is(verdict({ upper: 0.0999, information: null }), 'holds');
	assert.is(verdict({ p: 0.05 }), 'violated');
	assert.is(verdict({ p: 0.051 }), 'insufficient');
});

test('each tolerance changes the verdict', () => {
	assert.is(verdict({ upper: 0.15 }, { ...DEFAULT_TOLERANCES, affinity: 0.2 }), 'holds');
	const loose = { ...DEFAULT_TOLERANCES, dependence: 2 };
	assert.is(verdict({ upper: 0.05 }, loose), 'trivial');
	assert.is(verdict({ p: 0.03 }, { ...DEFAULT_TOLERANCES, alpha: 0.01 }), 'insufficient');
});

test('a violation below the tolerance is said', () => {
	const [found] = decide([evidence({ p: 0.001, upper: 0.05 })], DEFAULT_TOLERANCES);
	assert.is(found!.verdict, 'holds');
	assert.match(found!.sentence, /smaller than the tolerance was detected/);
	const [none] = decide([evidence({ p: 0.9, upper: 0.05 })], DEFAULT_TOLERANCES);
	assert.not.match(none!.sentence, /detected/);
});

test('Holm runs over the groups given, untested ones apart', () => {
	assert.equal(holm([0.01, null, 0.04, 0.03]), [0.03, null, 0.06, 0.06]);
	const groups = [0.02, 0.04, null, 0.9].map((p) => evidence({ p }));
	assert.equal(
		decide(groups, DEFAULT_TOLERANCES).map((d) => d.verdict),
		['insufficient', 'insufficient', 'untestable', 'insufficient'],
	);
	assert.is(decide([groups[0]!], DEFAULT_TOLERANCES)[0]!.verdict, 'violated');
});

test('insufficient names the further attempts: (0.4 / 0.1)² as many in all', () => {
	const [one] = decide([evidence({})], DEFAULT_TOLERANCES);
	assert.is(one!.furtherAttemptsPerSource, 1500);
	assert.match(one!.sentence, /about 1500 further attempts from every source/);
	const [unknown] = decide([evidence({ attempts: null })], DEFAULT_TOLERANCES);
	assert.is(unknown!.furtherAttemptsPerSource, null);
	assert.match(unknown!.sentence, /not recorded/);
});

test('tolerances out of range are refused', () => {
	for (const wrong of [{ affinity: 0 }, { dependence: Number.NaN }, { alpha: 1 }]) {
		assert.throws(() => decide([], { ...DEFAULT_TOLERANCES, ...wrong }), RangeError);
	}
});

test.run();
