import { UsageError } from '../errors.js';

/** Seconds to the end of 9999. */
const LAST = 253_402_300_799;

/**
 * The time that what is made should bear: SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/),
 * or null where it is not set.
 * @throws UsageError where it is set to anything but whole seconds
 */
export function sourceDate(environment: Readonly<Record<string, string | undefined>>): Date | null {
	const text = environment.SOURCE_DATE_EPOCH;
	if (text === undefined || text === '') return null;
	if (!/^[0-9]{1,12}$/.test(text) || Number(text) > LAST)
		throw new UsageError(
			`SOURCE_DATE_EPOCH: found ${JSON.stringify(text)}; allowed: seconds since 1970, a whole number up to ${LAST}`,
		);
	return new Date(Number(text) * 1000);
}
