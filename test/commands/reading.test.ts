/** detbal ls, show, query, du, gc and completion, as a user meets them. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Arguments } from '../../harness/commands/command.js';
import { COMMANDS } from '../../harness/commands/index.js';
import { UsageError } from '../../harness/errors.js';
import { runDigest } from '../../harness/store/digest.js';
import { recordRerun } from '../../harness/store/reruns.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { attempts, cellPlan, inFolder, raw, reading, runPlan, writeRun } from '../store/fixture.js';
import { detbal, ended, json, start, TSX } from './fixture.js';
import { EVIL, STATES, writeHostile } from './hostile.js';

/** A command in this process. */
async function say(name: string, args: Arguments): Promise<{ out: string; err: string }> {
	const said = { out: '', err: '' };
	const command = COMMANDS.find(({ usage }) => usage.split(' ')[0] === name);
	const { run } = await (command as (typeof COMMANDS)[number]).load();
	const code = await run(args, {
		json: args.json === true,
		signal: new AbortController().signal,
		out(line) {
			said.out += `${line}\n`;
		},
		async stream(text) {
			said.out += text;
		},
		say(line) {
			said.err += `${line}\n`;
		},
		progress: () => ({ update() {}, stop() {} }),
	});
	assert.is(code, 0);
	return said;
}

const document = async (name: string, args: Arguments) =>
	JSON.parse((await say(name, { ...args, json: true })).out);

async function refuses(name: string, args: Arguments, says: RegExp): Promise<void> {
	try {
		await say(name, args);
	} catch (error) {
		assert.ok(error instanceof UsageError, String(error));
		assert.match(error.message, says);
		return;
	}
	assert.unreachable(String(says));
}

/** Two models × two seeds, the last cell half done, and a chain. */
function twoRuns(folder: string): string {
	const db = join(folder, 'a.sqlite');
	const cells = ['one', 'two'].flatMap((label, i) =>
		[1, 2].map((seed) => cellPlan({ key: `${label}-${seed}`, label, model: `m${i}`, seed })),
	);
	writeRun(db, runPlan({ cells }));
	const writer = StoreWriter.open(db);
	const chain = cellPlan({ key: 'chain', design: 'chain', attempts: 10 });
	const [cell] = writer.planRun(runPlan({ key: 'other', name: 'walk', cells: [chain] })).cells;
	for (const [step, made] of attempts(cell?.id as number, { sources: ['A'], to: 5 }).entries())
		writer.append([{ ...made, step }]);
	writer.close();
	return db;
}

const RERUN = {
	run: 1,
	seed: null,
	identical: true,
	compared: 320,
	different: 0,
	planned: 320,
	laws: { compared: 1, different: 0 },
	numericsDifferences: [],
	toolVersion: '0.1.0',
};

