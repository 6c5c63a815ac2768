/** Help, contracts of the JSON documents, exit codes, and manners. */
import { spawn } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { COMMANDS } from '../../harness/commands/index.js';
import { packageRoot } from '../../harness/package-root.js';
import { modelFile } from './altered-model.js';
import {
	CLI,
	detbal,
	ended,
	inPlace,
	inside,
	json,
	listing,
	MODELS,
	newFolder,
	start,
	TSX,
	writeExperiment,
} from './fixture.js';

const test = suite('command line');
const place = inPlace(test);
let folder = '';

test.before(() => {
	folder = newFolder(place);
	writeExperiment(folder, { attempts: 300 });
});

/** Refuses every native library, and says so. */
const GUARD = `import { register } from 'node:module';
register('data:text/javascript,' + encodeURIComponent(\`
	export async function resolve(name, context, next) {
		if (/node-llama-cpp|better-sqlite3/.test(name)) throw new Error('native: ' + name);
		return next(name, context);
	}\`));`;
const NO_NATIVE = ['--import', `data:text/javascript,${encodeURIComponent(GUARD)}`];

test('help of every command: its options and examples, without any native library', async () => {
	const whole = await detbal(folder, '--help');
	assert.is(whole.code, 0);
	assert.is(whole.stderr, '');
	assert.match(whole.stdout, /Exit codes: 0 done .* 130 interrupted/s);
	for (const { usage, describe, examples, options } of COMMANDS) {
		const name = usage.split(' ')[0] as string;
		assert.ok(whole.stdout.includes(name), name);
		assert.ok(examples.length > 0, `${name} has no example`);
		const child = start(folder, [name, '--help'], {}, NO_NATIVE);
		const { code, stdout, stderr } = await ended(child);
		assert.equal([code, stderr], [0, ''], name);
		const text = stdout.replaceAll(/\s+/g, ' ');
		assert.ok(text.includes(describe.split(' ').slice(0, 6).join(' ')), `${name}: ${text}`);
		const shown = text.slice(text.indexOf('Examples:'));
		for (const [example] of examples) {
			// Long ones are folded into two columns: their words in order.
			const words = example.split(' ').map((word) => word.replaceAll('.', '\\.'));
			assert.match(shown, new RegExp(words.join('.*')), name);
		}
		for (const option of Object.keys(options)) assert.ok(text.includes(`--${option}`), option);
	}
});

test('the guard against native libraries does refuse them', async () => {
	const { code, stderr } = await ended(start(folder, ['verify', 'x.sqlite'], {}, NO_NATIVE));
	assert.is(code, 1);
	assert.match(stderr, /native: better-sqlite3/);
});

test('--version is that of the package', async () => {
	const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
	const result = await detbal(folder, '--version');
	assert.equal([result.code, result.stdout, result.stderr], [0, `${version}\n`, '']);
});

test('wrong words: exit code 2, the right spelling, where to read on, in one language', async () => {
	const cases: readonly [args: string, says: RegExp][] = [
		['', /^detbal: Say what to do, for example: detbal demo\nSee: detbal --help$/],
		['verfy run.sqlite', /^detbal: unknown command verfy; did you mean verify\?; commands: demo, /],
		['xyz', /^detbal: unknown command xyz; commands: demo, /],
		[
			'run experiment.yaml --resum',
			/^detbal: Unknown argument: resum; did you mean --resume\?\nSee: detbal run --help$/,
		],
		['run experiment.yaml --db', /^detbal: Not enough arguments following: db\nSee: detbal run/],
		['run experiment.yaml --shard=', /^detbal: shard is empty; give it a value or leave it out$/],
		['run experiment.yaml --shard 3/2', /^detbal: .*3\/2/],
		['run experiment.yaml --db a --db b', /^detbal: --db is given twice; give it once$/],
		['models lst', /^detbal: Invalid values:.*"list", "inspect", "build", "verify"/s],
		[
			'verify run.sqlite --fail-on violatd',
			/^detbal: --fail-on: found violatd; allowed: .*violated/,
		],
		['verify run.sqlite --samples many', /^detbal: --samples: found NaN; allowed: a whole number/],
	];
	for (const [args, says] of cases) {
		const before = listing(folder);
		const result = await detbal(folder, ...args.split(' ').filter((word) => word !== ''));
		assert.equal([result.code, result.stdout], [2, ''], `${args}: ${JSON.stringify(result)}`);
		assert.match(result.stderr.trimEnd(), says, args);
		assert.equal(listing(folder), before);
	}
});

