/** What is asked of each data set of the calibration, by part. */
import { inputDependence } from '../../harness/analysis/dependence/dependence.js';
import { cycleAffinity } from '../../harness/analysis/effect/affinity.js';
import { entropyProduction } from '../../harness/analysis/effect/entropy-production.js';
import type { FlowData } from '../../harness/analysis/effect/flow-data.js';
import { flowShares } from '../../harness/analysis/effect/flow-shares.js';
import { pairEstimates } from '../../harness/analysis/effect/pair-estimates.js';
import { exactTest } from '../../harness/analysis/exact/exact-test.js';
import { findLoops } from '../../harness/analysis/loops/loops.js';
import { fitReversible } from '../../harness/analysis/potential/reversible-fit.js';
import { resampleHere } from '../../harness/analysis/resample.js';
import { findComponents } from '../../harness/analysis/table/components.js';
import type { CountTable } from '../../harness/analysis/table/counts.js';
import { DEFAULT_TOLERANCES, type Decision, decide } from '../../harness/analysis/verdict.js';
import { DEFAULT_VERIFY } from '../../harness/analysis/verify.js';
import { type Kernel, sampleTable } from '../analysis/synthetic.js';
import { DESIGNS, type Design, drawDataSet, type Scenario, streamOf } from './designs.js';
import { kernelOf, trueAffinity, trueCyclicShare, trueEntropy, trueInformation } from './truth.js';

/** Numbers and yes/no by name. */
export type Outcome = Readonly<Record<string, number | boolean | string | null>>;

export interface Batch {
	readonly part: string;
	readonly design: Design;
	readonly scenario: Scenario;
	readonly label: string;
	readonly sets: number;
}

const M = 199;
const named = (...names: readonly string[]): readonly Design[] =>
	names.map((name) => DESIGNS.find((design) => design.name === name)!);
const FOUR = named('10 × 500', '20 × 200', '40 × 500', 'crawl 20,000');
const THREE = named('10 × 500', '20 × 200', '40 × 500');
const batch = (part: string, design: Design, scenario: Scenario, sets: number): Batch => {
	return { part, design, scenario, label: labelOf(scenario), sets };
};

function labelOf(scenario: Scenario): string {
	if ('independent' in scenario) return 'independent';
	if (scenario.noise === 0) return 'reversible';
	return scenario.even ? `even, noise ${scenario.noise}` : `noise ${scenario.noise}`;
}

/** Every batch of every part. */
export const BATCHES: readonly Batch[] = [
	...FOUR.map((design) => batch('exact', design, { noise: 0 }, 400)),
	...named('10 × 500', '20 × 200', '20 × 1000', '40 × 500').flatMap((design) =>
		[0.1, 0.2].map((noise) => batch('exact', design, { noise }, 200)),
	),
	...named('10 × 500', '20 × 200', '20 × 1000', '40 × 500').map((design) =>
		batch('even', design, { noise: 0.1, even: true }, 200),
	),
	...FOUR.map((design) => batch('dependence', design, { independent: true }, 400)),
	...THREE.map((design) => batch('information', design, { noise: 0 }, 400)),
	...THREE.flatMap((design) =>
		[0.1, 0.25].map((noise) => batch('effects', design, { noise }, design.states < 40 ? 400 : 200)),
	),
	batch('effects', named('crawl 20,000')[0]!, { noise: 0.25 }, 100),
	...named('8 × 8000').map((design) => batch('tolerance', design, { noise: 0.032 }, 400)),
	...named('5 × 300').flatMap((design) =>
		[0, 0.1].map((noise) => batch('promise', design, { noise }, 200)),
	),
];

function flowData(table: CountTable): FlowData {
	const components = findComponents(table);
	const loops = findLoops(components, DEFAULT_VERIFY);
	const fit = fitReversible(table, components);
	return { table, components, loops, fit, estimates: pairEstimates(components.inner, fit) };
}

