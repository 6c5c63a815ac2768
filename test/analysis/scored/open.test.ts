/** What is not known: mass left out, zeros, other evaluation shapes; and the verdicts that follow. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { analyseScored, DEFAULT_SCORED } from '../../../harness/analysis/scored/finding.js';
import { decideScored, type ScoredEvidence } from '../../../harness/analysis/scored/verdict.js';
import { Stream } from '../../../harness/numerics/stream.js';
import { type Kernel, randomKernel } from '../synthetic.js';
import { analyse, ring, scored, scoredLogs } from './kernels.js';

const close = (x: number | null, y: number, tolerance = 1e-12): void =>
	assert.ok(x !== null && Math.abs(x - y) <= tolerance, `${x} is not ${y}`);
const logs = (T: Kernel): Kernel => T.map((row) => row.map(Math.log));
const random = (K: number, seed: number, noise: number): Kernel =>
	randomKernel(K, new Stream([seed, 81], 0), { depth: 1, spread: 1, noise });

test('property: no kernel within the bounds, in any shape, has its rms outside the limits or I above', () => {
	const cases = fc.record({
		K: fc.integer({ min: 3, max: 6 }),
		seed: fc.nat(1e6),
		noise: fc.double({ min: 0, max: 1, noNaN: true }),
		width: fc.double({ min: 0, max: 0.5, noNaN: true }),
	});
	fc.assert(
		fc.property(cases, ({ K, seed, noise, width }) => {
			const draw = new Stream([seed, 82], 0);
			const base = logs(random(K, seed, noise)).map((row) => row.map((x) => x - 1));
			const other = base.map((row) => row.map((x) => x + 0.02 * draw.normal()));
			const width2 = base.map((row) => row.map(() => width * draw.next()));
			const open = (f: number, g: number) => width2[f]![g]!;
			const subject = [scoredLogs(base, open), scoredLogs(other, open)] as const;
			const { affinity, dependence } = analyse(...subject);
			assert.ok(affinity.lower! <= affinity.rms! && affinity.rms! <= affinity.upper!);
			for (const logT of [base, other]) {
				for (let i = 0; i < 4; i++) {
					// Anywhere between, and at the very ends.
					const share = () => (i < 2 ? draw.next() : Math.round(draw.next()));
					const inside = logT.map((row, f) => row.map((x, g) => x + share() * open(f, g)));
					const seen = analyse(scoredLogs(inside));
					assert.ok(seen.affinity.rms! <= affinity.upper! + 1e-12);
					assert.ok(seen.affinity.rms! >= affinity.lower! - 1e-12);
					assert.ok(seen.dependence.mutualInformation! <= dependence.upper! + 1e-12);
				}
			}
		}),
		{ numRuns: 25, seed: 1 },
	);
});

test('the limits of one loop in closed form, and they are reached', () => {
	const found = analyse(scoredLogs(logs(ring(3, 0.3, 0.2)), () => 0.05));
	close(found.affinity.lower, 3 * Math.log(1.5) - 0.15);
	close(found.affinity.upper, 3 * Math.log(1.5) + 0.15);
	close(found.affinity.leftOut, 0.15);
	close(found.logLeftOut, 0.05);
	close(found.affinity.largest[0]!.upper, 3 * Math.log(1.5) + 0.15);
	// The limits hold 0: the rms may be 0, not less.
	assert.is(analyse(scoredLogs(logs(ring(3, 0.3, 0.3)), () => 0.05)).affinity.lower, 0);
});

test('the upper end of I in closed form: each transition at the end that adds most', () => {
	const { dependence } = analyse(scoredLogs(logs(ring(3, 0.4, 0.2)), () => 0.1));
	const [forward, back] = [Math.log(4 / 3) + 0.1, Math.log(2 / 3) + 0.1];
	const grown = Math.exp(0.1);
	close(dependence.upper, (2 / 3) * grown * forward + back / 3 / grown);
	close(dependence.mutualInformation, (2 / 3) * Math.log(4 / 3) + Math.log(2 / 3) / 3);
});

test('left-out mass widens the same kernel from balanced to undecided, and from violated to undecided', () => {
	const even = logs(ring(3, 0.3, 0.3));
	assert.is(analyse(scoredLogs(even, () => 0.03)).verdict, 'balanced');
	const wide = analyse(scoredLogs(even, () => 0.04));
	assert.is(wide.verdict, 'undecided');
	assert.match(wide.sentence, /smaller --epsilon/);
	const driven = logs(ring(3, 0.3, 0.2));
	assert.is(analyse(scoredLogs(driven, () => 0.37)).verdict, 'violated');
	const lost = analyse(scoredLogs(driven, () => 0.38));
	assert.is(lost.verdict, 'undecided');
	assert.match(lost.sentence, /smaller --epsilon/);
	// Violated beyond 2 nats too, where the tolerance asks for no more.
	const strict = { affinity: 3 * Math.log(1.5), dependence: 0.01 };
	const asked = { ...DEFAULT_SCORED, tolerances: strict };
	assert.is(analyseScored({ base: scoredLogs(driven), variants: [] }, asked).verdict, 'balanced');
	const below = { ...asked, tolerances: { ...strict, affinity: 1.2 } };
	assert.is(analyseScored({ base: scoredLogs(driven), variants: [] }, below).verdict, 'violated');
});

test('jitter: the rms of the change, not the change of the rms; and it decides', () => {
	const T = logs(ring(3, 0.3, 0.3));
	/** l of every pair moved by x, so A by 3 x */
	const tilted = (x: number) =>
		scoredLogs(T.map((row, f) => row.map((y, g) => (g === (f + 1) % 3 ? y + x : y))));
	const found = analyse(tilted(0.02), tilted(-0.02), tilted(0.02));
	close(found.affinity.rms, 0.06);
	close(found.affinity.jitter, 0.12);
	close(found.logJitter, 0.04);
	assert.is(found.affinity.leftOut! < 1e-12, true);
	assert.is(found.affinity.lower, 0);
	assert.is(found.shapes, 3);
	assert.is(found.verdict, 'independent');
	assert.match(found.sentence, /jitter 0\.12/);
	const straddles = analyse(tilted(0.02), tilted(0.04));
	assert.is(straddles.verdict, 'undecided');
	assert.match(straddles.sentence, /higher precision/);
	const none = analyse(tilted(0.02));
	assert.is(none.affinity.jitter, null);
	assert.match(none.sentence, /jitter not measured/);
});

