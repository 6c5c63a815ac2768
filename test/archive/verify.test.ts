/** Every kind of wrong content, though each checksum is right: verify says what and where. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { verifyArchive } from '../../harness/archive/verify.js';
import { UsageError } from '../../harness/errors.js';
import { detbal, inPlace, json, newFolder } from '../commands/fixture.js';
import {
	edit,
	editDatabase,
	type Files,
	pack,
	resealed,
	seal,
	text,
	unpack,
	writeSample,
} from './fixture.js';

const test = suite('archive: verifying');
const place = inPlace(test);
let folder = '';
let zip = '';
let count = 0;

test.before(async () => {
	folder = newFolder(place);
	zip = join(folder, 'sample.zip');
	await seal(writeSample(folder), zip);
});

const faultLines = async (file: string): Promise<string[]> =>
	(await verifyArchive(file)).faults.map(
		({ part, place: at, message }) => `${part}: ${at}: ${message}`,
	);

/** Faults of the archive after a change that was sealed again. */
async function after(change: (files: Files) => unknown): Promise<string[]> {
	const to = join(folder, `changed-${count++}.zip`);
	await resealed({ zip, to }, change);
	return faultLines(to);
}

const YAML = 'data/experiments/sample-run1/experiment.yaml';
const CRATE = 'data/ro-crate-metadata.json';

test('sealed again without a change, nothing is wrong', async () => {
	assert.equal(await after(() => undefined), []);
});

test('a changed database: rows, references, identities, keys, views', async () => {
	const alter = (sql: string) => after((files) => editDatabase(files, folder, sql));
	const cases: readonly [sql: string, says: RegExp][] = [
		[
			`UPDATE attempts SET completion_id = (SELECT max(id) FROM completions)
				WHERE cell_id = 3 AND draw = 5 AND source_id = (SELECT min(source_id) FROM attempts)`,
			/^database: data\/databases\/sample\.sqlite: .*run 1.*digest: "[0-9a-f]{50,}… → "[0-9a-f]{50,}…/,
		],
		['DELETE FROM attempts WHERE draw = 9', /digest: /],
		['DELETE FROM completions WHERE id = 3', /\d+ rows refer to nothing: attempts → completions/],
		[
			`UPDATE identities SET content = replace(content, '"topK":0', '"topK":1') WHERE kind = 'sampling'`,
			/the sampling [0-9a-f]{64} has a content with sha256 [0-9a-f]{64}/,
		],
		[
			`UPDATE cells SET seed = 99 WHERE id = 1`,
			/run 1: cell [0-9a-f]{64} has identities that give the key [0-9a-f]{64}/,
		],
		[
			`UPDATE runs SET config = replace(config, '"seeds":[1,2]', '"seeds":[1,3]') WHERE id = 1`,
			/run 1: its experiment gives the key [0-9a-f]{64}, it is stored under [0-9a-f]{64}/,
		],
		[`UPDATE runs SET name = 'other' WHERE id = 1`, /run 1\.name: "closed" → "other"/],
		['DROP VIEW progress', /view progress is missing/],
		['DROP VIEW counts; CREATE VIEW counts AS SELECT 1', /view counts is not as detbal makes it/],
		['CREATE TABLE more (x)', /table more is not part of a detbal database/],
		['UPDATE runs SET config = \'{"experiment":7}\' WHERE id = 1', /cannot be made sense of: /],
		['PRAGMA application_id = 7', /database of another program/],
		['PRAGMA user_version = 99', /written by a newer detbal/],
		['UPDATE attempts SET outcome = 1 WHERE outcome = 0', /CHECK constraint failed in attempts/],
	];
	for (const [sql, says] of cases) {
		const lines = await alter(sql);
		assert.ok(
			lines.some((line) => says.test(line)),
			`${sql}:\n${lines.join('\n')}`,
		);
	}
});

