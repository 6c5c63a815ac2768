/** The potentials of all groups, each for itself, and where to begin looking for a shared one. */
import { fitShared, type SharedFit, type SharedModel } from './shared-fit.js';
import type { SharedPairs } from './shared-part.js';

/** One group alone, as groups of one; the arrays are views. */
export function groupPairs(pairs: SharedPairs, m: number): SharedPairs {
	const from = pairs.start[m]!;
	const to = pairs.start[m + 1]!;
	return {
		nodes: pairs.nodes,
		groups: 1,
		start: Int32Array.of(0, to - from),
		group: new Int32Array(to - from),
		low: pairs.low.subarray(from, to),
		high: pairs.high.subarray(from, to),
		up: pairs.up.subarray(from, to),
		down: pairs.down.subarray(from, to),
		offset: pairs.offset.subarray(from, to),
		attempts: [pairs.attempts[m]!],
	};
}

/**
 * Every group's own potential.
 *
 * @param pairs S states, M groups, each connecting the states
 * @param start potential to begin at, length S, of each group; null: flat
 * @returns one fit per group, its scale 1
 */
export function fitSeparate(
	pairs: SharedPairs,
	start: readonly Float64Array[] | null,
): SharedFit[] {
	return Array.from({ length: pairs.groups }, (_, m) => {
		const potential = start?.[m] ?? new Float64Array(pairs.nodes);
		return fitShared(groupPairs(pairs, m), { potential, scale: Float64Array.of(1) }, []);
	});
}

/** log-likelihood of all groups together. */
export const totalLikelihood = (fits: readonly SharedFit[]): number =>
	fits.reduce((sum, fit) => sum + fit.logLikelihood, 0);

/** The group whose potential is known best against its own size: its scale sets the unit. */
export function bestKnown(pairs: SharedPairs, fits: readonly SharedFit[]): number {
	const known = fits.map(({ potential, information }, m) => {
		const { low, high } = groupPairs(pairs, m);
		return information.reduce(
			(sum, x, e) => sum + x * (potential[low[e]!]! - potential[high[e]!]!) ** 2,
			0,
		);
	});
	return known.indexOf(Math.max(...known));
}

/**
 * The model that is likeliest of those reached from several starts: the first principal axis of the
 * separate potentials, and each of them.
 *
 * @param pairs S states, M ≥ 2 groups
 * @param fits of the groups, separately
 * @returns the fit with the scale of the best known group at 1, and that group
 */
export function fitFromSeparate(
	pairs: SharedPairs,
	fits: readonly SharedFit[],
): { readonly fit: SharedFit; readonly anchor: number } {
	const anchor = bestKnown(pairs, fits);
	const free = fits.map((_, m) => m).filter((m) => m !== anchor);
	const starts = [principalAxis(fits), ...fits.map(({ potential }) => potential)];
	let best: SharedFit | null = null;
	for (const axis of starts) {
		const start = alongAxis(axis, fits, anchor);
		if (start === null) continue;
		const fit = fitShared(pairs, start, free);
		if (best === null || fit.logLikelihood > best.logLikelihood) best = fit;
	}
	const flat = { potential: new Float64Array(pairs.nodes), scale: new Float64Array(pairs.groups) };
	return { fit: best ?? fitShared(pairs, { ...flat, scale: flat.scale.fill(1) }, free), anchor };
}

/** The axis given, as long as the anchor's potential on it, and the scales of all along it. */
function alongAxis(
	axis: Float64Array,
	fits: readonly SharedFit[],
	anchor: number,
): SharedModel | null {
	const length = dot(axis, axis);
	const parts = fits.map(({ potential }) => dot(potential, axis) / length);
	const unit = parts[anchor]!;
	const own = fits[anchor]!.potential;
	// An axis at a right angle to the anchor's potential has no unit.
	if (!(Math.abs(dot(own, axis)) > 1e-9 * Math.sqrt(dot(own, own) * length))) return null;
	return {
		potential: axis.map((x) => x * unit),
		scale: Float64Array.from(parts, (x) => x / unit),
	};
}

/** By power iteration on the potentials' products, begun with the longest. */
function principalAxis(fits: readonly SharedFit[]): Float64Array {
	const longest = fits.reduce((a, b) =>
		dot(b.potential, b.potential) > dot(a.potential, a.potential) ? b : a,
	);
	let axis = longest.potential;
	for (let i = 0; i < 50; i++) {
		const next = new Float64Array(axis.length);
		for (const { potential } of fits) {
			const part = dot(potential, axis);
			for (let f = 0; f < next.length; f++) next[f]! += part * potential[f]!;
		}
		const size = Math.sqrt(dot(next, next));
		if (!(size > 0)) return axis;
		axis = next.map((x) => x / size);
	}
	return axis;
}

const dot = (x: Float64Array, y: Float64Array): number =>
	x.reduce((sum, value, i) => sum + value * y[i]!, 0);
