import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sourceDate } from '../archive/source-date.js';
import { writeArchive } from '../archive/write.js';
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
import { gatherShown, reportFiles } from './report.js';
import { replaceFile } from './report-files.js';
import { note, rerunText } from './rerun.js';
import { verifyShown } from './verify.js';
import { watchProgress } from './watch.js';

/** The main job from beginning to end: on models whose verdicts are known, then on ones that learned. */
export async function run(args: Arguments, io: Io): Promise<number> {
	const db = optional(args, 'db') ?? join('results', 'demo.sqlite');
	const start = performance.now();
	const identical = await calibration(db, io);
	const run = await words(db, io);
	const files = await lookAndSeal(db, io);
	const seconds = ((performance.now() - start) / 1000).toFixed(0);
	io.out(`\ndone in ${seconds} s. Files: ${[db, ...files].map(shortPath).join(', ')}`);
	io.out('next:');
	const next = [
		[shortPath(files[0]), 'to be opened in a browser: verdicts, figures, methods'],
		[`npx detbal verify ${db}`, 'every number behind the verdicts'],
		[`npx detbal compare ${db} --run ${run}`, 'is there one potential?'],
		[`npx detbal archive rerun ${files[1]}`, 'all of it once more, from the archive alone'],
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

/** @returns files written: the report, the archive */
async function lookAndSeal(db: string, io: Io): Promise<readonly [string, string]> {
	io.out(
		'\n6. Look and seal: a page with every figure, an archive that others can verify and rerun',
	);
	const stem = db.replace(/\.sqlite$/, '');
	const [page, zip] = [`${stem}.report.html`, `${stem}.zip`] as const;
	const dossier = await gatherShown({ dbs: [db], run: null, options: {}, workers: null }, io);
	const { html } = reportFiles(dossier, []);
	io.out(`   report   ${shortPath(page)}, ${kilobytes(replaceFile(page, html))}`);
	// Of an earlier demo.
	rmSync(zip, { force: true });
	const sealed = await writeArchive({
		...{ dbs: [db], output: zip, withModels: false, models: null, authors: [], licence: null },
		date: sourceDate(process.env),
		extra: async function* () {
			yield { path: 'report/report.html', bytes: Buffer.from(html, 'utf8') };
		},
		toolVersion: version(),
		signal: io.signal,
		say() {},
	});
	io.out(`   archive  ${shortPath(zip)}, ${kilobytes(sealed.bytes)}, sha256 ${sealed.sha256}`);
	return [page, zip];
}

function kilobytes(bytes: number): string {
	return `${group(Math.ceil(bytes / 1000))} kB`;
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
