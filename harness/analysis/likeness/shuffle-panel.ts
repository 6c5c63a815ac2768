/** Permutations of the outcomes of each source over two kernels, drawn as tables. */
import { philoxInto, uniform53 } from '../../numerics/philox.js';
import { entropyTerm } from '../assumptions/strata-table.js';
import { PURPOSE } from '../purposes.js';
import type { Panel } from '../resample.js';
import { divergenceTerm, variationTerm } from './distances.js';
import { hypergeometric } from './hypergeometric.js';

/** One source: both margins, which are all that its permutations depend on. */
export interface ShuffledRow {
	/** attempts of both kernels by outcome, those of two or more */
	readonly totals: Float64Array;
	/** outcomes that came once in all */
	readonly singles: number;
	readonly attempts: readonly [number, number];
	/** of the row in the mean distances */
	readonly weight: number;
	/** number of the row's first outcome among all: each has its own random numbers */
	readonly from: number;
	/** `innerTerms` as observed */
	readonly inner: number;
}

export interface ShuffleInput {
	readonly rows: readonly ShuffledRow[];
	/** uint32 */
	readonly seed: number;
	/** permutations of each row for `ROW_SHUFFLES` */
	readonly samples: number;
}

/** Rounding that sums of the same terms in another order may show. */
export const slackOf = (inner: number): number => 1e-12 * Math.max(1, Math.abs(inner));

/**
 * Draw i permutes all rows at once: the sum of their inner terms, the mean total variation distance
 * and the mean Jensen–Shannon divergence.
 */
export const LIKENESS_SHUFFLES: Panel<ShuffleInput> = {
	name: 'likeness-shuffles',
	width: 3,
	draw(input, from, to) {
		const rows = prepared(input);
		const drawn = new Float64Array(3 * (to - from));
		for (let draw = from; draw < to; draw++) {
			const at = 3 * (draw - from);
			for (const row of rows) {
				const { inner, variation, divergence } = row.shuffle(input.seed, draw);
				drawn[at]! += inner;
				drawn[at + 1]! += row.weight * variation;
				drawn[at + 2]! += row.weight * divergence;
			}
		}
		return drawn;
	},
};

/**
 * Row i over the first `samples` of the same permutations: how many have inner terms at least as
 * large as observed, the mean total variation distance and the mean Jensen–Shannon divergence.
 */
export const ROW_SHUFFLES: Panel<ShuffleInput> = {
	name: 'likeness-rows',
	width: 3,
	draw(input, from, to) {
		const rows = prepared(input);
		const { seed, samples } = input;
		const drawn = new Float64Array(3 * (to - from));
		for (let i = from; i < to; i++) {
			const row = rows[i]!;
			const at = 3 * (i - from);
			const observed = input.rows[i]!.inner;
			for (let draw = 0; draw < samples; draw++) {
				const { inner, variation, divergence } = row.shuffle(seed, draw);
				if (inner >= observed - slackOf(observed)) drawn[at]! += 1;
				drawn[at + 1]! += variation / samples;
				drawn[at + 2]! += divergence / samples;
			}
		}
		return drawn;
	},
};

interface Drawn {
	inner: number;
	variation: number;
	divergence: number;
}

/** Totals whose terms are kept for every way to divide them. */
const MOST_KEPT = 256;

const known = new WeakMap<ShuffleInput, readonly Shuffler[]>();

function prepared(input: ShuffleInput): readonly Shuffler[] {
	const found = known.get(input) ?? input.rows.map((row) => new Shuffler(row));
	known.set(input, found);
	return found;
}

/** Draws one row's 2 × C tables with both margins fixed. */
class Shuffler {
	readonly weight: number;
	readonly #row: ShuffledRow;
	/** by total m: inner, variation and divergence terms of x = 0 … m */
	readonly #terms = new Map<number, Float64Array>();
	readonly #words = new Uint32Array(4);
	readonly #drawn: Drawn = { inner: 0, variation: 0, divergence: 0 };

	constructor(row: ShuffledRow) {
		this.#row = row;
		this.weight = row.weight;
		for (const m of row.totals) {
			if (m > MOST_KEPT || this.#terms.has(m)) continue;
			const terms = new Float64Array(3 * (m + 1));
			for (let x = 0; x <= m; x++) terms.set(this.#termsOf(x, m), 3 * x);
			this.#terms.set(m, terms);
		}
	}

	/** The sums over one table; the same object every time. */
	shuffle(seed: number, draw: number): Readonly<Drawn> {
		const { totals, singles, from } = this.#row;
		const [n1, n2] = this.#row.attempts;
		const drawn = this.#drawn;
		drawn.inner = drawn.variation = drawn.divergence = 0;
		let [left, all] = [n1, n1 + n2];
		for (let c = 0; c < totals.length; c++) {
			const m = totals[c]!;
			const x = hypergeometric(m, left, all, this.#uniform(from + c, seed, draw));
			this.#add(x, m);
			left -= x;
			all -= m;
		}
		// Of the outcomes that came once, only how many are the first kernel's matters: all that is left.
		drawn.variation += (left / n1 + (singles - left) / n2) / 2;
		drawn.divergence += (left / n1 + (singles - left) / n2) / 2;
		drawn.inner *= 2;
		return drawn;
	}

	#add(x: number, m: number): void {
		const terms = this.#terms.get(m);
		const at = terms === undefined ? 0 : 3 * x;
		const found = terms ?? this.#termsOf(x, m);
		this.#drawn.inner += found[at]!;
		this.#drawn.variation += found[at + 1]!;
		this.#drawn.divergence += found[at + 2]!;
	}

	#termsOf(x: number, m: number): readonly [number, number, number] {
		const [n1, n2] = this.#row.attempts;
		const [p, q] = [x / n1, (m - x) / n2];
		return [entropyTerm(x) + entropyTerm(m - x), variationTerm(p, q), divergenceTerm(p, q)];
	}

	#uniform(number: number, seed: number, draw: number): number {
		const words = this.#words;
		const high = Math.floor(number / 4294967296);
		philoxInto(number, high, draw, 0, seed, PURPOSE.likeness, words);
		return uniform53(words[0]!, words[1]!);
	}
}
