/** Archives, judged by programs that are not ours. */
import {
	appendFileSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openArchive } from '../../harness/archive/open.js';
import { verifyArchive } from '../../harness/archive/verify.js';
import type { ExtraFile } from '../../harness/archive/write.js';
import { writeZip } from '../../harness/archive/zip.js';
import { HarnessError, UsageError } from '../../harness/errors.js';
import { loadExperiment } from '../../harness/experiment/parse.js';
import { type CatalogModel, catalogPath, writeRecord } from '../../harness/models/catalog.js';
import { findModel } from '../../harness/models/manifest.js';
import { findModelFile } from '../../harness/runner/model-files.js';
import { planWork } from '../../harness/runner/run-plan.js';
import { StoreWriter } from '../../harness/store/writer.js';
import { ended, experiment, inPlace, listing, newFolder, start } from '../commands/fixture.js';
import { runPlan, sha256Of } from '../store/fixture.js';
import {
	CHECK_BAG,
	type Files,
	raw,
	seal,
	text,
	tool,
	unpack,
	writeRun,
	writeSample,
} from './fixture.js';

interface Processor {
	expand(document: object, options: object): Promise<unknown>;
}
// It comes without types.
const jsonld = createRequire(import.meta.url)('jsonld') as Processor;

const test = suite('archive: writing');
const place = inPlace(test);
let db = '';
let zip = '';
let files: Files = new Map();

test.before(async () => {
	const folder = newFolder(place);
	db = writeSample(folder);
	zip = join(folder, 'sample.zip');
	await seal(db, zip, { authors: ['Ada <b>Lovelace</b>'], licence: 'CC-BY-4.0' });
	files = await unpack(zip);
});

async function refusal(work: Promise<unknown>): Promise<Error> {
	return work.then(
		() => assert.unreachable('not refused') as never,
		(error: Error) => error,
	);
}

test('a sealed database verifies, with the digests of its rows', async () => {
	const verified = await verifyArchive(zip);
	assert.equal(verified.faults, []);
	assert.is(verified.ok, true);
	assert.equal(
		verified.databases.map(({ path, runs }) => [path, runs.map(({ name, done }) => [name, done])]),
		[
			[
				'databases/sample.sqlite',
				[
					['closed', 400],
					['words', 100],
				],
			],
		],
	);
	assert.is(verified.payload.files, files.size - 5);
});

test('the bag passes a checker written from the RFC, and sha512sum', async () => {
	const folder = join(newFolder(place), 'opened');
	await openArchive(zip, folder);
	assert.match(tool('python3', [CHECK_BAG, folder], folder), /^valid, \d+ payload files\n$/);
	for (const manifest of ['manifest-sha512.txt', 'tagmanifest-sha512.txt'])
		assert.not.match(tool('sha512sum', ['-c', manifest], folder), /FAILED/);
	// Both can say no.
	writeFileSync(join(folder, 'data', 'extra.txt'), 'x');
	writeFileSync(join(folder, 'data', 'archive.json'), '{}');
	for (const [command, args] of [
		['python3', [CHECK_BAG, folder]],
		['sha512sum', ['-c', 'manifest-sha512.txt']],
	] as const)
		assert.throws(() => tool(command, args, folder), /archive\.json/);
});

test('another program reads the zip file and finds every checksum right', () => {
	const script = `
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
for i in z.infolist():
    print(i.filename, i.file_size, oct(i.external_attr >> 16), i.date_time, i.extra, i.comment)
`;
	const lines = tool('python3', ['-c', script, zip], place.folder).trim().split('\n');
	const names = [...files.keys()];
	assert.equal(
		lines.map((line) => line.split(' ')[0]),
		names,
	);
	assert.equal(names, names.toSorted(), 'in order');
	for (const line of lines) assert.match(line, / 0o100644 \(1980, 1, 1, 0, 0, 0\) b'' b''$/);
});

test("another program finds the copied database sound, and the runs' attempts in it", async () => {
	const folder = join(newFolder(place), 'opened');
	await openArchive(zip, folder);
	const script = `
import sqlite3
db = sqlite3.connect("data/databases/sample.sqlite")
print(db.execute("PRAGMA integrity_check").fetchall(), db.execute("PRAGMA foreign_key_check").fetchall())
print(db.execute("SELECT count(*) FROM attempts").fetchone()[0])
`;
	assert.is(tool('python3', ['-c', script], folder), "[('ok',)] []\n500\n");
});

