/** `detbal report`: what it writes, and what it refuses. */
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Arguments } from '../../harness/commands/command.js';
import type { Io } from '../../harness/commands/io.js';
import { run } from '../../harness/commands/report.js';
import { replaceFile, replaceFiles } from '../../harness/commands/report-files.js';
import { REPORT_MARK } from '../../harness/report/page/page.js';
import { writeExact } from '../runner/exact-fixture.js';
import { inFolder } from '../store/fixture.js';
import { detbal, listing, refuses } from './fixture.js';

const test = suite('report command');

const PUBLISHED = fileURLToPath(new URL('../../datasets/published/', import.meta.url));

/** A database with the two published tables. */
async function published(folder: string): Promise<string> {
	for (const name of ['claude-4', 'gemini-2.5-flash']) {
		copyFileSync(join(PUBLISHED, `${name}.json`), join(folder, `${name}.json`));
		const { code, stderr } = await detbal(folder, 'import', `${name}.json`, '--db', 'p.sqlite');
		assert.is(code, 0, stderr);
	}
	return join(folder, 'p.sqlite');
}

async function report(args: Arguments): Promise<string[]> {
	const out: string[] = [];
	const io: Io = {
		json: args.json === true,
		signal: new AbortController().signal,
		out: (line) => void out.push(line),
		stream: async (text) => void out.push(text),
		say() {},
		progress: () => ({ update() {}, stop() {} }),
	};
	assert.is(await run(args, io), 0);
	return out;
}

test('a report beside the database, again the same bytes; figures as files; refusals', () =>
	inFolder(async (folder) => {
		const db = await published(folder);
		const told = await detbal(folder, 'report', 'p.sqlite', '--quick');
		assert.is(told.code, 0, told.stderr);
		assert.match(told.stdout, /^p\.report\.html: 2 kernels, [\d,]+ kB\n$/);
		const file = join(folder, 'p.report.html');
		const page = readFileSync(file, 'utf8');
		assert.ok(page.startsWith(REPORT_MARK));
		assert.match(page, /Claude-4/);

		// Over an earlier report, in this process, with its figures.
		const figures = join(folder, 'figures');
		const [line = ''] = await report({ dbs: [db], quick: true, figures, json: true });
		const { schema, bytes, groups, figures: drawn } = JSON.parse(line);
		assert.equal([schema, groups], ['detbal/report/1', 2]);
		assert.is(readFileSync(file, 'utf8'), page);
		assert.is(bytes, Buffer.byteLength(page));
		const made = listing(figures).filter((path) => /\.(svg|png)$/.test(path));
		assert.is(made.length, drawn);
		assert.ok(made.length >= 4, made.join());

		// Side by side, as long as they are few and nobody says otherwise.
		assert.match(page, /id="_extra\./);
		const alone = join(folder, 'alone.html');
		await report({ dbs: [db], quick: true, compare: false, output: alone });
		assert.not.match(readFileSync(alone, 'utf8'), /id="_extra\./);

		// A database that is not there is what is said, whatever else is missing.
		await refuses(folder, ['report', 'none/no.sqlite'], {
			code: 2,
			says: [/no\.sqlite does not exist/],
		});

		// What is not ours stays, unless forced.
		const other = join(folder, 'other.html');
		writeFileSync(other, '<!DOCTYPE html>\n<p>mine</p>');
		const says = { code: 2 as const, says: [/other\.html is no report of detbal/, /--force/] };
		await refuses(folder, ['report', 'p.sqlite', '--quick', '-o', 'other.html'], says);
		await report({ dbs: [db], quick: true, output: other, force: true });
		assert.is(readFileSync(other, 'utf8'), page);

		for (const [args, wrong] of [
			[{ output: join(folder, 'no', 'x.html') }, /folder .*no does not exist; make it first/],
			[{ output: folder }, /is no file/],
			[{ output: db, force: true }, /is the database itself/],
			[{ figures: join(folder, 'no', 'x') }, /folder .*no does not exist/],
			[{ figures: file }, /is no folder/],
			[{ samples: 1.5 }, /--samples/],
			[{ alpha: 2 }, /--alpha/],
		] as const) {
			const before = listing(folder);
			await report({ dbs: [db], quick: true, ...args }).then(
				() => assert.unreachable(JSON.stringify(args)),
				(error: Error) => {
					assert.is(error.name, 'UsageError', error.stack);
					assert.match(error.message, wrong);
				},
			);
			assert.equal(listing(folder), before);
		}
	}));

test('exact kernels alone: a report, side by side unless nobody wants it', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'exact.sqlite');
		writeExact(db, [{ shifts: [0, 1e-3] }, { label: 'driven', model: 'd', drive: 3 }]);
		assert.match((await report({ dbs: [db] })).join(), /exact\.report\.html: 2 exact kernels, /);
		const page = readFileSync(join(folder, 'exact.report.html'), 'utf8');
		assert.match(page, /id="_extra\.compare-exact"/);
		const [line = ''] = await report({ dbs: [db], compare: false, json: true });
		const { groups, exact } = JSON.parse(line);
		assert.equal([groups, exact], [0, 2]);
		assert.not.match(
			readFileSync(join(folder, 'exact.report.html'), 'utf8'),
			/id="_extra\.compare-exact"/,
		);
	}));

test('nothing half-written: what stood there stays when writing fails', () =>
	inFolder(async (folder) => {
		const file = join(folder, 'a.html');
		mkdirSync(file);
		assert.throws(
			() => replaceFile(file, 'text'),
			/a\.html cannot be written: .*nothing was changed/,
		);
		assert.equal(listing(folder), ['a.html']);
		const figures = join(folder, 'figures');
		async function* failing() {
			yield { path: 'x/a.svg', bytes: new Uint8Array(3) };
			throw new Error('drawing failed');
		}
		await replaceFiles(figures, failing()).then(
			() => assert.unreachable(),
			({ message }: Error) => assert.is(message, 'drawing failed'),
		);
		assert.not.ok(existsSync(figures));
		assert.equal(listing(folder), ['a.html']);
		async function* two() {
			yield { path: 'x/a.svg', bytes: new Uint8Array(3) };
			yield { path: 'b.svg', bytes: new Uint8Array(4) };
		}
		assert.is(await replaceFiles(figures, two()), 2);
		assert.equal(listing(figures), ['b.svg', 'x', join('x', 'a.svg')]);
	}));

test.run();
