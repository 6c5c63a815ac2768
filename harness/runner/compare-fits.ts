/** The potentials of several kernels: pair by pair, all together, and over the temperature. */

import type { Resample } from '../analysis/resample.js';
import {
	type CompareOptions,
	comparePair,
	findSharedPotential,
	type PairComparison,
	type SharedPotential,
} from '../analysis/universality/compare.js';
import type { Comparable } from '../analysis/universality/shared-part.js';
import { type TemperatureLaw, temperatureLaw } from '../analysis/universality/temperature.js';
import { canonicalJson } from '../experiment/identity.js';
import type { ReadKernel } from './compare-kernels.js';

export interface Family extends TemperatureLaw {
	/** positions among the kernels, as in `points` and `leftOut` together */
	readonly groups: readonly number[];
	readonly model: string;
	readonly template: string;
}

/** A pair whose potentials were not fitted. */
export function noFit(reason: string): PairComparison {
	return {
		hypothesis: 'one potential, up to a scale for each group',
		states: [],
		scales: [0, 1].map(() => ({ value: null, logError: null })),
		likelihoodRatio: null,
		reason,
		correlation: null,
		slope: null,
	};
}

/** Fits what pairs, all kernels and families of temperatures share. */
export interface Fitter {
	readonly pair: (groups: readonly [number, number]) => Promise<PairComparison>;
	readonly together: () => Promise<SharedPotential>;
	readonly family: (groups: readonly number[]) => Promise<Family>;
}

/** @param tables of the kernels, in their order */
export function fitter(
	kernels: readonly ReadKernel[],
	tables: readonly Comparable[],
	{ options, resample }: { readonly options: CompareOptions; readonly resample: Resample },
): Fitter {
	const at = (i: number): Comparable => tables[i] as Comparable;
	return {
		pair: ([a, b]) => comparePair([at(a), at(b)], options, resample),
		together: async () => (await findSharedPotential(tables, options, resample)).record,
		async family(groups) {
			const { model, template } = (kernels[groups[0] as number] as ReadKernel).kernel;
			const heated = groups.map((i) => ({
				...at(i),
				temperature: kernels[i]?.facts.temperature as number,
			}));
			const law = await temperatureLaw(heated, options, resample);
			return { ...law, groups, model, template };
		},
	};
}

/** Kernels equal but for the temperature, where there are at least two. */
export function familiesOf(kernels: readonly ReadKernel[]): number[][] {
	const families = new Map<string, number[]>();
	for (const [i, { kernel, facts }] of kernels.entries()) {
		if (facts.temperature === null) continue;
		const { model, architecture, template } = kernel;
		const key = canonicalJson([
			model,
			architecture ?? null,
			template,
			facts.sampling,
			facts.task,
			facts.seed,
		]);
		families.set(key, [...(families.get(key) ?? []), i]);
	}
	return [...families.values()].filter(
		(groups) => new Set(groups.map((i) => kernels[i]?.facts.temperature)).size > 1,
	);
}
