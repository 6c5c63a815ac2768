import { setImmediate } from 'node:timers/promises';
import {
	affinityDifference,
	decideKernels,
	evidenceOf,
	type JudgedKernel,
} from '../analysis/likeness/evidence.js';
import { likeness } from '../analysis/likeness/likeness.js';
import type { Resample } from '../analysis/resample.js';
import { findComponents } from '../analysis/table/components.js';
import type { CompareOptions } from '../analysis/universality/compare.js';
import type { Comparable } from '../analysis/universality/shared-part.js';
import { holm } from '../analysis/verdict.js';
import { UsageError } from '../errors.js';
import { StoreReader } from '../store/reader.js';
import {
	compareExact,
	type NamedExact,
	nameExact,
	type ReadExact,
	readExact,
} from './compare-exact.js';
import { type Family, type Fitter, familiesOf, fitter, noFit } from './compare-fits.js';
import { type ReadKernel, readKernels, shareCells } from './compare-kernels.js';
import { choosePairs, type NotCompared } from './compare-pairs.js';
import type { ComparedPair, CompareRequest, CompareResult, NamedKernel } from './compare-result.js';
import { compareRuns, type RunPlace, type RunsComparison } from './compare-runs.js';
import { settle, verifyOptions } from './compare-settle.js';
import { openPanelPool } from './panel-pool.js';

export type { Family } from './compare-fits.js';
export type {
	ComparedPair,
	ComparePlan,
	CompareRequest,
	CompareResult,
	NamedKernel,
} from './compare-result.js';

/** More kernels than this are not fitted together: every fit solves for each of them. */
const MOST_TOGETHER = 12;
const ROWS = 10;

/**
 * Compares the kernels of one or more databases: pair by pair the outcomes, the kernels row by row, loop
 * affinities, verdicts and potentials; the potentials of all together and over the temperature; runs of
 * one configuration attempt by attempt; exact kernels beside each other.
 * @throws UsageError, HarnessError where there are no two kernels to compare
 */
export async function compareDatabases(request: CompareRequest): Promise<CompareResult> {
	const { by = null, quick = false } = request;
	// Exact kernels belong to no run, and know no seeds.
	const exact = request.run === null && by !== 'seed' ? readExact(request.dbs) : [];
	const mayBeEmpty = new Set(exact.map(({ db }) => db));
	const kernels = readKernels(request.dbs, request.run, { bySeed: by === 'seed', mayBeEmpty });
	if (kernels.length < 2 && exact.length < 2) throw tooFew(request.dbs, kernels, exact);
	const chosen = choosePairs(
		kernels.map(({ facts }) => facts),
		by,
	);
	const { options, notices, likenessSamples } = settle(chosen.pairs.length, quick, request.options);
	request.onPlan?.({
		kernels: kernels.length,
		pairs: chosen.pairs.length,
		notCompared: chosen.notCompared.length,
		samples: likenessSamples,
		fits: quick ? 0 : options.samples,
	});
	const found = await compareAll({ kernels, exact, ...chosen, options, likenessSamples }, request);
	const named = kernels.map((kernel, i) => nameKernel(kernel, found.judged[i] as JudgedKernel));
	const { judged: _, ...rest } = found;
	return { by, quick, kernels: named, ...rest, options, likenessSamples, notices };
}

function tooFew(
	dbs: readonly string[],
	kernels: readonly ReadKernel[],
	exact: readonly ReadExact[],
): UsageError {
	const files = dbs.join(', ');
	return new UsageError(
		kernels.length + exact.length === 2
			? `${files}: one sampled and one exact kernel are not compared here; detbal verify says whether the attempts are draws from it`
			: `${files}: there is only one kernel (model × template × setting); name another database beside it`,
	);
}

function nameKernel(
	{ db, name, kernel, evaluations }: ReadKernel,
	judged: JudgedKernel,
): NamedKernel {
	const { table, ...rest } = kernel;
	const { states, outcomes, attemptsRecorded } = table;
	const attempts = attemptsRecorded ? table.attempts.reduce((sum, n) => sum + n, 0) : null;
	return { ...rest, db, name, states: states.length, attempts, outcomes, evaluations, judged };
}

