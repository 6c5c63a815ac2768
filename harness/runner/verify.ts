import { DEFAULT_VERIFY, type GroupVerdict, verifyGroups } from '../analysis/verify.js';
import { HarnessError, UsageError } from '../errors.js';
import { StoreReader } from '../store/reader.js';
import { type Group, readGroups } from './groups.js';

export interface VerifiedGroup extends Omit<Group, 'table' | 'cells'> {
	readonly finding: GroupVerdict;
}

export interface VerifyResult {
	readonly db: string;
	readonly groups: readonly VerifiedGroup[];
	/** Attempts still missing of what the runs planned. */
	readonly missing: number;
}

/**
 * One verdict for each model × template × setting of a database.
 * @param run number of the run; null: all runs together
 * @param samples tables drawn for the exact test; null: the default
 * @throws UsageError, HarnessError where there is nothing to verify
 */
export function verifyDatabase(
	db: string,
	run: number | null,
	samples: number | null,
): VerifyResult {
	const reader = StoreReader.open(db);
	try {
		const runs = reader.runs().filter(({ id }) => run === null || id === run);
		if (runs.length === 0) {
			const list = reader.runs().map(({ id, name }) => `${id} (${name})`);
			throw new UsageError(
				run === null
					? `${db} holds no run; make one with detbal run FILE --db ${db}`
					: `${db} holds no run ${run}; it holds ${list.join(', ') || 'none'}`,
			);
		}
		const all = readGroups(reader, run);
		const groups = all.filter(({ table }) => table !== null);
		if (groups.length === 0) {
			throw new HarnessError(`${db} holds no attempts yet; go on with detbal run FILE --resume`);
		}
		const findings = verifyGroups(
			groups.map(({ table }) => table as NonNullable<typeof table>),
			{ ...DEFAULT_VERIFY, ...(samples === null ? {} : { samples }) },
		);
		const missing = runs.reduce((sum, { id }) => {
			const { planned, done } = reader.progress(id);
			return sum + planned - done;
		}, 0);
		return {
			db,
			missing,
			groups: groups.map(({ table: _, cells: __, ...group }, i) => ({
				...group,
				finding: findings[i] as GroupVerdict,
			})),
		};
	} finally {
		reader.close();
	}
}