test('jitter of every other number: the largest change from the base', () => {
	const [a, b, c] = [random(5, 1, 0.5), random(5, 2, 0.5), random(5, 3, 0.5)];
	const found = analyse(scored(a), scored(b), scored(c));
	const [x, y, z] = [a, b, c].map((T) => analyse(scored(T))) as [never, never, never];
	const change = (of: (f: typeof found) => number) =>
		Math.max(Math.abs(of(y) - of(x)), Math.abs(of(z) - of(x)));
	close(
		found.flow.gradient!.jitter,
		change((f) => f.gradientShare!),
	);
	close(
		found.entropy.twoWay!.jitter,
		change((f) => f.entropyProduction!),
	);
	close(
		found.dependence.jitter,
		change((f) => f.dependence.mutualInformation!),
	);
	close(
		found.potential[2]!.jitter,
		change((f) => f.potential[2]!.value!),
	);
	assert.is((x as typeof found).flow.gradient!.jitter, null);
});

test('a star is untestable; so is a pair; mass left out is said', () => {
	const star = [
		[0, 0.2, 0.2, 0.2],
		[0.3, 0, 0, 0],
		[0.4, 0, 0, 0],
		[0.5, 0, 0, 0],
	];
	const found = analyse(scored(star));
	assert.is(found.verdict, 'untestable');
	assert.is(found.sentence, 'No loop can be run through the transitions found.');
	assert.equal([found.independentLoops, found.unfoundPairs], [0, 0]);
	assert.match(found.affinity.reason!, /no loop/);
	assert.ok(found.entropyProduction! < 1e-24 && found.potential[3]!.value !== null);
	const open = analyse(scored(star, 1e-3));
	assert.is(open.verdict, 'untestable');
	assert.match(open.sentence, /smaller --epsilon/);
	assert.is(open.unfoundPairs, 3);
	assert.is(
		analyse(
			scored([
				[0, 0.3],
				[0.1, 0],
			]),
		).verdict,
		'untestable',
	);
});

test('exact zeros: a loop that runs one way only violates without limit, one between components does not', () => {
	const oneWay = analyse(scored(ring(3, 0.4, 0)));
	assert.equal([oneWay.verdict, oneWay.oneWayPairs, oneWay.openPairs], ['violated', 3, 0]);
	assert.match(oneWay.sentence, /without limit/);
	assert.equal([oneWay.entropyProduction, oneWay.affinity.rms], [null, null]);
	assert.match(oneWay.entropy.reason!, /infinite/);
	assert.is(oneWay.entropy.twoWay!.value, 0);
	assert.match(oneWay.potential[0]!.reason!, /one-way transitions alone/);
	// Three states in balance, and a fourth that leads to them without return.
	const T = ring(3, 0.3, 0.3).map((row) => [...row, 0]);
	const transient = analyse(scored([...T, [0.2, 0.2, 0.2, 0]]));
	assert.equal([transient.verdict, transient.oneWayPairs], ['independent', 0]);
	assert.equal(
		transient.potential.map(({ unbounded }) => unbounded),
		[null, null, null, '+inf'],
	);
	assert.is(transient.potential[3]!.stationary, 0);
	assert.equal([transient.entropy.states, transient.components], [3, [3]]);
});

