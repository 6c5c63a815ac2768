/** Does the scale of the potential behave like an inverse temperature? */
import { symmetricInverse } from '../../numerics/linear-algebra.js';
import type { Resample } from '../resample.js';
import { type CompareOptions, findSharedPotential, relativeScales } from './compare.js';
import { type NestedTest, nestedDraws, nestedTest } from './nested-test.js';
import { fitShared } from './shared-fit.js';
import type { Comparable } from './shared-part.js';

export interface Heated extends Comparable {
	/** ≥ 0 */
	readonly temperature: number;
}

export interface Estimate {
	readonly value: number;
	/** two-sided 95 % */
	readonly lower: number;
	readonly upper: number;
}

export interface TemperatureLaw {
	readonly hypothesis: 'one potential, its scale proportional to 1 / temperature';
	/** ascending in temperature; the scale of the coldest is 1 */
	readonly points: readonly {
		readonly temperature: number;
		readonly scale: number | null;
		/** of the logarithm */
		readonly logError: number | null;
	}[];
	/** temperatures left out, and why the record is null where it is */
	readonly leftOut: readonly number[];
	readonly states: readonly string[];
	/** one potential with free scales, against one for each temperature */
	readonly shared: NestedTest | null;
	/** scales in proportion to 1 / temperature, against free scales */
	readonly proportional: NestedTest | null;
	/** T₀ of scale = T₀ / T through the origin; the coldest temperature where proportional */
	readonly unitTemperature: Estimate | null;
	/** γ of scale ∝ T^(−γ); 1 where proportional */
	readonly exponent: Estimate | null;
	readonly reason: string | null;
}

const HYPOTHESIS = 'one potential, its scale proportional to 1 / temperature';
const Z95 = 1.959963984540054;

/**
 * The scale of one shared potential against 1 / temperature, for groups that are equal in all else.
 *
 * log β_m − log β_1 has the covariance Ω (`relativeScales`). With y = log β and x = log(T₁/T): γ = x′Ω⁻¹y / x′Ω⁻¹x. T₀ is the line through the
 * origin in β against 1/T over the warmer groups, by the same weights.
 *
 * @param groups M tables at their temperatures; temperature 0 is left out, since 1/0 has no value
 * @param options seed, number of resamples
 * @param resample makes the resamples, wherever
 * @returns see `TemperatureLaw`; null with a reason where fewer than two temperatures above 0, or fewer
 *   than three states, are left, or a potential is flat or turned over
 * @throws RangeError if an option is out of range
 * Source: generalised least squares: Aitken, Proc. R. Soc. Edinburgh 55, 42 (1936).
 *
 * @example T(g|f) ∝ exp(−V_g / T) at T = 0.5 and 1: exponent near 1, unitTemperature near 0.5
 */
export async function temperatureLaw(
	groups: readonly Heated[],
	options: CompareOptions,
	resample: Resample,
): Promise<TemperatureLaw> {
	const warm = groups.filter(({ temperature }) => temperature > 0);
	const sorted = warm.toSorted((a, b) => a.temperature - b.temperature);
	const blank = {
		hypothesis: HYPOTHESIS,
		points: sorted.map(({ temperature }) => ({ temperature, scale: null, logError: null })),
		leftOut: groups.map(({ temperature }) => temperature).filter((T) => !(T > 0)),
		states: [],
		shared: null,
		proportional: null,
		unitTemperature: null,
		exponent: null,
		reason: null,
	} as const;
	const temperatures = sorted.map(({ temperature }) => temperature);
	if (new Set(temperatures).size < 2) {
		return { ...blank, reason: 'fewer than two temperatures above 0' };
	}
	const { record, fitted } = await findSharedPotential(sorted, options, resample);
	const known = { ...blank, states: record.states, shared: record.likelihoodRatio };
	if (fitted === null) return { ...known, reason: record.reason };

	const { pairs, shared, anchor, separate } = fitted;
	const given = Float64Array.from(temperatures, (T) => temperatures[anchor]! / T);
	const start = { potential: separate[anchor]!.potential, scale: given };
	const fixed = fitShared(pairs, start, []);
	const statistic = Math.max(0, 2 * (shared.logLikelihood - fixed.logLikelihood));
	const model = { potential: fixed.potential, scale: given };
	const input = { pairs, model, anchor, seed: options.seed };
	const draws = await nestedDraws(input, options.samples, resample);
	const proportional = nestedTest(statistic, temperatures.length - 1, draws.scales);
	const { scales, logCovariance, reason } = relativeScales(fitted);
	const points = temperatures.map((temperature, m) => ({
		temperature,
		scale: scales[m]!.value,
		logError: scales[m]!.logError,
	}));
	const tested = { ...known, proportional, points };
	if (logCovariance === null) return { ...tested, reason };
	if (scales.some(({ value }) => !(value! > 0))) {
		return { ...tested, reason: 'a potential is turned over against the coldest' };
	}
	return { ...tested, ...lines(points, logCovariance) };
}

/** T₀ and γ, weighed by the inverse covariance of log β of all but the coldest. */
function lines(
	points: readonly { readonly temperature: number; readonly scale: number | null }[],
	logCovariance: Float64Array,
): { unitTemperature: Estimate; exponent: Estimate } {
	const M = points.length;
	const n = M - 1;
	const within = Float64Array.from({ length: n * n }, (_, i) => {
		const [a, b] = [1 + Math.floor(i / n), 1 + (i % n)];
		return (logCovariance[a * M + b]! + logCovariance[b * M + a]!) / 2;
	});
	const weight = symmetricInverse(within, n);
	const cold = points[0]!.temperature;
	const warmer = points.slice(1);
	const line = (x: readonly number[], y: readonly number[]): Estimate => {
		let xx = 0;
		let xy = 0;
		for (let a = 0; a < n; a++) {
			for (let b = 0; b < n; b++) {
				xx += x[a]! * weight[a * n + b]! * x[b]!;
				xy += x[a]! * weight[a * n + b]! * y[b]!;
			}
		}
		const value = xy / xx;
		const error = Z95 / Math.sqrt(xx);
		return { value, lower: value - error, upper: value + error };
	};
	const scales = warmer.map(({ scale }) => scale!);
	// β has the covariance β Ω β: divided by β, the line is (1/T)/β against 1.
	const inverse = warmer.map(({ temperature }, m) => 1 / (temperature * scales[m]!));
	return {
		unitTemperature: line(
			inverse,
			scales.map(() => 1),
		),
		exponent: line(
			warmer.map(({ temperature }) => Math.log(cold / temperature)),
			scales.map(Math.log),
		),
	};
}
