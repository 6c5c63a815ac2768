/** Runs repeated from an archive alone, on real models. */
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_LIMITS } from '../../harness/archive/inspect.js';
import { openArchive } from '../../harness/archive/open.js';
import { type ArchiveRerunRequest, rerunArchive } from '../../harness/archive/rerun.js';
import { verifyArchive } from '../../harness/archive/verify.js';
import { UsageError } from '../../harness/errors.js';
import { loadExperiment } from '../../harness/experiment/parse.js';
import { writeAltered } from '../commands/altered-model.js';
import { detbal, experiment, inPlace, json, newFolder } from '../commands/fixture.js';
import { QUIET, raw, run } from '../runner/fixture.js';
import { sha256Of } from '../store/fixture.js';
import { seal, text, unpack, writeRun } from './fixture.js';

const test = suite('archive: rerun');
const place = inPlace(test);
/** A model that is nobody's but its user's. */
let own = '';
let zip = '';
let inside = '';

test.before(async () => {
	const folder = newFolder(place);
	mkdirSync(join(folder, 'weights'));
	own = writeAltered(
		join(place.models, 'llama-driven.gguf'),
		join(folder, 'weights', 'mine.gguf'),
		({ metadata }) => metadata.set('general.name', { type: 'string', value: 'mine' }),
	);
	const db = join(folder, 'run.sqlite');
	await run(db, small(folder));
	[zip, inside] = [join(folder, 'run.zip'), join(folder, 'inside.zip')];
	await seal(db, zip);
	await seal(db, inside, { withModels: true });
	// What is left is what the archives hold.
	rmSync(db);
});

function small(folder: string) {
	return experiment(folder, {
		attempts: 20,
		seeds: [1],
		models: [{ id: 'mine', path: own }, { id: 'gpt2-reversible' }],
		templates: [{ id: 'plain', text: 'A fruit is {state}. Another:' }],
	});
}

function repeat(file: string, changes: Partial<ArchiveRerunRequest> = {}) {
	return rerunArchive({
		file,
		models: null,
		limits: DEFAULT_LIMITS,
		compare: { seed: 1, samples: 19, alpha: 0.05, resampling: false, workers: 1 },
		toolVersion: '0.0.0',
		signal: new AbortController().signal,
		watch: QUIET,
		...changes,
	});
}

/** Runs `work` while the file of the user's own model is away. */
async function withoutModel(work: (elsewhere: string) => Promise<void>): Promise<void> {
	const elsewhere = newFolder(place);
	renameSync(own, join(elsewhere, 'renamed.gguf'));
	try {
		await work(elsewhere);
	} finally {
		renameSync(join(elsewhere, 'renamed.gguf'), own);
	}
}

test('identical, from the archive alone where the models are inside', async () => {
	await withoutModel(async (elsewhere) => {
		const { identical, runs, verified } = await repeat(inside);
		assert.equal([verified.ok, identical], [true, true]);
		assert.equal(
			runs.map(({ database, result, comparison }) => [database, result.compared, comparison]),
			[['databases/run.sqlite', 200, null]],
		);
		// By reference, the file is asked for by its sha256 and found by it, whatever its name.
		const error = await repeat(zip).catch((thrown: Error) => thrown);
		assert.instance(error, UsageError);
		assert.match((error as Error).message, /model mine \(sha256 [0-9a-f]{64}\).*--models/);
		assert.is((await repeat(zip, { models: elsewhere })).identical, true);
	});
});

test('an opened archive with models runs again as it is, into the same transitions', async () => {
	const folder = join(newFolder(place), 'opened');
	await openArchive(inside, folder);
	await withoutModel(async () => {
		const file = join(folder, 'data', 'experiments', 'run-run1', 'experiment.yaml');
		const again = await run(join(folder, 'again.sqlite'), loadExperiment(file));
		const { digest } = (await verifyArchive(inside)).databases[0]?.runs[0] ?? {};
		assert.is(again.digest, digest);
	});
});

test('altered before it was sealed: not identical, with statistics, exit code 4', async () => {
	const folder = newFolder(place);
	const db = join(folder, 'run.sqlite');
	await run(db, experiment(folder, { attempts: 20, seeds: [1] }));
	raw(db, (sqlite) =>
		sqlite.exec(`UPDATE attempts SET (outcome, target_id, completion_id) = (
			SELECT outcome, target_id, completion_id FROM attempts AS other
			WHERE other.cell_id = 1 AND other.completion_id <> attempts.completion_id
				AND other.source_id = attempts.source_id AND other.outcome = 0 LIMIT 1)
			WHERE cell_id = 1 AND draw = 3 AND source_id = (SELECT min(source_id) FROM attempts)`),
	);
	const sealed = join(folder, 'run.zip');
	await seal(db, sealed);
	const { identical, runs } = await repeat(sealed);
	const [{ result, comparison } = assert.unreachable() as never] = runs;
	assert.equal([identical, result.identical, result.different], [false, false, 1]);
	assert.is(result.firstDivergence?.model, 'llama-driven');
	assert.equal(
		[comparison?.identical, comparison?.sameKey, comparison?.matters],
		[false, true, false],
	);
	const told = await detbal(folder, 'archive', 'rerun', 'run.zip', '--json');
	assert.is(told.code, 4, told.stderr);
	const document = json(told) as { identical: boolean; runs: { firstDivergence: object }[] };
	assert.is(document.identical, false);
	assert.ok(document.runs[0]?.firstDivergence);
});

test('the command seals the report and its figures, too', async () => {
	const folder = newFolder(place);
	writeRun(join(folder, 'run.sqlite'), experiment(folder, { attempts: 20 }));
	const { code, stdout, stderr } = await detbal(folder, 'archive', 'run.sqlite', '-o', 'x.zip');
	assert.is(code, 0, stderr);
	assert.match(stdout, /^x\.zip: .*\nsha256 [0-9a-f]{64}\n/);
	assert.match(stdout, new RegExp(sha256Of(join(folder, 'x.zip'))));
	const files = await unpack(join(folder, 'x.zip'));
	assert.match(text(files, 'run/data/report/report.html'), /^<!doctype html>/i);
	assert.match(text(files, 'run/data/report/figures/overview/verdicts.svg'), /<svg/);
	assert.is((await verifyArchive(join(folder, 'x.zip'))).ok, true);
});

test('what is not sound is not run; what holds no run is said', async () => {
	const folder = newFolder(place);
	const db = join(folder, 'sample.sqlite');
	writeRun(db, experiment(folder, { attempts: 5 }));
	raw(db, (sqlite) => {
		sqlite.pragma('ignore_check_constraints = ON');
		sqlite.exec('UPDATE attempts SET outcome = 1 WHERE outcome = 0');
	});
	const file = join(folder, 'x.zip');
	await seal(db, file);
	const { verified, identical, runs } = await repeat(file);
	assert.equal([verified.ok, identical, runs], [false, false, []]);
	assert.match(verified.faults[0]?.message ?? '', /CHECK constraint failed in attempts/);
	assert.not.ok(existsSync(join(folder, 'bag')));
});

test.run();
