/** How much the output of a scored kernel tells of its input. */
import { fitQuasiIndependence } from '../../numerics/quasi-independence.js';
import { largestChange, type ScoredKernel, type ScoredSubject } from './kernel.js';

export interface ScoredDependence {
	/** I(f;g) beyond the quasi-independent fit, nats per transition; null with a reason */
	readonly mutualInformation: number | null;
	/** no kernel within the bounds of any evaluation has a larger one; null where not known */
	readonly upper: number | null;
	/** largest change over the other evaluation shapes; null where none was tried */
	readonly jitter: number | null;
	readonly reason: string | null;
}

/**
 * Mutual information of source and target off the diagonal: I = Σ e log (e / a_f b_g), e = T(g|f) / Σ T over all
 * transitions to another state, a b the quasi-independent law with the same margins. So sources are weighed by
 * how often they reach another state, equally many attempts being made from each, as in a sampled run.
 *
 * **Upper end.** I is the least Σ e′ log (e′ / Q) over all quasi-independent Q, so with any one Q, N = Σ T found,
 * N⁺ = Σ of the bounds and c = log (bound / N Q) of a transition, no kernel within the bounds has more than
 * Σ (c > 0 ? c bound / N : c found / N⁺). Q is that of the mean of found and bound.
 *
 * @param subject the kernel in all its evaluation shapes
 * @returns see `ScoredDependence`
 * Source: Bishop, Fienberg, Holland, Discrete Multivariate Analysis (1975), section 5.2; I as the least
 *   divergence: Csiszár, Ann. Probab. 3, 146 (1975), theorem 3.1.
 *
 * @example T 0.4 and 0.2 round three states: ⅔ log 4/3 + ⅓ log 2/3 = 0.056633012265132
 */
export function scoredDependence({ base, variants }: ScoredSubject): ScoredDependence {
	const none = { mutualInformation: null, upper: null, jitter: null };
	const value = information(base);
	if (value === null) return { ...none, reason: WHY };
	const uppers = [base, ...variants].map(upperEnd);
	return {
		mutualInformation: value,
		upper: uppers.includes(null) ? null : Math.max(value, ...(uppers as number[])),
		jitter: largestChange(value, variants.map(information)),
		reason: null,
	};
}

const WHY =
	'one state is an end of every transition, or there is none: nothing is left to depend on';

/** Transitions to other states, states × states, by a number for each entry of the kernel. */
function joint({ states, sources }: ScoredKernel, entry: (i: number) => number) {
	const K = states.length;
	const rows = new Float64Array(K);
	const columns = new Float64Array(K);
	const value = new Float64Array(sources.length * K);
	let total = 0;
	for (const [i, f] of sources.entries()) {
		for (let g = 0; g < K; g++) {
			if (g === f) continue;
			const x = entry(i * K + g);
			value[i * K + g] = x;
			rows[f]! += x;
			columns[g]! += x;
			total += x;
		}
	}
	return { rows, columns, value, total };
}

function information(kernel: ScoredKernel): number | null {
	const { states, sources, logFound } = kernel;
	const K = states.length;
	const { rows, columns, value, total } = joint(kernel, (i) => Math.exp(logFound[i]!));
	const fit = total > 0 ? fitQuasiIndependence(rows, columns) : null;
	if (fit === null) return null;
	let sum = 0;
	for (const [i, f] of sources.entries()) {
		for (let g = 0; g < K; g++) {
			const x = value[i * K + g]!;
			if (x > 0) sum += x * Math.log(x / (fit.a[f]! * fit.b[g]!));
		}
	}
	return Math.max(0, sum / total);
}

function upperEnd(kernel: ScoredKernel): number | null {
	const { states, sources, logFound, logBound } = kernel;
	const K = states.length;
	const middle = joint(kernel, (i) => (Math.exp(logFound[i]!) + Math.exp(logBound[i]!)) / 2);
	const fit = middle.total > 0 ? fitQuasiIndependence(middle.rows, middle.columns) : null;
	if (fit === null) return null;
	const found = joint(kernel, (i) => Math.exp(logFound[i]!));
	const bound = joint(kernel, (i) => Math.exp(logBound[i]!));
	let sum = 0;
	for (const [i, f] of sources.entries()) {
		for (let g = 0; g < K; g++) {
			const most = bound.value[i * K + g]!;
			if (most === 0) continue;
			const Q = (fit.a[f]! * fit.b[g]!) / middle.total;
			const c = Math.log(most / (found.total * Q));
			sum += c > 0 ? (c * most) / found.total : (c * found.value[i * K + g]!) / bound.total;
		}
	}
	return sum;
}
