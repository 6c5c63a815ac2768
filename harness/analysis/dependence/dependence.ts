import { incompleteGamma } from '../../numerics/gamma.js';
import { fitQuasiIndependence } from '../../numerics/quasi-independence.js';
import type { Resample } from '../resample.js';
import type { CountTable } from '../table/counts.js';
import { type CellSizes, cellSizes, limitError } from './cell-sizes.js';
import { type Information, informationOf } from './information.js';
import { checkOptions, type DrawOptions, planDraws } from './plan-draws.js';
import { findHub, TARGET_SHUFFLES, TARGETS } from './target-panel.js';
import {
	degreesOfFreedom,
	fixedTerms,
	listedTerms,
	type MarginFit,
	type Margins,
	marginFit,
	marginsOf,
	tableTerms,
	targetsOf,
} from './transitions.js';

type Absent<Fields> = { readonly [Name in keyof Fields]: Fields[Name] | null };

/** Nulls where the margins leave nothing to compare, with a reason. */
export interface Dependence extends Absent<Information> {
	readonly hypothesis: 'T(g|f) = a(f) q(g) for g ≠ f (quasi-independence)';
	readonly method:
		| 'likelihood ratio, targets exchanged with both margins fixed (Besag–Clifford)'
		| 'likelihood ratio, χ² limit of large counts';
	/** (1 + #{G² ≥ observed}) / (B + 1), or the upper tail of χ² */
	readonly p: number | null;
	/** G² */
	readonly statistic: number | null;
	readonly degreesOfFreedom: number;
	/** B; 0 for the χ² limit */
	readonly samples: number;
	readonly reason: string | null;
}

const EXACT = 'likelihood ratio, targets exchanged with both margins fixed (Besag–Clifford)';
const LIMIT = 'likelihood ratio, χ² limit of large counts';

const BLANK: Dependence = {
	hypothesis: 'T(g|f) = a(f) q(g) for g ≠ f (quasi-independence)',
	method: EXACT,
	mutualInformation: null,
	interval95: null,
	upper95: null,
	response: null,
	p: null,
	statistic: null,
	degreesOfFreedom: 0,
	samples: 0,
	caution: null,
	reason: null,
};

/**
 * How much the next state depends on the last one: I = Σ (C_fg / N) log (C_fg / E_fg) over f ≠ g, with E
 * the quasi-independent fit a_f b_g; G² = 2 N I. What is estimated is the I of the kernel itself,
 * sources weighed by their valid transitions, beyond its own quasi-independent fit.
 *
 * Test: given both margins quasi-independence leaves P(table) ∝ Π 1/C_fg!, with no parameter. B tables
 * of that law are drawn by exchanging targets, exchangeable with the observed one, so p is exact at
 * any counts. (Resampling under the fit instead rejects every sparse crawl.)
 *
 * Estimate: the mean of G² over the draws is taken out; see `informationOf`. κ is
 * Σ_f r_f Var_f log (C/E) over G², relative to its value in the draws.
 *
 * @param table K states
 * @param options seed, B and the largest number of transitions in all draws
 * @param resample makes the draws of `TARGET_SHUFFLES`
 * @returns see `Dependence`. Where `maxDraws` does not allow B draws the χ² limit stands in if it is
 *   valid, else fewer are made (`planDraws`)
 * @throws RangeError if an option is out of range
 * Source: Besag, Clifford, Biometrika 76, 633 (1989), section 3; Bishop, Fienberg, Holland (1975),
 *   chapter 5; κ: the delta method at fixed row sums.
 *
 * @example every source gives the others in equal numbers: mutualInformation 0, p 1
 */
export async function inputDependence(
	table: CountTable,
	options: DrawOptions,
	resample: Resample,
): Promise<Dependence> {
	checkOptions(options);
	const margins = marginsOf(table);
	const freedom = degreesOfFreedom(margins);
	const refuse = (reason: string): Dependence => ({ ...BLANK, degreesOfFreedom: freedom, reason });
	if (freedom < 1) return refuse('too few sources or targets to compare');
	if (!repeats(margins)) return refuse('no source or no target comes twice: every cell holds one');
	const factors = fitQuasiIndependence(margins.rows, margins.columns);
	if (factors === null) return refuse(`${busiest(table, margins)} is one end of every transition`);
	const sizes = cellSizes(factors, margins);
	const known = { table, margins, fit: marginFit(margins, factors), sizes, freedom };
	const plan = planDraws(
		{
			total: margins.total,
			degreesOfFreedom: freedom,
			limitError: () => limitError(sizes),
		},
		options,
	);
	if (plan.by === 'nothing') return refuse(plan.reason);
	if (plan.by === 'limit') return fromLimit(known);
	const found = await fromDraws(known, { ...options, samples: plan.samples, resample });
	return found ?? refuse('every table reached with these totals has the same statistic');
}

