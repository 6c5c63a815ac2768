import { join } from 'node:path';
import { loadExperiment } from '../experiment/parse.js';
import { parseShard } from '../experiment/shard.js';
import { count } from '../report/numbers.js';
import { group } from '../report/progress.js';
import { type RunResult, runExperiment } from '../runner/run.js';
import { version } from '../version.js';
import { cacheOptions } from './cache-options.js';
import { type Arguments, EXIT, flag, needed, optional } from './command.js';
import type { Io } from './io.js';
import { run as plan } from './plan.js';
import { watchProgress } from './watch.js';

export async function run(args: Arguments, io: Io): Promise<number> {
	if (flag(args, 'dry-run')) return plan(args, io);
	const experiment = loadExperiment(needed(args, 'file'));
	const shard = optional(args, 'shard');
	const db = optional(args, 'db') ?? defaultDatabase(experiment.name);
	const cache = cacheOptions(args);
	const watch = watchProgress('run', io);
	const start = performance.now();
	try {
		const result = await runExperiment({
			experiment,
			db,
			shard: shard === null ? null : parseShard(shard),
			resume: flag(args, 'resume'),
			toolVersion: version(),
			signal: io.signal,
			watch,
			cache,
		});
		watch.stop();
		tell(result, { milliseconds: performance.now() - start, cached: cache !== null }, io);
	} finally {
		watch.stop();
	}
	return EXIT.done;
}

export function defaultDatabase(name: string): string {
	return join('results', `${name}.sqlite`);
}

function tell(
	result: RunResult,
	{ milliseconds, cached }: { readonly milliseconds: number; readonly cached: boolean },
	io: Io,
): void {
	const { db, id, digest, attempts, made, evaluations, served } = result;
	if (io.json) {
		const runs = [{ id, digest, attempts, made, evaluations, served }];
		io.out(JSON.stringify({ schema: 'detbal/run/1', db, runs }));
		return;
	}
	io.out(`run ${id} in ${db}`);
	io.out(`digest      ${digest}`);
	io.out(`attempts    ${group(attempts)} (${group(made)} now)`);
	io.out(`evaluations ${group(evaluations)} of the model, ${(milliseconds / 1000).toFixed(1)} s`);
	if (cached) io.out(`from cache  ${count(served, 'law', 'laws')} that needed no evaluation`);
	io.say(`next: detbal verify ${db}   ·   detbal report ${db}   ·   detbal rerun ${db}`);
}
