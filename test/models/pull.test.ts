import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statfsSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HarnessError, UsageError } from '../../harness/errors.js';
import {
	type CatalogModel,
	catalogDirectory,
	catalogPath,
	checkCatalogModel,
	obtainCatalogModel,
	type PullRecord,
	recordPath,
	writeRecord,
} from '../../harness/models/catalog.js';
import { findModel, packageRoot } from '../../harness/models/manifest.js';
import { type PullOptions, pullModel } from '../../harness/models/pull.js';
import { buildCalibrationModel } from '../../models/calibration/build.js';
import { type Hub, openHub } from './hub-server.js';

const test = suite('pull');

const COMMIT = 'c'.repeat(40);
const FILE = buildCalibrationModel('llama', 'star');
const OTHER = buildCalibrationModel('llama', 'driven');
/** The downloader counts in blocks of 5 MiB, so a cut shows only in a larger file. */
const BLOCK = 5 * 1024 * 1024;
const LARGE = Buffer.concat([FILE, Buffer.alloc(2 * BLOCK + 12_345, 'weights')]);
const NAMES = ['DETBAL_MODELS', 'HF_HOME', 'HF_ENDPOINT', 'HF_TOKEN', 'HF_HUB_OFFLINE'] as const;
const before = NAMES.map((name) => [name, process.env[name]] as const);

let folder = '';
let hub: Hub;

test.before.each(async () => {
	for (const name of NAMES) delete process.env[name];
	folder = mkdtempSync(join(tmpdir(), 'detbal-pull-'));
	hub = await openHub(FILE);
	process.env.DETBAL_MODELS = folder;
	process.env.HF_ENDPOINT = hub.endpoint;
});
test.after.each(async () => {
	await hub.close();
	rmSync(folder, { recursive: true, force: true });
	for (const [name, value] of before)
		if (value === undefined) delete process.env[name];
		else process.env[name] = value;
});

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function entry(facts: Partial<CatalogModel> = {}): CatalogModel {
	return {
		id: 'test-model',
		kind: 'catalog',
		architecture: 'llama',
		quantisation: 'F32',
		uri: 'hf:someone/some-model/folder/model.gguf',
		revision: null,
		bytes: null,
		sha256: null,
		licence: 'MIT',
		...facts,
	};
}

function pull(facts: Partial<CatalogModel> = {}, options: Partial<PullOptions> = {}) {
	const signal = new AbortController().signal;
	return pullModel(entry(facts), { offline: false, signal, patienceMs: 20_000, ...options });
}

async function rejection(promise: Promise<unknown>): Promise<Error> {
	try {
		await promise;
	} catch (error) {
		return error as Error;
	}
	throw new Error('the promise was kept');
}

async function refused(
	promise: Promise<unknown>,
	kind: typeof UsageError | typeof HarnessError,
	...says: readonly (RegExp | string)[]
): Promise<void> {
	const error = await rejection(promise);
	assert.instance(error, kind, error.stack);
	for (const what of says)
		if (typeof what === 'string') assert.ok(error.message.includes(what), error.message);
		else assert.match(error.message, what);
	assert.not.match(error.message, /signature=secret|letmein/);
}

function recorded(): PullRecord {
	return JSON.parse(readFileSync(recordPath(entry()), 'utf8')) as PullRecord;
}

/** As if these bytes had been pulled before. */
function given(bytes: Uint8Array, commit: string | null = null): void {
	writeFileSync(catalogPath(entry()), bytes);
	writeRecord(entry(), {
		schema: 'detbal/pull/1',
		id: entry().id,
		uri: entry().uri,
		commit,
		bytes: bytes.length,
		sha256: sha256(bytes),
		endpoint: hub.endpoint,
		recorded: '2026-01-02T03:04:05.678Z',
	});
}

const cdnRanges = () =>
	hub.seen.filter(({ at, range }) => at === 'cdn' && range !== null && range !== 'bytes=0-0');

