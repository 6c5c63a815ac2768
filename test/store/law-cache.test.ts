/** Laws that are kept: the same bits or none, and never a run that fails because of them. */
import { spawn, spawnSync } from 'node:child_process';
import {
	closeSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	openSync,
	rmSync,
	statfsSync,
	statSync,
	truncateSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../harness/errors.js';
import { today } from '../../harness/store/law-cache.js';
import { clearCache, listCache, pruneCache } from '../../harness/store/law-cache-upkeep.js';
import { type KeptLaws, LawKeeper } from '../../harness/store/law-keeper.js';
import type { KeptLaw, LawOrigin } from '../../harness/store/law-key.js';
import { StoreReader } from '../../harness/store/reader.js';
import { inFolder, raw, refused, sha256Of, writeRun } from './fixture.js';
import { lawAt, ORIGIN, pathAt, sameLaw } from './laws.js';

const LARGE = 2 ** 30;

interface Session {
	readonly keeper: LawKeeper | null;
	readonly shelf: KeptLaws | undefined;
	readonly said: readonly string[];
	close(): void;
}

function open(file: string, { limit = LARGE, origin = ORIGIN } = {}): Session {
	const said: string[] = [];
	const keeper = LawKeeper.open({ file, limit, say: (line) => said.push(line) });
	const shelf = keeper?.shelf(origin, 'tiny');
	return { keeper, shelf, said, close: () => keeper?.close() };
}

const count = (n: number) => Array.from({ length: n }, (_, i) => i);

/** A cache of laws 0 … n − 1. */
function keep(file: string, n: number, options: Parameters<typeof open>[1] = {}): Session {
	const session = open(file, options);
	for (const i of count(n)) session.shelf?.put(pathAt(i), lawAt(i));
	session.close();
	return session;
}

/** What a new session gets for laws 0 … n − 1, and what was said. */
function fetch(file: string, n: number, options: Parameters<typeof open>[1] = {}) {
	const session = open(file, options);
	const laws = session.shelf?.get(count(n).map(pathAt)) ?? [];
	session.close();
	return { laws, said: session.said };
}

/** Which of some laws were served; each of them is right. */
function served(laws: readonly (KeptLaw | null)[]): number[] {
	return laws.flatMap((law, i) => {
		if (law === null) return [];
		assert.ok(sameLaw(law, lawAt(i)), `law ${i} is another`);
		return [i];
	});
}

test('laws come back bit for bit, in the order asked, once they are put', () =>
	inFolder((folder) => {
		const file = join(folder, 'c.sqlite');
		const { shelf, said, close } = open(file);
		assert.equal(shelf?.get([pathAt(0), pathAt(1)]), [null, null]);
		for (const i of [0, 1, 2]) {
			const law = lawAt(i);
			shelf?.put(pathAt(i), law);
			// It is the caller's again.
			law.logits.fill(0);
		}
		assert.equal(served(shelf?.get(count(4).map(pathAt)) ?? []), [0, 1, 2], 'before it is written');
		close();
		close();
		assert.not.ok(existsSync(`${file}-wal`), 'one plain file');
		const { laws } = fetch(file, 4);
		assert.equal(served(laws), [0, 1, 2]);
		for (const law of laws) law?.logits.fill(0);
		assert.equal(served(fetch(file, 4).laws), [0, 1, 2], 'what is served is the receiver’s');
		assert.ok(sameLaw(open(file).shelf?.get([pathAt(2)])[0], lawAt(2)));
		assert.equal(said, []);
		assert.is(
			raw(file, (db) => db.pragma('integrity_check', { simple: true })),
			'ok',
		);
	}));

test('laws of another identity or another split are not served', () =>
	inFolder((folder) => {
		const file = join(folder, 'c.sqlite');
		keep(file, 2);
		const { numerics } = ORIGIN;
		const others: LawOrigin[] = [
			{ ...ORIGIN, modelSha256: `${'a'.repeat(63)}b` },
			{ ...ORIGIN, numerics: { ...numerics, width: 8 } },
			{ ...ORIGIN, numerics: { ...numerics, width: '16' } },
			{ ...ORIGIN, numerics: { ...numerics, backend: 'cuda' } },
			{ ...ORIGIN, numerics: { ...numerics, further: 1 } },
			{ ...ORIGIN, architecture: 'gpt2' },
		];
		for (const origin of others) assert.equal(served(fetch(file, 2, { origin }).laws), []);
		// Measured to change no bit, and chosen by each machine; the order of fields means nothing.
		const inert = { threads: 1, contextSize: 4096, backend: 'cpu', width: 16 };
		const same = { ...ORIGIN, numerics: inert };
		assert.equal(served(fetch(file, 2, { origin: same }).laws), [0, 1]);

		const { head, rest, completion } = pathAt(0);
		const paths = [
			{ head: [...head, ...rest.slice(0, 1)], rest: rest.slice(1), completion },
			{ head, rest: [...rest, ...completion], completion: [] },
			{ head: [], rest: [...head, ...rest], completion },
			{ head, rest, completion: [...completion, 0] },
			{ head, rest, completion: [] },
		];
		const { shelf, close } = open(file);
		assert.equal(shelf?.get(paths), [null, null, null, null, null]);
		close();
	}));

test('a law that is not as it was stored is never served: it is evaluated anew and replaced', () =>
	inFolder((folder) => {
		const whole = join(folder, 'whole.sqlite');
		keep(whole, 4);
		const alterations: readonly [what: string, sql: string, gone: readonly number[]][] = [
			['a bit of a logit', 'UPDATE contents SET logits = flip(logits) WHERE law_id = 2', [1]],
			['the normaliser', 'UPDATE contents SET log_normalizer = 0.5 WHERE law_id = 2', [1]],
			['no contents', 'DELETE FROM contents WHERE law_id = 2', [1]],
			[
				'contents swapped',
				`UPDATE contents SET law_id = law_id + 100 WHERE law_id IN (2, 3);
				UPDATE contents SET law_id = 105 - law_id WHERE law_id > 100`,
				[1, 2],
			],
			['a key', 'UPDATE laws SET key = flip(key) WHERE id = 2', [1]],
		];
		for (const [what, sql, gone] of alterations) {
			const file = join(folder, 'altered.sqlite');
			copyFileSync(whole, file);
			raw(file, (db) => {
				db.pragma('foreign_keys = OFF');
				db.function('flip', (b) => Buffer.from(b as Buffer).map((x, i) => (i === 5 ? x ^ 1 : x)));
				db.exec(sql);
			});
			const { shelf, said, close } = open(file);
			const laws = shelf?.get(count(4).map(pathAt)) ?? [];
			assert.equal(
				served(laws),
				count(4).filter((i) => !gone.includes(i)),
				what,
			);
			// Under a key that nobody asks for, a law is only lost.
			const told = what === 'a key' ? [] : [/holds a law that is not as it was stored/];
			assert.is(said.length, told.length, `${what}: ${said}`);
			for (const [i, pattern] of told.entries()) assert.match(said[i] as string, pattern);
			for (const i of gone) shelf?.put(pathAt(i), lawAt(i));
			close();
			const again = fetch(file, 4);
			assert.equal([served(again.laws), again.said], [[0, 1, 2, 3], []], what);
		}
	}));

test('a file that cannot be used: commands say why, a run says so and goes on, nothing is touched', () =>
	inFolder((folder) => {
		const at = (name: string) => join(folder, name);
		keep(at('newer.sqlite'), 1);
		raw(at('newer.sqlite'), (db) => db.pragma('user_version = 2'));
		keep(at('cut.sqlite'), 200);
		truncateSync(at('cut.sqlite'), statSync(at('cut.sqlite')).size / 2);
		keep(at('stub.sqlite'), 1);
		truncateSync(at('stub.sqlite'), 60);
		writeRun(at('run.sqlite'));
		raw(at('foreign.sqlite'), (db) => db.exec('CREATE TABLE mine (x)'));
		writeFileSync(at('notes.txt'), 'these are notes, not a cache. '.repeat(9));
		mkdirSync(at('folder'));
		const cases: readonly [name: string, says: RegExp][] = [
			['newer.sqlite', /written by a newer detbal \(schema 2, this one knows 1\)/],
			['cut.sqlite', /is truncated: .*If it was a cache of laws, remove it/],
			['stub.sqlite', /is not a SQLite database .*If it was a cache of laws, remove it/],
			['run.sqlite', /is a detbal database, left untouched: name a cache of laws/],
			['foreign.sqlite', /is a SQLite database of another program, left untouched/],
			['notes.txt', /is not a SQLite database/],
			['folder', /is a folder/],
			['none/c.sqlite', /the folder of .* does not exist/],
		];
		for (const [name, says] of cases) {
			const before = existsSync(at(name)) && name !== 'folder' ? sha256Of(at(name)) : null;
			const { keeper, said } = open(at(name));
			assert.is(keeper, null, name);
			assert.is(said.length, 1);
			assert.match(said[0] as string, /^warning: no cache is used: /);
			assert.match(said[0] as string, says);
			if (before === null) continue;
			const prune = () => pruneCache({ file: at(name), olderThan: 1, maxBytes: null });
			for (const command of [() => listCache(at(name)), () => clearCache(at(name)), prune])
				refused(command, UsageError, says);
			assert.is(sha256Of(at(name)), before, `${name} was changed`);
		}
		keep(at('good.sqlite'), 1);
		refused(
			() => StoreReader.open(at('good.sqlite')),
			UsageError,
			/is a cache of laws, left untouched: name a detbal database/,
		);
		refused(() => listCache(at('none.sqlite')), UsageError, /does not exist.*detbal run --cache/);
		writeFileSync(at('empty.sqlite'), '');
		refused(() => listCache(at('empty.sqlite')), UsageError, /no law was ever written to it/);
		assert.is(listCache(at('good.sqlite')).groups.length, 1);
	}));

test('pages of rubbish: what cannot be read ends the use of the cache, not the run', () =>
	inFolder((folder) => {
		const file = join(folder, 'c.sqlite');
		keep(file, 200);
		const { size } = statSync(file);
		const descriptor = openSync(file, 'r+');
		writeSync(descriptor, Buffer.alloc(size - 2 * 16_384, 0xa5), 0, size - 2 * 16_384, 16_384);
		closeSync(descriptor);
		const { shelf, said, close } = open(file);
		assert.equal(served(shelf?.get(count(200).map(pathAt)) ?? []), []);
		shelf?.put(pathAt(0), lawAt(0));
		assert.equal(shelf?.get([pathAt(0)]), [null]);
		close();
		assert.is(said.length, 1, String(said));
		assert.match(
			said[0] as string,
			/the cache is used no longer: .* is damaged or cannot be read.*remove it/,
		);
	}));

const yesterday = (file: string, ids: string) =>
	raw(file, (db) => db.exec(`UPDATE laws SET used = ${today() - 1} WHERE id ${ids}`));

const lastUses = (file: string) =>
	raw(file, (db) => db.prepare('SELECT used FROM laws ORDER BY id').pluck().all()) as number[];

test('a use is noted once a day, of what was served only', () =>
	inFolder((folder) => {
		const file = join(folder, 'c.sqlite');
		keep(file, 3);
		yesterday(file, '<> 2');
		const { shelf, close } = open(file);
		shelf?.get([pathAt(0), pathAt(1)]);
		close();
		assert.equal(lastUses(file), [today(), today(), today() - 1]);
	}));

test('at its limit laws not used for longest make room, those of today do not', () =>
	inFolder((folder) => {
		const file = join(folder, 'c.sqlite');
		keep(file, 400);
		const limit = statSync(file).size;
		yesterday(file, '<= 300');
		const more = open(file, { limit });
		assert.equal(served(more.shelf?.get(count(10).map(pathAt)) ?? []), count(10));
		for (const i of count(700).slice(400)) more.shelf?.put(pathAt(i), lawAt(i));
		more.close();
		assert.ok(statSync(file).size <= limit + 4 * 16_384, 'the limit holds, but for a few pages');
		const left = served(fetch(file, 700).laws);
		const has = (from: number, to: number) => left.filter((i) => i >= from && i < to).length;
		assert.is(has(0, 10), 10, 'served today');
		assert.is(has(300, 400), 100, 'stored today');
		assert.ok(has(10, 300) < 290, 'some of yesterday went');
		assert.ok(has(400, 700) > 50, 'new laws came');

		const full = keep(file, 2000, { limit });
		assert.is(full.said.length, 1);
		assert.match(
			full.said[0] as string,
			/no more laws are kept: .* of laws used today: raise --cache-limit/,
		);
		assert.is(full.said.length, 1);
	}));

/** A file system of 2 MB, where this process may make one. */
function smallDisk(folder: string): boolean {
	if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
	return spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]).status === 0;
}

