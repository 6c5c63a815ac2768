/** Sampled counts against an exact kernel: were they drawn from it? */
import { binomial } from '../../numerics/binomial.js';
import { Stream } from '../../numerics/stream.js';
import { PURPOSE } from '../purposes.js';

/** What came back from one source, over categories that hold every outcome: states, and elsewhere. */
export interface FitRow {
	/** integers ≥ 0 */
	readonly counts: ArrayLike<number>;
	/** of the categories, ≥ 0, with sum 1 to 1e-6 (they are made to add up) */
	readonly probabilities: ArrayLike<number>;
}

export interface FitOptions {
	/** uint32 */
	readonly seed: number;
	/** tables drawn, B, an integer ≥ 19 */
	readonly samples: number;
}

/** A test of counts against given probabilities. */
export interface RowFit {
	/** (1 + #{G² ≥ observed}) / (B + 1); null where there is one category or no attempt */
	readonly p: number | null;
	/**
	 * (#{G² > observed} + u (1 + #{G² = observed})) / (B + 1), u a seeded number in (0, 1]: uniform on (0, 1], exactly,
	 * where p is too large at few counts; for `uniformity`
	 */
	readonly randomisedP: number | null;
	/** G²; null where a category of probability 0 was counted */
	readonly statistic: number | null;
	readonly degreesOfFreedom: number;
	readonly attempts: number;
	/** attempts that ended in a category of probability 0 */
	readonly impossible: number;
}

export interface GoodnessOfFit extends RowFit {
	readonly hypothesis: 'the counts of every source are draws from its given probabilities';
	readonly method: 'likelihood ratio, categories expected less than once pooled, tables drawn from the probabilities';
	/** B */
	readonly samples: number;
	/** each source by itself */
	readonly rows: readonly RowFit[];
}

const NAMES = {
	hypothesis: 'the counts of every source are draws from its given probabilities',
	method:
		'likelihood ratio, categories expected less than once pooled, tables drawn from the probabilities',
} as const;

/** Categories expected less often are one category. */
const LEAST_EXPECTED = 1;
const FEWEST = 19;
const ADDS_UP = 1e-6;

/**
 * Tests counts against the law that they should have: G² = 2 Σ C log (C / n p) summed over sources, its law
 * from B tables drawn with the same n from the same p. Exact at any counts, since nothing is fitted; which
 * categories are pooled depends on n p alone. Where the probabilities are those of a kernel with mass left
 * out, they are wrong by as much: keep n times that mass well below 1.
 *
 * @param rows one per source
 * @param options seed and B
 * @returns see `GoodnessOfFit`; p is in (0, 1], and 1/(B + 1) if something impossible was counted
 * @throws TypeError if a row's counts and probabilities differ in length
 * @throws RangeError if a count is no integer ≥ 0, probabilities are negative or do not add up to 1, or an
 *   option is out of range
 * Source: exact multinomial test by simulation: Cressie, Read, Goodness-of-Fit Statistics for Discrete
 *   Multivariate Data (1988), section 5.5; (1 + k)/(B + 1): Besag, Clifford, Biometrika 76, 633 (1989).
 *
 * @example goodnessOfFit([{ counts: [50, 50], probabilities: [0.5, 0.5] }], { seed: 1, samples: 99 }) // p 1
 */
export function goodnessOfFit(rows: readonly FitRow[], options: FitOptions): GoodnessOfFit {
	const { seed, samples } = options;
	if (!Number.isInteger(samples) || samples < FEWEST) {
		throw new RangeError(`samples must be an integer ≥ ${FEWEST}, got ${samples}`);
	}
	const pooled = rows.map(pool);
	const observed = pooled.map((row) => deviance(row.counts, row));
	const all = observed.reduce((sum, x) => sum + x, 0);
	const ranks = Array.from({ length: rows.length + 1 }, () => ({ above: 0, equal: 0 }));
	for (let i = 0; i < samples; i++) {
		const draw = new Stream([seed, PURPOSE.goodnessOfFit], i);
		let sum = 0;
		for (const [r, row] of pooled.entries()) {
			const drawn = deviance(multinomial(row, draw), row);
			sum += drawn;
			rank(drawn, observed[r]!, ranks[r]!);
		}
		rank(sum, all, ranks[rows.length]!);
	}
	const ties = new Stream([seed, PURPOSE.goodnessOfFit], TIES);
	const ps = ranks.map(({ above, equal }) => ({
		p: (1 + above + equal) / (samples + 1),
		randomisedP: (above + (1 - ties.next()) * (1 + equal)) / (samples + 1),
	}));
	const fits = pooled.map((row, r) => rowFit(row, observed[r]!, ps[r]!));
	const total = fits.reduce(
		(sum, fit) => ({
			degreesOfFreedom: sum.degreesOfFreedom + fit.degreesOfFreedom,
			attempts: sum.attempts + fit.attempts,
			impossible: sum.impossible + fit.impossible,
		}),
		{ degreesOfFreedom: 0, attempts: 0, impossible: 0 },
	);
	const tested = fits.some(({ p }) => p !== null);
	return {
		...NAMES,
		...total,
		...(tested ? ps[rows.length]! : NO_P),
		statistic: Number.isFinite(all) ? all : null,
		samples,
		rows: fits,
	};
}