test('a model is fetched over a redirect, recorded on first use, and then usable', async () => {
	hub.commit = COMMIT;
	hub.etag = sha256(FILE);
	await refused(obtainCatalogModel(entry()), UsageError, 'detbal models pull test-model');
	const steps: number[] = [];
	const sizes: number[] = [];
	const result = await pull(
		{},
		{
			onStart: (bytes) => {
				sizes.push(bytes);
				return (done) => steps.push(done);
			},
		},
	);
	assert.is(result.fetched, true);
	assert.is(result.sha256, sha256(FILE));
	assert.is(result.commit, COMMIT);
	assert.ok(Buffer.from(FILE).equals(readFileSync(result.path)));
	assert.equal(sizes, [FILE.length]);
	assert.is(steps.at(-1), FILE.length);
	assert.equal(readdirSync(folder).sort(), ['test-model.gguf', 'test-model.gguf.json']);
	const { recorded: when, ...record } = recorded();
	assert.equal(record, {
		schema: 'detbal/pull/1',
		id: 'test-model',
		uri: entry().uri,
		commit: COMMIT,
		bytes: FILE.length,
		sha256: sha256(FILE),
		endpoint: hub.endpoint,
	});
	assert.ok(Math.abs(Date.parse(when) - Date.now()) < 600_000);
	assert.is(hub.seen[0]?.url, '/someone/some-model/resolve/main/folder/model.gguf');
	assert.is(await obtainCatalogModel(entry()), result.path);

	const asked = hub.seen.length;
	assert.is((await pull()).fetched, false);
	assert.is(hub.seen.length, asked, 'a model that is there needs no call');
});

test('a pinned commit is asked for; one recorded on first use is kept to', async () => {
	const other = 'd'.repeat(40);
	hub.commit = COMMIT;
	await refused(pull({ revision: other }), HarnessError, COMMIT, other);
	assert.match(hub.seen[0]?.url ?? '', new RegExp(`/resolve/${other}/`));
	given(FILE, COMMIT);
	rmSync(catalogPath(entry()));
	hub.seen.length = 0;
	assert.is((await pull()).commit, COMMIT);
	assert.match(hub.seen[0]?.url ?? '', new RegExp(`/resolve/${COMMIT}/`));
});

test('a download that was cut goes on where it stopped', async () => {
	hub.file = LARGE;
	hub.linkedSize = LARGE.length;
	hub.cutAt = BLOCK + 100_000;
	await refused(
		pull({ bytes: LARGE.length, sha256: sha256(LARGE) }, { patienceMs: 3000 }),
		HarnessError,
		/sends nothing more.*go on with: detbal models pull test-model/,
	);
	assert.ok(readdirSync(folder).some((name) => /^test-model\..*\.part\.ipull$/.test(name)));
	assert.is(existsSync(catalogPath(entry())), false);

	hub.cutAt = Infinity;
	hub.seen.length = 0;
	const steps: number[] = [];
	const onStart = () => (done: number) => steps.push(done);
	const { path } = await pull({ bytes: LARGE.length, sha256: sha256(LARGE) }, { onStart });
	assert.ok(LARGE.equals(readFileSync(path)));
	const starts = cdnRanges().map(({ range }) => Number(/\d+/.exec(range ?? '')?.[0]));
	assert.ok(starts.length > 0);
	for (const start of starts) assert.ok(start >= BLOCK, `asked from ${start} again`);
	assert.ok((steps[0] as number) >= BLOCK, `progress began at ${steps[0]}`);
	assert.equal(readdirSync(folder).sort(), ['test-model.gguf', 'test-model.gguf.json']);
});

test('a server without ranges: everything at once', async () => {
	hub.ranges = false;
	hub.redirect = null;
	assert.is((await pull({ sha256: sha256(FILE) })).fetched, true);
});

