/** Runs with a cache of laws: fewer evaluations, the same bits. */
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { run as upkeepOf } from '../../harness/commands/cache.js';
import { cacheOptions } from '../../harness/commands/cache-options.js';
import type { Arguments } from '../../harness/commands/command.js';
import { openIo } from '../../harness/commands/io.js';
import type { Experiment } from '../../harness/experiment/experiment.js';
import { runExperiment } from '../../harness/runner/run.js';
import { listCache } from '../../harness/store/law-cache-upkeep.js';
import { newDatabase, QUIET, raw } from '../runner/fixture.js';
import {
	detbal,
	type Ended,
	experiment,
	inPlace,
	json,
	newFolder,
	writeExperiment,
} from './fixture.js';

const test = suite('cache');
const place = inPlace(test);

interface Options {
	readonly db?: string;
	readonly resume?: boolean;
	readonly abortAt?: number;
}

/** Runs in this process, and what was said meanwhile. */
async function run(cache: string | null, of: Experiment, options: Options = {}) {
	const { db = newDatabase(place), resume = false, abortAt = Infinity } = options;
	const said: string[] = [];
	const stop = new AbortController();
	const result = await runExperiment({
		experiment: of,
		db,
		shard: null,
		resume,
		toolVersion: '0.0.0',
		signal: stop.signal,
		cache: cache === null ? null : { file: cache, limit: 2 ** 30 },
		watch: {
			...QUIET,
			say: (line) => void said.push(line),
			progress(done) {
				if (done >= abortAt) stop.abort();
			},
		},
	});
	return { ...result, said };
}

const newCache = () => join(newFolder(place), 'deep', 'laws.cache.sqlite');

/** One model, one template, two seeds × 5 sources × 12: more attempts find new nodes. */
const SMALL = {
	attempts: 12,
	models: [{ id: 'llama-driven' }],
	templates: [{ id: 'plain', text: 'A fruit is {state}. Another:' }],
};

const make = (changes: Readonly<Record<string, unknown>> = {}) =>
	experiment(place.folder, { ...SMALL, ...changes });

/** Everything recorded of laws, in the order of the primary key. */
function lawsOf(db: string): unknown[] {
	return raw(db, (sqlite) =>
		sqlite
			.prepare(
				`SELECT tree_id, states.text, hex(path), hex(checksum), log_normalizer, top
				FROM laws JOIN states ON states.id = laws.source_id ORDER BY 1, 2, 3`,
			)
			.raw()
			.all(),
	);
}

const kept = (cache: string) => listCache(cache).groups.reduce((sum, { laws }) => sum + laws, 0);

const CRAWL = { sources: { design: 'crawl', states: ['FIG', 'PLUM'] }, attempts: 100 };

type Ran = Awaited<ReturnType<typeof run>>;

/** A run without a cache, one that fills a cache, and that cache. */
let plain: Ran;
let first: Ran;
const filled = { cache: '' };

test.before(async () => {
	filled.cache = newCache();
	plain = await run(null, make());
	first = await run(filled.cache, make());
});

/** The cache as the first run left it. */
function filledCopy(): string {
	const copy = join(newFolder(place), 'laws.cache.sqlite');
	copyFileSync(filled.cache, copy);
	return copy;
}

test('a cache changes nothing that is recorded, and holds every law evaluated', () => {
	assert.equal([first.digest, first.served, first.said], [plain.digest, 0, []]);
	assert.is(first.evaluations, plain.evaluations);
	assert.equal(lawsOf(first.db), lawsOf(plain.db));
	assert.is(kept(filled.cache), first.evaluations);
});

test('again: nothing is evaluated; extended: only what is new', async () => {
	const cache = filledCopy();
	const again = await run(cache, make());
	assert.equal([again.digest, again.evaluations, again.said], [plain.digest, 0, []]);
	assert.is(again.served, plain.evaluations);
	assert.equal(lawsOf(again.db), lawsOf(plain.db), 'recorded as without a cache');

	const more = make({ attempts: 150 });
	const whole = await run(null, more);
	const grown = await run(cache, more, { db: again.db, resume: true });
	assert.is(grown.digest, whole.digest);
	assert.ok(grown.served > 0 && grown.evaluations > 0, `${grown.served} ${grown.evaluations}`);
	assert.is(grown.evaluations, whole.evaluations - plain.evaluations);
	assert.is(kept(cache), whole.evaluations);
});

