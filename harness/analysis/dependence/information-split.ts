import { binomialDeviance } from '../../numerics/binomial-deviance.js';
import { solveLaplacian } from '../../numerics/graph-laplacian.js';
import { fitQuasiIndependence } from '../../numerics/quasi-independence.js';
import { Stream } from '../../numerics/stream.js';
import type { FittedPart, ReversibleFit } from '../potential/reversible-fit.js';
import { PURPOSE } from '../purposes.js';
import type { CountTable } from '../table/counts.js';
import { fixedTerms, marginFit, marginsOf } from './transitions.js';

export interface InformationSplit {
	readonly method: 'nested models: uniform ⊂ quasi-independence ⊂ quasi-symmetry ⊂ all tables; noise taken out';
	/** what the target alone tells: T(g|f) = a(f) q(g) beyond equal chances, nats per valid transition, ≥ 0 */
	readonly target: number | null;
	/** what the unordered pair {f, g} tells beyond that, ≥ 0; trivial kernels have none */
	readonly symmetric: number | null;
	/** what the direction tells beyond that, ≥ 0; 0 is detailed balance */
	readonly antisymmetric: number | null;
	/** each part over the sum of the three; null where that is 0 */
	readonly shares: {
		readonly target: number;
		readonly symmetric: number;
		readonly antisymmetric: number;
	} | null;
	readonly reason: string | null;
}

export interface SplitInput {
	readonly table: CountTable;
	/** of the same table */
	readonly fit: ReversibleFit;
	/** of the same table: I, which the symmetric and antisymmetric parts share */
	readonly dependence: {
		readonly mutualInformation: number | null;
		readonly reason: string | null;
	};
}

const METHOD =
	'nested models: uniform ⊂ quasi-independence ⊂ quasi-symmetry ⊂ all tables; noise taken out';

/**
 * Splits what log T tells of the next state, off the diagonal, in nats per valid transition, by
 * differences of G²/2N between nested models of a table with N valid transitions and K states:
 *
 * 1. E = r_f/(K − 1): every other state alike.
 * 2. E = a_f b_g, quasi-independence: adds the target part. Noise: the targets' free parameters.
 * 3. E = n_fg p̂_fg, quasi-symmetry, that is detailed balance: adds the symmetric part.
 * 4. E = C: adds the antisymmetric part, G² = Σ over pairs of the binomial deviance of C_fg at n_fg, p̂.
 *
 * Noise of step 4: Σ E[deviance | n, p̂] − h ρ n/(n − 1), h the leverage of a pair in the fit and ρ its
 * response: the fit takes h off the variance n p q of C_fg, and the mean deviance falls with it. With
 * large counts E = ρ = 1 and Σ h = states − components, so the noise is the number of independent
 * loops; a pair on no loop has h = 1 and noise 0; a pair seen once has ρ = 0. What is left is divided by its response, (1 − h) n p q-weighted: a pair
 * seen once says nothing of its direction's law. Symmetric and antisymmetric part add up to I of
 * `inputDependence`. A pair between components is one-way and fitted exactly: it counts as symmetric.
 *
 * @param input table, reversible fit, dependence
 * @param options seed, uint32, of the random signs that estimate Σ h (·)
 * @returns see `InformationSplit`; null with a reason where the dependence is unknown
 * Source: quasi-symmetry: Caussinus, Ann. Fac. Sci. Toulouse 29, 77 (1965); leverages by Hutchinson,
 *   Commun. Stat. Simul. 18, 1059 (1989).
 *
 * @example T(g|f) = q(g): symmetric and antisymmetric 0 up to noise
 */
export function informationSplit(
	{ table, fit, dependence }: SplitInput,
	{ seed }: { readonly seed: number },
): InformationSplit {
	const none = { target: null, symmetric: null, antisymmetric: null, shares: null };
	const refuse = (reason: string): InformationSplit => ({ method: METHOD, ...none, reason });
	const information = dependence.mutualInformation;
	if (information === null) return refuse(dependence.reason ?? 'the dependence is unknown');
	const target = targetPart(table);
	const direction = directionPart(fit, marginsOf(table).total, seed);
	const antisymmetric = Math.min(information, direction);
	const symmetric = information - antisymmetric;
	const sum = target + symmetric + antisymmetric;
	const shares =
		sum > 0
			? { target: target / sum, symmetric: symmetric / sum, antisymmetric: antisymmetric / sum }
			: null;
	return { method: METHOD, target, symmetric, antisymmetric, shares, reason: null };
}