test('what came of another version is not gone on with', async () => {
	hub.file = LARGE;
	hub.linkedSize = LARGE.length;
	hub.cutAt = BLOCK + 1000;
	hub.commit = COMMIT;
	const cut = new AbortController();
	const onStart = () => (done: number) => (done > BLOCK ? cut.abort() : undefined);
	await refused(pull({}, { signal: cut.signal, onStart }), HarnessError, /What came is kept/);
	assert.is(readdirSync(folder).length, 1);
	hub.cutAt = Infinity;
	hub.commit = 'd'.repeat(40);
	hub.seen.length = 0;
	hub.file = Buffer.from(LARGE).fill('altered', FILE.length);
	assert.is((await pull()).sha256, sha256(hub.file));
	assert.ok(cdnRanges().some(({ range }) => range?.startsWith('bytes=0-')));
	assert.equal(readdirSync(folder).sort(), ['test-model.gguf', 'test-model.gguf.json']);
});

test('a wrong size is refused before anything is fetched, and where hub and CDN disagree', async () => {
	await refused(pull({ bytes: 1234 }), HarnessError, String(FILE.length), '1234');
	hub.linkedSize = FILE.length + 1;
	await refused(pull(), HarnessError, String(FILE.length + 1), String(FILE.length));
	assert.equal(cdnRanges(), []);
	assert.equal(readdirSync(folder), []);
});

test('a wrong checksum: announced ones are refused first, others after the download', async () => {
	hub.etag = sha256(OTHER);
	await refused(pull({ sha256: sha256(FILE) }), HarnessError, sha256(OTHER), sha256(FILE));
	assert.equal(cdnRanges(), []);
	await refused(pull(), HarnessError, sha256(FILE), `the hub announced ${sha256(OTHER)}`);
	hub.etag = null;
	await refused(
		pull({ sha256: sha256(OTHER) }),
		HarnessError,
		sha256(FILE),
		`the manifest says ${sha256(OTHER)}`,
	);
	assert.equal(readdirSync(folder), []);
});

test('a page instead of a model is not recorded', async () => {
	hub.file = Buffer.from('<html>Please log in to this wireless network</html>');
	hub.linkedSize = null;
	await refused(pull(), HarnessError, /is not a model/);
	assert.equal(readdirSync(folder), []);
});

test('another checksum than the recorded one is an error that names both', async () => {
	given(FILE);
	const path = catalogPath(entry());
	writeFileSync(path, OTHER);
	const attempts = [
		() => pull(),
		() => pull({}, { offline: true }),
		() => obtainCatalogModel(entry()),
	];
	for (const attempt of attempts)
		await refused(attempt(), UsageError, sha256(OTHER), sha256(FILE), 'recorded');
	assert.is((await checkCatalogModel(entry())).state, 'altered');

	rmSync(path);
	hub.file = OTHER;
	assert.is(OTHER.length, FILE.length);
	await refused(pull(), HarnessError, sha256(OTHER), sha256(FILE), 'recorded');
	assert.is(recorded().sha256, sha256(FILE));
	// What the remedy says works.
	rmSync(recordPath(entry()));
	assert.is((await pull()).sha256, sha256(OTHER));
});

test('a record that is damaged is an error, not no record', async () => {
	given(FILE);
	writeFileSync(recordPath(entry()), '{"schema":');
	await refused(obtainCatalogModel(entry()), HarnessError, 'is not a record of a pull');
});

test('a record of another file of the catalogue does not vouch for this one', async () => {
	given(FILE);
	const moved = { uri: 'hf:someone/some-model/other.gguf' };
	await refused(obtainCatalogModel(entry(moved)), UsageError, 'no checksum of it is recorded');
	await refused(pull(moved, { offline: true }), UsageError, 'Run without --offline');
	hub.etag = sha256(OTHER);
	await refused(pull(moved), UsageError, sha256(FILE), sha256(OTHER), 'Move the file away');
	hub.etag = sha256(FILE);
	assert.is((await pull(moved)).fetched, false);
	assert.is(recorded().uri, moved.uri);
	assert.is(await obtainCatalogModel(entry(moved)), catalogPath(entry()));
});

