/** Noise and response of the likelihood ratio statistic of one binomial count. */
export interface BinomialDeviance {
	/** E[2 X log (X/np) + 2 (n − X) log ((n − X)/nq)]: 1 at large counts */
	readonly mean: number;
	/**
	 * By how much the mean rises where p varies a little about its value, over the rise of
	 * 2n KL(p′‖p): 1 at large counts, 0 for n = 1, which says nothing about p's spread.
	 */
	readonly response: number;
}

/** From this many expected counts on either side the expansion is good to 1e-3. */
const LARGE = 30;

/**
 * Mean and response of the deviance of a binomial count X of n trials at its own p.
 * With H(p) = E[2 X log X + 2 (n − X) log (n − X)] the response is H″(p) p q / (2n).
 *
 * @param n integer ≥ 1
 * @param p in (0, 1)
 * @returns see `BinomialDeviance`
 * Source: sums over X; at large counts Bartlett's expansion, 1 + (1/p + 1/q − 1)/(6n).
 *
 * @example binomialDeviance(2, 1/2) // mean 2 log 2 = 1.386294361…, response 2 log 2 / 2 = 0.693147180…
 */
export function binomialDeviance(n: number, p: number): BinomialDeviance {
	const least = Math.min(p, 1 - p);
	if (n * least > LARGE) {
		return { mean: 1 + (1 / p + 1 / (1 - p) - 1) / (6 * n), response: 1 };
	}
	// Only the rarer side is summed over, to where nothing is left of it.
	const last = Math.min(n, Math.ceil(n * least + 12 * Math.sqrt(n * least) + 20));
	let mean = 0;
	eachBinomial(n, least, last, (x, chance) => {
		mean += 2 * chance * deviance(n, least, x);
	});
	if (n < 2) return { mean, response: 0 };
	let curvature = 0;
	eachBinomial(n - 2, least, Math.min(last, n - 2), (x, chance) => {
		curvature += 2 * chance * (bend(x + 1) + bend(n - x - 1));
	});
	return { mean, response: ((n - 1) * curvature * least * (1 - least)) / 2 };
}

/** x log (x/np) + (n − x) log ((n − x)/nq). */
function deviance(n: number, p: number, x: number): number {
	const mean = n * p;
	const rare = x > 0 ? x * Math.log(x / mean) : 0;
	return x < n ? rare + (n - x) * Math.log1p((mean - x) / (n - mean)) : rare;
}

/** Second difference of x log x at x ≥ 1, which is 1/x to a relative 1/(6x²). */
function bend(x: number): number {
	if (x > 1e4) return 1 / x;
	const below = x > 1 ? (x - 1) * Math.log(x - 1) : 0;
	return (x + 1) * Math.log(x + 1) - 2 * x * Math.log(x) + below;
}

function eachBinomial(
	n: number,
	p: number,
	last: number,
	use: (x: number, chance: number) => void,
): void {
	let chance = Math.exp(n * Math.log1p(-p));
	for (let x = 0; x <= last; x++) {
		use(x, chance);
		chance *= ((n - x) / (x + 1)) * (p / (1 - p));
	}
}