/** Fills a disk until so many bytes are free. */
function leaveFree(disk: string, bytes: number): void {
	const ballast = join(disk, 'ballast');
	rmSync(ballast, { force: true });
	const { bavail, bsize } = statfsSync(disk);
	writeFileSync(ballast, Buffer.alloc(bavail * bsize - bytes));
}

test('a full disk: what was kept is served, no more is kept, which is said once', () =>
	inFolder((folder) => {
		if (!smallDisk(folder)) {
			console.error('a real full disk is not tested here: mounting is not permitted');
			return;
		}
		try {
			const file = join(folder, 'c.sqlite');
			keep(file, 100);
			const { blocks, bsize } = statfsSync(folder);
			const reserve = (blocks * bsize) / 20;
			// Laws 100 … 399 are 75 kB: enough is free at first sight, but not for the log and all pages.
			for (const [free, says] of [
				[40_000, /warning: no more laws are kept: little is free on the disk/],
				[reserve + 90_000, /warning: no more laws are kept: cannot write .* full or failing/],
			] as const) {
				const { shelf, said, close } = open(file);
				for (const i of count(400).slice(100)) shelf?.put(pathAt(i), lawAt(i));
				assert.equal(served(shelf?.get([pathAt(0), pathAt(1)]) ?? []), [0, 1]);
				leaveFree(folder, free);
				close();
				assert.is(said.length, 1, String(said));
				assert.match(said[0] as string, says);
				rmSync(join(folder, 'ballast'));
				assert.equal(served(fetch(file, 400).laws), count(100));
			}
			keep(file, 400);
			assert.is(served(fetch(file, 400).laws).length, 400);
		} finally {
			spawnSync('umount', [folder]);
		}
	}));

