import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Experiment } from '../experiment/experiment.js';
import { loadExperiment } from '../experiment/parse.js';
import { buildModels, modelsDirectory } from '../models/manifest.js';
import { packageRoot } from '../package-root.js';
import { group } from '../report/progress.js';
import { shortPath } from '../report/short-path.js';
import { OUTCOME_LEGEND, outcomeTable, verdictMatrix } from '../report/verify-text.js';
import { rerun } from '../runner/rerun.js';
import { runExperiment } from '../runner/run.js';
import type { VerifyResult } from '../runner/verify.js';
import { version } from '../version.js';
import { type Arguments, EXIT, optional } from './command.js';
import type { Io } from './io.js';
import { note, rerunText } from './rerun.js';
import { verifyShown } from './verify.js';
import { watchProgress } from './watch.js';

/** The main job from beginning to end: on models whose verdicts are known, then on ones that learned. */
export async function run(args: Arguments, io: Io): Promise<number> {
	const db = optional(args, 'db') ?? join('results', 'demo.sqlite');
	const start = performance.now();
	const identical = await calibration(db, io);
	const run = await words(db, io);
	const seconds = ((performance.now() - start) / 1000).toFixed(0);
	io.out(
		`\ndone in ${seconds} s. Files: ${shortPath(db)}, ${shortPath(experimentFile('words-demo'))}`,
	);
	io.out('next:');
	const next = [
		[`npx detbal verify ${db}`, 'every number behind the verdicts'],
		[`npx detbal compare ${db} --run ${run}`, 'is there one potential?'],
		['npx detbal init my-experiment.yaml', 'an experiment of your own'],
		['npx detbal models list', 'models there are, and real ones to pull'],
	] as const;
	for (const [command, what] of next) io.out(`   ${command.padEnd(46)}  ${what}`);
	return identical ? EXIT.done : EXIT.notReproduced;
}

async function calibration(db: string, io: Io): Promise<boolean> {
	const experiment = loadExperiment(experimentFile('demo'));
	io.out('1. Calibration models: real GGUF files whose transition kernels are known');
	const built = await buildModels();
	io.out(`   ${built.length} models in ${shortPath(modelsDirectory())}, as the manifest says\n`);
	io.out('2. Run: every attempt of every model × template × seed into SQLite');
	const id = await runAll(experiment, db, io);
	io.out('\n3. Verify: does each kernel obey detailed balance?');
	const { groups } = await verifyAll(db, id, io);
	for (const line of verdictMatrix(groups)) io.out(`   ${line}`);
	io.out('   What they were built to be: reversible → holds · driven → violated ·');
	io.out('   independent of the input → trivial · star (no loop) → untestable');
	io.out('   (insufficient: not settled yet; detbal verify says how many attempts would do)\n');
	return repeatSeed(experiment, db, id, io);
}

/** @returns the number of the run */
async function words(db: string, io: Io): Promise<number> {
	io.out('\n5. Language models: small ones, trained from scratch to answer a word with another');
	const id = await runAll(loadExperiment(experimentFile('words-demo')), db, io);
	const { groups } = await verifyAll(db, id, io);
	for (const line of [...outcomeTable(groups), ...OUTCOME_LEGEND]) io.out(`   ${line}`);
	io.out(
		'   They learned a law that obeys detailed balance; the "driven" ones its twin that does not.',
	);
	return id;
}

function experimentFile(name: string): string {
	return join(packageRoot(), 'datasets', 'experiments', `${name}.yaml`);
}

async function runAll(experiment: Experiment, db: string, io: Io): Promise<number> {
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
	io.out(`   digest ${result.digest}`);
	return result.id;
}

function verifyAll(db: string, run: number, io: Io): Promise<VerifyResult> {
	return verifyShown('   verify', io, { db, run, options: {}, workers: null });
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
	note(db, repeated, seed, io);
	for (const line of rerunText(repeated)) io.out(`   ${line}`);
	return repeated.identical;
}
