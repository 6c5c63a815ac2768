import { philoxInto, uniform53 } from '../../numerics/philox.js';
import type { Loops } from '../loops/loops.js';
import { PURPOSE } from '../purposes.js';
import { type MoveTable, moveTable } from './loop-moves.js';

export interface ExactTestOptions {
	/** uint32 */
	readonly seed: number;
	/** M, walks from the hub, an integer ≥ 1 */
	readonly samples: number;
	/** L, steps of each walk; null to let `stepsFor` choose */
	readonly steps: number | null;
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
	/** share of the loops along which some move was accepted */
	readonly moved: number | null;
	readonly loops: number;
}

const NAMES = {
	hypothesis: 'detailed balance, given all pair totals and all attempts',
	method: 'Besag–Clifford parallel walks over the tables with the same totals',
} as const;

/**
 * Exact conditional test of detailed balance. Given C_f and n_fg it leaves P(table) ∝ Π 1/C_fg!.
 * From the observed table one walk of L steps leads to a hub, from there M independent walks of L
 * steps to M tables that are exchangeable with the observed one.
 *
 * Statistic: t = Σ over loops w (Π C_fg/n_fg − Π C_gf/n_fg)², w = 4^(k−3) (Π n_fg)^(3/k) for a loop of
 * k pairs; for triangles this is (C_fg C_gh C_hf − C_fh C_hg C_gf)² / (n_fg n_gh n_hf).
 *
 * @param loops of the table
 * @param options seed, M and L; every random number is a function of (seed, walk, step), so walks
 *   may be shared out in any way
 * @returns the test; p null where no loop exists, no move was accepted or t cannot vary
 * @throws RangeError if an option is out of range
 * Source: Besag, Clifford, Biometrika 76, 633 (1989), section 3; moves: Diaconis, Sturmfels, Ann.
 *   Stat. 26, 363 (1998).
 *
 * @example C_AB = C_BC = C_CA = 4, none backward: p = 2/346 up to the sampling by M walks
 */
export function exactTest(loops: Loops, options: ExactTestOptions): ExactTest {
	checkOptions(options);
	const N = loops.start.length - 1;
	const steps = options.steps ?? stepsFor(loops);
	const blank = { ...NAMES, statistic: null, acceptance: null, moved: null, loops: N };
	const untested = { ...blank, p: null, samples: 0, steps: 0 };
	if (N === 0) return { ...untested, reason: 'no independent loop' };

	const table = moveTable(loops);
	const observed = table.statistic(loops.pairs.up);
	const moved = new Uint8Array(N);
	const hub = Float64Array.from(loops.pairs.up);
	let accepted = walk(table, hub, { seed: options.seed, walk: 0, steps, moved });
	const counts = new Float64Array(hub.length);
	let atLeast = 0;
	let different = 0;
	for (let m = 1; m <= options.samples; m++) {
		counts.set(hub);
		accepted += walk(table, counts, { seed: options.seed, walk: m, steps, moved });
		const t = table.statistic(counts);
		// Equal tables mirrored give t equal up to rounding.
		if (t >= observed * (1 - 1e-12)) atLeast += 1;
		if (Math.abs(t - observed) > 1e-12 * observed) different += 1;
	}
	const share = moved.reduce((sum, x) => sum + x, 0) / N;
	if (share === 0) {
		const reason = `no move was accepted in ${steps * (options.samples + 1)} steps`;
		return { ...untested, moved: 0, reason };
	}
	if (different === 0) {
		const reason = 'every table reached with these totals has the same statistic';
		return { ...untested, statistic: observed, moved: share, reason };
	}
	return {
		...NAMES,
		p: (1 + atLeast) / (options.samples + 1),
		reason: null,
		statistic: observed,
		samples: options.samples,
		steps,
		acceptance: accepted / (steps * (options.samples + 1)),
		moved: share,
		loops: N,
	};
}

/**
 * Steps of a walk: enough for each pair's count to be proposed STEPS_PER_PAIR times over, whatever
 * the loops' lengths. Half of t's memory is lost in far fewer (measured in the tests); the test is
 * exact for any number, a small one only costs power.
 */
export function stepsFor(loops: Loops): number {
	const P = loops.pairs.low.length;
	const N = loops.start.length - 1;
	if (N === 0) return 0;
	const perLoop = loops.pair.length / N;
	return Math.max(200, Math.ceil((STEPS_PER_PAIR * P) / perLoop));
}

const STEPS_PER_PAIR = 30;

function checkOptions({ seed, samples, steps }: ExactTestOptions): void {
	if (seed >>> 0 !== seed) throw new RangeError(`seed must be a uint32, got ${seed}`);
	if (!Number.isInteger(samples) || samples < 1) {
		throw new RangeError(`samples must be a positive integer, got ${samples}`);
	}
	if (steps !== null && (!Number.isInteger(steps) || steps < 1 || steps > 0xffffffff)) {
		throw new RangeError(`steps must be null or an integer from 1 to 2^32 − 1, got ${steps}`);
	}
}

interface WalkOptions {
	readonly seed: number;
	readonly walk: number;
	readonly steps: number;
	/** set to 1 for every loop along which a move was accepted */
	readonly moved: Uint8Array;
}

/** Metropolis steps on `counts` (low → high per pair), in place; returns the accepted ones. */
function walk(table: MoveTable, counts: Float64Array, options: WalkOptions): number {
	const { seed, steps, moved } = options;
	const words = new Uint32Array(4);
	let accepted = 0;
	for (let step = 0; step < steps; step++) {
		philoxInto(step, 0, options.walk, 0, seed, PURPOSE.exactTest, words);
		// The 2^-32 unevenness of this choice is the same for a move and its reverse: no harm.
		const loop = Math.floor((words[0]! / 4294967296) * moved.length);
		const orientation = (words[1]! & 1) === 1 ? 1 : -1;
		const scale = table.scales[loop]!;
		const m = 2 ** Math.floor(((words[1]! >>> 1) / 2147483648) * scale);
		const logRatio = table.logRatio(counts, loop, orientation * m);
		if (logRatio === -Infinity) continue;
		if (logRatio < 0 && Math.log(uniform53(words[2]!, words[3]!)) >= logRatio) continue;
		table.apply(counts, loop, orientation * m);
		moved[loop] = 1;
		accepted += 1;
	}
	return accepted;
}
