/** Two runs of one configuration: the same bits, or where they part and whether it matters. */
import type { JudgedKernel } from '../analysis/likeness/evidence.js';
import { judgeKernels } from '../analysis/likeness/evidence.js';
import { type Likeness, likeness } from '../analysis/likeness/likeness.js';
import { exactShare, type Share } from '../analysis/likeness/share.js';
import type { CountTable } from '../analysis/table/counts.js';
import { holm } from '../analysis/verdict.js';
import { DEFAULT_VERIFY } from '../analysis/verify.js';
import { UsageError } from '../errors.js';
import { cellDigest, runDigest } from '../store/digest.js';
import { StoreReader } from '../store/reader.js';
import type { StoredCell } from '../store/stored.js';
import { stateOrder } from '../store/tally.js';
import { type Counted, countChanges, type RunDivergence } from './compare-attempts.js';
import {
	type CellPair,
	type IdentityDifference,
	identityDifferences,
	type OpenRun,
	type RunPlace,
} from './compare-identities.js';
import { compareLaws, type LawChanges } from './compare-laws.js';
import { countGroup } from './group-counts.js';
import { openPanelPool } from './panel-pool.js';

export type { RunPlace } from './compare-identities.js';

export interface CompareRunsOptions {
	/** uint32 */
	readonly seed: number;
	/** permutations of each likeness test, an integer ≥ 19 */
	readonly samples: number;
	/** of all tests together (Holm), in (0, 1) */
	readonly alpha: number;
	/** false: verdicts without what is resampled, as `verify --quick` */
	readonly resampling: boolean;
	/** worker threads; null: as many as the machine runs at once */
	readonly workers: number | null;
	readonly signal: AbortSignal;
}

export interface ComparedRun extends RunPlace {
	readonly name: string;
	readonly key: string;
	readonly digest: string;
	readonly toolVersion: string;
	readonly createdAt: string;
}

/** One kernel in both runs. */
export interface RunGroup extends Counted {
	readonly model: string;
	readonly template: string;
	readonly temperature: number | null;
	/** shares of the attempts that both made whose completion, and whose outcome, changed */
	readonly completionsChanged: Share | null;
	/** its upper bound bounds the mean total variation distance of the two laws of outcomes */
	readonly outcomesChanged: Share | null;
	/** conservative: both runs used the same random numbers */
	readonly likeness: Likeness | null;
	readonly adjustedP: number | null;
	/** one kernel for both is rejected; null where nothing was tested */
	readonly rejected: boolean | null;
	/** verdict of each run's counts; null where one made no attempt */
	readonly verdicts: readonly [JudgedKernel, JudgedKernel] | null;
	readonly sameVerdict: boolean | null;
}

export interface RunsComparison extends Counted {
	readonly runs: readonly [ComparedRun, ComparedRun];
	/** both runs plan the same cells */
	readonly sameKey: boolean;
	/** every attempt of either is in the other, bit for bit */
	readonly identical: boolean;
	/** cells of one run only */
	readonly cellsLeftOut: readonly [number, number];
	readonly firstDivergence: RunDivergence | null;
	readonly laws: LawChanges;
	readonly identityDifferences: readonly IdentityDifference[];
	/** none where the runs are identical */
	readonly groups: readonly RunGroup[];
	/** some kernel is statistically different, or some verdict is another */
	readonly matters: boolean;
}

/**
 * Compares two runs of one configuration attempt by attempt, and where they are not the same bits, tells
 * in which part of the identities they differ and whether the kernels are still statistically the same.
 *
 * @param a one run
 * @param b the other; in another database, or of another key that shares cells with the first
 * @param options see `CompareRunsOptions`
 * @returns see `RunsComparison`
 * @throws UsageError where a run is not there, both are one, or they share no cell; HarnessError where a
 *   database cannot be read; the signal's reason once it is aborted
 */
export async function compareRuns(
	a: RunPlace,
	b: RunPlace,
	options: CompareRunsOptions,
): Promise<RunsComparison> {
	if (a.db === b.db && a.run === b.run) {
		throw new UsageError(`${a.db}: run ${a.run} is named twice; name two runs`);
	}
	const readers: StoreReader[] = [];
	try {
		const [first, second] = [a, b].map((place) => {
			const reader = StoreReader.open(place.db);
			readers.push(reader);
			return openRun(reader, place);
		}) as [OpenRun, OpenRun];
		return await compareOpen(first, second, options);
	} finally {
		for (const reader of readers) reader.close();
	}
}

function openRun(reader: StoreReader, place: RunPlace): OpenRun {
	const runs = reader.runs();
	const run = runs.find(({ id }) => id === place.run);
	if (run === undefined) {
		const list = runs.map(({ id, name }) => `${id} (${name})`).join(', ');
		throw new UsageError(`${place.db} holds no run ${place.run}; it holds ${list || 'none'}`);
	}
	return { reader, place, run, cells: reader.cells(run.id) };
}

