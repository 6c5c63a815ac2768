import { quantile } from '../../numerics/quantile.js';
import { meanOf, type NestedDraws } from './nested-test.js';
import { fitShared, type SharedFit } from './shared-fit.js';
import type { SharedPairs } from './shared-part.js';

export interface Slope {
	readonly method: 'maximum likelihood with errors in both, profile interval';
	/** second potential per unit of the first; null with a reason */
	readonly value: number | null;
	/** two-sided 95 %; null: no bound on that side */
	readonly lower: number | null;
	readonly upper: number | null;
	/** fall of twice the log-likelihood that bounds the interval */
	readonly fall: number;
	/** factor ≥ 1 within `fall`, for states that scatter about the line beyond their errors */
	readonly inflation: number;
	readonly reason: string | null;
}

const METHOD = 'maximum likelihood with errors in both, profile interval';

/**
 * The line through the origin that two potentials (each up to a constant) share, errors in both: the
 * ratio of the scales of the shared model. For large counts this is York's regression. The interval
 * holds the slopes at which twice the log-likelihood, V fitted anew, falls by less than the 95 %
 * quantile of that fall over drawn tables, times G²/E G² where this is above 1: York's factor for bad
 * fits, G² being the ratio of separate to shared potentials.
 *
 * @param pairs S ≥ 3 states, two groups
 * @param shared fitted with one scale free
 * @param law of both ratios: `statistic` is G² of the data; `flat`: both potentials are
 * @returns see `Slope`; null where the first potential may be flat, so that any slope would do
 * Source: York, Evensen, López Martínez, De Basabe Delgado, Am. J. Phys. 72, 367 (2004).
 *
 * @example the same table twice: value 1
 */
export function slopeOf(
	pairs: SharedPairs,
	shared: SharedFit,
	law: { readonly statistic: number; readonly draws: NestedDraws; readonly flat: boolean },
): Slope {
	const inflation = Math.max(1, law.statistic / meanOf(law.draws.separate));
	const fall = inflation * quantile(law.draws.scales.toSorted(), 0.95);
	const sign = shared.scale[0]! < 0 ? -1 : 1;
	const best = Math.atan2(sign * shared.scale[1]!, sign * shared.scale[0]!);
	const length = sign * Math.hypot(shared.scale[0]!, shared.scale[1]!);
	const unit = shared.potential.map((v) => v * length);
	const line = shared.logLikelihood - fall / 2;
	/** Whether slopes at this angle from the best one are outside. */
	const outside = (turn: number): boolean => {
		const scale = Float64Array.of(Math.cos(best + turn), Math.sin(best + turn));
		const potential = unit.map((v) => v * Math.cos(turn));
		return fitShared(pairs, { potential, scale }, []).logLikelihood < line;
	};
	const up = crossing(outside, 1);
	const down = crossing(outside, -1);
	const blank = { method: METHOD, fall, inflation } as const;
	if (law.flat || up === null || down === null) {
		const reason = 'neither potential differs between states beyond its errors';
		return { ...blank, value: null, lower: null, upper: null, reason };
	}
	const [low, high] = [best - down, best + up];
	if (low <= -Math.PI / 2 || high >= Math.PI / 2) {
		const reason = 'the first potential may be flat: its errors allow any slope';
		return { ...blank, value: null, lower: null, upper: null, reason };
	}
	return {
		...blank,
		value: Math.tan(best),
		lower: Math.tan(low),
		upper: Math.tan(high),
		reason: null,
	};
}

/** The smallest angle below a quarter turn that is outside, to 1e-6 of itself; null if none is. */
function crossing(outside: (turn: number) => boolean, side: 1 | -1): number | null {
	let inside = 0;
	let beyond = 1e-3;
	while (!outside(side * beyond)) {
		inside = beyond;
		beyond *= 2;
		if (beyond >= Math.PI / 2) {
			if (!outside((side * Math.PI) / 2)) return null;
			beyond = Math.PI / 2;
			break;
		}
	}
	while (beyond - inside > 1e-6 * beyond) {
		const middle = (inside + beyond) / 2;
		if (outside(side * middle)) beyond = middle;
		else inside = middle;
	}
	return beyond;
}
