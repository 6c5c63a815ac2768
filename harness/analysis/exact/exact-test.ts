import { type Histogram, histogram } from '../../numerics/histogram.js';
import type { Loops } from '../loops/loops.js';
import type { ReversibleFit } from '../potential/reversible-fit.js';
import type { Resample } from '../resample.js';
import { directedCounts, loopTable, moveScales, walkTable } from './loop-moves.js';
import { expectedCounts, loopStatistic } from './loop-statistics.js';
import { type Mixing, mixingOf, unmixed } from './mixing.js';
import { EXACT_WALKS, WALK } from './walks-panel.js';

export interface ExactTestOptions {
	/** uint32 */
	readonly seed: number;
	/** M, walks from the hub, an integer ≥ 1 */
	readonly samples: number;
	/** L, steps of each walk; null to let `stepsFor` choose */
	readonly steps: number | null;
}

export interface ExactSubject {
	readonly loops: Loops;
	/** of the same table */
	readonly fit: ReversibleFit;
}

export interface ExactTest {
	readonly hypothesis: 'detailed balance, given all pair totals and all attempts';
	readonly method: 'Besag–Clifford parallel walks over the tables with the same totals';
	/** (1 + #{t ≥ t_obs}) / (M + 1); null if the table cannot be tested, with a reason */
	readonly p: number | null;
	readonly reason: string | null;
	readonly statistic: number | null;
	readonly samples: number;
	readonly steps: number;
	/** accepted moves per step */
	readonly acceptance: number | null;
	readonly mixing: Mixing;
	readonly loops: number;
	/** of the statistic over the M tables; null where there are none */
	readonly law: Histogram | null;
	/** false: the test was left out, not impossible */
	readonly asked: boolean;
}

export interface ExactTables {
	readonly test: ExactTest;
	/** largest z² of a loop in each of the M tables; null if nothing could be walked */
	readonly maxima: Float64Array | null;
}

const NAMES = {
	hypothesis: 'detailed balance, given all pair totals and all attempts',
	method: 'Besag–Clifford parallel walks over the tables with the same totals',
} as const;

/**
 * Exact conditional test of detailed balance. Given C_f and n_fg it leaves P(table) ∝ Π 1/C_fg!.
 * From the observed table one walk of L steps leads to a hub, from there M independent walks of L
 * steps to M tables that are exchangeable with the observed one. Statistic t: see `loopStatistic`.
 *
 * @param subject loops of the table, and its reversible fit (for the mixing check; p needs no fit)
 * @param options seed, M and L; every random number is a function of (seed, walk, step)
 * @param resample makes the M walks, wherever
 * @returns the test; p null where no loop exists, no move was accepted or t cannot vary
 * @throws RangeError if an option is out of range
 * Source: Besag, Clifford, Biometrika 76, 633 (1989), section 3; moves: Diaconis, Sturmfels, Ann.
 *   Stat. 26, 363 (1998).
 *
 * @example C_AB = C_BC = C_CA = 4, none backward: p = 2/346 up to the sampling by M walks; with
 *   seed 1 and M = 999 it is 0.008
 */
export async function exactTest(
	subject: ExactSubject,
	options: ExactTestOptions,
	resample: Resample,
): Promise<ExactTest> {
	return (await exactTables(subject, options, resample)).test;
}

