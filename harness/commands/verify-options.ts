import { DEFAULT_VERIFY, type VerifyOptions } from '../analysis/verify.js';
import { type Arguments, flag, numberBetween, wholeNumber } from './command.js';

/**
 * What the command line changes in `DEFAULT_VERIFY`, for whatever judges kernels as `detbal verify` does.
 * @throws UsageError for a number out of range
 */
export function verifyChanges(args: Arguments): Partial<VerifyOptions> {
	const samples = wholeNumber(args, 'samples', 19, 1_000_000);
	const { affinity, dependence, alpha } = DEFAULT_VERIFY.tolerances;
	return {
		...(samples === null ? {} : { samples }),
		steps: wholeNumber(args, 'steps', 1, 4294967295),
		seed: wholeNumber(args, 'seed', 0, 4294967295) ?? DEFAULT_VERIFY.seed,
		resampling: !flag(args, 'quick'),
		tolerances: {
			affinity: numberBetween(args, 'tolerance', 0, Infinity) ?? affinity,
			dependence: numberBetween(args, 'tolerance-dependence', 0, Infinity) ?? dependence,
			alpha: numberBetween(args, 'alpha', 0, 1) ?? alpha,
		},
	};
}
