/** How much a likelihood ratio statistic of thin counts holds by noise alone. */

/** A grid of log μ, fine enough for cubic interpolation to 2e-6. */
const LOWEST = -14;
const STEP = 1 / 16;
const SIZE = 321;

/**
 * E[2 X log (X/μ)] of a Poisson count X with mean μ: the noise that one cell adds to G². 1 at large
 * counts, 1.15 at μ = 1, about −2 μ log μ where the cell is nearly always empty.
 *
 * @param logMean log μ, finite
 * @returns a number in (0, 1.17), to 2e-6
 * Source: the sum over X; above log μ = 5, 1 + 1/(6μ) + 1/(6μ²) (Bartlett's expansion).
 *
 * @example poissonDeviance(0) // 1.146805618…
 */
export function poissonDeviance(logMean: number): number {
	const at = (logMean - LOWEST) / STEP;
	if (at < 1) return Math.exp(logMean) * -2 * logMean;
	const i = Math.floor(at);
	if (i > SIZE - 3) return series(Math.exp(logMean));
	const t = at - i;
	const [a, b, c, d] = [TABLE[i - 1]!, TABLE[i]!, TABLE[i + 1]!, TABLE[i + 2]!];
	return b + (t / 2) * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

const series = (mean: number): number => 1 + 1 / (6 * mean) + 1 / (6 * mean * mean);

const TABLE = Float64Array.from({ length: SIZE }, (_, i) => exact(Math.exp(LOWEST + i * STEP)));

function exact(mean: number): number {
	let chance = Math.exp(-mean);
	let sum = 0;
	const last = Math.ceil(mean + 12 * Math.sqrt(mean) + 20);
	for (let x = 1; x <= last; x++) {
		chance *= mean / x;
		sum += chance * x * Math.log(x);
	}
	return 2 * (sum - mean * Math.log(mean));
}

const NODES = Float64Array.from({ length: 21 }, (_, i) => (i - 10) / 2);
const WEIGHTS = (() => {
	const density = NODES.map((z) => Math.exp((-z * z) / 2));
	const total = density.reduce((sum, w) => sum + w, 0);
	return density.map((w) => w / total);
})();

/**
 * The same for a cell whose mean is μ exp(σ z − σ²/2) with z standard normal, so that it is μ on
 * average: the noise left in G² where every cell departs from the fit by a factor of that spread.
 *
 * @param logMean log μ, finite
 * @param sigma σ ≥ 0
 * @returns a number in (0, 1.17)
 *
 * @example spreadDeviance(0, 0) // poissonDeviance(0)
 */
export function spreadDeviance(logMean: number, sigma: number): number {
	let sum = 0;
	for (let i = 0; i < NODES.length; i++) {
		sum += WEIGHTS[i]! * poissonDeviance(logMean + sigma * (NODES[i]! - sigma / 2));
	}
	return sum;
}