interface Everything {
	readonly kernels: readonly ReadKernel[];
	readonly exact: readonly ReadExact[];
	readonly pairs: readonly (readonly [number, number])[];
	readonly notCompared: readonly NotCompared[];
	readonly options: CompareOptions;
	/** tables drawn for the test of one kernel */
	readonly likenessSamples: number;
}

type Found = Pick<
	CompareResult,
	'pairs' | 'ranking' | 'notCompared' | 'together' | 'temperatures' | 'runs' | 'exact'
> & { readonly judged: readonly JudgedKernel[] };

async function compareAll(all: Everything, request: CompareRequest): Promise<Found> {
	const { by = null, quick = false } = request;
	const { kernels, options } = all;
	const families = quick || (by !== null && by !== 'temperature') ? [] : familiesOf(kernels);
	const whole = !quick && by === null && all.notCompared.length === 0;
	const joined = whole && kernels.length > 2 && kernels.length <= MOST_TOGETHER;
	const twins = twinRuns(request);
	const more = families.length + (joined ? 1 : 0) + twins.length + all.exact.length;
	const turn = turns(request, kernels.length + all.pairs.length + more);
	const pool = openPanelPool({ workers: request.workers, signal: request.signal });
	try {
		const { resample } = pool;
		const judged = await judgeAll(kernels, request, { resample, turn });
		const fit = fitter(kernels, quick ? [] : kernels.map(comparable), { options, resample });
		const context = { request, judged, fit, resample, turn };
		const pairs = judge(await comparePairs(all, context), options.alpha);
		const together = joined ? await turn('all together', fit.together) : null;
		const temperatures: Family[] = [];
		for (const groups of families) {
			temperatures.push(await turn('temperatures', () => fit.family(groups)));
		}
		return {
			judged,
			pairs,
			ranking: ranking(pairs),
			notCompared: [...all.notCompared, ...withoutSources(pairs)],
			together,
			temperatures,
			runs: await compareTwins(twins, options, { request, turn }),
			exact: await compareScored(all.exact, request, turn),
		};
	} finally {
		await pool.close();
	}
}

const comparable = ({ kernel: { table } }: ReadKernel): Comparable => ({
	table,
	components: findComponents(table),
});

type Turn = <T>(name: string, work: () => Promise<T>) => Promise<T>;

interface Tools {
	readonly resample: Resample;
	readonly turn: Turn;
}

async function judgeAll(
	kernels: readonly ReadKernel[],
	request: CompareRequest,
	{ resample, turn }: Tools,
): Promise<JudgedKernel[]> {
	const verify = verifyOptions(kernels.length, request);
	const evidence: Awaited<ReturnType<typeof evidenceOf>>[] = [];
	for (const { name, kernel } of kernels) {
		evidence.push(await turn(name, () => evidenceOf(kernel.table, verify, resample)));
	}
	return decideKernels(evidence, verify);
}

interface Context extends Tools {
	readonly request: CompareRequest;
	readonly judged: readonly JudgedKernel[];
	readonly fit: Fitter;
}

async function comparePairs(
	{ kernels, pairs, options, likenessSamples }: Everything,
	{ request, judged, fit, resample, turn }: Context,
): Promise<Tested[]> {
	const { quick = false, rows = ROWS } = request;
	const compared: Tested[] = [];
	for (const groups of pairs) {
		const [a, b] = groups.map((i) => kernels[i] as ReadKernel) as [ReadKernel, ReadKernel];
		const one = await turn(`${a.name} and ${b.name}`, async () => {
			const how = { ...options, samples: likenessSamples, resample };
			const alike = await likeness(a.kernel.table, b.kernel.table, how);
			const shared = quick ? noFit('left out, as asked') : await fit.pair(groups);
			return { ...shared, likeness: { ...alike, rows: alike.rows.slice(0, rows) } };
		});
		const [x, y] = groups.map((i) => judged[i] as JudgedKernel) as [JudgedKernel, JudgedKernel];
		compared.push({
			...one,
			groups,
			commonRandomNumbers: shareCells(a, b),
			affinityDifference: affinityDifference(x.affinity, y.affinity),
			sameVerdict: x.verdict === y.verdict,
		});
	}
	return compared;
}