test('redirects that never end are refused', async () => {
	hub.redirect = () => `${hub.endpoint}/someone/some-model/resolve/main/folder/model.gguf`;
	await refused(pull(), HarnessError, 'redirects in a circle');
	let n = 0;
	hub.redirect = () => `${hub.endpoint}/${n++}`;
	await refused(pull(), HarnessError, 'redirects in a circle');
	assert.ok(hub.seen.length < 20, `${hub.seen.length} requests`);
	hub.redirect = () => 'file:///etc/passwd';
	await refused(pull(), HarnessError, 'not safe to follow');
});

test('401, 403, 404 and 503 each say what to do', async () => {
	hub.token = 'right';
	await refused(pull(), UsageError, /401.*HF_TOKEN/, `${hub.endpoint}/someone/some-model`);
	process.env.HF_TOKEN = 'letmein';
	await refused(pull(), UsageError, /HF_TOKEN is set but gives no access/);
	hub.token = null;
	hub.status = 403;
	await refused(pull(), UsageError, /403.*accept the licence/i);
	hub.status = 404;
	await refused(pull(), HarnessError, /404: no such file at main/);
	hub.status = 503;
	await refused(pull(), HarnessError, /503.*try again later/);
	assert.equal(readdirSync(folder), []);
});

test('a hub that is not there, and an endpoint that is none', async () => {
	const nobody = await openHub(FILE);
	await nobody.close();
	process.env.HF_ENDPOINT = nobody.endpoint;
	await refused(pull(), HarnessError, /cannot be reached: .*ECONNREFUSED/);
	for (const wrong of ['huggingface.co', 'ftp://127.0.0.1']) {
		process.env.HF_ENDPOINT = wrong;
		await refused(pull(), UsageError, /HF_ENDPOINT/, wrong);
	}
});

test('HF_TOKEN goes to the endpoint and nowhere else', async () => {
	process.env.HF_TOKEN = hub.token = 'letmein';
	await pull();
	assert.ok(hub.seen.some(({ at }) => at === 'cdn'));
	for (const { at, authorization } of hub.seen)
		assert.is(authorization, at === 'hub' ? 'Bearer letmein' : null, at);
	for (const name of readdirSync(folder).filter((file) => file.endsWith('.json')))
		assert.not.match(readFileSync(join(folder, name), 'utf8'), /letmein/);

	// A hub that serves the file itself gets the token with every request.
	rmSync(catalogPath(entry()));
	hub.seen.length = 0;
	hub.redirect = null;
	await pull();
	for (const { authorization } of hub.seen) assert.is(authorization, 'Bearer letmein');
	assert.ok(hub.seen.length > 1);
});

test('offline: no call; a file put there by hand is taken if its size is right', async () => {
	await refused(pull({}, { offline: true }), UsageError, /not on this machine.*--offline/);
	writeFileSync(catalogPath(entry()), FILE);
	await refused(obtainCatalogModel(entry()), UsageError, 'no checksum of it is recorded');
	await refused(pull({}, { offline: true }), UsageError, sha256(FILE));
	await refused(pull({ bytes: 5 }, { offline: true }), UsageError, sha256(FILE));
	const { fetched } = await pull({ bytes: FILE.length }, { offline: true });
	assert.is(fetched, false);
	assert.is(await obtainCatalogModel(entry()), catalogPath(entry()));
	assert.equal(hub.seen, []);
});

