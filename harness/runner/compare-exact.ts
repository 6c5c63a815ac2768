/** Exact kernels of several databases, pair by pair. */
import { DEFAULT_SCORED } from '../analysis/scored/finding.js';
import { type ScoredLikeness, scoredLikeness } from '../analysis/scored/likeness.js';
import { DEFAULT_VERIFY, type VerifyOptions } from '../analysis/verify.js';
import { StoreReader } from '../store/reader.js';
import { identifiedBy, type KernelFacts } from './compare-kernels.js';
import { type By, choosePairs, type NotCompared } from './compare-pairs.js';
import { analyseExact, type ExactFinding } from './exact-finding.js';
import { type ExactKernel, exactKernels } from './exact-read.js';
import { kernelNames } from './kernel-names.js';

export interface ReadExact {
	readonly db: string;
	/** unlike that of every other exact kernel */
	readonly name: string;
	readonly kernel: ExactKernel;
	readonly facts: KernelFacts;
}

/** An exact kernel among those of several databases. */
export interface NamedExact extends Omit<ExactFinding, 'name' | 'agreement'> {
	readonly db: string;
	/** unlike that of every other exact kernel */
	readonly name: string;
	/** of the experiment it was scored for */
	readonly experiment: string;
}

export interface ExactPair {
	/** positions among the exact kernels */
	readonly groups: readonly [number, number];
	readonly likeness: ScoredLikeness;
}

export interface ExactComparison<Found = NamedExact> {
	readonly kernels: readonly Found[];
	readonly pairs: readonly ExactPair[];
	/** positions of the pairs, furthest apart first: by the mean total variation distance */
	readonly ranking: readonly number[];
	/** every other pair, with the reason */
	readonly notCompared: readonly NotCompared[];
}

/** Every exact kernel of the databases, in the order given. @throws UsageError where a file cannot be read */
export function readExact(dbs: readonly string[]): ReadExact[] {
	const read = dbs.flatMap((db) => {
		const reader = StoreReader.open(db);
		try {
			return exactKernels(reader).map((kernel) => ({ db, kernel, facts: factsOf(reader, kernel) }));
		} finally {
			reader.close();
		}
	});
	const names = kernelNames(read.map(({ db, kernel }) => ({ ...kernel, db })));
	return read.map((one, i) => ({ ...one, name: names[i] as string }));
}

function factsOf(reader: StoreReader, kernel: ExactKernel): KernelFacts {
	const { temperature, ...sampling } = kernel.sampling;
	const known = identifiedBy(reader, kernel, kernel.stored.identities);
	return { ...known, temperature, sampling: { ...sampling }, seed: null };
}

/** The statistics of one, as `verify` finds them. */
export function nameExact(
	{ db, name, kernel }: ReadExact,
	verify: Partial<VerifyOptions>,
): NamedExact {
	const { tolerances } = { ...DEFAULT_VERIFY, ...verify };
	const alone = { ...DEFAULT_SCORED, tolerances, sampled: [], seed: 0, samples: 0 };
	const [found] = analyseExact([kernel], alone) as [ExactFinding];
	const { agreement: _, name: experiment, ...rest } = found;
	return { ...rest, db, name, experiment };
}

/**
 * Compares exact kernels on the states they share, whatever the tasks these are from.
 *
 * @param read the kernels
 * @param found what was found of each, in the same order
 * @param by the one thing in which the kernels of a pair differ, of one task; null: all pairs
 */
export function compareExact<Found extends Pick<NamedExact, 'finding'>>(
	read: readonly ReadExact[],
	found: readonly Found[],
	by: By | null,
): ExactComparison<Found> {
	const facts = read.map((one) => (by === null ? { ...one.facts, task: null } : one.facts));
	const chosen = choosePairs(facts, by);
	const side = (i: number) => ({
		subject: (read[i] as ReadExact).kernel.subject,
		potential: (found[i] as Found).finding.potential,
	});
	const all = chosen.pairs.map(([i, k]): ExactPair => {
		return { groups: [i, k], likeness: scoredLikeness(side(i), side(k)) };
	});
	const apart = all.flatMap(({ groups, likeness: { reason } }) =>
		reason === null ? [] : [{ groups, reason }],
	);
	const pairs = all.filter(({ likeness }) => likeness.reason === null);
	const distance = (i: number): number => pairs[i]?.likeness.totalVariation?.mean.value ?? -1;
	const ranking = [...pairs.keys()].sort((i, k) => distance(k) - distance(i) || i - k);
	return { kernels: found, pairs, ranking, notCompared: [...chosen.notCompared, ...apart] };
}
