import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_TOLERANCES, decide, type Evidence, holm } from '../../harness/analysis/verdict.js';

interface Case {
	loops?: number;
	p?: number | null;
	upper?: number | null;
	information?: number | null;
	attempts?: number | null;
	asked?: boolean;
	meanSquare?: number;
	loopsLeftOut?: number;
}

/** 36 independent loops of the same weight, as ten states of even counts have them. */
const SQUARES = { noise: 36, variance: 72, slope: 1, sumWeights: 36 };

const evidence = (c: Case): Evidence => {
	const { loops = 3, p = 0.5, upper = 0.3, information = 1, attempts = 100, asked } = c;
	const { meanSquare = 0, loopsLeftOut = 0 } = c;
	return {
		independentLoops: loops,
		exactTest: {
			p,
			reason: p === null ? 'no move was accepted in 9 steps' : null,
			...(asked === undefined ? {} : { asked }),
		},
		affinity: {
			rms: upper === null ? null : Math.sqrt(Math.max(0, meanSquare)),
			meanSquare: upper === null ? null : meanSquare,
			upper95: upper,
			squares: upper === null ? null : SQUARES,
			loops: 40,
			loopsLeftOut,
			reason: upper === null ? 'every loop runs over a pair seen only once' : null,
		},
		dependence: { upper95: information },
		attempts: attempts === null ? null : 10 * attempts,
		attemptsPerSource: attempts,
	};
};
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

test('insufficient names what would settle it: 105.58 times as much in all', () => {
	const [one] = decide([evidence({})], DEFAULT_TOLERANCES);
	assert.ok(Math.abs(one!.growth! - 105.577384) < 1e-5);
	assert.is(one!.furtherAttemptsPerSource, 10458);
	assert.is(one!.furtherAttempts, 104578);
	assert.match(one!.sentence, /about 10,458 further attempts from every source \(104,578 in all\)/);
	assert.match(one!.sentence, /if the affinity is 0 or at least 0\.1; in between nothing/);
	const [unknown] = decide([evidence({ attempts: null })], DEFAULT_TOLERANCES);
	assert.equal([unknown!.furtherAttemptsPerSource, unknown!.furtherAttempts], [null, null]);
	assert.match(unknown!.sentence, /about 106 times as many transitions/);
});

test('the promise: fewer at a wider tolerance, more at a smaller α or with more groups', () => {
	const growth = (groups: readonly Case[], tolerances = DEFAULT_TOLERANCES) =>
		decide(groups.map(evidence), tolerances)[0]!.growth!;
	const plain = growth([{}]);
	assert.ok(growth([{}], { ...DEFAULT_TOLERANCES, affinity: 0.2 }) < plain / 3.5);
	const strict = growth([{}], { ...DEFAULT_TOLERANCES, alpha: 0.01 });
	assert.ok(strict > 1.2 * plain);
	assert.is(growth([{}, {}, { p: null }, {}, {}, {}]), strict);
	// Groups that were left out may be asked for next time.
	assert.is(growth([{}, {}, {}, {}, { p: null, asked: false }]), strict);
});

test('the affinity promised to be seen is the present one where that is above the tolerance', () => {
	const [high] = decide([evidence({ meanSquare: 0.04 })], DEFAULT_TOLERANCES);
	assert.match(high!.sentence, /is 0 or at least 0\.2;/);
});

test('a table too sparse to promise anything for says so', () => {
	const sentence = (loopsLeftOut: number) =>
		decide([evidence({ loopsLeftOut })], DEFAULT_TOLERANCES)[0]!.sentence;
	assert.match(
		sentence(41),
		/this number is a guess, since most loops run over a pair seen only once/,
	);
	assert.not.match(sentence(40), /guess/);
});

test('an exact test that was left out: everything else is still decided, and it is said', () => {
	const left = (c: Case) =>
		decide([evidence({ ...c, p: null, asked: false })], DEFAULT_TOLERANCES)[0]!;
	assert.is(left({ loops: 0 }).verdict, 'untestable');
	assert.is(left({ upper: 0.05 }).verdict, 'holds');
	assert.is(left({ upper: 0.05, information: 0.001 }).verdict, 'trivial');
	const open = left({});
	assert.is(open.verdict, 'insufficient');
	assert.match(open.sentence, /^Not shown, and not tested because the exact test was left out:/);
	assert.is(open.furtherAttemptsPerSource, 10458);
	const failed = decide([evidence({ p: null, asked: true })], DEFAULT_TOLERANCES)[0]!;
	assert.is(failed.verdict, 'untestable');
	assert.match(failed.sentence, /no move was accepted/);
});

test('an affinity that cannot be estimated: the exact test can still reject', () => {
	const none = (p: number) => decide([evidence({ p, upper: null })], DEFAULT_TOLERANCES)[0]!;
	assert.is(none(0.01).verdict, 'violated');
	assert.match(none(0.01).sentence, /unknown: every loop runs over a pair seen only once/);
	assert.is(none(0.5).verdict, 'insufficient');
	assert.is(none(0.5).furtherAttemptsPerSource, null);
});

test('every sentence is one line', () => {
	for (const p of [0.001, 0.5, null]) {
		for (const upper of [0.05, 0.3, null]) {
			for (const asked of [true, false]) {
				const [found] = decide([evidence({ p, upper, asked })], DEFAULT_TOLERANCES);
				assert.match(found!.sentence, /^[^\n]+\.$/);
			}
		}
	}
});

test('tolerances out of range are refused', () => {
	for (const wrong of [{ affinity: 0 }, { dependence: Number.NaN }, { alpha: 1 }]) {
		assert.throws(() => decide([], { ...DEFAULT_TOLERANCES, ...wrong }), RangeError);
	}
});

test.run();
