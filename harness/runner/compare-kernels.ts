/** The kernels of several databases, with what they have in common and what not. */
import type { CountTable } from '../analysis/table/counts.js';
import { canonicalJson, decidingNumerics } from '../experiment/identity.js';
import { looseCounts } from '../store/loose.js';
import { StoreReader } from '../store/reader.js';
import type { StoredCell } from '../store/stored.js';
import { stateOrder } from '../store/tally.js';
import { countGroup } from './group-counts.js';
import { kernelNames } from './kernel-names.js';
import { type CountedKernel, holdsCounts, openKernels } from './kernels.js';
import { without } from './settled.js';

/** What tells kernels apart; a text is compared as it is, null is "not known". */
export interface KernelFacts {
	readonly model: Identified & {
		readonly name: string | null;
		readonly architecture: string | null;
		readonly quantisation: string | null;
	};
	readonly template: Identified;
	/** sha256 of the task; null for an import */
	readonly task: string | null;
	/** the sampling setting without the temperature; null members are not known */
	readonly sampling: Readonly<Record<string, unknown>>;
	readonly temperature: number | null;
	/** what decides the bits of a law; null for an import */
	readonly numerics: Readonly<Record<string, unknown>> | null;
	/** of a kernel that holds one seed alone */
	readonly seed: number | null;
}

interface Identified {
	readonly label: string;
	/** sha256; null for an import, which is known by its label alone */
	readonly sha256: string | null;
}

export interface ReadKernel {
	readonly db: string;
	/** unlike that of every other */
	readonly name: string;
	readonly kernel: Omit<CountedKernel, 'cells' | 'divisions' | 'loose'>;
	/** none of an import */
	readonly cells: readonly StoredCell[];
	readonly facts: KernelFacts;
	/** laws recorded in the trees of its cells, which all seeds and settings share; null for an import */
	readonly evaluations: number | null;
}

type Unnamed = Omit<ReadKernel, 'name'>;

/**
 * Every kernel of the databases, in the order given.
 *
 * @param dbs files
 * @param run number of one run; null: all runs and imports
 * @param options bySeed: each seed is a kernel of its own; mayBeEmpty: databases that need not hold counts
 * @throws UsageError, HarnessError where a file holds no such run or no attempts
 */
export function readKernels(
	dbs: readonly string[],
	run: number | null,
	{ bySeed, mayBeEmpty }: { readonly bySeed: boolean; readonly mayBeEmpty: ReadonlySet<string> },
): ReadKernel[] {
	const read = dbs.flatMap((db) => readDatabase(db, run, { bySeed, empty: mayBeEmpty.has(db) }));
	const names = kernelNames(
		read.map(({ db, kernel, facts: { seed } }) => ({
			...kernel,
			template: seed === null ? kernel.template : `${kernel.template} · seed ${seed}`,
			db,
		})),
	);
	return read.map((one, i) => ({ ...one, name: names[i] as string }));
}

function readDatabase(
	db: string,
	run: number | null,
	{ bySeed, empty }: { readonly bySeed: boolean; readonly empty: boolean },
): Unnamed[] {
	const reader = StoreReader.open(db);
	try {
		if (empty && !holdsCounts(reader)) return [];
		const { kernels } = openKernels(reader, run);
		const laws = lawsOf(reader);
		return kernels.flatMap((kernel) =>
			(bySeed ? seedsOf(reader, kernel) : [{ ...kernel, seed: null }]).map((one) =>
				describe(reader, { db, kernel: one, laws }),
			),
		);
	} finally {
		reader.close();
	}
}

type Seeded = Omit<CountedKernel, 'divisions'> & { readonly seed: number | null };

