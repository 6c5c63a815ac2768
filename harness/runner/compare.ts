import { setImmediate } from 'node:timers/promises';
import { findComponents } from '../analysis/table/components.js';
import type { CountTable } from '../analysis/table/counts.js';
import {
	type CompareOptions,
	comparePair,
	DEFAULT_COMPARE,
	findSharedPotential,
	type PairComparison,
	type SharedPotential,
} from '../analysis/universality/compare.js';
import type { Comparable } from '../analysis/universality/shared-part.js';
import { type TemperatureLaw, temperatureLaw } from '../analysis/universality/temperature.js';
import { holm } from '../analysis/verdict.js';
import { UsageError } from '../errors.js';
import { canonicalJson } from '../experiment/identity.js';
import { StoreReader } from '../store/reader.js';
import { kernelNames } from './kernel-names.js';
import { type CountedKernel, openKernels } from './kernels.js';
import { openPanelPool } from './panel-pool.js';

/** A kernel among those of several databases. */
export interface NamedKernel extends Omit<CountedKernel, 'table' | 'divisions' | 'cells'> {
	readonly db: string;
	/** unlike that of every other kernel compared */
	readonly name: string;
	readonly states: number;
}

export interface ComparedPair extends PairComparison {
	/** positions among the kernels */
	readonly groups: readonly [number, number];
	/** p after Holm's correction over the pairs; null where there is no p */
	readonly adjustedP: number | null;
	/** one potential up to a scale is rejected; null where nothing was tested */
	readonly rejected: boolean | null;
}

export interface Family extends TemperatureLaw {
	/** positions among the kernels, as in `points` and `leftOut` together */
	readonly groups: readonly number[];
	readonly model: string;
	readonly template: string;
}

export interface CompareResult {
	readonly kernels: readonly NamedKernel[];
	readonly pairs: readonly ComparedPair[];
	/** one potential for all kernels together; null with fewer than three, or too many */
	readonly together: SharedPotential | null;
	/** kernels that differ in temperature alone */
	readonly temperatures: readonly Family[];
	readonly options: CompareOptions;
	readonly notices: readonly string[];
}

export interface CompareRequest {
	readonly dbs: readonly string[];
	/** Number of the run; null: all runs and imports together. */
	readonly run: number | null;
	/** Changes to `DEFAULT_COMPARE`. */
	readonly options: Partial<CompareOptions>;
	/** Worker threads; null: as many as the machine runs at once. */
	readonly workers: number | null;
	readonly signal: AbortSignal;
	/** Called before each comparison. */
	readonly onComparison: (done: number, total: number, name: string) => void;
}

/** Tables drawn unasked, at most. */
const MOST_SAMPLES = 1999;
/** More kernels than this are not fitted together: every fit solves for each of them. */
const MOST_TOGETHER = 12;

/**
 * Compares the potentials of all kernels of one or more databases, pair by pair, all together, and
 * over the temperature.
 * @throws UsageError, HarnessError where there are no two kernels to compare
 */
export async function compareDatabases(request: CompareRequest): Promise<CompareResult> {
	const read = request.dbs.flatMap((db) => readKernels(db, request.run));
	if (read.length < 2) {
		throw new UsageError(
			`${request.dbs.join(', ')}: there is only one kernel (model × template × setting); name another database beside it`,
		);
	}
	const { options, notices } = settle(read.length, request.options);
	const names = kernelNames(read.map(({ db, kernel }) => ({ ...kernel, db })));
	const kernels = read.map(({ db, kernel }, i): NamedKernel => {
		const { table, divisions: _, cells: __, ...rest } = kernel;
		return { ...rest, db, name: names[i] as string, states: table.states.length };
	});
	const tables = read.map(({ kernel }) => comparable(kernel.table));
	const found = await compareAll({ kernels, tables, options }, request);
	return { kernels, ...found, options, notices };
}

interface Read {
	readonly db: string;
	readonly kernel: CountedKernel;
}

function readKernels(db: string, run: number | null): Read[] {
	const reader = StoreReader.open(db);
	try {
		return openKernels(reader, run).kernels.map((kernel) => ({ db, kernel }));
	} finally {
		reader.close();
	}
}

