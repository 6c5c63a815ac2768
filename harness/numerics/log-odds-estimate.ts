/** What one binomial count says about how far its log-odds lie from a given value. */

/** Moments, under C ~ Binomial(n, p), of e = (L − E L) / β, L = log (C + ½)/(n − C + ½). */
export interface LogOddsMoments {
	/** E L */
	readonly mean: number;
	/** β = Cov(L, C): the derivative of E L with respect to the log-odds */
	readonly slope: number;
	/** second derivative of E L over β: 0 for large counts, near q − p for small ones */
	readonly bend: number;
	/** Var e */
	readonly variance: number;
	/** Cov(e², C): the derivative of E e² with respect to the log-odds */
	readonly drift: number;
	/** κ: E (e² − Var e − drift e) = κ ε² + O(ε³) at log-odds ε away; 0 for n = 1 */
	readonly curvature: number;
	/** variance of (e² − Var e − drift e) / κ; Infinity for n = 1 */
	readonly squareVariance: number;
}

/** ε̂ and ε̂², both without bias to first and second order in ε. */
export interface LogOddsEstimate {
	/** e */
	readonly value: number;
	/** (e² − Var e − drift e) / κ: may be negative; 0 where n = 1 */
	readonly square: number;
}

/** From this n p q on the moments are those of the limit of large counts, right to 1 part in 10⁴. */
const LARGE = 1e4;
/** Terms are summed so many standard deviations, and so many counts, around the mean. */
const DEVIATIONS = 12;
const COUNTS = 30;

/**
 * Moments of the log-odds estimate of a binomial count, by summation over the distribution.
 *
 * Both ε̂ = e and ε̂² = (e² − Var e − drift e)/κ are polynomials in ε away from the truth only beyond
 * their order, for every n ≥ 2: n = 2 tells as little as it can, not something wrong. One count
 * (n = 1) tells nothing about ε², since e² is then a linear function of e.
 *
 * @param n number of trials, an integer ≥ 1
 * @param p probability of the counted outcome, in (0, 1)
 * @param q 1 − p, given so that a p near 1 loses no digits
 * @returns see `LogOddsMoments`
 * @throws RangeError if n is not a positive integer or p, q are not positive
 * Source: half counts: Haldane, Ann. Hum. Genet. 20, 309 (1956); derivatives: exponential family
 *   in ε, d/dε E f = Cov(f, C).
 *
 * @example logOddsMoments(2, 0.5, 0.5) // mean 0, slope 0.804718956, variance 2, curvature 0.5,
 *   squareVariance 16
 */
export function logOddsMoments(n: number, p: number, q: number): LogOddsMoments {
	if (!Number.isInteger(n) || n < 1) throw new RangeError(`n must be an integer ≥ 1, got ${n}`);
	if (!(p > 0 && q > 0)) throw new RangeError(`p and q must be positive, got ${p} and ${q}`);
	const information = n * p * q;
	if (information > LARGE) {
		const variance = 1 / information;
		const limit = { mean: Math.log(p / q), slope: 1, bend: 0, variance, drift: (p - q) * variance };
		return { ...limit, curvature: 1, squareVariance: 2 * variance * variance };
	}
	const reach = DEVIATIONS * Math.sqrt(information) + COUNTS;
	const first = Math.max(0, Math.ceil(n * p - reach));
	const last = Math.min(n, Math.floor(n * p + reach));
	const chance = binomialWindow({ n, odds: p / q, first, last });
	const mean = chance.reduce((sum, w, i) => sum + w * logOdds(first + i, n), 0);
	// n p without the digits lost where p is near 1
	const away = (i: number): number => (p < 0.5 ? first + i - n * p : n * q - (n - first - i));
	const L = chance.map((_, i) => logOdds(first + i, n) - mean);
	const slope = chance.reduce((sum, w, i) => sum + w * L[i]! * away(i), 0);
	const variance = chance.reduce((sum, w, i) => sum + w * (L[i]! / slope) ** 2, 0);
	const drift = chance.reduce((sum, w, i) => sum + w * (L[i]! / slope) ** 2 * away(i), 0);
	const bend = chance.reduce((sum, w, i) => sum + w * L[i]! * away(i) ** 2, 0) / slope;
	const none = { mean, slope, bend, variance, drift, curvature: 0, squareVariance: Infinity };
	if (n === 1) return none;

	let curvature = 0;
	let spread = 0;
	for (let i = 0; i < chance.length; i++) {
		const e = L[i]! / slope;
		const s = e * e - variance - drift * e;
		curvature += (chance[i]! * s * away(i) ** 2) / 2;
		spread += chance[i]! * s * s;
	}
	// So far from even that rounding is all there is: as good as no count.
	if (!(curvature > 0 && spread > 0)) return none;
	return { ...none, curvature, squareVariance: spread / curvature ** 2 };
}

/**
 * The estimates from a count C of n.
 *
 * @param count C, in 0 … n
 * @param n number of trials
 * @param moments of the same n, at the log-odds from which ε is counted
 *
 * @example logOddsEstimate(2, 2, logOddsMoments(2, 0.5, 0.5)) // value 2, square 4
 */
export function logOddsEstimate(
	count: number,
	n: number,
	moments: LogOddsMoments,
): LogOddsEstimate {
	const { mean, slope, variance, drift, curvature } = moments;
	const value = (logOdds(count, n) - mean) / slope;
	if (curvature === 0) return { value, square: 0 };
	return { value, square: (value * value - variance - drift * value) / curvature };
}

function logOdds(count: number, n: number): number {
	return Math.log((count + 0.5) / (n - count + 0.5));
}

/** Binomial probabilities of the counts first … last, with sum 1, by ratios from the likeliest. */
function binomialWindow(window: {
	readonly n: number;
	readonly odds: number;
	readonly first: number;
	readonly last: number;
}): Float64Array {
	const { n, odds, first, last } = window;
	const chance = new Float64Array(last - first + 1);
	const mode = Math.floor(((n + 1) * odds) / (1 + odds));
	const top = Math.min(last, Math.max(first, mode)) - first;
	chance[top] = 1;
	for (let i = top + 1; i < chance.length; i++) {
		const c = first + i;
		chance[i] = (chance[i - 1]! * (n - c + 1) * odds) / c;
	}
	for (let i = top - 1; i >= 0; i--) {
		const c = first + i;
		chance[i] = (chance[i + 1]! * (c + 1)) / ((n - c) * odds);
	}
	const sum = chance.reduce((total, w) => total + w, 0);
	return chance.map((w) => w / sum);
}