test('init writes an experiment that plans, and refuses to overwrite', async () => {
	const fresh = newFolder(place);
	const first = await detbal(fresh, 'init', 'mine.yaml');
	assert.equal([first.code, first.stdout], [0, 'wrote mine.yaml\n']);
	const again = await detbal(fresh, 'init', 'mine.yaml');
	assert.equal([again.code, again.stdout], [2, '']);
	assert.match(again.stderr, /mine\.yaml is there already and is left alone/);
	assert.equal(listing(fresh), ['mine.yaml']);
	const planned = await inside(fresh, 'plan', 'mine.yaml', '--json');
	assert.is(planned.code, 0, planned.stderr);
	assert.equal(listing(fresh), ['mine.yaml']);
});

test('--dry-run is plan: the same document, nothing written', async () => {
	const before = listing(folder);
	const planned = json(await detbal(folder, 'plan', 'experiment.yaml', '--json'));
	const dry = json(await detbal(folder, 'run', 'experiment.yaml', '--dry-run', '--json'));
	assert.equal(Object.keys(planned), [
		'schema',
		'name',
		'models',
		'cells',
		'sources',
		'attempts',
		'evaluations',
		'seconds',
		'bytes',
		'warnings',
	]);
	// Seconds are a measurement.
	assert.equal({ ...dry, seconds: 0 }, { ...planned, seconds: 0 });
	const { schema, name, cells, sources, attempts } = planned;
	assert.equal([schema, name, cells, sources, attempts], ['detbal/plan/1', 'small', 8, 5, 12_000]);
	assert.equal(listing(folder), before);
});

/** Every field that the design names is there; more are welcome. */
function has(record: unknown, ...names: readonly string[]): void {
	const found = Object.keys(record as object);
	for (const name of names) assert.ok(found.includes(name), `${name} is not among ${found}`);
}

test('run, verify, rerun, merge: one JSON document each, with the fields agreed', async () => {
	const ran = json(await detbal(folder, 'run', 'experiment.yaml', '--json'));
	assert.equal(Object.keys(ran), ['schema', 'db', 'runs']);
	assert.equal([ran.schema, ran.db], ['detbal/run/1', join('results', 'small.sqlite')]);
	const [run, ...more] = ran.runs as Record<string, unknown>[];
	assert.is(more.length, 0);
	has(run, 'id', 'digest', 'attempts', 'evaluations');
	assert.match(String(run?.digest), /^[0-9a-f]{64}$/);
	assert.is(run?.attempts, 12_000);

	const verified = json(await detbal(folder, 'verify', ran.db as string, '--json'));
	has(verified, 'schema', 'groups');
	assert.is(verified.schema, 'detbal/verify/1');
	const groups = verified.groups as Record<string, unknown>[];
	assert.is(groups.length, 4);
	for (const group of groups) {
		has(group, 'model', 'template', 'temperature', 'attempts', 'outcomes', 'states', 'pairs');
		has(group, 'independentLoops', 'exactTest', 'affinity', 'gradientShare', 'entropyProduction');
		has(group, 'dependence', 'potential', 'verdict');
		assert.equal(Object.keys(group.outcomes as object), [
			'valid',
			'self',
			'invalid',
			'unparsable',
			'truncated',
		]);
		has(group.exactTest, 'p', 'samples');
		has(group.affinity, 'rms', 'upper95');
		has(group.dependence, 'mutualInformation', 'p');
		for (const state of group.potential as unknown[])
			has(state, 'state', 'value', 'standardError', 'unbounded');
		assert.is(group.attempts, 3000);
	}
	const verdicts = groups.map(({ model, verdict }) => `${model} ${verdict}`);
	assert.ok(verdicts.includes('llama-driven violated'), String(verdicts));

	const again = json(await detbal(folder, 'rerun', ran.db as string, '--json'));
	has(again, 'schema', 'identical', 'compared', 'firstDivergence');
	assert.equal(
		[again.schema, again.identical, again.compared, again.firstDivergence],
		['detbal/rerun/1', true, 12_000, null],
	);

	const merged = json(
		await detbal(folder, 'merge', ran.db as string, '--db', 'merged.sqlite', '--json'),
	);
	assert.equal([merged.schema, merged.db], ['detbal/merge/1', 'merged.sqlite']);
	assert.is((merged.runs as { digest: string }[])[0]?.digest, run?.digest);
});