test('ls: every database under results/, or those named', () =>
	inFolder(async (folder) => {
		mkdirSync(join(folder, 'results', 'deep'), { recursive: true });
		const db = twoRuns(join(folder, 'results', 'deep'));
		writeFileSync(join(folder, 'results', 'notes.sqlite'), 'no database');
		raw(join(folder, 'results', 'other.sqlite'), (other) => other.exec('CREATE TABLE x (y)'));
		recordRerun(db, RERUN);
		const { databases, notices, schema } = json(await detbal(folder, 'ls', '--json')) as {
			databases: { db: string; runs: Record<string, unknown>[] }[];
			notices: string[];
			schema: string;
		};
		assert.equal([schema, notices, databases.length], ['detbal/ls/1', [], 1]);
		const [found] = databases as [(typeof databases)[0]];
		assert.is(found.db, 'results/deep/a.sqlite');
		const [first, second] = found.runs;
		assert.equal(
			[first?.models, first?.templates, first?.settings, first?.seeds, first?.planned, first?.done],
			[2, 1, 1, 2, 320, 320],
		);
		assert.equal(first?.reruns, { identical: 1, different: 0 });
		assert.is(
			first?.digest,
			reading(db, (reader) => runDigest(reader, 1)),
		);
		assert.equal([second?.name, second?.planned, second?.done], ['walk', 10, 5]);
		const text = (await say('ls', { dbs: [db] })).out;
		assert.match(text, /\n +1 {2}example {2}2 × 1 × 1 × 2 +320 {2}[0-9a-f]{12} .* {2}identical\n/);
		assert.match(text, /\n +2 {2}walk +1 × 1 × 1 × 1 +5 of 10 /);
		await refuses('ls', { dbs: [join(folder, 'no.sqlite')] }, /no\.sqlite does not exist/);
		const empty = await detbal(join(folder, 'results', 'deep'), 'ls');
		assert.equal([empty.code, empty.stdout], [0, '']);
		assert.match(empty.stderr, /no database is under results\//);
	}));

test('show: cells that no label tells apart are told apart by their number', () =>
	inFolder(async (folder) => {
		const db = join(folder, 'b.sqlite');
		writeRun(db, runPlan({ cells: [cellPlan({ key: 'x' }), cellPlan({ key: 'y' })] }));
		await refuses('show', { db, source: 'A' }, /2 cells have such draws: .* --cell \(1, 2\)$/);
		await refuses('show', { db, source: 'A', cell: 3 }, /--cell: no cell has "?3"?; found: 1, 2/);
		const { out } = await say('show', { db, source: 'A', cell: 2 });
		assert.match(out, /attempts in cell 2 /);
	}));

test('show: one run, its cells by page and filter, digests as the database has them', () =>
	inFolder(async (folder) => {
		const db = twoRuns(folder);
		await refuses('show', { db }, /several runs: say which with --run: 1 \(example\), 2 \(walk\)/);
		await refuses('show', { db, run: 3 }, /holds no run 3; it holds 1 \(example\), 2 \(walk\)/);
		const shown = await document('show', { db, run: 1 });
		assert.equal(
			[shown.schema, shown.kind, shown.done, shown.cellsInAll],
			['detbal/show/1', 'run', 320, 4],
		);
		assert.is(
			shown.digest,
			reading(db, (reader) => runDigest(reader, 1)),
		);
		assert.equal(
			shown.identities.map(({ kind }: { kind: string }) => kind),
			['model', 'model', 'template', 'task', 'sampling', 'design', 'numerics'],
		);
		assert.equal(shown.run.config, { attempts: 20 });
		const page = await document('show', { db, run: 1, model: 'two', from: 1, limit: 5 });
		assert.equal(
			page.cells.map((cell: Record<string, unknown>) => [cell.model, cell.seed, cell.digest]),
			[['two', 2, shown.cells[3].digest]],
		);
		await refuses('show', { db, run: 1, model: 'three' }, /--model: .* "three"; found: one, two/);
		const text = (await say('show', { db, run: 1, limit: 2 })).out;
		assert.match(text, /cells 0 … 1 of 4: --from 2/);
		assert.match(text, /repeated {3}never/);
		assert.match((await say('show', { db, run: 2 })).out, /5 of 10 planned: interim/);
	}));

test('show --source: draw by draw, by page; which cell must be said', () =>
	inFolder(async (folder) => {
		const db = twoRuns(folder);
		const one = { db, run: 1, source: 'Ç', model: 'one', seed: 2 };
		await refuses(
			'show',
			{ db, run: 1, source: 'Ç' },
			/4 cells .* --model \(one, two\), --seed \(1, 2\)/,
		);
		const shown = await document('show', { ...one, from: 3, limit: 2 });
		assert.equal(
			shown.draws.map(({ draw, outcome, text, tokens }: Record<string, unknown>) => [
				draw,
				outcome,
				text,
				tokens,
			]),
			[
				[3, 'valid', ' D\x003\n', [2, 3, 4294967295]],
				[4, 'self', ' Ç\x004\n', [2, 4, 4294967295]],
			],
		);
		assert.equal(shown.next, 5);
		assert.equal(shown.outcomes, { valid: 4, self: 4, invalid: 4, unparsable: 4, truncated: 4 });
		assert.is((await document('show', { ...one, from: 18, limit: 2 })).next, null);
		await refuses(
			'show',
			{ ...one, source: 'Q' },
			/no attempt was made from "Q".* It has 4 sources: "A"/,
		);
		await refuses('show', { ...one, from: 20 }, /"Ç" has no draw 20 or later/);
		assert.match((await say('show', one)).out, /Ç: 20 attempts in cell 2 .*\n4 valid, /);
		assert.match((await say('show', { db, run: 2, source: 'A' })).out, /draw {2}step/);
		raw(db, (file) =>
			file.exec(`INSERT INTO laws VALUES (1, 3, x'', zeroblob(16), 0.5, '[[7, -0.1]]')`),
		);
		const law = await document('show', { ...one, seed: 1 });
		assert.equal(law.rootLaw, {
			checksum: '0'.repeat(32),
			logNormalizer: 0.5,
			top: [{ token: 7, logProbability: -0.1 }],
		});
		assert.match(
			(await say('show', { ...one, seed: 1 })).out,
			/likeliest tokens: 7 0\.905 · others 0\.0952/,
		);
	}));

test('query: table, CSV, JSON; the limit; ended by Ctrl-C', () =>
	inFolder(async (folder) => {
		const db = twoRuns(folder);
		const sql = 'SELECT source, count(*) AS n FROM counts GROUP BY source';
		assert.is(
			(await say('query', { db, sql })).out,
			'source   n\n──────  ──\nA       18\nB       16\nD       16\nÇ       16\n',
		);
		const found = await document('query', {
			db,
			sql: 'SELECT 1 AS a, 2 AS a, NULL AS "b""\u2028"',
		});
		assert.equal(found, {
			schema: 'detbal/query/1',
			db,
			columns: ['a', 'a_2', 'b"\u2028'],
			rows: [{ a: 1, a_2: 2, 'b"\u2028': null }],
			more: false,
		});
		const nothing = await document('query', { db, sql: 'SELECT 1 AS a WHERE 0' });
		assert.equal([nothing.columns, nothing.rows], [['a'], []]);
		const cut = await say('query', { db, sql: 'SELECT draw FROM attempts', limit: 3, csv: true });
		assert.equal(cut.out, 'draw\n0\n1\n2\n');
		assert.match(cut.err, /^notice: these are the first 3 rows, there are more/);
		await refuses('query', { db, sql: 'SELECT 1', csv: true, json: true }, /two formats/);
		const endless =
			'WITH RECURSIVE a (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM a) SELECT i FROM a';
		const child = start(folder, ['query', db, endless, '--csv']);
		child.stdout?.once('data', () => child.kill('SIGINT'));
		const stopped = await ended(child);
		assert.equal([stopped.code, stopped.stderr], [130, 'detbal: interrupted\n']);
	}));

test('du and gc: what takes space, what would be freed, what was', () =>
	inFolder(async (folder) => {
		const db = twoRuns(folder);
		const [space] = (await document('du', { dbs: [db] })).databases;
		assert.is(space.bytes, readFileSync(db).length);
		assert.match((await say('du', { dbs: [db] })).out, /attempts .* KiB +\d+\.\d %/);
		const digests = [1, 2].map((run) => reading(db, (reader) => runDigest(reader, run)));
		const dry = await say('gc', { db, 'dry-run': true, laws: true });
		assert.match(dry.out, /laws +16 rows, /);
		assert.match(dry.out, /nothing was changed\n$/);
		await refuses('gc', { db, laws: true }, /drops 16 recorded next-token laws for good.*--yes/);
		assert.is((await document('du', { dbs: [db] })).databases[0].runs[0].laws, 16);
		const done = await document('gc', { db, laws: true, yes: true });
		assert.equal(
			done.runs,
			digests.map((digest, i) => ({ run: i + 1, digest })),
		);
		assert.is((await document('du', { dbs: [db] })).databases[0].runs[0].laws, 0);
		assert.match(
			(await say('gc', { db })).out,
			/run 2: every attempt is there, digest [0-9a-f]{64}\n$/,
		);
	}));

test('completion: a real bash completes commands, options, choices and files', () =>
	inFolder(async (folder) => {
		const script = join(folder, 'c.bash');
		writeFileSync(script, (await say('completion', { shell: 'bash' })).out);
		writeFileSync(join(folder, 'run one.sqlite'), '');
		const tab = (...words: string[]) => {
			const quoted = words.map((word) => `'${word}'`).join(' ');
			const code = `source c.bash; complete -p detbal >&2; COMP_WORDS=(detbal ${quoted}); COMP_CWORD=${words.length}; _detbal; printf '%s\\n' "\${COMPREPLY[@]}"`;
			const { status, stdout, stderr } = spawnSync('bash', ['-c', code], {
				cwd: folder,
				encoding: 'utf8',
			});
			assert.equal([status, stderr], [0, 'complete -F _detbal detbal\n']);
			return stdout.trimEnd().split('\n');
		};
		const names = COMMANDS.map(({ usage }) => usage.split(' ')[0]);
		assert.equal(tab(''), [...names, '--help', '--version']);
		assert.equal(tab('sho'), ['show']);
		assert.equal(tab('show', '--te'), ['--template', '--temperature']);
		assert.equal(tab('show', 'run'), ['run one.sqlite']);
		assert.equal(tab('models', 'in'), ['inspect']);
		assert.equal(tab('export', 'x', '--kernel', 'r'), ['run one.sqlite']);
		assert.equal(tab('nothing', 'zzz'), ['']);
		for (const shell of ['zsh', 'fish']) {
			const { out } = await say('completion', { shell });
			for (const name of names) assert.ok(out.includes(name as string), `${shell} ${name}`);
			assert.ok(out.includes('attempts-per-source'));
		}
		await refuses('completion', { shell: 'tcsh' }, /no completion for tcsh: .* bash\|zsh\|fish/);
	}));

/** Characters that must never reach a terminal. */
const DRIVES = /[^\P{Cc}\n]|\p{Bidi_Control}|[\u2028\u2029]/u;

test('hostile text: no command lets it drive the terminal, as text or as JSON', () =>
	inFolder(async (folder) => {
		assert.is(EVIL.match(new RegExp(DRIVES, 'gu'))?.length, 8, 'what is looked for is there');
		const db = join(folder, 'host.sqlite');
		writeHostile(db);
		const [source] = STATES;
		const counts = join(folder, 'counts.json');
		writeFileSync(
			counts,
			JSON.stringify({
				model: `m${EVIL}`,
				note: EVIL,
				counts: [{ source: `A${EVIL}`, target: `a${EVIL}`, count: 3 }],
				[EVIL]: 1,
			}),
		);
		const steps: [string, Arguments][] = [
			['ls', { dbs: [db] }],
			['show', { db }],
			['show', { db, source }],
			[
				'query',
				{
					db,
					sql: `SELECT *, 1 AS "${EVIL.replace('"', '""').replace('\0', '')}" FROM transitions`,
				},
			],
			['verify', { db, details: true, outcomes: true, workers: 1, samples: 49 }],
			['power', { file: db }],
			['du', { dbs: [db] }],
			['gc', { db }],
			['import', { file: counts, db: join(folder, `import.sqlite`) }],
			['show', { db: join(folder, 'import.sqlite'), import: 1 }],
			['ls', { dbs: [join(folder, 'import.sqlite')] }],
		];
		const child = fileURLToPath(new URL('saying-child.ts', import.meta.url));
		const both = [
			...steps,
			...steps.map(([name, args]): [string, Arguments] => [name, { ...args, json: true }]),
		];
		const { status, stdout, stderr } = spawnSync(
			process.execPath,
			[
				'--import',
				TSX,
				child,
				JSON.stringify(both.filter(([name, args]) => name !== 'import' || args.json !== true)),
			],
			{ encoding: 'utf8', maxBuffer: 1 << 28 },
		);
		assert.is(status, 0, stderr.slice(-2000));
		const seen = DRIVES.exec(stdout) ?? DRIVES.exec(stderr);
		assert.is(
			seen,
			null,
			JSON.stringify(stdout.slice((seen?.index ?? 0) - 200, (seen?.index ?? 0) + 50)),
		);
		assert.ok(stdout.includes('␦') && stdout.includes('<script>'), 'it is shown as text');
		const documents = stdout.split('\n').filter((line) => line.startsWith('{"schema"'));
		assert.is(documents.length, steps.length - 1);
		const draws = documents.map((line) => JSON.parse(line)).find(({ kind }) => kind === 'source');
		assert.is(draws.source, source);
		assert.ok(draws.draws[1].text.endsWith(EVIL), 'JSON keeps the very text');
		const refused = await detbal(folder, 'show', db, '--source', `x\u001b[31m\u202e${'\u009b'}`);
		assert.is(refused.code, 2);
		assert.is(DRIVES.exec(refused.stderr), null, JSON.stringify(refused.stderr));
		const named = await detbal(folder, 'ls', 'a\u001b[2Jb.sqlite');
		assert.match(named.stderr, /a␦\[2Jb\.sqlite does not exist/);
	}));

test.run();
