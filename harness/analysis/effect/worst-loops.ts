import { directedCounts, loopTable } from '../exact/loop-moves.js';
import { expectedCounts, loopResiduals } from '../exact/loop-statistics.js';
import type { Loops } from '../loops/loops.js';
import type { ReversibleFit } from '../potential/reversible-fit.js';

export interface WorstLoop {
	/** running order, from the lowest state, the way round in which the affinity is > 0 */
	readonly states: readonly number[];
	/** nats, from counts with a half added */
	readonly affinity: number;
	/** √Σ 1/(C_fg + ½) + 1/(C_gf + ½), nats */
	readonly standardError: number;
	/** this way round; see `loopResiduals` */
	readonly z: number;
	/** adjusted for having looked at every loop; null if the table cannot be tested */
	readonly adjustedP: number | null;
}

export interface WorstLoops {
	readonly hypothesis: 'the cycle affinity of this loop is 0';
	readonly method: 'Westfall–Young single-step maxT over the tables of the exact test';
	/** by |z|, largest first */
	readonly loops: readonly WorstLoop[];
	/** loops looked at */
	readonly tested: number;
	/** M */
	readonly samples: number;
	/** why nothing could be adjusted; null if it could */
	readonly reason: string | null;
}

export interface WorstLoopsOptions {
	/** largest z² of a loop in each table of the exact test (`exactTables`); null if there are none */
	readonly maxima: Float64Array | null;
	/** loops reported at most, an integer ≥ 1 */
	readonly most: number;
}

const NAMES = {
	hypothesis: 'the cycle affinity of this loop is 0',
	method: 'Westfall–Young single-step maxT over the tables of the exact test',
} as const;

/**
 * The loops that stand out most from detailed balance, with p-values that hold for all loops together:
 * adjusted p = (1 + #{largest z² of a table ≥ z²}) / (M + 1). Under detailed balance the M tables and
 * the observed one are exchangeable, so the chance that any adjusted p is ≤ α is at most α, exactly.
 *
 * @param subject loops of the table, and its reversible fit
 * @param options maxima of the exact test, and how many loops to name
 * @returns see `WorstLoops`
 * @throws RangeError if `most` is not a positive integer
 * Source: Westfall, Young, Resampling-Based Multiple Testing (1993), section 2.3; exchangeability:
 *   Besag, Clifford, Biometrika 76, 633 (1989).
 *
 * @example C_AB = C_BC = C_CA = 4, none backward: states [0, 1, 2], affinity 6.591673732008658,
 *   standardError 2.581988897471611, z 3.464101615137755
 */
export function worstLoops(
	{ loops, fit }: { readonly loops: Loops; readonly fit: ReversibleFit },
	{ maxima, most }: WorstLoopsOptions,
): WorstLoops {
	if (!Number.isInteger(most) || most < 1) {
		throw new RangeError(`most must be a positive integer, got ${most}`);
	}
	const table = loopTable(loops);
	const zs = loopResiduals(table, expectedCounts(table, fit), directedCounts(loops));
	const order = Array.from(zs.keys()).sort((a, b) => Math.abs(zs[b]!) - Math.abs(zs[a]!));
	return {
		...NAMES,
		loops: order.slice(0, most).map((loop) => {
			return { ...describe(loops, loop, zs[loop]!), adjustedP: adjusted(zs[loop]! ** 2, maxima) };
		}),
		tested: zs.length,
		samples: maxima === null ? 0 : maxima.length,
		reason: maxima === null ? 'the exact test drew no tables' : null,
	};
}

function adjusted(square: number, maxima: Float64Array | null): number | null {
	if (maxima === null) return null;
	// Equal tables mirrored give z² equal up to rounding.
	const atLeast = maxima.reduce((sum, x) => sum + (x >= square * (1 - 1e-12) ? 1 : 0), 0);
	return (1 + atLeast) / (maxima.length + 1);
}

/** One loop the way round in which its affinity is positive; `z` is given along its stored run. */
function describe({ pairs, start, pair, sign }: Loops, loop: number, z: number) {
	const run: number[] = [];
	let affinity = 0;
	let variance = 0;
	for (let i = start[loop]!; i < start[loop + 1]!; i++) {
		const p = pair[i]!;
		const [up, down] = [pairs.up[p]! + 0.5, pairs.down[p]! + 0.5];
		run.push(sign[i]! > 0 ? pairs.low[p]! : pairs.high[p]!);
		affinity += sign[i]! * Math.log(up / down);
		variance += 1 / up + 1 / down;
	}
	const at = run.indexOf(Math.min(...run));
	const [first, ...rest] = [...run.slice(at), ...run.slice(0, at)] as [number, ...number[]];
	const turned = affinity < 0;
	return {
		states: [first, ...(turned ? rest.reverse() : rest)],
		affinity: Math.abs(affinity),
		standardError: Math.sqrt(variance),
		z: turned ? -z : z,
	};
}