function withoutSources(pairs: readonly ComparedPair[]): NotCompared[] {
	return pairs.flatMap(({ groups, likeness: { sources, reason } }) =>
		sources === 0 ? [{ groups, reason: reason ?? 'nothing to compare' }] : [],
	);
}

async function compareTwins(
	twins: readonly (readonly [RunPlace, RunPlace])[],
	{ seed, alpha, samples }: CompareOptions,
	{ request, turn }: { readonly request: CompareRequest; readonly turn: Turn },
): Promise<RunsComparison[]> {
	const { quick = false, workers, signal } = request;
	const how = { seed, alpha, samples, resampling: !quick, workers, signal };
	const found: RunsComparison[] = [];
	for (const [a, b] of twins) {
		const name = `run ${a.run} of ${a.db} and run ${b.run} of ${b.db}`;
		found.push(await turn(name, () => compareRuns(a, b, how)));
	}
	return found;
}

async function compareScored(
	exact: readonly ReadExact[],
	{ by = null, verify = {} }: CompareRequest,
	turn: Turn,
) {
	const named: NamedExact[] = [];
	for (const one of exact) {
		named.push(await turn(`${one.name} (exact)`, async () => nameExact(one, verify)));
	}
	return compareExact(exact, named, by);
}

/** Says what comes next before it is done, and lets Ctrl-C have its turn. */
function turns({ signal, onComparison }: CompareRequest, total: number) {
	let done = 0;
	return async <T>(name: string, work: () => Promise<T>): Promise<T> => {
		onComparison(done, total, name);
		await setImmediate();
		signal.throwIfAborted();
		const result = await work();
		done += 1;
		return result;
	};
}

type Tested = Omit<ComparedPair, 'adjustedP' | 'rejected' | 'likenessAdjustedP' | 'different'>;

function judge(pairs: readonly Tested[], alpha: number): ComparedPair[] {
	const fits = holm(pairs.map(({ likelihoodRatio }) => likelihoodRatio?.p ?? null));
	const kernels = holm(pairs.map(({ likeness: { test } }) => test?.p ?? null));
	const below = (p: number | null): boolean | null => (p === null ? null : p <= alpha);
	return pairs.map((pair, i) => {
		const [adjustedP, likenessAdjustedP] = [fits[i] as number | null, kernels[i] as number | null];
		const rejected = below(adjustedP);
		return { ...pair, adjustedP, rejected, likenessAdjustedP, different: below(likenessAdjustedP) };
	});
}

function ranking(pairs: readonly ComparedPair[]): number[] {
	const key = (i: number): readonly number[] => {
		const { totalVariation: tv, jensenShannon: js } = (pairs[i] as ComparedPair).likeness;
		return tv === null || js === null ? [-1, -1, -1] : [tv.lower, tv.value, js.value];
	};
	return [...pairs.keys()].sort((i, k) => {
		const [a, b] = [key(i), key(k)];
		return b[0]! - a[0]! || b[1]! - a[1]! || b[2]! - a[2]!;
	});
}

/** Runs of one key in two databases. */
function twinRuns({ dbs, run }: CompareRequest): (readonly [RunPlace, RunPlace])[] {
	const places = dbs.flatMap((db) => {
		const reader = StoreReader.open(db);
		try {
			const runs = reader.runs().filter(({ id }) => run === null || id === run);
			return runs.map(({ id, key }) => ({ place: { db, run: id }, key }));
		} finally {
			reader.close();
		}
	});
	return places.flatMap(({ place, key }, i) =>
		places
			.slice(i + 1)
			.filter((other) => other.key === key && other.place.db !== place.db)
			.map((other) => [place, other.place] as const),
	);
}