/** A process that keeps laws; see keeping-child.ts. */
function startKeeping(file: string, from: number, to: number) {
	const script = fileURLToPath(new URL('keeping-child.ts', import.meta.url));
	const child = spawn(
		process.execPath,
		['--import', 'tsx', script, file, String(from), String(to)],
		{ stdio: ['ignore', 'pipe', 'inherit'] },
	);
	const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
	const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
	const line = async () => (await lines.next()).value as string | undefined;
	return { child, line, ended };
}

test('two processes keep laws in one file at once; one is killed: the file is sound', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'c.sqlite');
		// The same laws in part.
		const [other, victim] = [startKeeping(file, 0, 200), startKeeping(file, 100, 10_000)];
		assert.match((await victim.line()) ?? '', /^kept/);
		const kept = Number(/\d+/.exec((await victim.line()) ?? '')?.[0]);
		victim.child.kill('SIGKILL');
		let last = '';
		for (let line = await other.line(); line !== undefined; line = await other.line()) last = line;
		await Promise.all([victim.ended, other.ended]);
		assert.is(last, 'said []');
		const { laws, said } = fetch(file, kept);
		assert.equal([served(laws), said], [count(kept), []]);
		assert.is(
			raw(file, (db) => db.pragma('integrity_check', { simple: true })),
			'ok',
		);
	}));

