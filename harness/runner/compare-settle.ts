/** How much a comparison draws: enough for Holm's correction, where that is affordable. */
import { type CompareOptions, DEFAULT_COMPARE } from '../analysis/universality/compare.js';
import { DEFAULT_VERIFY, type VerifyOptions } from '../analysis/verify.js';
import type { CompareRequest } from './compare-result.js';

/** Tables drawn unasked, at most. */
const MOST_SAMPLES = 1999;
const MOST_LIKENESS_SAMPLES = 9999;

/** Enough tables for Holm over the pairs, where that is affordable. */
export function settle(pairs: number, quick: boolean, changes: Partial<CompareOptions>) {
	const options = { ...DEFAULT_COMPARE, ...changes };
	const wanted = Math.ceil((2 * pairs) / options.alpha) - 1;
	const samples = changes.samples ?? Math.min(MOST_SAMPLES, Math.max(options.samples, wanted));
	const blind = !quick && pairs / (samples + 1) > options.alpha;
	const notices = blind
		? [
				`${pairs} pairs with ${samples} tables each: no p-value of one potential can fall below ${options.alpha} after Holm; give --samples ${Math.ceil(pairs / options.alpha)}, or compare fewer with --run or --by`,
			]
		: [];
	// A table of outcomes is drawn much faster than potentials are fitted to one.
	const likenessSamples =
		changes.samples ?? Math.min(MOST_LIKENESS_SAMPLES, Math.max(options.samples, wanted));
	if (pairs / (likenessSamples + 1) > options.alpha)
		notices.push(
			`${pairs} pairs with ${likenessSamples} tables each: only kernels very far apart can be told apart after Holm; give --samples ${Math.ceil(pairs / options.alpha)}, or compare fewer with --run or --by`,
		);
	return { options: { ...options, samples }, notices, likenessSamples };
}

/** As `verify` settles them. */
export function verifyOptions(
	kernels: number,
	{ quick = false, verify = {} }: Pick<CompareRequest, 'quick' | 'verify'>,
): VerifyOptions {
	const options = { ...DEFAULT_VERIFY, resampling: !quick, ...verify };
	const resolving = Math.ceil((2 * kernels) / options.tolerances.alpha) - 1;
	return { ...options, samples: verify.samples ?? Math.max(options.samples, resolving) };
}
