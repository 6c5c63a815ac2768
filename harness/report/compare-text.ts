import type { PairComparison, SharedPotential } from '../analysis/universality/compare.js';
import type { Estimate, TemperatureLaw } from '../analysis/universality/temperature.js';
import { count, DASH, digits } from './numbers.js';
import { type Column, printable, textTable, wrapped } from './table.js';

/** Columns of a terminal that everything printed fits. */
const WIDTH = 100;

export interface ShownKernel {
	readonly name: string;
	readonly states: number;
}

export interface ShownPair extends PairComparison {
	readonly groups: readonly [number, number];
	readonly adjustedP: number | null;
	readonly rejected: boolean | null;
}

export interface ShownFamily extends TemperatureLaw {
	readonly model: string;
	readonly template: string;
}

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

/** The kernels by the numbers that the table of pairs calls them by. */
export function kernelTable(kernels: readonly ShownKernel[]): string[] {
	return textTable(
		[right('no.'), left('kernel'), right('states')],
		kernels.map(({ name, states }, i) => [String(i + 1), name, String(states)]),
	);
}

/** One row for each pair, at most 100 columns wide. */
export function pairTable(pairs: readonly ShownPair[]): string[] {
	return textTable(
		[
			right('pair'),
			right('shared'),
			right('r'),
			left('95 %'),
			right('slope'),
			left('95 %'),
			right('G²'),
			right('ν'),
			right('p'),
			left('one potential'),
		],
		pairs.map(({ groups, states, correlation, slope, likelihoodRatio, adjustedP, rejected }) => [
			groups.map((i) => i + 1).join('–'),
			String(states.length),
			digits(correlation?.value),
			interval(correlation),
			digits(slope?.value),
			interval(slope),
			digits(likelihoodRatio?.statistic),
			likelihoodRatio === null ? DASH : String(likelihoodRatio.freedom),
			digits(adjustedP),
			rejected === null ? 'not compared' : rejected ? 'rejected' : 'not rejected',
		]),
	);
}

export const PAIR_LEGEND = [
	'shared: states with a bounded potential in both · r: correlation of the potentials, errors taken',
	'out · slope: second potential per unit of the first, errors in both · G², ν: likelihood ratio of',
	'separate potentials against one up to a scale · p: of G², resampled, after Holm over the pairs',
];

function interval(
	found: { readonly lower: number | null; readonly upper: number | null } | null,
): string {
	if (found === null || found.lower === null || found.upper === null) return DASH;
	return `${digits(found.lower)} … ${digits(found.upper)}`;
}

/** Each pair in plain words. */
export function pairSentences(
	pairs: readonly ShownPair[],
	kernels: readonly ShownKernel[],
): string[] {
	return pairs.flatMap((pair) => {
		const [a, b] = pair.groups.map((i) => printable(kernels[i]?.name ?? ''));
		return wrapped(`${a} and ${b}: ${pairSentence(pair)}`, WIDTH);
	});
}

/** One pair in plain words. */
export function pairSentence(pair: ShownPair): string {
	const { rejected, adjustedP, correlation, slope, reason } = pair;
	if (rejected === null) return `not compared: ${reason}.`;
	const alike =
		correlation?.value == null
			? `how alike the potentials are is open: ${correlation?.reason}`
			: `the correlation is ${digits(correlation.value)}, at least ${digits(correlation.lower)}`;
	if (rejected) {
		return `one potential up to a scale is rejected (p ${digits(adjustedP)} after Holm); ${alike}.`;
	}
	const start = `nothing speaks against one potential up to a scale (p ${digits(adjustedP)} after Holm)`;
	if (slope?.value == null) return `${start}, but ${slope?.reason}.`;
	const lower = slope.lower as number;
	const upper = slope.upper as number;
	const range = `${digits(slope.value)} (${digits(lower)} to ${digits(upper)})`;
	if (lower <= 0 && upper >= 0) {
		return `${start}, but its scale ${range} may be 0: one of the two is hardly known.`;
	}
	if (upper < 0) {
		return `${start}, but turned over: the second is ${range} times the first.`;
	}
	const same = lower <= 1 && upper >= 1 ? ', so that it may be the very same' : '';
	return `${start}: the second is ${range} times the first${same}; ${alike}.`;
}

/** All kernels together, in plain words; nothing where they were not fitted together. */
export function togetherSentence(
	together: SharedPotential | null,
	kernels: readonly ShownKernel[],
	alpha: number,
): string[] {
	if (together === null) return [];
	const { likelihoodRatio, states, scales, reason } = together;
	if (likelihoodRatio === null) return wrapped(`All together: not compared: ${reason}.`, WIDTH);
	const { p } = likelihoodRatio;
	const verdict =
		p <= alpha
			? 'one potential up to a scale each is rejected'
			: 'nothing speaks against one potential up to a scale each';
	const list = scales.map(({ value }, i) => `${i + 1}: ${digits(value)}`).join(', ');
	const known = reason === null ? `; scales ${list}` : `; ${reason}`;
	const all = `All ${kernels.length} together, on ${count(states.length, 'state', 'states')}`;
	return wrapped(`${all}: ${verdict} (p ${digits(p)})${known}.`, WIDTH);
}

/** Scales against temperature, a table and a sentence for each family. */
export function temperatureText(families: readonly ShownFamily[], alpha: number): string[] {
	return families.flatMap((family) => {
		const rows = family.points.map(({ temperature, scale, logError }) => [
			String(temperature),
			digits(1 / temperature),
			digits(scale),
			logError === null
				? DASH
				: logError === 0
					? 'the unit'
					: `± ${Number((100 * logError).toPrecision(2))} %`,
		]);
		const name = `${printable(family.model)} · ${printable(family.template)}`;
		return [
			'',
			name,
			...textTable([right('T'), right('1/T'), right('scale of V'), left('')], rows),
			...wrapped(temperatureSentence(family, alpha), WIDTH),
		];
	});
}

/** A family in plain words. */
export function temperatureSentence(law: TemperatureLaw, alpha: number): string {
	const out = law.leftOut.length === 0 ? '' : ' Temperature 0 is left out, since 1/0 has no value.';
	const { proportional, shared, exponent, unitTemperature } = law;
	if (proportional === null || shared === null) return `Not compared: ${law.reason}.${out}`;
	const one =
		shared.p <= alpha
			? `One potential for all temperatures is rejected (p ${digits(shared.p)}), so that a scale says little`
			: `One potential fits all temperatures (p ${digits(shared.p)})`;
	const line =
		proportional.p <= alpha
			? `a scale in proportion to 1/T is rejected (p ${digits(proportional.p)})`
			: `its scale may be proportional to 1/T (p ${digits(proportional.p)})`;
	if (exponent === null || unitTemperature === null) return `${one}; ${line}; ${law.reason}.${out}`;
	return `${one}; ${line}: it goes as T to the power −${range(exponent)}, and the line through the origin is ${range(unitTemperature)} / T.${out}`;
}

const range = ({ value, lower, upper }: Estimate): string =>
	`${digits(value)} (${digits(lower)} to ${digits(upper)})`;
