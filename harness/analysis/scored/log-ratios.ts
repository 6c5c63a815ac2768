import type { Square } from './kernel.js';

/** The affinity of one loop after another, in every evaluation shape, with its interval. */
export class LogRatios {
	/** A of the mass found, in each shape, nats; not finite where a transition was not found there */
	readonly value: Float64Array;
	/** A lies in [least, most] in whatever shape */
	least = 0;
	most = 0;
	/** … in the base */
	baseLeast = 0;
	baseMost = 0;
	readonly #m: number;
	/** l_fg of the mass found */
	readonly #l: readonly Float64Array[];
	/** least l_fg: log T(g|f) found − bound of log T(f|g) */
	readonly #low: readonly Float64Array[];

	constructor(squares: readonly Square[]) {
		const m = squares[0]!.states.length;
		this.#m = m;
		this.value = new Float64Array(squares.length);
		this.#l = squares.map(({ found }) => difference(found, found, m));
		this.#low = squares.map(({ found, bound }) => difference(found, bound, m));
	}

	/** Goes round a loop, given by its states. */
	round(run: ArrayLike<number>): void {
		this.least = Infinity;
		this.most = -Infinity;
		for (let k = 0; k < this.value.length; k++) {
			const l = this.#l[k]!;
			const low = this.#low[k]!;
			let A = 0;
			let least = 0;
			let most = 0;
			for (let i = 0; i < run.length; i++) {
				const f = run[i]!;
				const g = run[i + 1 === run.length ? 0 : i + 1]!;
				A += l[f * this.#m + g]!;
				least += low[f * this.#m + g]!;
				// The most of l_fg is minus the least of l_gf.
				most -= low[g * this.#m + f]!;
			}
			this.value[k] = A;
			// Where a transition is 0 in one shape nothing is known of A there; other sums round otherwise.
			if (!(least <= A)) least = Number.isFinite(A) ? A : -Infinity;
			if (!(most >= A)) most = Number.isFinite(A) ? A : Infinity;
			this.least = Math.min(this.least, least);
			this.most = Math.max(this.most, most);
			if (k > 0) continue;
			this.baseLeast = least;
			this.baseMost = most;
		}
	}
}

/** x_fg − y_gf; −∞ where a 0 is compared with a 0, of which nothing is known. */
function difference(x: Float64Array, y: Float64Array, m: number): Float64Array {
	const out = new Float64Array(m * m);
	for (let f = 0; f < m; f++) {
		for (let g = 0; g < m; g++) {
			const d = x[f * m + g]! - y[g * m + f]!;
			out[f * m + g] = Number.isNaN(d) ? -Infinity : d;
		}
	}
	return out;
}

/** Distance of an interval from 0. */
export const nearest = (least: number, most: number): number => Math.max(0, least, -most);
/** The largest |x| in an interval. */
export const furthest = (least: number, most: number): number => Math.max(-least, most);