test('a zero that is only not found is open: undecided, and no sign of infinity', () => {
	const T = ring(3, 0.3, 0.3).map((row) => [...row, 0]);
	const open = analyse(scored([...T, [0.2, 0.2, 0.2, 0]], 1e-6));
	assert.equal([open.verdict, open.openPairs, open.oneWayPairs], ['undecided', 3, 0]);
	assert.match(open.sentence, /3 pairs were found one way only/);
	assert.is(open.potential[3]!.unbounded, null);
	assert.match(open.potential[3]!.reason!, /as far as was followed/);
	// Every loop runs over one of them.
	const ringed = analyse(scored(ring(3, 0.4, 0), 1e-6));
	assert.equal([ringed.verdict, ringed.affinity.rms, ringed.openPairs], ['undecided', null, 3]);
	// What was found both ways violates by itself: nothing left out can mend that.
	const driven = ring(3, 0.4, 0.2).map((row) => [...row, 0]);
	assert.is(analyse(scored([...driven, [0.2, 0.2, 0.2, 0]], 1e-6)).verdict, 'violated');
});

test('a zero in one shape only is no certain zero, and leaves the upper end open', () => {
	const [cut, whole] = [scored(ring(3, 0.4, 0)), scored(ring(3, 0.4, 0.2))];
	const found = analyse(cut, whole);
	assert.equal([found.verdict, found.openPairs, found.oneWayPairs], ['undecided', 3, 0]);
	const turned = analyse(whole, cut);
	assert.equal([turned.affinity.upper, turned.affinity.jitter], [null, null]);
	assert.is(turned.entropy.twoWay!.value > 0, true);
	assert.is(turned.potential[0]!.jitter, null);
});

const EVIDENCE: ScoredEvidence = {
	independentLoops: 1,
	oneWayPairs: 0,
	openPairs: 0,
	unfoundPairs: 0,
	affinity: { rms: 0.1, lower: 0.1, upper: 0.1, jitter: 0, leftOut: 0, loops: 1, typical: null },
	dependence: { upper: 0.5 },
};
const TOLERANCES = { affinity: 0.1, dependence: 0.01 };
const above = 0.1 + 1e-12;

test('the rule on both sides of every line', () => {
	const word = (part: Partial<ScoredEvidence>) =>
		decideScored({ ...EVIDENCE, ...part }, TOLERANCES).verdict;
	const affinity = (part: Partial<ScoredEvidence['affinity']>) => ({
		affinity: { ...EVIDENCE.affinity, ...part },
	});
	assert.is(word({}), 'balanced');
	assert.is(word({ independentLoops: 0 }), 'untestable');
	assert.is(word({ oneWayPairs: 1 }), 'violated');
	assert.is(word({ openPairs: 1 }), 'undecided');
	assert.is(word(affinity({ upper: above })), 'undecided');
	assert.is(word(affinity({ upper: null })), 'undecided');
	assert.is(word(affinity({ rms: above, lower: above, upper: above })), 'violated');
	assert.is(
		word({ ...affinity({ rms: above, lower: above, upper: null }), openPairs: 1 }),
		'violated',
	);
	assert.is(word(affinity({ rms: null, lower: null, upper: null })), 'undecided');
	assert.is(word({ dependence: { upper: 0.01 } }), 'independent');
	assert.is(word({ dependence: { upper: 0.01 + 1e-12 } }), 'balanced');
	assert.is(word({ dependence: { upper: null } }), 'balanced');
	assert.is(word({ ...affinity({ upper: above }), dependence: { upper: 0 } }), 'undecided');
	for (const bad of [0, -1, Number.NaN]) {
		for (const name of ['affinity', 'dependence']) {
			assert.throws(
				() => decideScored(EVIDENCE, { ...TOLERANCES, [name]: bad }),
				new RegExp(`tolerance of ${name} must be positive`),
			);
		}
	}
});

test('a violation only in loops that are hardly ever run is said to be one', () => {
	const affinity = { ...EVIDENCE.affinity, rms: 1, lower: 1, upper: 1 };
	const typical = { rms: 0.1, lower: 0, upper: 0.1, jitter: 0, leftOut: 0 };
	const sentence = (rms: number) =>
		decideScored(
			{ ...EVIDENCE, affinity: { ...affinity, typical: { ...typical, rms } } },
			TOLERANCES,
		).sentence;
	assert.match(sentence(0.1), /rarely run/);
	assert.not.match(sentence(0.11), /rarely run/);
});

test.run();
