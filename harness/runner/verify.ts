import { setImmediate } from 'node:timers/promises';
import { decide } from '../analysis/verdict.js';
import {
	analyseGroup,
	DEFAULT_VERIFY,
	type GroupFinding,
	type GroupVerdict,
} from '../analysis/verify.js';
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

export interface VerifyRequest {
	readonly db: string;
	/** Number of the run; null: all runs together. */
	readonly run: number | null;
	/** Tables drawn for the exact test; null: the default. */
	readonly samples: number | null;
	readonly signal: AbortSignal;
	/** Called before each group. */
	readonly onGroup: (done: number, total: number, name: string) => void;
}

/**
 * One verdict for each model × template × setting of a database.
 * @throws UsageError, HarnessError where there is nothing to verify
 */
export async function verifyDatabase(request: VerifyRequest): Promise<VerifyResult> {
	const { db, run } = request;
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
		const findings = await analyse(groups, request);
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

/** Findings group by group, letting a progress bar and Ctrl-C have their turn in between. */
async function analyse(
	groups: readonly Group[],
	{ samples, signal, onGroup }: VerifyRequest,
): Promise<GroupVerdict[]> {
	const { alpha } = DEFAULT_VERIFY.tolerances;
	// Holm multiplies the smallest p, 1/(M + 1), by the number of groups: that must stay below α.
	const resolving = Math.ceil((2 * groups.length) / alpha) - 1;
	if (samples !== null && groups.length / (samples + 1) > alpha) {
		throw new UsageError(
			`--samples ${samples}: with ${groups.length} groups no p-value could fall below ${alpha}; ` +
				`give at least ${resolving}, or verify fewer groups with --run`,
		);
	}
	const options = {
		...DEFAULT_VERIFY,
		samples: samples ?? Math.max(DEFAULT_VERIFY.samples, resolving),
	};
	const findings: GroupFinding[] = [];
	for (const { model, template, table } of groups) {
		onGroup(findings.length, groups.length, `${model} · ${template}`);
		await setImmediate();
		signal.throwIfAborted();
		if (table !== null) findings.push(analyseGroup(table, options));
	}
	const decisions = decide(findings, options.tolerances);
	return findings.map((finding, i) => ({ ...finding, ...(decisions[i] as (typeof decisions)[0]) }));
}
