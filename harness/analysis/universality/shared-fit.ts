/** Bradley–Terry models of several groups that share one potential up to a scale each. */
import { solveLaplacian } from '../../numerics/graph-laplacian.js';
import { symmetricInverse } from '../../numerics/linear-algebra.js';
import type { SharedPairs } from './shared-part.js';

/** logit P(low → high | pair) = β_m (V_low − V_high) + offset. */
export interface SharedModel {
	/** V, length S, mean 0 */
	readonly potential: Float64Array;
	/** β, length M */
	readonly scale: Float64Array;
}

export interface SharedFit extends SharedModel {
	/** at the maximum, without the binomial coefficients, ≤ 0 */
	readonly logLikelihood: number;
	/** n P (1 − P) of each pair, length P: its Fisher information on the log-odds */
	readonly information: Float64Array;
	/** inverse information of the free scales, row by row, V being fitted along; null if singular */
	readonly scaleCovariance: Float64Array | null;
	/** false: the steps ran out before the log-likelihood settled */
	readonly converged: boolean;
}

const LONGEST = 200;
/** Nats of log-likelihood still to be gained, by the quadratic model; and the rounding of its sum. */
const TOLERANCE = 1e-9;
const ROUNDING = 1e-14;
/** Of the linear systems of a step: products with their solutions are then known to its square. */
const ACCURACY = 1e-6;

/**
 * Maximum likelihood of V, and of the scales named free, by Fisher scoring with halved steps. One of
 * the scales must stay fixed: it sets the unit of V. Where some potential has no finite maximum, the
 * fit stops where nothing more than 1e-9 nats can be gained.
 *
 * @param pairs S states, M groups; the pairs of all groups together connect the states
 * @param start where to begin; fixed scales stay what they are there
 * @param free numbers of the groups whose scale is fitted, ascending
 * @returns see `SharedFit`
 * Source: Fisher scoring with V eliminated: Pawitan, In All Likelihood (2001), sections 9.2 and 9.6.
 *
 * @example one group, C_AB = 1, C_BA = 3, β = 1: V = [−0.549306, 0.549306], log-likelihood −2.249341
 */
export function fitShared(
	pairs: SharedPairs,
	start: SharedModel,
	free: readonly number[],
): SharedFit {
	let model: SharedModel = start;
	let state = evaluate(pairs, model);
	let step = scoringStep(pairs, { model, state, free });
	let converged = false;
	for (let i = 0; i < LONGEST; i++) {
		const next = improve(pairs, { model, state, step });
		if (next !== null) {
			model = next.model;
			state = next.state;
		}
		converged = step.gain <= TOLERANCE + ROUNDING * Math.abs(state.logLikelihood);
		if (converged || next === null) break;
		step = scoringStep(pairs, { model, state, free });
	}
	return { ...model, ...state, scaleCovariance: step.scaleCovariance, converged };
}

interface State {
	readonly logLikelihood: number;
	/** n P (1 − P), length P */
	readonly information: Float64Array;
	/** observed less expected transitions low → high, length P */
	readonly residual: Float64Array;
}

/** log-likelihood of a model, and what its derivatives are made of. */
export function evaluate(pairs: SharedPairs, { potential, scale }: SharedModel): State {
	const { up, down, low, high, group, offset } = pairs;
	const information = new Float64Array(up.length);
	const residual = new Float64Array(up.length);
	let logLikelihood = 0;
	for (let e = 0; e < up.length; e++) {
		const odds = scale[group[e]!]! * (potential[low[e]!]! - potential[high[e]!]!) + offset[e]!;
		const tail = Math.exp(-Math.abs(odds));
		// The probability of the run that is less likely, and of the other.
		const small = tail / (1 + tail);
		const large = 1 / (1 + tail);
		const [p, q] = odds >= 0 ? [large, small] : [small, large];
		const unlikely = odds >= 0 ? down[e]! : up[e]!;
		logLikelihood -= (up[e]! + down[e]!) * Math.log1p(tail) + unlikely * Math.abs(odds);
		information[e] = (up[e]! + down[e]!) * p * q;
		residual[e] = up[e]! * q - down[e]! * p;
	}
	return { logLikelihood, information, residual };
}

interface Step {
	readonly potential: Float64Array;
	readonly scale: Float64Array;
	/** increase of the log-likelihood by the quadratic model */
	readonly gain: number;
	readonly scaleCovariance: Float64Array | null;
}

interface At {
	readonly model: SharedModel;
	readonly state: State;
	readonly free: readonly number[];
}

/** What the derivatives of the log-likelihood are made of; one column for each free scale. */
interface Derivatives {
	/** information on V as weights of a Laplacian, length P, > 0 */
	readonly weight: Float64Array;
	/** in V, length S */
	readonly slope: Float64Array;
	/** in the free scales */
	readonly pull: Float64Array;
	/** information on each free scale, V being known */
	readonly own: Float64Array;
	/** information that each free scale shares with V, length S each */
	readonly across: readonly Float64Array[];
}