test('a JSON-LD processor reads the crate without dropping a term', async () => {
	const crate = JSON.parse(text(files, 'sample/data/ro-crate-metadata.json'));
	const graph = (await expand(crate)) as Expanded[];
	const found = new Map(graph.map((entity) => [local(entity['@id']), entity]));
	const ids = (id: string, term: string) =>
		[found.get(id)?.[`http://schema.org/${term}`]].flat().map((one) => local(Object(one)['@id']));
	const payload = [...files.keys()]
		.filter((name) => name.startsWith('sample/data/'))
		.map((name) => name.slice('sample/data/'.length))
		.filter((name) => name !== 'ro-crate-metadata.json');
	assert.equal(ids('', 'hasPart'), payload);
	assert.equal(ids('', 'author'), ['#author-1']);
	const action = '#database-1-run-1';
	assert.equal(found.get(action)?.['@type'], ['http://schema.org/CreateAction']);
	assert.equal(ids(action, 'instrument'), ['#detbal-0.1.0']);
	assert.equal(ids(action, 'result'), ['databases/sample.sqlite']);
	assert.ok(ids(action, 'object').includes('experiments/sample-run1/experiment.yaml'));
	const digests = JSON.stringify(graph);
	for (const { key, digest } of (await verifyArchive(zip)).databases[0]?.runs ?? [])
		assert.ok(digests.includes(key) && digests.includes(digest));
	// The processor does notice a term that the context lacks.
	crate['@graph'][1].flavour = 'lemon';
	assert.match((await refusal(expand(crate))).message, /safe mode/i);
});

const BASE = 'https://crate.example/';
const local = (id: unknown): string => String(id).replace(BASE, '');

type Expanded = Readonly<Record<string, unknown>>;

/** Offline; whatever would be dropped is an error. */
function expand(document: object): Promise<unknown> {
	const context = JSON.parse(
		readFileSync(new URL('ro-crate-context.json', import.meta.url), 'utf8'),
	);
	return jsonld.expand(document, {
		safe: true,
		base: BASE,
		async documentLoader(url: string) {
			assert.is(url, 'https://w3id.org/ro/crate/1.1/context', 'nothing else is asked for');
			return {
				contextUrl: undefined,
				documentUrl: url,
				document: { '@context': context['@context'] },
			};
		},
	});
}

test('the experiment files give the same cells as the runs, words and prompts included', async () => {
	const folder = join(newFolder(place), 'opened');
	await openArchive(zip, folder);
	for (const run of [1, 2]) {
		const base = join(folder, 'data', 'experiments', `sample-run${run}`);
		const loaded = loadExperiment(join(base, 'experiment.yaml'));
		const models = [];
		for (const model of loaded.models) models.push(await findModelFile(model));
		const key = raw(db, (sqlite) =>
			sqlite.prepare('SELECT key FROM runs WHERE id = ?').pluck().get(run),
		);
		assert.is(planWork(loaded, models, null).key, key);
		assert.equal(readdirSync(join(base, 'templates')), ['plain.txt', 'twice.txt']);
	}
	const words = join(folder, 'data', 'experiments', 'sample-run2', 'words.txt');
	assert.is(readFileSync(words, 'utf8'), 'ABED\nBEAD\nDEBA\n');
});