/** The record of a test that was not asked for. */
export function leftOutDependence(table: CountTable): Dependence {
	const freedom = degreesOfFreedom(marginsOf(table));
	return { ...BLANK, degreesOfFreedom: freedom, reason: 'left out, as asked' };
}

/** Whether a cell could hold two transitions. */
function repeats({ rows, columns }: Margins): boolean {
	return rows.some((n) => n > 1) && columns.some((n) => n > 1);
}

function busiest({ states }: CountTable, { rows, columns }: Margins): string {
	const ends = rows.map((n, f) => n + columns[f]!);
	return states[ends.reduce((most, n, f) => (n > ends[most]! ? f : most), 0)]!;
}

/** What is known before anything is drawn. */
interface Known {
	readonly table: CountTable;
	readonly margins: Margins;
	readonly fit: MarginFit;
	readonly sizes: CellSizes;
	readonly freedom: number;
}

interface Drawing {
	readonly seed: number;
	readonly samples: number;
	readonly resample: Resample;
}

/** The exact test; null if G² is the same for all tables drawn. */
async function fromDraws(
	{ table, margins, fit, sizes, freedom }: Known,
	{ seed, samples, resample }: Drawing,
): Promise<Dependence | null> {
	const targets = targetsOf(table, margins);
	const observed = listedTerms(fit, targets);
	const sweeps = sweepsFor(table.states.length);
	const hub = findHub(targets, fit, { seed, sweeps });
	const rows = await resample(TARGET_SHUFFLES, { margins: fit, hub, seed, sweeps }, samples);
	const column = (at: number): Float64Array =>
		Float64Array.from({ length: samples }, (_, i) => rows[TARGET_SHUFFLES.width * i + at]!);
	const terms = column(TARGETS.terms);
	// Equal tables summed in another order give terms equal up to rounding.
	const slack = 1e-12 * observed.terms;
	if (terms.every((t) => Math.abs(t - observed.terms) <= slack)) return null;
	const atLeast = terms.reduce((sum, t) => sum + (t >= observed.terms - slack ? 1 : 0), 0);

	const fixed = fixedTerms(fit, margins.columns);
	const noise = mean(terms) - fixed;
	const variance = terms.reduce((sum, t) => sum + (t - fixed - noise) ** 2, 0) / (samples - 1);
	const statistic = Math.max(0, observed.terms - fixed);
	const information = informationOf(sizes, {
		statistic,
		noise,
		// The mean of B draws is itself uncertain.
		variance: variance * (1 + 1 / samples),
		slope: observed.spread / statistic / (mean(column(TARGETS.spread)) / noise),
	});
	const p = (1 + atLeast) / (samples + 1);
	return { ...BLANK, ...information, statistic, degreesOfFreedom: freedom, p, samples };
}

/**
 * Passes between hub and table. One pass was measured to take G² to its mean from a strong dependence
 * at 10 or more states; three states have one degree of freedom, which diffuses.
 */
function sweepsFor(states: number): number {
	return 2 + Math.ceil(24 / states);
}

function fromLimit({ table, margins, fit, sizes, freedom }: Known): Dependence {
	const { terms, spread } = tableTerms(fit, table);
	const statistic = Math.max(0, terms - fixedTerms(fit, margins.columns));
	const noise = { noise: freedom, variance: 2 * freedom, slope: spread / statistic };
	const information = informationOf(sizes, { statistic, ...noise });
	const p = incompleteGamma(freedom / 2, statistic / 2).upper;
	return { ...BLANK, method: LIMIT, ...information, statistic, degreesOfFreedom: freedom, p };
}

const mean = (x: Float64Array): number => x.reduce((sum, value) => sum + value, 0) / x.length;