const comparable = (table: CountTable): Comparable => ({
	table,
	components: findComponents(table),
});

/** Enough tables for Holm over the pairs, where that is affordable. */
function settle(kernels: number, changes: Partial<CompareOptions>) {
	const options = { ...DEFAULT_COMPARE, ...changes };
	const pairs = (kernels * (kernels - 1)) / 2;
	const wanted = Math.ceil((2 * pairs) / options.alpha) - 1;
	const samples = changes.samples ?? Math.min(MOST_SAMPLES, Math.max(options.samples, wanted));
	const blind = pairs / (samples + 1) > options.alpha;
	const notices = blind
		? [
				`${pairs} pairs with ${samples} tables each: no p-value can fall below ${options.alpha} after Holm; give --samples ${Math.ceil(pairs / options.alpha)}, or compare fewer with --run`,
			]
		: [];
	return { options: { ...options, samples }, notices };
}

interface Everything {
	readonly kernels: readonly NamedKernel[];
	readonly tables: readonly Comparable[];
	readonly options: CompareOptions;
}

async function compareAll(
	{ kernels, tables, options }: Everything,
	{ workers, signal, onComparison }: CompareRequest,
): Promise<Pick<CompareResult, 'pairs' | 'together' | 'temperatures'>> {
	const families = familiesOf(kernels);
	const pairs = kernels.flatMap((_, a) =>
		kernels.slice(a + 1).map((__, i) => [a, a + 1 + i] as const),
	);
	const all = kernels.length > 2 && kernels.length <= MOST_TOGETHER ? 1 : 0;
	const total = pairs.length + families.length + all;
	let done = 0;
	const pool = openPanelPool({ workers, signal });
	const turn = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
		onComparison(done, total, name);
		await setImmediate();
		signal.throwIfAborted();
		const result = await work();
		done += 1;
		return result;
	};
	const of = (groups: readonly number[]): Comparable[] =>
		groups.map((i) => tables[i] as Comparable);
	try {
		const compared: (PairComparison & { readonly groups: readonly [number, number] })[] = [];
		for (const groups of pairs) {
			const [a, b] = of(groups) as [Comparable, Comparable];
			const name = groups.map((i) => kernels[i]?.name).join(' and ');
			const pair = await turn(name, () => comparePair([a, b], options, pool.resample));
			compared.push({ ...pair, groups });
		}
		const together =
			all === 0
				? null
				: await turn('all together', async () => {
						return (await findSharedPotential(tables, options, pool.resample)).record;
					});
		const temperatures: Family[] = [];
		for (const { groups, model, template } of families) {
			const heated = groups.map((i) => ({
				...(tables[i] as Comparable),
				temperature: kernels[i]?.sampling.temperature as number,
			}));
			const law = await turn(`${model} · ${template}`, () =>
				temperatureLaw(heated, options, pool.resample),
			);
			temperatures.push({ ...law, groups, model, template });
		}
		return { pairs: judge(compared, options.alpha), together, temperatures };
	} finally {
		await pool.close();
	}
}

function judge(
	pairs: readonly (PairComparison & { readonly groups: readonly [number, number] })[],
	alpha: number,
): ComparedPair[] {
	const adjusted = holm(pairs.map(({ likelihoodRatio }) => likelihoodRatio?.p ?? null));
	return pairs.map((pair, i) => {
		const adjustedP = adjusted[i] as number | null;
		return { ...pair, adjustedP, rejected: adjustedP === null ? null : adjustedP <= alpha };
	});
}

/** Kernels equal but for the temperature, where there are at least two. */
function familiesOf(kernels: readonly NamedKernel[]) {
	const families = new Map<string, number[]>();
	for (const [i, { model, architecture, template, sampling }] of kernels.entries()) {
		const { temperature, ...others } = sampling;
		if (temperature === null) continue;
		const key = canonicalJson([model, architecture ?? null, template, others]);
		families.set(key, [...(families.get(key) ?? []), i]);
	}
	return [...families.values()]
		.filter((groups) => new Set(groups.map((i) => kernels[i]?.sampling.temperature)).size > 1)
		.map((groups) => {
			const { model, template } = kernels[groups[0] as number] as NamedKernel;
			return { groups, model, template };
		});
}