/** `exactTest`, and of the same M tables what `worstLoops` compares its loops with. */
export async function exactTables(
	{ loops, fit }: ExactSubject,
	options: ExactTestOptions,
	resample: Resample,
): Promise<ExactTables> {
	checkOptions(options);
	const { seed, samples } = options;
	const N = loops.start.length - 1;
	if (N === 0) return { test: untested('no independent loop', { loops: 0 }), maxima: null };

	const steps = options.steps ?? stepsFor(loops);
	const table = loopTable(loops);
	const hub = directedCounts(loops);
	const statistic = loopStatistic(table, hub);
	const first = walkTable(table, hub, { seed, walk: 0, from: 0, to: steps });
	const input = { table, expected: expectedCounts(table, fit), hub, seed, steps };
	const rows = await resample(EXACT_WALKS, input, samples);

	const column = (index: number): Float64Array =>
		Float64Array.from({ length: samples }, (_, i) => rows[i * EXACT_WALKS.width + index]!);
	const ts = column(WALK.statistic);
	const accepted = column(WALK.accepted).reduce((sum, x) => sum + x, first);
	const all = steps * (samples + 1);
	if (accepted === 0) {
		const reason = `no move was accepted in ${all} steps`;
		return { test: untested(reason, { loops: N, acceptance: 0 }), maxima: null };
	}
	const walked = { statistic, acceptance: accepted / all, loops: N };
	const maxima = column(WALK.largest);
	// Equal tables mirrored give t equal up to rounding.
	if (ts.every((t) => Math.abs(t - statistic) <= 1e-12 * statistic)) {
		const reason = 'every table reached with these totals has the same statistic';
		return { test: untested(reason, walked), maxima };
	}
	const atLeast = ts.reduce((sum, t) => sum + (t >= statistic * (1 - 1e-12) ? 1 : 0), 0);
	const p = (1 + atLeast) / (samples + 1);
	const mixing = mixingOf(rows);
	const made = {
		p,
		reason: null,
		samples,
		steps,
		...walked,
		mixing,
		law: histogram(ts, LAW_BINS),
		asked: true,
	};
	return { test: { ...NAMES, ...made }, maxima };
}

function untested(
	reason: string,
	found: Pick<ExactTest, 'loops'> & Partial<Pick<ExactTest, 'statistic' | 'acceptance'>>,
): ExactTest {
	const none = { p: null, statistic: null, acceptance: null, samples: 0, steps: 0, law: null };
	return { ...NAMES, ...none, reason, ...found, mixing: unmixed(reason), asked: true };
}

/** The record of a test that was not asked for. */
export function leftOutTest(loops: Loops): ExactTest {
	const found = { loops: loops.start.length - 1 };
	return { ...untested('left out, as asked', found), asked: false };
}

/**
 * Steps of a walk, from the pair totals and loops alone: enough for each pair's count to be proposed
 * STEPS_PER_PAIR times over at each of its move sizes, whatever the loops' lengths; at most
 * MOST_STEPS, or large sparse tables would take minutes. The test is exact for any number; a small
 * one only costs power.
 *
 * @returns L; 0 without a loop
 *
 * @example a triangle of 1000 counts a pair: 200
 */
export function stepsFor(loops: Loops): number {
	const P = loops.pairs.low.length;
	const N = loops.start.length - 1;
	if (N === 0) return 0;
	const pairsPerLoop = loops.pair.length / N;
	const sizes = moveScales(loops).reduce((sum, s) => sum + s, 0) / N;
	const steps = Math.ceil((STEPS_PER_PAIR * P * sizes) / pairsPerLoop);
	return Math.min(MOST_STEPS, Math.max(FEWEST_STEPS, steps));
}

/** Of the histogram that is kept to be looked at. */
const LAW_BINS = 40;

const STEPS_PER_PAIR = 30;
const FEWEST_STEPS = 200;
const MOST_STEPS = 200_000;

function checkOptions({ seed, samples, steps }: ExactTestOptions): void {
	if (seed >>> 0 !== seed) throw new RangeError(`seed must be a uint32, got ${seed}`);
	if (!Number.isInteger(samples) || samples < 1) {
		throw new RangeError(`samples must be a positive integer, got ${samples}`);
	}
	if (steps !== null && (!Number.isInteger(steps) || steps < 1 || steps > 0xffffffff)) {
		throw new RangeError(`steps must be null or an integer from 1 to 2^32 − 1, got ${steps}`);
	}
}