test('the same bytes in another folder, zone, language and umask', async () => {
	const [one, two] = [newFolder(place), newFolder(place)];
	for (const [folder, environment] of [
		[one, { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', umask: '0022' }],
		[two, { TZ: 'America/St_Johns', LANG: 'C', umask: '0077' }],
	] as const) {
		const copy = writeSample(folder);
		const { umask, ...env } = environment;
		const before = process.umask(Number.parseInt(umask, 8));
		const zone = { TZ: process.env.TZ, LANG: process.env.LANG };
		Object.assign(process.env, env);
		try {
			const args = ['archive', copy, '-o', `${folder}/x.zip`, '--without-report'];
			const { code, stderr } = await ended(start(folder, args));
			assert.is(code, 0, stderr);
		} finally {
			process.umask(before);
			for (const [name, value] of Object.entries(zone))
				if (value === undefined) delete process.env[name];
				else process.env[name] = value;
		}
	}
	assert.is(sha256Of(join(one, 'x.zip')), sha256Of(join(two, 'x.zip')));
});

test('the compressor gives the bytes it always gave, however its input is cut', async () => {
	const content = Buffer.from(
		Array.from({ length: 300_000 }, (_, i) => ((i * i) % 251) ^ (i >> 9)),
	);
	const made: string[] = [];
	for (const size of [300_000, 4096, 997]) {
		const path = join(newFolder(place), 'x.zip');
		const file = await open(path, 'wx');
		const source = {
			name: 'x',
			bytes: content.length,
			stored: false,
			async *chunks() {
				for (let at = 0; at < content.length; at += size) yield content.subarray(at, at + size);
			},
		};
		const modified = new Date(Date.UTC(2026, 0, 2, 3, 4, 6));
		await writeZip(file, [source], { modified, signal: new AbortController().signal });
		await file.close();
		made.push(sha256Of(path));
	}
	assert.equal(
		made,
		Array(3).fill('bb12a6a70fdfc53cbd66cf7ba8037cffbe670b41159a18eb90a1c1ee1713d376'),
	);
});

test('SOURCE_DATE_EPOCH dates the bag and the entries; otherwise the latest run does', async () => {
	const folder = newFolder(place);
	const dated = join(folder, 'dated.zip');
	await seal(db, dated, { date: new Date('2001-02-03T04:05:06Z') });
	const info = (bag: Files) => /Bagging-Date: (.*)/.exec(text(bag, 'sample/bag-info.txt'))?.[1];
	assert.is(info(await unpack(dated)), '2001-02-03');
	assert.is(info(files), '2026-01-02');
	const script =
		'import sys, zipfile; print({i.date_time for i in zipfile.ZipFile(sys.argv[1]).infolist()})';
	assert.is(tool('python3', ['-c', script, dated], folder), '{(2001, 2, 3, 4, 5, 6)}\n');
	process.env.SOURCE_DATE_EPOCH = 'yesterday';
	try {
		const { code, stderr } = await ended(start(folder, ['archive', db, '-o', 'x.zip']));
		assert.is(code, 2);
		assert.match(stderr, /SOURCE_DATE_EPOCH: found "yesterday"/);
	} finally {
		delete process.env.SOURCE_DATE_EPOCH;
	}
	assert.not.ok(existsSync(join(folder, 'x.zip')));
});

test('a database that is being written is copied as it stands, without its writer', async () => {
	const folder = newFolder(place);
	const busy = writeSample(folder);
	const writer = StoreWriter.open(busy);
	try {
		writer.planRun(
			runPlan({
				key: 'more',
				config: raw(db, (sqlite) =>
					sqlite.prepare('SELECT config FROM runs').pluck().get(),
				) as string,
			}),
		);
		const output = join(folder, 'x.zip');
		await seal(busy, output);
		const opened = join(folder, 'opened');
		writeFileSync(
			join(folder, 'copy.sqlite'),
			(await unpack(output)).get('sample/data/databases/sample.sqlite') as Uint8Array,
		);
		assert.not.ok(existsSync(opened));
		const rows = (file: string, sql: string) =>
			raw(file, (sqlite) => sqlite.prepare(sql).pluck().get());
		assert.is(rows(busy, 'SELECT count(*) FROM writer'), 1);
		assert.is(rows(join(folder, 'copy.sqlite'), 'SELECT count(*) FROM writer'), 0);
		assert.is(rows(join(folder, 'copy.sqlite'), 'SELECT count(*) FROM runs'), 3);
	} finally {
		writer.close();
	}
});

test('two databases of one name, and extra files, each under its own', async () => {
	const folder = newFolder(place);
	mkdirSync(join(folder, 'b'));
	const second = writeSample(join(folder, 'b'), 'SAMPLE.sqlite');
	const output = join(folder, 'two.zip');
	await seal([db, second], output, { extra: () => extra('report/report.html') });
	const names = [...(await unpack(output)).keys()];
	assert.equal(
		names.filter((name) => name.endsWith('.sqlite')),
		['sample/data/databases/SAMPLE-2.sqlite', 'sample/data/databases/sample.sqlite'],
	);
	assert.ok(names.includes('sample/data/report/report.html'));
	assert.is((await verifyArchive(output)).ok, true);
});

async function* extra(...paths: readonly string[]): AsyncGenerator<ExtraFile> {
	for (const path of paths) yield { path, bytes: Buffer.from('<p>') };
}

test('models inside are those that were used, and their experiments point at them', async () => {
	const output = join(newFolder(place), 'x.zip');
	await seal(db, output, { withModels: true });
	const inside = await unpack(output);
	for (const id of ['gpt2-reversible', 'llama-driven'])
		assert.equal(
			inside.get(`sample/data/models/${id}.gguf`),
			readFileSync(join(place.models, `${id}.gguf`)),
		);
	const yaml = text(inside, 'sample/data/experiments/sample-run1/experiment.yaml');
	assert.match(yaml, /path: \.\.\/\.\.\/models\/llama-driven\.gguf/);
	assert.not.match(text(files, 'sample/data/experiments/sample-run1/experiment.yaml'), /path:/);
	assert.is((await verifyArchive(output)).ok, true);
});

test('a model of the catalogue is named with its address, and may be fetched later', async () => {
	const folder = newFolder(place);
	const id = 'smollm2-135m-instruct';
	const model = findModel(id) as CatalogModel;
	// As if it had been pulled: any model file will do.
	const file = catalogPath(model);
	copyFileSync(join(place.models, 'llama-driven.gguf'), file);
	appendFileSync(file, 'another file');
	const sha256 = sha256Of(file);
	const { uri, revision: commit } = model;
	writeRecord(model, {
		...{ schema: 'detbal/pull/1', id, uri, commit, sha256, endpoint: null },
		...{ bytes: statSync(file).size, recorded: '2026-01-01T00:00:00Z' },
	});
	const own = join(folder, 'own.sqlite');
	writeRun(own, experiment(folder, { attempts: 5, models: [{ id }] }));
	const output = join(folder, 'x.zip');
	await seal(own, output);
	rmSync(file);
	const sealed = await unpack(output);
	const path = `data/models/${id}.gguf`;
	assert.is(
		text(sealed, 'own/fetch.txt'),
		`https://huggingface.co/bartowski/SmolLM2-135M-Instruct-GGUF/resolve/${commit}/SmolLM2-135M-Instruct-Q8_0.gguf 236652 ${path}\n`,
	);
	const verified = await verifyArchive(output);
	assert.equal([verified.ok, verified.toFetch], [true, [path]]);
	const opened = join(folder, 'opened');
	await openArchive(output, opened);
	tool('sha512sum', ['-c', '--ignore-missing', 'manifest-sha512.txt'], opened);
	assert.match(tool('python3', [CHECK_BAG, opened], opened), /^valid/);
	const [described] = JSON.parse(text(sealed, 'own/data/models.json')).models;
	assert.equal([described.sha256, described.uri, described.inside], [sha256, uri, false]);
	await expand(JSON.parse(text(sealed, 'own/data/ro-crate-metadata.json')));
});

test('what cannot be archived is refused, and nothing is left', async () => {
	const folder = newFolder(place);
	const empty = join(folder, 'empty.sqlite');
	StoreWriter.open(empty).close();
	writeFileSync(join(folder, 'text.sqlite'), 'hello');
	writeFileSync(join(folder, 'there.zip'), 'precious');
	const before = listing(folder);
	const cases: readonly [() => Promise<unknown>, new (m: string) => Error, RegExp][] = [
		[() => seal([], join(folder, 'x.zip')), UsageError, /name at least one database/],
		[() => seal([db, db], join(folder, 'x.zip')), UsageError, /are the same file/],
		[() => seal(join(folder, 'none.sqlite'), join(folder, 'x.zip')), UsageError, /does not exist/],
		[
			() => seal(join(folder, 'text.sqlite'), join(folder, 'x.zip')),
			UsageError,
			/not a SQLite database/,
		],
		[() => seal(empty, join(folder, 'x.zip')), UsageError, /holds no run and no import/],
		[() => seal(db, join(folder, 'there.zip')), UsageError, /exists: name another file/],
		[() => seal(db, join(folder, 'none', 'x.zip')), UsageError, /folder of .* does not exist/],
		[
			() => seal(db, join(folder, 'x.zip'), { extra: () => extra('../x') }),
			HarnessError,
			/leads elsewhere/,
		],
		[() => seal(db, join(folder, 'x.zip'), { extra: () => extra('a b') }), HarnessError, /A-Z/],
		[
			() => seal(db, join(folder, 'x.zip'), { extra: () => extra('nul.txt') }),
			HarnessError,
			/Windows/,
		],
		[
			() => seal(db, join(folder, 'x.zip'), { extra: () => extra('a', 'A') }),
			HarnessError,
			/two files/,
		],
		[() => seal(db, join(folder, 'x.zip'), { signal: AbortSignal.abort() }), Error, /abort/],
	];
	for (const [work, kind, says] of cases) {
		const error = await refusal(work());
		assert.instance(error, kind, error.message);
		assert.match(error.message, says);
	}
	assert.equal(listing(folder), before);
	assert.is(readFileSync(join(folder, 'there.zip'), 'utf8'), 'precious');
});

test.run();