test('list, prune and clear, while another has the file open', () =>
	inFolder((folder) => {
		const file = join(folder, 'c.sqlite');
		const other = { ...ORIGIN, modelSha256: 'b'.repeat(64) };
		keep(file, 300);
		keep(file, 100, { origin: other });
		yesterday(file, '<= 200');
		const user = open(file);
		assert.equal(served(user.shelf?.get([pathAt(0)]) ?? []), [0]);

		const date = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10);
		const { groups, bytes } = listCache(file);
		const { numerics: _, ...rest } = groups[0] as (typeof groups)[number];
		assert.equal(rest, {
			model: 'tiny',
			modelSha256: ORIGIN.modelSha256,
			architecture: 'llama',
			laws: 300,
			bytes: 300 * 256,
			lastUsed: date(today()),
		});
		assert.equal(groups[0]?.numerics, { backend: 'cpu', width: 16 });
		assert.equal([groups.length, groups[1]?.laws], [2, 100]);
		assert.is(bytes, statSync(file).size);

		const prune = (olderThan: number | null, maxBytes: number | null) => {
			const { removed, left, notShrunk } = pruneCache({ file, olderThan, maxBytes });
			assert.is(notShrunk, null);
			return [removed, left];
		};
		assert.equal(prune(1, null), [0, 400], 'not used for more than a day');
		assert.equal(prune(null, LARGE), [0, 400], 'small enough');
		assert.equal(prune(0, null), [200, 200], 'not used today');
		const before = listCache(file).bytes;
		const [removed = 0, left = 0] = prune(null, before - 3 * 16_384);
		assert.ok(removed > 0 && left > 0, `${removed} ${left}`);
		// Stored first goes first.
		assert.equal(served(fetch(file, 300).laws), count(300).slice(200 + removed));

		// What the other process was told of before is gone; what it keeps now stays.
		user.shelf?.put(pathAt(0), lawAt(0));
		assert.is(clearCache(file).removed, left);
		assert.equal(listCache(file).groups, []);
		assert.equal(user.shelf?.get([pathAt(299)]), [null]);
		user.close();
		assert.equal([user.said, listCache(file).groups[0]?.laws], [[], 1]);
		const cleared = clearCache(file);
		assert.equal([cleared.removed, cleared.left, clearCache(file).removed], [1, 0, 0]);
		assert.ok(cleared.after < before);
	}));

test.run();
