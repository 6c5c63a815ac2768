import { setImmediate } from 'node:timers/promises';
import { analyseGroup, type GroupFinding } from '../analysis/finding.js';
import { DEFAULT_SCORED } from '../analysis/scored/finding.js';
import { decide } from '../analysis/verdict.js';
import { DEFAULT_VERIFY, type GroupVerdict, type VerifyOptions } from '../analysis/verify.js';
import { UsageError } from '../errors.js';
import { StoreReader } from '../store/reader.js';
import { analyseExact, type ExactFinding } from './exact-finding.js';
import { exactKernels } from './exact-read.js';
import { type CountedKernel, holdsCounts, leftOutOf, openKernels } from './kernels.js';
import { openPanelPool } from './panel-pool.js';

export interface VerifiedGroup
	extends Omit<CountedKernel, 'table' | 'divisions' | 'cells' | 'loose'> {
	readonly finding: GroupVerdict;
}

export interface VerifyResult {
	readonly db: string;
	readonly groups: readonly VerifiedGroup[];
	/** Attempts still missing of what the runs planned. */
	readonly missing: number;
	/** Attempts that are made and not counted, because their sources are not finished. */
	readonly leftOut: number;
	readonly options: VerifyOptions;
	/** Kernels that were scored from laws; none where one run is looked at. */
	readonly exact: readonly ExactFinding[];
}

export interface VerifyRequest {
	readonly db: string;
	/** Number of the run; null: all runs and imports together. */
	readonly run: number | null;
	/** Changes to `DEFAULT_VERIFY`. */
	readonly options: Partial<VerifyOptions>;
	/** Worker threads; null: as many as the machine runs at once. */
	readonly workers: number | null;
	readonly signal: AbortSignal;
	/** Called before each group. */
	readonly onGroup: (done: number, total: number, name: string) => void;
}

/** Rows of one table of divided attempts; above it homogeneity is not tested. */
const MOST_DIVISIONS = 5_000_000;

/**
 * One verdict for each model × template × setting of a database, imports included.
 * @throws UsageError, HarnessError where there is nothing to verify
 */
export async function verifyDatabase(request: VerifyRequest): Promise<VerifyResult> {
	const { db, run } = request;
	const reader = StoreReader.open(db);
	try {
		const scored = run === null ? exactKernels(reader) : [];
		const { kernels, missing } =
			scored.length > 0 && !holdsCounts(reader)
				? { kernels: [], missing: 0 }
				: openKernels(reader, run);
		const leftOut = leftOutOf(kernels);
		const verified = await verifyKernels(kernels, request);
		const { tolerances, seed, resampling, resamples } = verified.options;
		const samples = resampling ? resamples : 0;
		const options = { ...DEFAULT_SCORED, tolerances, sampled: kernels, seed, samples };
		return { db, missing, leftOut, ...verified, exact: analyseExact(scored, options) };
	} finally {
		reader.close();
	}
}

/**
 * One verdict for each kernel, decided together. The databases they are from must be open.
 * @throws UsageError where the options cannot serve so many kernels
 */
export async function verifyKernels(
	kernels: readonly CountedKernel[],
	request: Omit<VerifyRequest, 'db' | 'run'>,
): Promise<Pick<VerifyResult, 'groups' | 'options'>> {
	const options = settle(kernels.length, request.options);
	const findings = await analyse(kernels, options, request);
	const groups = kernels.map(
		({ table: _, divisions: __, cells: ___, loose: ____, ...kernel }, i) => ({
			...kernel,
			finding: findings[i] as GroupVerdict,
		}),
	);
	return { groups, options };
}

/** Enough tables for Holm: it multiplies the smallest p, 1/(M + 1), by the number of groups. */
function settle(groups: number, changes: Partial<VerifyOptions>): VerifyOptions {
	const options = { ...DEFAULT_VERIFY, ...changes };
	const { alpha } = options.tolerances;
	const resolving = Math.ceil((2 * groups) / alpha) - 1;
	if (changes.samples === undefined) {
		return { ...options, samples: Math.max(options.samples, resolving) };
	}
	if (groups / (options.samples + 1) > alpha) {
		throw new UsageError(
			`--samples ${options.samples}: with ${groups} groups no p-value could fall below ${alpha}; ` +
				`give at least ${resolving}, or verify fewer groups with --run`,
		);
	}
	return options;
}

/** Findings group by group, letting a progress bar and Ctrl-C have their turn in between. */
async function analyse(
	kernels: readonly CountedKernel[],
	options: VerifyOptions,
	{ workers, signal, onGroup }: Omit<VerifyRequest, 'db' | 'run'>,
): Promise<GroupVerdict[]> {
	const name = ({ model, template }: CountedKernel): string => `${model} · ${template}`;
	let at = 0;
	const onProgress = (done: number, count: number): void =>
		onGroup(at + done / (count + 1), kernels.length, name(kernels[at] as CountedKernel));
	const pool = openPanelPool({ workers, signal, onProgress });
	try {
		const findings: GroupFinding[] = [];
		for (const kernel of kernels) {
			at = findings.length;
			onGroup(at, kernels.length, name(kernel));
			await setImmediate();
			signal.throwIfAborted();
			const divisions = kernel.divisions(options.resampling ? MOST_DIVISIONS : 0);
			const subject = { table: kernel.table, divisions, constrained: kernel.constrained };
			findings.push(await analyseGroup(subject, options, pool.resample));
		}
		const decisions = decide(findings, options.tolerances);
		return findings.map((finding, i) => ({
			...finding,
			...(decisions[i] as (typeof decisions)[0]),
		}));
	} finally {
		await pool.close();
	}
}