test('Ctrl-C keeps what came', async () => {
	let release: () => void = () => undefined;
	hub.hold = new Promise((resolve) => {
		release = resolve;
	});
	const interrupt = new AbortController();
	const onStart = () => () => interrupt.abort();
	const attempt = pull({}, { signal: interrupt.signal, onStart });
	await refused(attempt, HarnessError, /interrupted.*go on with/);
	assert.ok(readdirSync(folder).every((name) => name.includes('.part')));
	release();
	await refused(pull({}, { signal: interrupt.signal }), HarnessError, /interrupted/);
	hub.hold = null;
	assert.is((await pull()).sha256, sha256(FILE));
});

test('where pulled files lie: DETBAL_MODELS, HF_HOME, the home folder', () => {
	process.env.HF_HOME = join(folder, 'hf');
	assert.is(catalogDirectory(), folder);
	delete process.env.DETBAL_MODELS;
	assert.is(catalogDirectory(), join(folder, 'hf', 'detbal'));
	process.env.HF_HOME = '';
	assert.match(catalogDirectory(), /[\\/]\.cache[\\/]detbal[\\/]models$/);
});

test('a folder that cannot be made is an error with a remedy', async () => {
	writeFileSync(join(folder, 'file'), '');
	process.env.DETBAL_MODELS = join(folder, 'file', 'models');
	await refused(pull(), HarnessError, 'Set DETBAL_MODELS or HF_HOME');
});