test('changed files around the database', async () => {
	const cases: readonly [change: (files: Files) => unknown, says: RegExp][] = [
		[
			(f) => edit(f, YAML, 'attempts: 10', 'attempts: 11'),
			/^experiment: .*run1\/experiment\.yaml: is not the experiment that was run/,
		],
		[
			(f) => edit(f, YAML, 'temperature: 1', 'temperature: 2'),
			/gives the run key [0-9a-f]+; the run has/,
		],
		[(f) => edit(f, YAML, 'name:', 'nom:'), /^experiment: .*unknown key/],
		[
			(f) => f.delete(YAML),
			/^experiment: data\/experiments\/sample-run1\/experiment\.yaml: is missing/,
		],
		[
			(f) => edit(f, numericsOf(f), '"width": 8', '"width": 9'),
			/^database: data\/numerics\/.*has a content with sha256/,
		],
		[(f) => edit(f, 'data/archive.json', '"id": 2', '"id": 3'), /does not mention run 2/],
		[
			(f) => edit(f, 'data/archive.json', 'detbal/archive/1', 'x'),
			/is not of the form detbal\/archive\/1/,
		],
		[
			(f) => edit(f, 'data/archive.json', 'sample.sqlite', 'other.sqlite'),
			/other\.sqlite: is mentioned in data\/archive\.json and not there/,
		],
		[(f) => f.set('data/archive.json', Buffer.from('{')), /archive\.json: is not JSON/],
		[(f) => f.delete('data/archive.json'), /data\/archive\.json: is missing/],
		[(f) => f.delete('data/databases/sample.sqlite'), /there is no database/],
		[(f) => f.set('data/databases/sample.sqlite', Buffer.from('hello')), /not a SQLite database/],
		[(f) => f.set('data/more.txt', Buffer.from('x')), /^crate: .*does not describe more\.txt/],
		[(f) => f.delete('data/models.json'), /^crate: .*describes "models\.json", which is not there/],
		[(f) => f.delete(CRATE), /^crate: data\/ro-crate-metadata\.json: is missing/],
		[(f) => f.set(CRATE, Buffer.from('{')), /^crate: .*is not JSON/],
		[(f) => f.set(CRATE, Buffer.from('[]')), /has not the context of RO-Crate 1\.1/],
		[
			(f) =>
				edit(
					f,
					CRATE,
					'"@id": "https://w3id.org/ro/crate/1.1"',
					'"@id": "https://w3id.org/ro/crate/1.0"',
				),
			/does not say that it is an RO-Crate 1\.1/,
		],
		[
			(f) => edit(f, CRATE, '"datePublished"', '"published"'),
			/the root data set has no datePublished/,
		],
		[
			(f) => edit(f, CRATE, '"@id": "#licence"', '"@id": "#nowhere"'),
			/refers to "#nowhere", which is not described/,
		],
		[
			(f) => edit(f, CRATE, /"value": "[0-9a-f]{64}"/, '"value": "?"'),
			/does not name [0-9a-f]{64}, the key or digest/,
		],
		[(f) => f.delete('bagit.txt'), /^bag: bagit\.txt: is missing/],
		[(f) => edit(f, 'bagit.txt', '1.0', '0.97'), /is not that of BagIt 1\.0/],
		[(f) => f.delete('bag-info.txt') || undefined, /^bag: bag-info\.txt: is missing/],
		[
			(f) => f.set('fetch.txt', Buffer.from('file:///etc/passwd - data/models/x\n')),
			/^bag: fetch\.txt: a line is not a URL/,
		],
		[
			(f) => f.set('fetch.txt', Buffer.from('https://a.example/x 5 data/models/x.gguf\n')),
			/data\/models\/x\.gguf: is not listed in manifest-sha512\.txt/,
		],
	];
	for (const [change, says] of cases) {
		const lines = await after(change).catch((error: Error) => [String(error)]);
		assert.ok(
			lines.some((line) => says.test(line)),
			`${says}:\n${lines.join('\n')}`,
		);
	}
});

function numericsOf(files: Files): string {
	return [...files.keys()].find((name) => name.startsWith('data/numerics/')) as string;
}