/** One kernel for each of its seeds; one that has no cells cannot be divided. */
function seedsOf(reader: StoreReader, kernel: CountedKernel): Seeded[] {
	if (kernel.cells.length === 0) return [{ ...kernel, seed: null }];
	return reader.snapshot(() => {
		const order = stateOrder(reader);
		return kernel.seeds.flatMap((seed) => {
			const cells = kernel.cells.filter((cell) => cell.seed === seed);
			const ids = cells.map(({ id }) => id);
			const counted: CountTable | null = countGroup(reader, order, ids)?.table ?? null;
			const table = counted === null ? null : without(counted, looseCounts(reader, ids));
			return table === null ? [] : [{ ...kernel, cells, seeds: [seed], seed, table }];
		});
	});
}

interface Description {
	readonly db: string;
	readonly kernel: Seeded;
	readonly laws: ReadonlyMap<number, number>;
}

function describe(reader: StoreReader, { db, kernel: all, laws }: Description): Unnamed {
	const {
		cells,
		seed,
		divisions: _,
		loose: __,
		...kernel
	} = all as Seeded & {
		readonly divisions?: unknown;
	};
	const trees = [...new Set(cells.map(({ tree }) => tree))];
	const evaluations = trees.reduce((sum, tree) => sum + (laws.get(tree) ?? 0), 0);
	const { temperature, ...sampling } = kernel.sampling;
	return {
		db,
		kernel,
		cells,
		facts: { ...factsOf(reader, kernel, cells[0]), temperature, sampling, seed },
		evaluations: cells.length === 0 ? null : evaluations,
	};
}

function factsOf(
	reader: StoreReader,
	{ model, template, architecture }: Pick<CountedKernel, 'model' | 'template' | 'architecture'>,
	cell: StoredCell | undefined,
): Pick<KernelFacts, 'model' | 'template' | 'task' | 'numerics'> {
	if (cell === undefined) {
		const unknown = { sha256: null, name: null, architecture, quantisation: null };
		return {
			model: { label: model, ...unknown },
			template: { label: template, sha256: null },
			task: null,
			numerics: null,
		};
	}
	return identifiedBy(reader, { model, template }, cell.identities);
}

/** What is known of a kernel by its identities. */
export function identifiedBy(
	reader: StoreReader,
	{ model, template }: Pick<CountedKernel, 'model' | 'template'>,
	identities: Pick<StoredCell['identities'], 'model' | 'template' | 'task' | 'numerics'>,
): Pick<KernelFacts, 'model' | 'template' | 'task' | 'numerics'> {
	const file = reader.identity(identities.model) as Readonly<Record<string, unknown>>;
	const text = (field: string): string | null => {
		const value = file[field];
		return typeof value === 'string' && value !== '' ? value : null;
	};
	return {
		model: {
			label: model,
			sha256: text('sha256') ?? identities.model,
			name: text('name'),
			architecture: text('architecture'),
			quantisation: text('quantisation'),
		},
		template: { label: template, sha256: identities.template },
		task: identities.task,
		numerics: decidingNumerics(reader.identity(identities.numerics)),
	};
}

/** Laws recorded by tree. */
function lawsOf(reader: StoreReader): Map<number, number> {
	const { rows } = reader.query('SELECT tree_id, count(*) FROM laws GROUP BY tree_id');
	return new Map(rows.map(([tree, count]) => [Number(tree), Number(count)]));
}

/** Whether two kernels hold cells of one key: the same random numbers made both. */
export function shareCells(a: ReadKernel, b: ReadKernel): boolean {
	const keys = new Set(a.cells.map(({ key }) => key));
	return b.cells.some(({ key }) => keys.has(key));
}

/** Equal where both are known. */
export function sameWhereKnown(
	a: Readonly<Record<string, unknown>>,
	b: Readonly<Record<string, unknown>>,
): boolean {
	const known = (value: unknown): boolean => value !== null && value !== undefined;
	return Object.keys(a).every(
		(key) => !known(a[key]) || !known(b[key]) || canonicalJson(a[key]) === canonicalJson(b[key]),
	);
}
