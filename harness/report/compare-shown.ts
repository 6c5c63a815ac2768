/** What of a comparison is shown: the report knows its shape, not who made it. */
import type { Difference, JudgedKernel } from '../analysis/likeness/evidence.js';
import type { Likeness } from '../analysis/likeness/likeness.js';
import type { Share } from '../analysis/likeness/share.js';
import type { ScoredFinding } from '../analysis/scored/finding.js';
import type { ScoredLikeness } from '../analysis/scored/likeness.js';
import type { SharedPotential } from '../analysis/universality/compare.js';
import type { Outcome } from '../outcome.js';
import type { ShownFamily, ShownKernel, ShownPair } from './compare-text.js';

export interface ShownSide extends ShownKernel {
	/** null: not known */
	readonly attempts: number | null;
	readonly outcomes: Readonly<Record<Outcome, number>>;
	readonly evaluations: number | null;
	readonly judged: JudgedKernel;
}

export interface ShownLikeness extends ShownPair {
	readonly likeness: Likeness;
	readonly likenessAdjustedP: number | null;
	readonly different: boolean | null;
	readonly commonRandomNumbers: boolean;
	readonly affinityDifference: Difference | null;
	readonly sameVerdict: boolean;
}

export interface ShownComparison {
	readonly by: string | null;
	readonly quick: boolean;
	readonly kernels: readonly ShownSide[];
	readonly pairs: readonly ShownLikeness[];
	readonly ranking: readonly number[];
	readonly notCompared: readonly {
		readonly groups: readonly [number, number];
		readonly reason: string;
	}[];
	readonly together: SharedPotential | null;
	readonly temperatures: readonly ShownFamily[];
	readonly runs: readonly ShownRuns[];
	readonly exact: ShownExactComparison;
	readonly options: { readonly alpha: number };
	readonly notices: readonly string[];
}

export interface ShownExactComparison {
	readonly kernels: readonly ShownExactSide[];
	readonly pairs: readonly ShownExactPair[];
	/** positions of the pairs, furthest apart first */
	readonly ranking: readonly number[];
	readonly notCompared: ShownComparison['notCompared'];
}

export interface ShownExactSide {
	/** unlike every other */
	readonly name: string;
	readonly sampling: { readonly temperature: number | null };
	readonly finding: ScoredFinding;
	readonly leftOut: number;
}

export interface ShownExactPair {
	readonly groups: readonly [number, number];
	readonly likeness: ScoredLikeness;
}

export interface ShownTransition {
	readonly outcome: string;
	readonly target: string | null;
	readonly tokens: readonly number[];
	/** untrusted */
	readonly text: string;
}

interface ShownCounts {
	readonly compared: number;
	readonly different: number;
	readonly completions: number;
	readonly outcomes: number;
	readonly onlyFirst: number;
	readonly onlySecond: number;
}

export interface ShownRuns extends ShownCounts {
	readonly runs: readonly [ShownRun, ShownRun];
	readonly sameKey: boolean;
	readonly identical: boolean;
	readonly cellsLeftOut: readonly [number, number];
	readonly firstDivergence: {
		readonly model: string;
		readonly template: string;
		readonly seed: number;
		readonly temperature: number | null;
		readonly source: string;
		readonly draw: number;
		readonly step: number | null;
		readonly token: number;
		readonly first: ShownTransition;
		readonly second: ShownTransition;
	} | null;
	readonly laws: {
		readonly compared: number;
		readonly different: number;
		readonly largestShift: number | null;
	};
	readonly identityDifferences: readonly {
		readonly part: string;
		readonly models: readonly string[];
		readonly field: string;
		readonly first: string | null;
		readonly second: string | null;
		readonly deciding: boolean;
	}[];
	readonly groups: readonly ShownRunGroup[];
	readonly matters: boolean;
}

export interface ShownRun {
	readonly db: string;
	readonly run: number;
	readonly name: string;
	readonly digest: string;
}

export interface ShownRunGroup extends ShownCounts {
	readonly model: string;
	readonly template: string;
	readonly temperature: number | null;
	readonly completionsChanged: Share | null;
	readonly outcomesChanged: Share | null;
	readonly likeness: Likeness | null;
	readonly adjustedP: number | null;
	readonly rejected: boolean | null;
	readonly verdicts: readonly [JudgedKernel, JudgedKernel] | null;
	readonly sameVerdict: boolean | null;
}