/** Whether an interval holds the truth, up to rounding, and the truth. */
function held(
	name: string,
	truth: number,
	interval: { readonly lower: number; readonly upper: number } | null,
): Outcome {
	if (interval === null) return { [`${name}In`]: null, [`${name}Truth`]: truth };
	const { lower, upper } = interval;
	const inside = truth >= lower * (1 - 1e-9) && truth <= upper * (1 + 1e-9);
	return { [`${name}In`]: inside, [`${name}Truth`]: truth };
}

/** The verdict of one table alone. */
async function verdictOf(table: CountTable, seed: number): Promise<Decision> {
	const data = flowData(table);
	const options = { seed, samples: M, steps: null };
	const all = table.attempts.reduce((sum, n) => sum + n, 0);
	const evidence = {
		independentLoops: data.components.independentLoops,
		exactTest: await exactTest(data, options, resampleHere),
		affinity: cycleAffinity(data.loops, data.estimates),
		dependence: { upper95: null },
		attempts: all,
		attemptsPerSource: all / table.states.length,
	};
	return decide([evidence], DEFAULT_TOLERANCES)[0]!;
}

const draws = (seed: number) => ({ seed, resamples: 99, maxDraws: DEFAULT_VERIFY.maxDraws });

async function keepPromise(kernel: Kernel, table: CountTable, batch: Batch, index: number) {
	const first = await verdictOf(table, index);
	if (first.furtherAttemptsPerSource === null) return { first: first.verdict };
	const { attempts } = batch.design;
	const stream = streamOf(batch.design, batch.scenario, index + 100_000);
	const larger = sampleTable(kernel, attempts + first.furtherAttemptsPerSource, stream);
	const second = await verdictOf(larger, index);
	const further = first.furtherAttemptsPerSource;
	return { first: first.verdict, further, second: second.verdict };
}

async function exactTrial({ design, scenario }: Batch, index: number): Promise<Outcome> {
	const { table } = drawDataSet(design, scenario, index);
	const options = { seed: index, samples: M, steps: null };
	const { p, mixing } = await exactTest(flowData(table), options, resampleHere);
	return { p, mixed: mixing.mixed };
}

export const TRIALS: Readonly<Record<string, (batch: Batch, index: number) => Promise<Outcome>>> = {
	exact: exactTrial,
	even: exactTrial,
	async dependence({ design, scenario }, index) {
		const { table } = drawDataSet(design, scenario, index);
		const { p, upper95 } = await inputDependence(table, draws(index), resampleHere);
		return { p, upper95 };
	},
	async information({ design, scenario }, index) {
		const { kernel, table } = drawDataSet(design, scenario, index);
		const { interval95 } = await inputDependence(table, draws(index), resampleHere);
		return held('information', trueInformation(kernel, table), interval95);
	},
	async effects({ design, scenario }, index) {
		const { kernel, table } = drawDataSet(design, scenario, index);
		const data = flowData(table);
		const T = kernelOf(kernel, table);
		const affinity = cycleAffinity(data.loops, data.estimates);
		const truth = trueAffinity(data, T);
		const options = { seed: index, resample: resampleHere };
		const flow = await flowShares(data, options);
		const gradient = flow.gradient?.interval95 ?? null;
		const entropy = await entropyProduction(data, options);
		return {
			...held('affinity', truth, affinity.interval95),
			boundIn: affinity.upper95 === null ? null : truth <= affinity.upper95,
			boundTruth: truth,
			...held('gradient', 1 - trueCyclicShare(data, T), gradient),
			...held('entropy', trueEntropy(data, T), entropy.interval95),
		};
	},
	async tolerance({ design, scenario }, index) {
		const { kernel, table } = drawDataSet(design, scenario, index);
		const data = flowData(table);
		const truth = trueAffinity(data, kernelOf(kernel, table));
		const { upper95 } = cycleAffinity(data.loops, data.estimates);
		return { truth, holds: upper95 !== null && upper95 < DEFAULT_TOLERANCES.affinity };
	},
	async promise(batch, index) {
		const { kernel, table } = drawDataSet(batch.design, batch.scenario, index);
		return keepPromise(kernel, table, batch, index);
	},
};
