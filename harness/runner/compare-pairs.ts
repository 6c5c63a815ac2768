/** Which kernels are set side by side, and why others are not. */
import { canonicalJson } from '../experiment/identity.js';
import { type KernelFacts, sameWhereKnown } from './compare-kernels.js';

export const BY = ['model', 'template', 'quantisation', 'temperature', 'machine', 'seed'] as const;
export type By = (typeof BY)[number];

/** In what two kernels differ. */
export type Aspect = By | 'sampling';

export interface NotCompared {
	/** positions among the kernels */
	readonly groups: readonly [number, number];
	readonly reason: string;
}

export interface ChosenPairs {
	readonly pairs: readonly (readonly [number, number])[];
	readonly notCompared: readonly NotCompared[];
}

/**
 * The pairs to compare: of one task, and with `by` equal in everything else.
 *
 * @param kernels facts of each
 * @param by the one thing in which the kernels of a pair differ; null: whatever they differ in
 * @returns the pairs in order, and every other pair with the reason
 *
 * @example two models under two templates, by template: two pairs of four kernels, four not compared
 */
export function choosePairs(kernels: readonly KernelFacts[], by: By | null): ChosenPairs {
	const pairs: (readonly [number, number])[] = [];
	const notCompared: NotCompared[] = [];
	for (const [i, a] of kernels.entries()) {
		for (const [k, b] of kernels.slice(i + 1).entries()) {
			const groups = [i, i + 1 + k] as const;
			const reason = reasonAgainst(a, b, by);
			if (reason === null) pairs.push(groups);
			else notCompared.push({ groups, reason });
		}
	}
	return { pairs, notCompared };
}

function reasonAgainst(a: KernelFacts, b: KernelFacts, by: By | null): string | null {
	if (a.task !== null && b.task !== null && a.task !== b.task) return 'another task';
	if (by === null) return null;
	const aspects = differingAspects(a, b, by);
	if (!aspects.includes(by)) return notDifferent(a, b, by, aspects);
	const others = aspects.filter((aspect) => aspect !== by);
	return others.length === 0 ? null : `they differ in ${listed(others)}, too`;
}

/** A reason that names what keeps the pair from differing in `by`. */
function notDifferent(a: KernelFacts, b: KernelFacts, by: By, aspects: readonly Aspect[]): string {
	if (by === 'machine' && (a.numerics === null || b.numerics === null)) {
		return 'the machine of imported counts is not known';
	}
	if (by === 'quantisation' && aspects.includes('model')) {
		return 'they are not known to be quantisations of one model: the names or architectures in their files differ';
	}
	if (by === 'seed' && (a.seed === null || b.seed === null)) {
		return 'imported counts do not tell seeds apart';
	}
	const others = aspects.length === 0 ? '' : ` (they differ in ${listed(aspects)})`;
	return `they do not differ in ${by}${others}`;
}

const listed = (aspects: readonly Aspect[]): string =>
	aspects.length < 2
		? aspects.join('')
		: `${aspects.slice(0, -1).join(', ')} and ${aspects.at(-1)}`;

/** Settings that follow from the model file, whatever was asked for. */
const OF_THE_MODEL: readonly string[] = ['gpuLayers', 'swaFullCache'];

function differingAspects(a: KernelFacts, b: KernelFacts, by: By): Aspect[] {
	const found: Aspect[] = [];
	if (!same(a.model, b.model)) {
		const one = quantisedAlike(a.model, b.model);
		found.push(one && by !== 'model' ? 'quantisation' : 'model');
	}
	if (!same(a.template, b.template)) found.push('template');
	if (a.temperature !== b.temperature) found.push('temperature');
	if (!sameWhereKnown(a.sampling, b.sampling)) found.push('sampling');
	const ofOneModel = by !== 'model' && by !== 'quantisation';
	if (!sameMachine(a.numerics, b.numerics, ofOneModel)) found.push('machine');
	if (a.seed !== b.seed) found.push('seed');
	return found;
}

/** By content where both are known, else by label. */
function same(a: KernelFacts['template'], b: KernelFacts['template']): boolean {
	return a.sha256 !== null && b.sha256 !== null ? a.sha256 === b.sha256 : a.label === b.label;
}

function quantisedAlike(a: KernelFacts['model'], b: KernelFacts['model']): boolean {
	return (
		a.name !== null &&
		a.name === b.name &&
		a.architecture === b.architecture &&
		a.quantisation !== b.quantisation
	);
}

function sameMachine(
	a: KernelFacts['numerics'],
	b: KernelFacts['numerics'],
	ofOneModel: boolean,
): boolean {
	if (a === null || b === null) return true;
	const kept = (numerics: Readonly<Record<string, unknown>>): unknown =>
		Object.fromEntries(
			Object.entries(numerics).filter(([field]) => ofOneModel || !OF_THE_MODEL.includes(field)),
		);
	return canonicalJson(kept(a)) === canonicalJson(kept(b));
}
