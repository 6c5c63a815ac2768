/** What is asked of each data set of the calibration, by part. */
import { exactTest } from '../../harness/analysis/exact/exact-test.js';
import { findLoops } from '../../harness/analysis/loops/loops.js';
import { fitReversible } from '../../harness/analysis/potential/reversible-fit.js';
import { resampleHere } from '../../harness/analysis/resample.js';
import { findComponents } from '../../harness/analysis/table/components.js';
import { DEFAULT_VERIFY } from '../../harness/analysis/verify.js';
import { DESIGNS, type Design, drawDataSet, type Scenario } from './designs.js';

/** One number per name; NaN is written as null. */
export type Outcome = Readonly<Record<string, number | boolean | null>>;

export interface Batch {
	readonly part: string;
	readonly design: Design;
	readonly scenario: Scenario;
	readonly label: string;
	readonly sets: number;
}

const M = 199;
const REVERSIBLE: Scenario = { noise: 0 };
const SIZE_DESIGNS = DESIGNS.filter(({ name }) => name !== '20 × 1000');
const FIXED = DESIGNS.filter(({ crawl }) => !crawl);

/** Every batch of every part. */
export const BATCHES: readonly Batch[] = [
	...SIZE_DESIGNS.map((design) => ({
		part: 'exact',
		design,
		scenario: REVERSIBLE,
		label: 'reversible',
		sets: 400,
	})),
	...FIXED.flatMap((design) =>
		[0.1, 0.2].map((noise) => ({
			part: 'exact',
			design,
			scenario: { noise },
			label: `noise ${noise}`,
			sets: 200,
		})),
	),
];

export const TRIALS: Readonly<Record<string, (batch: Batch, index: number) => Promise<Outcome>>> = {
	async exact({ design, scenario }, index) {
		const { table } = drawDataSet(design, scenario, index);
		const components = findComponents(table);
		const loops = findLoops(components, DEFAULT_VERIFY);
		const fit = fitReversible(table, components);
		const options = { seed: index, samples: M, steps: null };
		const { p, mixing } = await exactTest({ loops, fit }, options, resampleHere);
		return { p, mixed: mixing.mixed };
	},
};