/** G² of model 1 less G² of model 2, less one per free target, over 2N. */
function targetPart(table: CountTable): number {
	const margins = marginsOf(table);
	const fit = fitQuasiIndependence(margins.rows, margins.columns);
	if (fit === null) return 0;
	const K = table.states.length;
	const uniform = margins.rows.reduce((sum, r) => sum + (r > 0 ? r * Math.log(r / (K - 1)) : 0), 0);
	const gained = fixedTerms(marginFit(margins, fit), margins.columns) - 2 * uniform;
	const free = margins.columns.reduce((sum, c) => sum + (c > 0 ? 1 : 0), -1);
	return Math.max(0, gained - free) / (2 * margins.total);
}

/** Information on directions beyond detailed balance, over N. */
function directionPart(fit: ReversibleFit, total: number, seed: number): number {
	let rise = 0;
	let seen = 0;
	let all = 0;
	for (const [c, part] of fit.parts.entries()) {
		// A tree is fitted exactly.
		if (part === null || part.pairs.length < part.data.nodes) continue;
		const sums = partSums(part, new Stream([seed, PURPOSE.informationSplit], c));
		rise += sums.deviance - sums.noise;
		seen += sums.seen;
		all += sums.all;
	}
	// Without a pair that could respond there is nothing seen either.
	return seen > 0 ? Math.max(0, rise) / (seen / all) / (2 * total) : 0;
}

/** Sums over the pairs of one component; `seen` and `all` weigh by n p q (1 − h). */
function partSums({ data, fit }: FittedPart, stream: Stream) {
	const P = data.low.length;
	const noise = new Float64Array(P);
	const fixed = new Float64Array(P);
	const seen = new Float64Array(P);
	let deviance = 0;
	for (let e = 0; e < P; e++) {
		const n = data.up[e]! + data.down[e]!;
		const odds = fit.theta[data.low[e]!]! - fit.theta[data.high[e]!]!;
		const expected = binomialDeviance(n, 1 / (1 + Math.exp(-odds)));
		noise[e] = expected.mean;
		fixed[e] = n > 1 ? (expected.response * n) / (n - 1) : 0;
		seen[e] = fit.information[e]! * expected.response;
		deviance += pairDeviance(data.up[e]!, data.down[e]!, odds);
	}
	const kept = (values: Float64Array): number => values.reduce((sum, x) => sum + x, 0);
	const held = heldSums({ data, fit }, [fixed, seen, fit.information], stream);
	return {
		deviance,
		noise: kept(noise) - held[0]!,
		seen: Math.max(0, kept(seen) - held[1]!),
		all: kept(fit.information) - held[2]!,
	};
}

/** 2 Σ C log (C/E) of one pair with log-odds θ_low − θ_high for up. */
function pairDeviance(up: number, down: number, odds: number): number {
	const n = up + down;
	const ups = up > 0 ? up * (Math.log(up / n) + Math.log1p(Math.exp(-odds))) : 0;
	const downs = down > 0 ? down * (Math.log(down / n) + Math.log1p(Math.exp(odds))) : 0;
	return 2 * (ups + downs);
}

const PROBES = 32;

/**
 * Σ h_e x_e for each list x: h is the diagonal of the projection W^½ B L⁺ B′ W^½ of the fit, W its
 * information, met with random signs z: E[z_e (P z)_e] = h_e.
 */
function heldSums(
	{ data, fit }: Pick<FittedPart, 'data' | 'fit'>,
	lists: readonly Float64Array[],
	stream: Stream,
): number[] {
	const P = data.low.length;
	const held = lists.map(() => 0);
	for (let probe = 0; probe < PROBES; probe++) {
		const signs = Float64Array.from({ length: P }, () => (stream.next() < 0.5 ? -1 : 1));
		const b = new Float64Array(data.nodes);
		for (let e = 0; e < P; e++) {
			const flow = signs[e]! * Math.sqrt(fit.information[e]!);
			b[data.low[e]!]! += flow;
			b[data.high[e]!]! -= flow;
		}
		const x = solveLaplacian(data, fit.information, b, 1e-6);
		for (let e = 0; e < P; e++) {
			const rise = x[data.low[e]!]! - x[data.high[e]!]!;
			const h = signs[e]! * Math.sqrt(fit.information[e]!) * rise;
			for (const [i, list] of lists.entries()) held[i]! += (h * list[e]!) / PROBES;
		}
	}
	return held;
}