test('a crawl, too; cells that ask for the same laws side by side share an evaluation', async () => {
	const cache = newCache();
	const without = await run(null, make(CRAWL));
	const once = await run(cache, make(CRAWL));
	const twice = await run(cache, make(CRAWL));
	assert.equal([once.digest, twice.digest], [without.digest, without.digest]);
	assert.is(once.evaluations + once.served, without.evaluations);
	assert.equal([twice.evaluations, twice.served], [0, without.evaluations]);
	assert.equal(lawsOf(twice.db), lawsOf(without.db));
});

test('interrupted: what was evaluated is kept', async () => {
	const cache = newCache();
	const db = newDatabase(place);
	const message = await run(cache, make(), { db, abortAt: 30 }).then(String, String);
	assert.match(message, /interrupted/);
	const before = kept(cache);
	assert.ok(before > 0 && before < plain.evaluations, `${before}`);
	const resumed = await run(cache, make(), { db, resume: true });
	assert.is(resumed.digest, plain.digest);
	assert.is(resumed.evaluations, plain.evaluations - before);
});

test('another width or model: nothing is served; threads are measured to change no bit', async () => {
	const cache = filledCopy();
	const wide = await run(cache, make({ engine: { threads: 1, width: 4 } }));
	const other = await run(cache, make({ models: [{ id: 'gpt2-reversible' }] }));
	assert.equal([wide.served, other.served], [0, 0]);
	assert.is(listCache(cache).groups.length, 3);
	const again = await run(cache, make({ engine: { threads: 2, width: 8 } }));
	assert.equal([again.evaluations, again.digest], [0, plain.digest]);
});

test('an altered cache, or a file that is none: talk, and the same digest', async () => {
	const cache = filledCopy();
	raw(cache, (db) => {
		db.function('flip', (b) => Buffer.from(b as Buffer).map((x, i) => (i === 6 ? x ^ 1 : x)));
		db.exec('UPDATE contents SET logits = flip(logits) WHERE law_id % 10 = 0');
	});
	const again = await run(cache, make());
	assert.equal([again.digest, again.evaluations], [plain.digest, Math.floor(kept(cache) / 10)]);
	assert.is(again.said.length, 1);
	assert.match(again.said[0] as string, /not as it was stored: such laws are evaluated anew/);

	const copy = join(newFolder(place), 'copy.sqlite');
	copyFileSync(first.db, copy);
	const before = readFileSync(copy);
	const none = await run(copy, make());
	assert.equal([none.digest, none.evaluations, none.served], [plain.digest, plain.evaluations, 0]);
	assert.match(String(none.said), /^warning: no cache is used: .* is a detbal database/);
	assert.ok(readFileSync(copy).equals(before), 'the database is left alone');
});

const said = ({ stdout }: Ended) => stdout.replaceAll(/\s+/g, ' ');