async function compareOpen(
	first: OpenRun,
	second: OpenRun,
	options: CompareRunsOptions,
): Promise<RunsComparison> {
	const others = new Map(second.cells.map((cell) => [cell.key, cell]));
	const pairs = first.cells.flatMap((cell): CellPair[] => {
		const other = others.get(cell.key);
		return other === undefined ? [] : [[cell, other]];
	});
	if (pairs.length === 0) {
		throw new UsageError(
			`run ${first.run.id} of ${first.place.db} and run ${second.run.id} of ${second.place.db} share no cell (model × template × sampling × seed): they are not of one configuration`,
		);
	}
	const runs = [summary(first), summary(second)] as const;
	const changes = pairs.map((pair) => {
		options.signal.throwIfAborted();
		const [one, other] = pair.map((cell, i) =>
			cellDigest(i === 0 ? first.reader : second.reader, cell.id),
		);
		return countChanges(first.reader, second.reader, { pair, identical: one === other });
	});
	const counted = sumCounts(changes);
	const left = [first.cells.length - pairs.length, second.cells.length - pairs.length] as const;
	const identical =
		counted.different + counted.onlyFirst + counted.onlySecond + left[0] + left[1] === 0;
	const groups = identical ? [] : await compareGroups({ first, second, pairs, changes }, options);
	return {
		runs,
		...counted,
		sameKey: first.run.key === second.run.key,
		identical,
		cellsLeftOut: left,
		firstDivergence: changes.find(({ first: found }) => found !== null)?.first ?? null,
		laws: compareLaws(first.reader, second.reader, pairs),
		identityDifferences: identityDifferences(first, second, pairs),
		groups,
		matters: groups.some(({ rejected, sameVerdict }) => rejected === true || sameVerdict === false),
	};
}

function summary({ reader, place, run }: OpenRun): ComparedRun {
	const { key, name, toolVersion, createdAt } = run;
	return { ...place, name, key, toolVersion, createdAt, digest: runDigest(reader, run.id) };
}

function sumCounts(changes: readonly Counted[]): Counted {
	const sum = (of: (one: Counted) => number): number =>
		changes.reduce((total, one) => total + of(one), 0);
	return {
		compared: sum(({ compared }) => compared),
		different: sum(({ different }) => different),
		completions: sum(({ completions }) => completions),
		outcomes: sum(({ outcomes }) => outcomes),
		onlyFirst: sum(({ onlyFirst }) => onlyFirst),
		onlySecond: sum(({ onlySecond }) => onlySecond),
	};
}

interface Both {
	readonly first: OpenRun;
	readonly second: OpenRun;
	readonly pairs: readonly CellPair[];
	readonly changes: readonly Counted[];
}

/** Kernel by kernel: model × template × sampling × task, seeds together. */
async function compareGroups(both: Both, options: CompareRunsOptions): Promise<RunGroup[]> {
	const members = new Map<string, number[]>();
	for (const [i, [{ identities }]] of both.pairs.entries()) {
		const { model, template, sampling, task } = identities;
		const key = [model, template, sampling, task].join(' ');
		members.set(key, [...(members.get(key) ?? []), i]);
	}
	const pool = openPanelPool({ workers: options.workers, signal: options.signal });
	try {
		const found: RunGroup[] = [];
		for (const group of members.values()) {
			found.push(await compareGroup(both, group, { ...options, resample: pool.resample }));
		}
		const adjusted = holm(found.map((group) => group.likeness?.test?.p ?? null));
		return found.map((group, i) => {
			const adjustedP = adjusted[i] as number | null;
			const rejected = adjustedP === null ? null : adjustedP <= options.alpha;
			return { ...group, adjustedP, rejected };
		});
	} finally {
		await pool.close();
	}
}

type GroupOptions = CompareRunsOptions & {
	readonly resample: Parameters<typeof judgeKernels>[2];
};

async function compareGroup(
	{ first, second, pairs, changes }: Both,
	members: readonly number[],
	options: GroupOptions,
): Promise<RunGroup> {
	const cells = members.map((i) => pairs[i] as CellPair);
	const counted = sumCounts(members.map((i) => changes[i] as Counted));
	const [cell] = cells[0] as CellPair;
	const sampling = first.reader.identity(cell.identities.sampling) as { temperature?: number };
	const a = tableOf(
		first.reader,
		cells.map(([one]) => one),
	);
	const b = tableOf(
		second.reader,
		cells.map(([, other]) => other),
	);
	const share = (k: number): Share | null =>
		counted.compared === 0 ? null : exactShare(k, counted.compared);
	const verdicts = a === null || b === null ? null : await verdictsOf(a, b, options);
	return {
		model: cell.modelLabel,
		template: cell.templateLabel,
		temperature: sampling.temperature ?? null,
		...counted,
		completionsChanged: share(counted.completions),
		outcomesChanged: share(counted.outcomes),
		likeness: a === null || b === null ? null : await likeness(a, b, options),
		adjustedP: null,
		rejected: null,
		verdicts,
		sameVerdict: verdicts === null ? null : verdicts[0].verdict === verdicts[1].verdict,
	};
}

/** Each by itself, as `verify` would judge a database of this group alone. */
async function verdictsOf(a: CountTable, b: CountTable, options: GroupOptions) {
	const { seed, resampling } = options;
	const verify = { ...DEFAULT_VERIFY, seed, resampling };
	const [first] = await judgeKernels([a], verify, options.resample);
	const [second] = await judgeKernels([b], verify, options.resample);
	return [first as JudgedKernel, second as JudgedKernel] as const;
}

function tableOf(reader: StoreReader, cells: readonly StoredCell[]): CountTable | null {
	return reader.snapshot(() => {
		const ids = cells.map(({ id }) => id);
		return countGroup(reader, stateOrder(reader), ids)?.table ?? null;
	});
}
