import type { Uncertain } from '../analysis/scored/kernel.js';
import type { CompareOptions } from '../analysis/universality/compare.js';
import { DEFAULT_COMPARE } from '../analysis/universality/compare.js';
import { UsageError } from '../errors.js';
import { exactSection } from '../report/compare-exact-section.js';
import { leftOutSection } from '../report/compare-left-out-section.js';
import { likenessSection } from '../report/compare-likeness-section.js';
import { runsSection } from '../report/compare-runs-section.js';
import { compareSections } from '../report/compare-sections.js';
import { sidesSection } from '../report/compare-sides-section.js';
import {
	kernelTable,
	PAIR_LEGEND,
	pairSentence,
	pairSentences,
	pairTable,
	temperatureSentence,
	temperatureText,
	togetherSentence,
} from '../report/compare-text.js';
import { count } from '../report/numbers.js';
import { group } from '../report/progress.js';
import { sectionsMarkdown, sectionsText } from '../report/sections-text.js';
import {
	type ComparePlan,
	type CompareRequest,
	type CompareResult,
	compareDatabases,
} from '../runner/compare.js';
import { BY, type By } from '../runner/compare-pairs.js';
import {
	type Arguments,
	EXIT,
	flag,
	numberBetween,
	optional,
	several,
	wholeNumber,
} from './command.js';
import type { Io } from './io.js';
import { whileShown } from './watch.js';

/** Of more pairs than this only rejected ones are put into words, so many; --json has them all. */
const SENTENCES = 6;
/** More pairs than this are announced with what they take. */
const ANNOUNCED = 50;

export async function run(args: Arguments, io: Io): Promise<number> {
	const dbs = several(args, 'dbs');
	if (new Set(dbs).size < dbs.length) {
		throw new UsageError(`a database is named twice: ${dbs.join(', ')}; name each once`);
	}
	const markdown = flag(args, 'markdown');
	if (markdown && io.json)
		throw new UsageError('--markdown and --json exclude each other; give one');
	const limits = { above: failAbove(args), different: failOn(args) };
	const result = await compareShown(io, {
		dbs,
		by: byOf(args),
		quick: flag(args, 'quick'),
		...(flag(args, 'details') ? { rows: Infinity } : {}),
		run: wholeNumber(args, 'run', 1, Number.MAX_SAFE_INTEGER),
		workers: wholeNumber(args, 'workers', 1, 1024),
		options: changes(args),
	});
	for (const notice of result.notices) io.say(notice);
	if (io.json) io.out(JSON.stringify(compareJson(result)));
	else for (const line of markdown ? compareMarkdown(result) : compareText(result)) io.out(line);
	const failures = failuresOf(result, limits);
	for (const failure of failures) io.say(failure);
	return failures.length > 0 ? EXIT.failOn : EXIT.done;
}

function byOf(args: Arguments): By | null {
	const by = optional(args, 'by');
	const found = BY.find((one) => one === by);
	if (by !== null && found === undefined) {
		throw new UsageError(`--by: found ${by}; allowed: ${BY.join(', ')}`);
	}
	return found ?? null;
}

function changes(args: Arguments): Partial<CompareOptions> {
	const samples = wholeNumber(args, 'samples', 19, 1_000_000);
	return {
		...(samples === null ? {} : { samples }),
		seed: wholeNumber(args, 'seed', 0, 4294967295) ?? DEFAULT_COMPARE.seed,
		alpha: numberBetween(args, 'alpha', 0, 1) ?? DEFAULT_COMPARE.alpha,
	};
}

function failAbove(args: Arguments): number | null {
	const value = args['fail-above'];
	if (value === undefined) return null;
	if (typeof value !== 'number' || !(value >= 0 && value < 1)) {
		throw new UsageError(
			`--fail-above: found ${String(value)}; allowed: a number from 0 to below 1`,
		);
	}
	return value;
}

function failOn(args: Arguments): boolean {
	const value = optional(args, 'fail-on');
	if (value === null || value === 'different') return value !== null;
	throw new UsageError(`--fail-on: found ${value}; allowed: different`);
}

interface Limits {
	readonly above: number | null;
	readonly different: boolean;
}

