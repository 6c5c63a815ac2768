import { HarnessError, UsageError } from '../errors.js';
import { recordRerun } from '../store/reruns.js';
import type { RerunResult } from './rerun.js';

/**
 * Notes in the database what a repetition came to, so that a report can say whether the run was
 * repeated.
 * @returns null, or why it could not be noted: a database that is read-only has still been repeated
 */
export function noteRerun(
	db: string,
	result: RerunResult,
	{ seed, toolVersion }: { readonly seed: number | null; readonly toolVersion: string },
): string | null {
	const { identical, compared, different, planned, laws, numericsDifferences, run } = result;
	try {
		recordRerun(db, {
			run: run.id,
			seed,
			identical,
			compared,
			different,
			planned,
			laws,
			numericsDifferences,
			toolVersion,
		});
		return null;
	} catch (error) {
		if (error instanceof UsageError || error instanceof HarnessError) return error.message;
		throw error;
	}
}