const CLI = join(packageRoot(), 'harness', 'cli.ts');
const CHILD = fileURLToPath(new URL('./pulling-child.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

interface Ended {
	readonly code: number | null;
	readonly out: string;
	readonly err: string;
}

function run(
	script: string,
	...args: readonly string[]
): { child: ChildProcess; ended: Promise<Ended> } {
	const child = spawn(process.execPath, ['--import', TSX, script, ...args], { cwd: folder });
	let out = '';
	let err = '';
	child.stdout.on('data', (text: Buffer) => {
		out += text;
	});
	child.stderr.on('data', (text: Buffer) => {
		err += text;
	});
	const ended = new Promise<Ended>((resolve) => {
		child.on('close', (code) => resolve({ code, out, err }));
	});
	return { child, ended };
}

async function until(met: () => boolean): Promise<void> {
	const start = performance.now();
	while (!met()) {
		if (performance.now() - start > 60_000) throw new Error(`waited in vain for ${met}`);
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
}

test('two pulls at once: one fetches, both end well', async () => {
	let release: () => void = () => undefined;
	hub.hold = new Promise((resolve) => {
		release = resolve;
	});
	const first = run(CHILD, JSON.stringify(entry()));
	await until(() => cdnRanges().length > 0);
	const second = run(CHILD, JSON.stringify(entry()));
	let said = '';
	second.child.stderr?.on('data', (text: Buffer) => {
		said += text;
	});
	await until(() => said.includes('waiting for another pull'));
	release();
	const [one, two] = await Promise.all([first.ended, second.ended]);
	assert.equal([one.code, two.code], [0, 0], one.err + two.err);
	assert.equal([one.out, two.out], [`true ${sha256(FILE)}\n`, `false ${sha256(FILE)}\n`]);
	assert.equal(readdirSync(folder).sort(), ['test-model.gguf', 'test-model.gguf.json']);
});

test('a pull that was killed leaves a lock that is taken over, and no process behind', async () => {
	hub.hold = new Promise(() => undefined);
	const { child, ended } = run(CHILD, JSON.stringify(entry()));
	await until(() => cdnRanges().length > 0);
	child.kill('SIGKILL');
	await ended;
	assert.is(readFileSync(`${catalogPath(entry())}.lock`, 'utf8'), `${child.pid} ${hostname()}`);
	await until(() => hub.callers === 0);
	hub.hold = null;
	assert.is((await pull()).sha256, sha256(FILE));
	assert.equal(readdirSync(folder).sort(), ['test-model.gguf', 'test-model.gguf.json']);
});

test('the command: exit codes, and a real entry against a wrong file', async () => {
	const id = 'smollm2-135m-instruct';
	const command = (...args: readonly string[]) => run(CLI, 'models', ...args).ended;
	const [wrong, verified, inspected, built, none] = await Promise.all([
		command('pull', id),
		command('verify', id),
		command('inspect', id),
		command('pull', 'llama-star'),
		command('pull'),
	]);
	assert.equal([wrong.code, wrong.out], [1, '']);
	assert.match(wrong.err, new RegExp(`${id}.*${FILE.length}.*${findModel(id).bytes}`));
	assert.is(verified.code, 0, verified.err);
	assert.match(verified.out, /smollm2-135m-instruct +not pulled/);
	assert.equal([inspected.code, built.code, none.code], [2, 2, 2]);
	assert.match(inspected.err, /was not pulled\. Run: detbal models pull/);
	assert.match(built.err, /nothing to pull/);
});

test('the command: offline by option and by environment', async () => {
	process.env.HF_HUB_OFFLINE = '1';
	const byEnvironment = run(CLI, 'models', 'pull', 'qwen3-0.6b').ended;
	delete process.env.HF_HUB_OFFLINE;
	const byOption = run(CLI, 'models', 'pull', 'qwen3-0.6b', '--offline').ended;
	for (const { code, out, err } of await Promise.all([byEnvironment, byOption])) {
		assert.equal([code, out], [2, '']);
		assert.match(err, /not on this machine/);
	}
	assert.equal(hub.seen, []);
});

test('the command: Ctrl-C ends with 130 and says how to go on', async () => {
	const id = 'smollm2-135m-instruct';
	hub.file = Buffer.alloc(findModel(id).bytes as number);
	hub.linkedSize = hub.file.length;
	hub.hold = new Promise(() => undefined);
	const { child, ended } = run(CLI, 'models', 'pull', id, '--json');
	await until(() => cdnRanges().length > 0);
	child.kill('SIGINT');
	const { code, out, err } = await ended;
	assert.equal([code, out], [130, ''], err);
	assert.match(err, /144,811,360 bytes, licence Apache-2\.0/);
	assert.match(err, /interrupted\. What came is kept; go on with: detbal models pull smollm2/);
	assert.equal(
		readdirSync(folder).filter((name) => !name.includes('.part')),
		[],
	);
});

/** A file system of 1 MB, where this process may make one. */
function smallDisk(): string | null {
	const disk = mkdtempSync(join(tmpdir(), 'detbal-pull-disk-'));
	const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
	if (status === 0) return disk;
	rmSync(disk, { recursive: true });
	return null;
}

const disk = process.platform === 'linux' && process.getuid?.() === 0 ? smallDisk() : null;
if (disk === null) console.error('a real full disk is not tested here: mounting is not permitted');
else
	test('a full disk: said before, or met on the way; nothing is left', async () => {
		try {
			process.env.DETBAL_MODELS = disk;
			const ballast = join(disk, 'ballast');
			writeFileSync(ballast, Buffer.alloc(900_000));
			await refused(pull(), HarnessError, /no space left.*are needed.*are free.*DETBAL_MODELS/);
			assert.equal(cdnRanges(), []);
			rmSync(ballast);

			let release: () => void = () => undefined;
			hub.hold = new Promise((resolve) => {
				release = resolve;
			});
			const attempt = rejection(pull());
			await until(() => cdnRanges().length > 0);
			const { bavail, bsize } = statfsSync(disk);
			writeFileSync(ballast, Buffer.alloc(bavail * bsize - 20_000));
			release();
			const error = await attempt;
			assert.instance(error, HarnessError);
			assert.match(error.message, /no space left.*what came was removed/);
			assert.equal(readdirSync(disk), ['ballast']);

			rmSync(ballast);
			const { path } = await pull();
			assert.is(statSync(path).size, FILE.length);
		} finally {
			spawnSync('umount', [disk]);
			rmSync(disk, { recursive: true });
		}
	});

test.run();