/** What the limits given on the command line find fault with, in words. */
export function failuresOf(
	{ pairs, runs, exact }: Pick<CompareResult, 'pairs' | 'runs' | 'exact'>,
	{ above, different }: Limits,
): string[] {
	const failures: string[] = [];
	const far = pairs.filter(({ likeness: { totalVariation } }) => {
		return above !== null && totalVariation !== null && totalVariation.lower > above;
	});
	if (far.length > 0) {
		failures.push(
			`--fail-above ${above}: ${far.length} of ${count(pairs.length, 'pair', 'pairs')}`,
		);
	}
	const scored = exact.pairs.filter(({ likeness: { totalVariation: tv } }) => {
		return above !== null && tv !== null && tv.mean.value - openOf(tv.mean) > above;
	});
	if (scored.length > 0) {
		failures.push(
			`--fail-above ${above}: ${scored.length} of ${count(exact.pairs.length, 'pair', 'pairs')} of exact kernels`,
		);
	}
	if (!different) return failures;
	const rejected = pairs.filter((pair) => pair.different === true).length;
	if (rejected > 0) {
		failures.push(`--fail-on different: ${rejected} of ${count(pairs.length, 'pair', 'pairs')}`);
	}
	const parted = runs.filter(({ identical }) => !identical).length;
	if (parted > 0) {
		failures.push(
			`--fail-on different: ${parted} of ${count(runs.length, 'comparison', 'comparisons')} of runs of one key: not identical`,
		);
	}
	return failures;
}

/** What numerics leave open of an exact distance. */
function openOf({ jitter, leftOut }: Uncertain): number {
	return (jitter ?? 0) + (leftOut ?? 0);
}

function compareShown(
	io: Io,
	request: Omit<CompareRequest, 'signal' | 'onComparison' | 'onPlan'>,
): Promise<CompareResult> {
	const onPlan = (plan: ComparePlan): void => announce(io, plan);
	return whileShown('compare', io, (onComparison) =>
		compareDatabases({ ...request, signal: io.signal, onPlan, onComparison }),
	);
}

/** Says what many pairs take before the first is begun. */
function announce(io: Io, { pairs, samples, fits, kernels }: ComparePlan): void {
	if (pairs <= ANNOUNCED) return;
	const fitted =
		fits > 0
			? `, and potentials fitted to ${group(fits)} each: ${group(pairs * fits)} fits; --quick leaves them out`
			: '';
	io.say(
		`${kernels} kernels, ${group(pairs)} pairs; ${group(samples)} tables drawn for each${fitted}; --by and --run compare fewer`,
	);
}

function compareText(result: CompareResult): string[] {
	const sampled = result.kernels.length > 1 ? sampledText(result) : [];
	const exact = sectionsText(exactSection(result));
	// The blank line between sections is none at the top.
	return [...sampled, ...exact.slice(sampled.length > 0 ? 0 : 1)];
}

function sampledText(result: CompareResult): string[] {
	const { kernels, runs } = result;
	return [
		...kernelTable(kernels),
		...sectionsText([
			...runs.map(runsSection),
			likenessSection(result),
			sidesSection(result),
			...leftOutSection(result),
		]),
		...(result.quick ? [] : potentialsText(result)),
	];
}

function potentialsText(result: CompareResult): string[] {
	const { kernels, pairs, together, temperatures } = result;
	const { alpha } = result.options;
	if (pairs.length === 0) return [];
	return [
		'',
		'Is there one potential?',
		...pairTable(pairs),
		'',
		...PAIR_LEGEND,
		'',
		...pairWords(result),
		...togetherSentence(together, kernels, alpha),
		...temperatureText(temperatures, alpha),
	];
}

function pairWords({ pairs, kernels }: CompareResult): string[] {
	if (pairs.length <= SENTENCES) return pairSentences(pairs, kernels);
	const rejected = pairs.filter((pair) => pair.rejected === true);
	const tested = pairs.filter((pair) => pair.rejected !== null);
	return [
		`One potential up to a scale is rejected for ${rejected.length} of ${tested.length} pairs compared.`,
		...pairSentences(rejected.slice(0, SENTENCES), kernels),
		...(rejected.length > SENTENCES ? ['… and so on; --json has them all in words'] : []),
	];
}

/** The comparison as a Markdown document. */
export function compareMarkdown(result: CompareResult): string[] {
	return sectionsMarkdown(compareSections(result), 'Kernels side by side');
}

function exactJson({ kernels, ...exact }: CompareResult['exact']): object {
	const groups = kernels.map(({ finding, sampling, ...kernel }) => ({
		...kernel,
		temperature: sampling.temperature,
		sampling,
		...finding,
	}));
	return { groups, ...exact };
}

/** The document of `compare --json`; field names are a contract. */
export function compareJson(result: CompareResult): object {
	const { kernels, pairs, together, temperatures, options, notices } = result;
	return {
		schema: 'detbal/compare/1',
		...options,
		by: result.by,
		quick: result.quick,
		likenessSamples: result.likenessSamples,
		groups: kernels.map((kernel) => ({ ...kernel, temperature: kernel.sampling.temperature })),
		pairs: pairs.map((pair) => ({ ...pair, sentence: pairSentence(pair) })),
		ranking: result.ranking,
		notCompared: result.notCompared,
		together,
		temperatures: temperatures.map((family) => ({
			...family,
			sentence: temperatureSentence(family, options.alpha),
		})),
		runs: result.runs,
		exact: exactJson(result.exact),
		notices,
	};
}
