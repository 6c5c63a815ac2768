/** The paper's scatter: log-ratio of a pair against the difference of its potentials. */
import type { Pairs } from '../table/components.js';

export interface ScatterPoint {
	/** V(f) − V(g), nats */
	readonly x: number;
	/** log(w_fg / w_gf), w = C_fg / (accepted draws of f), nats */
	readonly y: number;
}

/**
 * Visits every pair seen more than once in both directions, f the lower state.
 *
 * @param pairs inside components
 * @param accepted accepted draws of each state, length K
 * @param V potential, length K, finite inside components
 * @param visit called once per pair
 */
export function eachScatterPoint(
	{ low, high, up, down }: Pairs,
	{ accepted, V }: { readonly accepted: Float64Array; readonly V: Float64Array },
	visit: (point: ScatterPoint) => void,
): void {
	for (let p = 0; p < low.length; p++) {
		if (!(up[p]! > 1 && down[p]! > 1)) continue;
		const f = low[p]!;
		const g = high[p]!;
		const y = Math.log(up[p]! / accepted[f]!) - Math.log(down[p]! / accepted[g]!);
		visit({ x: V[f]! - V[g]!, y });
	}
}

/** Sums over scatter points: no choice of which state of a pair comes first can change them. */
export class ScatterSums {
	#n = 0;
	#xx = 0;
	#xy = 0;
	#yy = 0;
	#miss = 0;

	add({ x, y }: ScatterPoint): void {
		this.#n += 1;
		this.#xx += x * x;
		this.#xy += x * y;
		this.#yy += y * y;
		this.#miss += (y - x) ** 2;
	}

	get pairs(): number {
		return this.#n;
	}

	/** Pearson's r over both orientations of every pair (the mean is then 0); NaN if undefined. */
	get correlation(): number {
		return this.#xy / Math.sqrt(this.#xx * this.#yy);
	}

	/** Σ (y − x)² / N; NaN without pairs. */
	get chiSquare(): number {
		return this.#miss / this.#n;
	}
}
