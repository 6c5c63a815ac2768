/** The weights that a sampled run gives pairs and loops, in the limit of many attempts. */
import { fitReversible } from '../potential/reversible-fit.js';
import type { Square } from './kernel.js';
import type { ScoredPairs } from './pairs.js';

/**
 * Noise of the log-odds of each pair in a sampled run of equally many attempts from every source, in units of
 * 1 / attempts: v = 1 / (n p̂ q̂), n = T(g|f) + T(f|g), p̂ of the reversible kernel nearest to the frequencies
 * (maximum likelihood). These are the weights of `verify`: a pair that is rare both ways counts little, one
 * that is driven one way counts in full.
 *
 * @param base the kernel
 * @param pairs of it
 * @returns v, m × m, symmetric; Infinity where there is no such pair; null where the fit does not converge
 * Source: `fitReversible`; `pairEstimates` at large counts.
 *
 * @example T 0.4 and 0.2 round three states: 1 / (0.6 · ¼) = 6.666666666666667 for every pair
 */
export function typicalVariance(
	{ states, found }: Square,
	{ table, components }: ScoredPairs,
): Float64Array | null {
	const m = states.length;
	const { low, high } = components.inner;
	const T = (f: number, g: number): number => Math.exp(found[f * m + g]!);
	const up = Float64Array.from(low, (f, p) => T(f, high[p]!));
	const down = Float64Array.from(high, (g, p) => T(g, low[p]!));
	// Probabilities below the smallest number: such a pair is never sampled, and has no p̂.
	if (up.some((x, p) => x + down[p]! === 0)) return null;
	const variance = new Float64Array(m * m).fill(Infinity);
	try {
		const { information } = fitReversible(table, {
			...components,
			inner: { low, high, up, down },
		});
		for (const [p, f] of low.entries()) {
			variance[f * m + high[p]!] = 1 / information[p]!;
			variance[high[p]! * m + f] = 1 / information[p]!;
		}
		return variance;
	} catch (error) {
		if (error instanceof RangeError) return null;
		throw error;
	}
}
