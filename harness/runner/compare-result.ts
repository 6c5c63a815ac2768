/** What a comparison is asked and what it answers. */
import type { Difference, JudgedKernel } from '../analysis/likeness/evidence.js';
import type { Likeness } from '../analysis/likeness/likeness.js';
import type {
	CompareOptions,
	PairComparison,
	SharedPotential,
} from '../analysis/universality/compare.js';
import type { VerifyOptions } from '../analysis/verify.js';
import type { Outcome } from '../outcome.js';
import type { ExactComparison } from './compare-exact.js';
import type { Family } from './compare-fits.js';
import type { By, NotCompared } from './compare-pairs.js';
import type { RunsComparison } from './compare-runs.js';
import type { CountedKernel } from './kernels.js';

/** A kernel among those of several databases. */
export interface NamedKernel
	extends Omit<CountedKernel, 'table' | 'divisions' | 'cells' | 'loose'> {
	readonly db: string;
	/** unlike that of every other kernel compared */
	readonly name: string;
	readonly states: number;
	/** all attempts, or null where they were not counted per source */
	readonly attempts: number | null;
	readonly outcomes: Readonly<Record<Outcome, number>>;
	/** model evaluations recorded, which seeds and settings of a model × template share; null for an import */
	readonly evaluations: number | null;
	/** by the rule of `verify`, Holm over the kernels compared */
	readonly judged: JudgedKernel;
}

export interface ComparedPair extends PairComparison {
	/** positions among the kernels */
	readonly groups: readonly [number, number];
	/** p of one potential after Holm's correction over the pairs; null where there is no p */
	readonly adjustedP: number | null;
	/** one potential up to a scale is rejected; null where nothing was tested */
	readonly rejected: boolean | null;
	/** the kernels themselves, row by row; the rows that differ most first, so many as asked for */
	readonly likeness: Likeness;
	/** p of one kernel after Holm's correction over the pairs */
	readonly likenessAdjustedP: number | null;
	/** one kernel is rejected; null where nothing was tested */
	readonly different: boolean | null;
	/** the same random numbers made some attempts of both: the test of one kernel is conservative */
	readonly commonRandomNumbers: boolean;
	/** rms cycle affinity of the second less that of the first, nats */
	readonly affinityDifference: Difference | null;
	readonly sameVerdict: boolean;
}

export interface CompareResult {
	readonly by: By | null;
	readonly quick: boolean;
	readonly kernels: readonly NamedKernel[];
	readonly pairs: readonly ComparedPair[];
	/** positions of the pairs, what differs most first: by the lower bound of the distance, then its value */
	readonly ranking: readonly number[];
	/** every pair that is not among `pairs`, or is and has nothing to compare, with the reason */
	readonly notCompared: readonly NotCompared[];
	/** one potential for all kernels together; null with fewer than three, or too many */
	readonly together: SharedPotential | null;
	/** kernels that differ in temperature alone */
	readonly temperatures: readonly Family[];
	/** runs of one key in several databases */
	readonly runs: readonly RunsComparison[];
	/** kernels scored from laws; none with one run, or by seed */
	readonly exact: ExactComparison;
	readonly options: CompareOptions;
	/** tables drawn for the test of one kernel, of each pair */
	readonly likenessSamples: number;
	readonly notices: readonly string[];
}

/** What a comparison will take, said beforehand. */
export interface ComparePlan {
	readonly kernels: number;
	readonly pairs: number;
	readonly notCompared: number;
	/** tables drawn for the test of one kernel, of each pair */
	readonly samples: number;
	/** tables that potentials are fitted to, of each pair; 0 where none are */
	readonly fits: number;
}

export interface CompareRequest {
	readonly dbs: readonly string[];
	/** Number of the run; null: all runs and imports together. */
	readonly run: number | null;
	/** Pairs that differ in this alone; left out: all pairs. */
	readonly by?: By | null;
	/** Leave out the potentials, and of the verdicts what is resampled. */
	readonly quick?: boolean;
	/** Rows of each pair that are kept; left out: 10. */
	readonly rows?: number;
	/** Changes to `DEFAULT_COMPARE`. */
	readonly options: Partial<CompareOptions>;
	/** Changes to `DEFAULT_VERIFY`, for the verdicts. */
	readonly verify?: Partial<VerifyOptions>;
	/** Worker threads; null: as many as the machine runs at once. */
	readonly workers: number | null;
	readonly signal: AbortSignal;
	/** Called once, before anything is drawn. */
	readonly onPlan?: (plan: ComparePlan) => void;
	/** Called before each comparison. */
	readonly onComparison: (done: number, total: number, name: string) => void;
}