test('verify --fail-on: exit code 3 where the verdict is met, 0 where it is not', async () => {
	const db = join('results', 'small.sqlite');
	const met = await detbal(folder, 'verify', db, '--fail-on', 'trivial, violated');
	assert.is(met.code, 3, met.stderr);
	assert.match(met.stderr, /--fail-on: 2 of 4 groups/);
	assert.match(met.stdout, /violated/);
	const not = await detbal(folder, 'verify', db, '--fail-on', 'trivial');
	// Progress is said where it takes over a second.
	assert.equal([not.code, not.stdout], [0, met.stdout]);
	assert.not.match(not.stderr, /--fail-on/);
});

test('models: list, build and inspect in JSON; verify finds an altered file', async () => {
	const listed = json(await detbal(folder, 'models', 'list', '--json'));
	for (const model of listed.models as Record<string, unknown>[]) {
		has(model, 'id', 'kind', 'architecture', 'path', 'sha256');
		assert.ok(['embedded', 'calibration', 'catalog'].includes(String(model.kind)));
	}
	const ids = (listed.models as { id: string }[]).map(({ id }) => id);
	for (const id of MODELS) assert.ok(ids.includes(id));

	const [id] = MODELS;
	const file = modelFile(place.models, id);
	const kept = join(folder, 'kept');
	copyFileSync(file, kept);
	const bytes = readFileSync(file);
	bytes[bytes.length - 5] = (bytes[bytes.length - 5] as number) ^ 1;
	writeFileSync(file, bytes);
	try {
		const altered = await detbal(folder, 'models', 'verify', id);
		assert.is(altered.code, 1);
		assert.match(altered.stdout, /llama-driven +altered/);
		assert.match(altered.stderr, /mend with: detbal models build/);
		const ran = await detbal(folder, 'run', 'experiment.yaml', '--db', 'new.sqlite');
		assert.equal([ran.code, ran.stdout], [2, '']);
		assert.match(
			ran.stderr,
			/llama-driven.*sha256.*Build it again with: detbal models build llama/,
		);
		const built = json(await detbal(folder, 'models', 'build', id, '--json'));
		assert.equal(
			(built.models as { id: string; written: boolean }[]).map((m) => [m.id, m.written]),
			[[id, true]],
		);
		assert.is((await detbal(folder, 'models', 'verify', id)).code, 0);
		assert.equal(readFileSync(file), readFileSync(kept));
	} finally {
		copyFileSync(kept, file);
	}
});

test('a reader that goes away is no error', async () => {
	// Repeated, so that there is more to write than a pipe holds.
	const names = Array.from({ length: 1500 }, () => MODELS[0]);
	const child = spawn(process.execPath, ['--import', TSX, CLI, 'models', 'list', ...names], {
		cwd: folder,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	child.stdout.once('data', () => child.stdout.destroy());
	let said = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		said += text;
	});
	const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
		child.on('close', (exit, by) => resolve([exit, by]));
	});
	assert.equal([code, signal], [0, null], said);
	assert.not.match(said, /EPIPE|at .*:\d+/);
});

test.run();
