import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../experiment/experiment.js';
import { loadExperiment } from '../experiment/parse.js';
import { buildModels, modelsDirectory } from '../models/manifest.js';
import { packageRoot } from '../package-root.js';
import { group } from '../report/progress.js';
import { shortPath } from '../report/short-path.js';
import { verdictMatrix } from '../report/verify-text.js';
import { rerun } from '../runner/rerun.js';
import { runExperiment } from '../runner/run.js';
import { version } from '../version.js';
import { type Arguments, EXIT, optional } from './command.js';
import type { Io } from './io.js';
import { rerunText } from './rerun.js';
import { verifyShown } from './verify.js';
import { watchProgress } from './watch.js';

/** The main job from beginning to end, on models whose verdicts are known. */
export async function run(args: Arguments, io: Io): Promise<number> {
	const db = optional(args, 'db') ?? join('results', 'demo.sqlite');
	const file = join(packageRoot(), 'datasets', 'experiments', 'demo.yaml');
	const experiment = loadExperiment(file);
	const start = performance.now();
	await build(io);
	const id = await runAll(experiment, db, io);
	await verifyAll(db, id, io);
	const identical = await repeatSeed(experiment, db, id, io);
	io.out(
		`\ndone in ${((performance.now() - start) / 1000).toFixed(0)} s. Files: ${shortPath(db)}, ${shortPath(file)}`,
	);
	io.out('next:');
	const next = [
		[`npx detbal verify ${db}`, 'every number behind the verdicts'],
		['npx detbal init my-experiment.yaml', 'an experiment of your own'],
		['npx detbal models inspect FILE.gguf', 'what a model of yours says of itself'],
	] as const;
	for (const [command, what] of next) io.out(`   ${command.padEnd(38)}  ${what}`);
	return identical ? EXIT.done : EXIT.notReproduced;
}

async function build(io: Io): Promise<void> {
	io.out('1. Calibration models: real GGUF files whose transition kernels are known');
	const built = await buildModels();
	io.out(`   ${built.length} models in ${shortPath(modelsDirectory())}, as the manifest says\n`);
}

async function runAll(experiment: Experiment, db: string, io: Io): Promise<number> {
	io.out('2. Run: every attempt of every model × template × seed into SQLite');
	const watch = watchProgress('   run', io);
	const result = await runExperiment({
		experiment,
		db,
		shard: null,
		resume: existsSync(db),
		toolVersion: version(),
		signal: io.signal,
		watch,
	}).finally(() => watch.stop());
	io.out(`   ${group(result.attempts)} attempts, ${group(result.evaluations)} model evaluations`);
	io.out(`   digest ${result.digest}\n`);
	return result.id;
}

async function verifyAll(db: string, run: number, io: Io): Promise<void> {
	io.out('3. Verify: does each kernel obey detailed balance?');
	const request = { db, run, options: {}, workers: null };
	const { groups } = await verifyShown('   verify', io, request);
	for (const line of verdictMatrix(groups)) io.out(`   ${line}`);
	io.out('   What they were built to be: reversible → holds · driven → violated ·');
	io.out('   independent of the input → trivial · star (no loop) → untestable');
	io.out('   (insufficient: not settled yet; detbal verify says how many attempts would do)\n');
}

async function repeatSeed(
	experiment: Experiment,
	db: string,
	run: number,
	io: Io,
): Promise<boolean> {
	const [seed = null] = experiment.seeds;
	io.out(`4. Rerun: seed ${seed} once more, compared bit for bit`);
	const watch = watchProgress('   rerun', io);
	const repeated = await rerun({
		db,
		run,
		seed,
		models: null,
		threads: null,
		width: null,
		signal: io.signal,
		watch,
	}).finally(() => watch.stop());
	for (const line of rerunText(repeated)) io.out(`   ${line}`);
	return repeated.identical;
}