test('changed without sealing again: the file and the manifest that says otherwise', async () => {
	const cases: readonly [change: (files: Files) => unknown, says: RegExp][] = [
		[
			(f) => edit(f, 'sample/data/models.json', 'llama', 'lamma'),
			/^bag: data\/models\.json: was altered: sha512 /,
		],
		[(f) => edit(f, 'sample/README.txt', 'folder', 'thing'), /^bag: README\.txt: was altered/],
		[
			(f) => f.delete('sample/data/models.json'),
			/^bag: data\/models\.json: is listed in manifest-sha512\.txt and not there/,
		],
		[
			(f) => f.set('sample/data/new.txt', Buffer.from('')),
			/^bag: data\/new\.txt: is not listed in manifest-sha512\.txt/,
		],
		[
			(f) => f.set('sample/new.txt', Buffer.from('')),
			/^bag: new\.txt: is not listed in tagmanifest/,
		],
		[
			(f) => edit(f, 'sample/bag-info.txt', /Payload-Oxum: .*/, 'Payload-Oxum: 1.1'),
			/Payload-Oxum is 1\.1, the payload has \d+\.18/,
		],
		[
			(f) => edit(f, 'sample/manifest-sha512.txt', /^.*\n/, (line: string) => line + line),
			/lists "data\/.*" twice/,
		],
		[(f) => edit(f, 'sample/manifest-sha512.txt', /^../, ''), /a line is not a sha512 and a path/],
		[(f) => f.set('other/x', Buffer.from('')), /everything should be in one folder; there are 2/],
	];
	for (const [change, says] of cases) {
		const files = await unpack(zip);
		await change(files);
		const to = join(folder, `raw-${count++}.zip`);
		await pack(files, to);
		const lines = await faultLines(to);
		assert.ok(
			lines.some((line) => says.test(line)),
			`${says}:\n${lines.join('\n')}`,
		);
	}
});

test('a file that is no archive is a wrong use, and no fault of an archive', async () => {
	const other = join(folder, 'other.zip');
	await pack(new Map([['a/b.txt', Buffer.from('x')]]), other);
	writeFileSync(join(folder, 'text.zip'), 'hello');
	writeFileSync(join(folder, 'empty.zip'), '');
	const cases: readonly [string, RegExp][] = [
		[other, /is a zip file and not an archive of detbal/],
		[join(folder, 'text.zip'), /is not a zip file/],
		[join(folder, 'empty.zip'), /is not a zip file/],
		[join(folder, 'none.zip'), /does not exist/],
		[folder, /is not a regular file/],
	];
	for (const [file, says] of cases) {
		const error = await verifyArchive(file).then(
			() => assert.unreachable(file) as never,
			(thrown: Error) => thrown,
		);
		assert.instance(error, UsageError);
		assert.match(error.message, says);
	}
});

test('the command: exit codes, one line for each fault, nothing left in the temporary folder', async () => {
	// Of its own: other tests use the machine's at the same time.
	const temporary = join(folder, 'temporary');
	mkdirSync(temporary);
	const { TMPDIR } = process.env;
	process.env.TMPDIR = temporary;
	try {
		await commandCases();
		assert.equal(
			readdirSync(temporary).filter((name) => name.startsWith('detbal')),
			[],
		);
	} finally {
		if (TMPDIR === undefined) delete process.env.TMPDIR;
		else process.env.TMPDIR = TMPDIR;
	}
});

async function commandCases(): Promise<void> {
	const sound = await detbal(folder, 'archive', 'verify', 'sample.zip', '--json');
	assert.is(sound.code, 0);
	const document = json(sound);
	assert.equal(
		[document.schema, document.ok, document.faults],
		['detbal/archive-verify/1', true, []],
	);
	const files = await unpack(zip);
	edit(files, 'sample/README.txt', 'folder', 'thing');
	const bad = join(folder, 'hostile.zip');
	await pack(files, bad);
	const faulty = await detbal(folder, 'archive', 'verify', 'hostile.zip');
	assert.is(faulty.code, 4);
	assert.match(faulty.stdout, /^hostile\.zip: 1 fault\n {2}bag: README\.txt: was altered: .*\n$/);
	for (const args of [['verify'], ['open', 'a'], ['sample.sqlite']]) {
		const { code, stderr } = await detbal(folder, 'archive', ...args);
		assert.is(code, 2, args.join(' '));
		assert.match(stderr, /detbal archive \w+ FILE|-o FILE\.zip/);
	}
	assert.match(text(files, 'sample/README.txt'), /thing/);
}

test.run();