function derivatives(pairs: SharedPairs, { model, state, free }: At): Derivatives {
	const { potential, scale } = model;
	const { information, residual } = state;
	const { low, high, group, nodes } = pairs;
	const weight = information.map((x, e) => x * scale[group[e]!]! ** 2);
	// Drawn tables may leave a state without pairs; it stays where it is.
	const least = 1e-14 * weight.reduce((most, x) => Math.max(most, x), 0);
	for (let e = 0; e < weight.length; e++) weight[e] = Math.max(weight[e]!, least);
	const slope = new Float64Array(nodes);
	const across = free.map(() => new Float64Array(nodes));
	const own = new Float64Array(free.length);
	const pull = new Float64Array(free.length);
	const column = new Map(free.map((m, i) => [m, i]));
	for (let e = 0; e < residual.length; e++) {
		const b = scale[group[e]!]!;
		slope[low[e]!]! += b * residual[e]!;
		slope[high[e]!]! -= b * residual[e]!;
		const i = column.get(group[e]!);
		if (i === undefined) continue;
		const d = potential[low[e]!]! - potential[high[e]!]!;
		across[i]![low[e]!]! += b * information[e]! * d;
		across[i]![high[e]!]! -= b * information[e]! * d;
		own[i]! += information[e]! * d * d;
		pull[i]! += residual[e]! * d;
	}
	return { weight, slope, pull, own, across };
}

/** One step of Fisher scoring for V and the free scales together, V eliminated. */
function scoringStep(pairs: SharedPairs, at: At): Step {
	const { free } = at;
	const { weight, slope, pull, own, across } = derivatives(pairs, at);
	const solve = (b: Float64Array): Float64Array => solveLaplacian(pairs, weight, b, ACCURACY);
	const potential = solve(slope);
	const responses = across.map(solve);
	const schur = new Float64Array(free.length ** 2);
	for (const [i, column] of across.entries()) {
		for (const [j, response] of responses.entries()) {
			schur[i * free.length + j] = (i === j ? own[i]! : 0) - dot(column, response);
		}
	}
	const scaleCovariance = invert(schur, own);
	const rest = across.map((column, j) => pull[j]! - dot(column, potential));
	const scale = new Float64Array(at.model.scale.length);
	for (const [i, m] of free.entries()) {
		for (const [j, x] of rest.entries()) {
			scale[m]! += (scaleCovariance?.[i * free.length + j] ?? 0) * x;
		}
		for (const [f, response] of responses[i]!.entries()) potential[f]! -= scale[m]! * response;
	}
	let gain = dot(slope, potential) / 2;
	for (const [i, m] of free.entries()) gain += (pull[i]! * scale[m]!) / 2;
	return { potential, scale, gain, scaleCovariance };
}

/** Inverse of what information on the scales V leaves; null where it leaves none. */
function invert(schur: Float64Array, own: Float64Array): Float64Array | null {
	const n = own.length;
	if (n === 0) return new Float64Array(0);
	// Scaled to the information that a known V would give, of which rounding leaves 1e-12.
	if (own.some((x) => !(x > 0))) return null;
	const scaled = schur.map((x, i) => x / Math.sqrt(own[Math.floor(i / n)]! * own[i % n]!));
	for (let i = 0; i < n; i++) {
		if (!(scaled[i * n + i]! > 1e-10)) return null;
		for (let j = 0; j < i; j++) {
			const mean = (scaled[i * n + j]! + scaled[j * n + i]!) / 2;
			scaled[i * n + j] = mean;
			scaled[j * n + i] = mean;
		}
	}
	try {
		const inverse = symmetricInverse(scaled, n);
		return inverse.map((x, i) => x / Math.sqrt(own[Math.floor(i / n)]! * own[i % n]!));
	} catch (error) {
		if (error instanceof RangeError) return null;
		throw error;
	}
}

/** The step, halved until the log-likelihood does not fall; null where no such step is left. */
function improve(
	pairs: SharedPairs,
	{
		model,
		state,
		step,
	}: { readonly model: SharedModel; readonly state: State; readonly step: Step },
): { model: SharedModel; state: State } | null {
	for (let factor = 1; factor > 1e-6; factor /= 2) {
		const potential = model.potential.map((v, f) => v + factor * step.potential[f]!);
		const mean = potential.reduce((sum, v) => sum + v, 0) / potential.length;
		const next: SharedModel = {
			potential: potential.map((v) => v - mean),
			scale: model.scale.map((b, m) => b + factor * step.scale[m]!),
		};
		const found = evaluate(pairs, next);
		if (found.logLikelihood >= state.logLikelihood) return { model: next, state: found };
	}
	return null;
}

const dot = (x: Float64Array, y: Float64Array): number =>
	x.reduce((sum, value, i) => sum + value * y[i]!, 0);
