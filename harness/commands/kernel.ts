import { DEFAULT_SCORED } from '../analysis/scored/finding.js';
import { UsageError } from '../errors.js';
import { loadExperiment } from '../experiment/parse.js';
import { group } from '../report/progress.js';
import { OTHER_SHAPES, scoreKernels } from '../runner/exact.js';
import { analyseExact } from '../runner/exact-finding.js';
import type { SetChoice } from '../runner/exact-plan.js';
import { type ExactKernel, exactKernels } from '../runner/exact-read.js';
import { StoreReader } from '../store/reader.js';
import { version } from '../version.js';
import { cacheOptions } from './cache-options.js';
import {
	type Arguments,
	EXIT,
	flag,
	needed,
	numberBetween,
	optional,
	wholeNumber,
} from './command.js';
import { exactJson, exactText } from './exact-text.js';
import type { Io } from './io.js';
import { defaultDatabase } from './run.js';
import { watchProgress } from './watch.js';

const EPSILON = { open: 0.01, closed: 0.001 };
const MOST_EVALUATIONS = 20_000;
/** What was sampled is looked at by `detbal verify`. */
const ALONE = { ...DEFAULT_SCORED, sampled: [], seed: 0, samples: 0 };

export async function run(args: Arguments, io: Io): Promise<number> {
	const experiment = loadExperiment(needed(args, 'file'));
	const states = choiceOf(args);
	const watch = watchProgress('kernel', io);
	const start = performance.now();
	try {
		const result = await scoreKernels({
			experiment,
			db: optional(args, 'db') ?? defaultDatabase(experiment.name),
			states,
			epsilon:
				numberBetween(args, 'epsilon', 0, 1) ??
				(states.kind === 'open' ? EPSILON.open : EPSILON.closed),
			mostEvaluations: wholeNumber(args, 'most', 1, 1_000_000_000) ?? MOST_EVALUATIONS,
			otherShapes: wholeNumber(args, 'shapes', 0, OTHER_SHAPES.length) ?? OTHER_SHAPES.length,
			yes: flag(args, 'yes'),
			toolVersion: version(),
			signal: io.signal,
			watch,
			cache: cacheOptions(args),
		});
		watch.stop();
		const kernels = read(result.db, result.kernels);
		const seconds = (performance.now() - start) / 1000;
		if (io.json) return await printJson(result, kernels, io);
		for (const line of exactText(analyseExact(kernels, ALONE))) io.out(line);
		io.out('');
		for (const { id, digest } of kernels.slice(0, 12)) io.out(`kernel ${id}  digest ${digest}`);
		if (kernels.length > 12) io.out(`and ${kernels.length - 12} more: detbal kernel --json`);
		const served = result.served > 0 ? `, ${group(result.served)} laws from the cache` : '';
		io.say(
			`${group(result.rows)} rows now, ${group(result.evaluations)} evaluations${served}, ${seconds.toFixed(1)} s, in ${result.db}`,
		);
	} finally {
		watch.stop();
	}
	return EXIT.done;
}

function choiceOf(args: Arguments): SetChoice {
	const states = optional(args, 'states');
	if (flag(args, 'open')) {
		if (states === null) return { kind: 'open' };
		throw new UsageError('--open takes whatever completions say: leave --states out, or --open');
	}
	if (states === null || states === 'sources') return { kind: 'sources' };
	return states === 'task' ? { kind: 'task' } : { kind: 'reached', db: states };
}

function read(db: string, ids: readonly number[]): ExactKernel[] {
	const reader = StoreReader.open(db);
	try {
		return exactKernels(reader, ids);
	} finally {
		reader.close();
	}
}

async function printJson(
	result: { readonly db: string; readonly evaluations: number; readonly served: number },
	kernels: readonly ExactKernel[],
	io: Io,
): Promise<number> {
	const { db, evaluations, served } = result;
	const head = JSON.stringify({ schema: 'detbal/kernel/1', db, evaluations, served });
	await io.stream(`${head.slice(0, -1)},"groups":[`);
	for (const [i, kernel] of kernels.entries()) {
		const [finding] = analyseExact([kernel], ALONE);
		if (!finding) throw new Error('a kernel was left without its finding');
		// Kernels can be larger than the longest text: row by row.
		const group = JSON.stringify(exactJson(finding));
		await io.stream(`${i > 0 ? ',' : ''}${group.slice(0, -1)},"kernel":[`);
		let comma = '';
		for (const { source, entries } of kernel.rows) {
			if (entries.length === 0) continue;
			const items = entries.map(({ target, logFound, logBound }) =>
				JSON.stringify({ source, target, logProbability: logFound, logBound }),
			);
			await io.stream(`${comma}${items.join(',')}`);
			comma = ',';
		}
		const rows = kernel.rows.map(({ entries, ...row }) => row);
		await io.stream(`],"rows":${JSON.stringify(rows)}}`);
	}
	await io.stream(']}\n');
	return EXIT.done;
}
