import { gather } from '../../numerics/gather.js';
import {
	type ActionKernel,
	type ActionOptions,
	minimisePairAction,
	type PreparedWeights,
	prepareWeights,
	TIGHT,
} from '../../numerics/pair-action.js';
import type { Pairs } from '../table/components.js';
import { innerRates, type Normalisation, type NormalisedTable } from '../table/normalise.js';
import { type BarePotential, potentialRecords } from './gauge.js';

export interface LeastAction {
	readonly method: 'least action over the pairs of each strongly connected component, Newton';
	readonly normalisation: Normalisation;
	/** K(x) = exp(−x/2) or log(1 + exp(−x)) */
	readonly kernel: ActionKernel;
	/** S at its minimum, over all states; null where no loop or two-way pair is */
	readonly value: number | null;
	/** largest |∂S/∂V_f| over the size of its terms */
	readonly gradient: number | null;
	/** Newton steps, most of all components */
	readonly iterations: number;
	readonly potential: readonly BarePotential[];
	readonly reason: string | null;
}

/** Minima of the action in all components together. */
export interface ActionMinimum {
	/** Σ T K, not divided by the number of states */
	readonly value: number;
	/** length K, up to a constant per component; 0 in a component of one state */
	readonly potential: Float64Array;
	readonly gradient: number;
	readonly iterations: number;
	readonly converged: boolean;
}

/**
 * The paper's least-action potential: the V at which S = Σ_fg T(g|f) K(V_f − V_g) / K_states is least,
 * β = 1 (another β only divides V by it). Between components S falls for ever, towards 0: those
 * pairs add nothing to the minimum, and their states are unbounded.
 *
 * @param normalised table under one normalisation: it says what T is
 * @param kernel K: 'exponential' in the paper's text, 'logistic' in its supplement and code
 * @returns see `LeastAction`. For a reversible T both give its V; the logistic one is the maximum
 *   likelihood V wherever T is proportional to the counts
 * @throws RangeError if Newton's method does not converge
 * Source: arXiv 2512.10047 (2025).
 *
 * @example T(B|A) = 0.1, T(A|B) = 0.4, either kernel: V_B − V_A = log 4 = 1.38629…
 *   // exponential: S = √(0.1 · 0.4) = 0.2
 */
export function leastAction(normalised: NormalisedTable, kernel: ActionKernel): LeastAction {
	const { table, components, normalisation } = normalised;
	const pairs: Pairs = { ...components.inner, ...innerRates(normalised) };
	const parts = actionParts(components.of, pairs);
	const minimum = minimiseAction(parts, {
		kernel,
		start: null,
		tolerance: TIGHT,
	});
	if (!minimum.converged) {
		throw new RangeError(`least action did not converge: gradient ${minimum.gradient}`);
	}
	const none = pairs.low.length === 0;
	return {
		method: 'least action over the pairs of each strongly connected component, Newton',
		normalisation,
		kernel,
		value: none ? null : minimum.value / table.states.length,
		gradient: none ? null : minimum.gradient,
		iterations: minimum.iterations,
		potential: potentialRecords(table, components, minimum.potential),
		reason: none ? 'no loop or two-way pair' : null,
	};
}

/**
 * Minimises Σ up K(V_low − V_high) + down K(V_high − V_low) in every component by itself.
 *
 * @param parts of a table of K states
 * @param options kernel, tolerance, and V to start from, length K
 * @returns see `ActionMinimum`
 */
export function minimiseAction(parts: ActionParts, options: ActionOptions): ActionMinimum {
	const potential = new Float64Array(parts.K);
	let [value, gradient, iterations, converged] = [0, 0, 0, true];
	for (const { states, weights } of parts.parts) {
		const start = options.start === null ? null : gather(options.start, states);
		const part = minimisePairAction(weights, { ...options, start });
		for (let k = 0; k < states.length; k++) potential[states[k]!] = part.potential[k]!;
		value += part.value;
		gradient = Math.max(gradient, part.gradient);
		iterations = Math.max(iterations, part.iterations);
		converged &&= part.converged;
	}
	return { value, potential, gradient, iterations, converged };
}

/** The pairs of each component by themselves, prepared for minimising. */
export interface ActionParts {
	readonly K: number;
	readonly parts: readonly {
		/** in order of their first pair */
		readonly states: Int32Array;
		/** of the component's pairs, states numbered as in `states` */
		readonly weights: PreparedWeights;
	}[];
}

/**
 * Splits pairs by component, with a counting sort, as there may be many.
 *
 * @param of strongly connected component of each state, length K
 * @param pairs inside components, up + down > 0 (rates or counts)
 */
export function actionParts(of: Int32Array, pairs: Pairs): ActionParts {
	const { start, order } = byComponent(of, pairs);
	const local = new Int32Array(of.length).fill(-1);
	const parts: ActionParts['parts'][number][] = [];
	for (let c = 0; c + 1 < start.length; c++) {
		if (start[c] === start[c + 1]) continue;
		const chosen = order.subarray(start[c]!, start[c + 1]!);
		const states: number[] = [];
		const number = (f: number): number => {
			if (local[f] === -1) local[f] = states.push(f) - 1;
			return local[f]!;
		};
		const low = chosen.map((p) => number(pairs.low[p]!));
		const high = chosen.map((p) => number(pairs.high[p]!));
		const up = gather(pairs.up, chosen);
		const down = gather(pairs.down, chosen);
		const weights = prepareWeights({ nodes: states.length, low, high, up, down });
		parts.push({ states: Int32Array.from(states), weights });
	}
	return { K: of.length, parts };
}

/** Numbers of the pairs of component c: order[start[c]] … order[start[c + 1] − 1]. */
function byComponent(of: Int32Array, { low }: Pairs): { start: Int32Array; order: Int32Array } {
	let count = 0;
	for (const c of of) count = Math.max(count, c + 1);
	const start = new Int32Array(count + 1);
	for (const f of low) start[of[f]! + 1]! += 1;
	for (let c = 0; c < count; c++) start[c + 1]! += start[c]!;
	const order = new Int32Array(low.length);
	const next = start.slice(0, count);
	for (let p = 0; p < order.length; p++) order[next[of[low[p]!]!]!++] = p;
	return { start, order };
}