test('the command line: run --cache, cache list, prune, clear', async () => {
	const folder = newFolder(place);
	writeExperiment(folder, { ...SMALL, attempts: 20 });
	const file = join('results', 'laws.cache.sqlite');
	const nothing = json(await detbal(folder, 'cache', 'list', '--json'));
	assert.equal(nothing, { schema: 'detbal/cache/1', file, bytes: 0, groups: [] });
	// An option without a value takes none from the word after it.
	const first = await detbal(folder, 'run', '--cache', 'experiment.yaml', '--db', 'a.sqlite');
	assert.is(first.code, 0, first.stderr);
	assert.match(first.stdout, /^from cache +0 laws that needed no evaluation$/m);
	const args = ['run', 'experiment.yaml', '--db', 'b.sqlite', '--cache', '--json'] as const;
	const [again] = json(await detbal(folder, ...args)).runs as Record<string, unknown>[];
	assert.equal([again?.evaluations, Number(again?.served) > 0], [0, true]);

	const listed = await detbal(folder, 'cache', 'list');
	assert.match(said(listed), /llama-driven [0-9a-f]{12} width 8, cpu, node-llama-cpp \S+ \d+ /);
	assert.match(said(listed), new RegExp(`laws\\.cache\\.sqlite: ${again?.served} laws, `));
	const pruned = await detbal(folder, 'cache', 'prune', '--older-than', '1', '--max-size', '1GiB');
	assert.match(said(pruned), new RegExp(`: 0 laws removed, ${again?.served} left, `));
	const cleared = json(await detbal(folder, 'cache', 'clear', '--json'));
	assert.equal([cleared.removed, cleared.left], [again?.served, 0]);
	assert.ok(Number(cleared.after) < Number(cleared.before));
	const empty = await detbal(folder, 'cache', 'list');
	assert.match(empty.stdout, /laws\.cache\.sqlite: 0 laws, /);
});

test('wrong words are refused by name', async () => {
	const folder = newFolder(place);
	writeExperiment(folder, { ...SMALL, attempts: 20 });
	const parsed: readonly (readonly [args: string, says: RegExp])[] = [
		['run experiment.yaml --cache mine.sqlite', /Unknown argument: mine\.sqlite/],
		['rerun run.sqlite --cache', /Unknown argument: cache/],
	];
	for (const [args, says] of parsed) {
		const result = await detbal(folder, ...args.split(' '));
		assert.equal([result.code, result.stdout], [2, ''], `${args}: ${JSON.stringify(result)}`);
		assert.match(result.stderr, says, args);
	}
	assert.not.ok(existsSync(join(folder, 'results')));

	const io = openIo(true, new AbortController().signal);
	const missing = join(folder, 'no.sqlite');
	const upkeep: readonly (readonly [args: Arguments, says: RegExp])[] = [
		[{ action: 'prune' }, /say what is to go with --older-than DAYS or --max-size SIZE/],
		[{ action: 'prune', 'max-size': '12' }, /found "12"; allowed: a size with its unit/],
		[{ action: 'prune', 'max-size': '0MiB' }, /found "0MiB"/],
		[{ action: 'prune', 'max-size': '3 parsecs' }, /found "3 parsecs"/],
		[{ action: 'prune', 'older-than': -1 }, /--older-than: found -1; allowed: a whole number/],
		[{ action: 'clear', 'older-than': 3 }, /cache clear: --older-than is for prune/],
		[{ action: 'list', 'max-size': '1GiB' }, /cache list: --max-size is for prune/],
		[{ action: 'clear', cache: missing }, /no\.sqlite does not exist: check the name/],
		[{ action: 'clear', cache: '' }, /cache is empty; give it a value/],
	];
	for (const [args, says] of upkeep)
		assert.match(await upkeepOf(args, io).then(String, String), says, JSON.stringify(args));
});

test('the options of a cache', () => {
	const limit = 4 * 2 ** 30;
	const usual = join('results', 'laws.cache.sqlite');
	const cases: readonly (readonly [args: Arguments, options: unknown])[] = [
		[{}, null],
		[{ cache: '' }, { file: usual, limit }],
		[{ cache: 'mine' }, { file: 'mine', limit }],
		[
			{ cache: '', 'cache-limit': '1.5 gib' },
			{ file: usual, limit: 1.5 * 2 ** 30 },
		],
		[
			{ cache: '', 'cache-limit': '20GB' },
			{ file: usual, limit: 20e9 },
		],
		[{ 'cache-limit': '1GiB' }, /--cache-limit is the size of a cache: say --cache/],
		[{ cache: '', 'cache-limit': 'huge' }, /--cache-limit: found "huge"/],
		[{ cache: ['a', 'b'] }, /--cache is given twice/],
	];
	for (const [args, expected] of cases)
		if (expected instanceof RegExp) assert.throws(() => cacheOptions(args), expected);
		else assert.equal(cacheOptions(args), expected);
});

test.run();
