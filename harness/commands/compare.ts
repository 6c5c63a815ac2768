import type { CompareOptions } from '../analysis/universality/compare.js';
import { DEFAULT_COMPARE } from '../analysis/universality/compare.js';
import { UsageError } from '../errors.js';
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
import type { Progress } from '../report/progress.js';
import { type CompareRequest, type CompareResult, compareDatabases } from '../runner/compare.js';
import { type Arguments, EXIT, numberBetween, several, wholeNumber } from './command.js';
import type { Io } from './io.js';

/** Of more pairs than this only rejected ones are put into words, so many; --json has them all. */
const SENTENCES = 6;

export async function run(args: Arguments, io: Io): Promise<number> {
	const dbs = several(args, 'dbs');
	if (new Set(dbs).size < dbs.length) {
		throw new UsageError(`a database is named twice: ${dbs.join(', ')}; name each once`);
	}
	const result = await compareShown(io, {
		dbs,
		run: wholeNumber(args, 'run', 1, Number.MAX_SAFE_INTEGER),
		workers: wholeNumber(args, 'workers', 1, 1024),
		options: changes(args),
	});
	for (const notice of result.notices) io.say(notice);
	if (io.json) io.out(JSON.stringify(compareJson(result)));
	else for (const line of compareText(result)) io.out(line);
	return EXIT.done;
}

function changes(args: Arguments): Partial<CompareOptions> {
	const samples = wholeNumber(args, 'samples', 19, 1_000_000);
	return {
		...(samples === null ? {} : { samples }),
		seed: wholeNumber(args, 'seed', 0, 4294967295) ?? DEFAULT_COMPARE.seed,
		alpha: numberBetween(args, 'alpha', 0, 1) ?? DEFAULT_COMPARE.alpha,
	};
}

async function compareShown(
	io: Io,
	request: Omit<CompareRequest, 'signal' | 'onComparison'>,
): Promise<CompareResult> {
	let shown: Progress | null = null;
	try {
		return await compareDatabases({
			...request,
			signal: io.signal,
			onComparison(done, total, name) {
				shown ??= io.progress('compare', total);
				shown.update(done, name);
			},
		});
	} finally {
		(shown as Progress | null)?.stop();
	}
}

function compareText(result: CompareResult): string[] {
	const { kernels, pairs, together, temperatures } = result;
	const { alpha } = result.options;
	return [
		...kernelTable(kernels),
		'',
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

/** The document of `compare --json`; field names are a contract. */
export function compareJson(result: CompareResult): object {
	const { kernels, pairs, together, temperatures, options, notices } = result;
	return {
		schema: 'detbal/compare/1',
		...options,
		groups: kernels.map((kernel) => ({ ...kernel, temperature: kernel.sampling.temperature })),
		pairs: pairs.map((pair) => ({ ...pair, sentence: pairSentence(pair) })),
		together,
		temperatures: temperatures.map((family) => ({
			...family,
			sentence: temperatureSentence(family, options.alpha),
		})),
		notices,
	};
}