/** Number of the stream that breaks ties: no draw has it. */
const TIES = 4294967295;
const NO_P = { p: null, randomisedP: null };

type Ps = { readonly p: number; readonly randomisedP: number };

/** Equal tables add up to statistics that are equal but for rounding. */
function rank(drawn: number, observed: number, counts: { above: number; equal: number }): void {
	const slack = 1e-9 * (1 + drawn);
	if (drawn > observed + slack) counts.above += 1;
	else if (drawn >= observed - slack) counts.equal += 1;
}

interface Pooled {
	/** by falling probability, those expected less than once together as the last */
	readonly counts: Float64Array;
	readonly probabilities: Float64Array;
	readonly n: number;
	readonly impossible: number;
}

function pool({ counts, probabilities }: FitRow, r: number): Pooled {
	const sum = checkRow({ counts, probabilities }, r);
	const n = Array.from(counts).reduce((all, count) => all + count, 0);
	const order = Array.from(counts, (_, c) => c)
		.filter((c) => probabilities[c]! > 0)
		.sort((a, b) => probabilities[b]! - probabilities[a]!);
	const kept: [count: number, p: number][] = [];
	let rare: [count: number, p: number] | null = null;
	let possible = 0;
	for (const c of order) {
		const p = probabilities[c]! / sum;
		possible += counts[c]!;
		if (n * p >= LEAST_EXPECTED) kept.push([counts[c]!, p]);
		else rare = [(rare?.[0] ?? 0) + counts[c]!, (rare?.[1] ?? 0) + p];
	}
	if (rare !== null) kept.push(rare);
	return {
		counts: Float64Array.from(kept, ([count]) => count),
		probabilities: Float64Array.from(kept, ([, p]) => p),
		n,
		impossible: n - possible,
	};
}

function checkRow({ counts, probabilities }: FitRow, r: number): number {
	if (counts.length !== probabilities.length) {
		throw new TypeError(
			`row ${r} has ${counts.length} counts and ${probabilities.length} probabilities`,
		);
	}
	let sum = 0;
	for (let c = 0; c < counts.length; c++) {
		if (!Number.isSafeInteger(counts[c]) || counts[c]! < 0) {
			throw new RangeError(`row ${r}: counts must be integers ≥ 0, got ${counts[c]}`);
		}
		if (!(probabilities[c]! >= 0)) {
			throw new RangeError(`row ${r}: probabilities must be ≥ 0, got ${probabilities[c]}`);
		}
		sum += probabilities[c]!;
	}
	if (!(Math.abs(sum - 1) <= ADDS_UP)) {
		throw new RangeError(
			`row ${r}: probabilities add up to ${sum}, not 1; give what is left as a category`,
		);
	}
	return sum;
}

/** G²; Infinity where something impossible was counted. */
function deviance(counts: Float64Array, { probabilities, n, impossible }: Pooled): number {
	let sum = 0;
	let all = 0;
	for (const [c, count] of counts.entries()) {
		all += count;
		if (count > 0) sum += count * Math.log(count / (n * probabilities[c]!));
	}
	// Drawn counts add up to n.
	if (impossible > 0 && all < n) return Infinity;
	return Math.max(0, 2 * sum);
}

/** Category by category, given what is left: a binomial number each. */
function multinomial({ probabilities, n }: Pooled, draw: Stream): Float64Array {
	const counts = new Float64Array(probabilities.length);
	let left = n;
	let chance = 1;
	for (let c = 0; c + 1 < counts.length && left > 0; c++) {
		const p = probabilities[c]!;
		const taken = binomial(left, Math.min(1, p / chance), draw);
		counts[c] = taken;
		left -= taken;
		chance -= p;
	}
	if (counts.length > 0) counts[counts.length - 1]! += left;
	return counts;
}

function rowFit(row: Pooled, observed: number, ps: Ps): RowFit {
	const degreesOfFreedom = Math.max(0, row.counts.length - 1);
	const tested = row.n > 0 && (degreesOfFreedom > 0 || row.impossible > 0);
	return {
		...(tested ? ps : NO_P),
		statistic: Number.isFinite(observed) ? observed : null,
		degreesOfFreedom,
		attempts: row.n,
		impossible: row.impossible,
	};
}
