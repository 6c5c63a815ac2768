/** Zip files made to do harm, and damage anywhere: said, and nothing outside, nothing half-written. */
import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { DEFAULT_LIMITS } from '../../harness/archive/inspect.js';
import { fitName, fitNames, whyUnfit } from '../../harness/archive/names.js';
import { openArchive } from '../../harness/archive/open.js';
import { verifyArchive } from '../../harness/archive/verify.js';
import { UsageError } from '../../harness/errors.js';
import { Stream } from '../../harness/numerics/stream.js';
import { inPlace, listing, newFolder } from '../commands/fixture.js';
import { type Files, pack, seal, tool, unpack, writeSample } from './fixture.js';

const test = suite('archive: hostile files');
const place = inPlace(test);
let folder = '';
let zip = '';
let bytes = Buffer.alloc(0);
let count = 0;

test.before(async () => {
	folder = newFolder(place);
	zip = join(folder, 'sample.zip');
	await seal(writeSample(folder), zip);
	bytes = readFileSync(zip);
});

/** What is wrong with these bytes as an archive; opening them must leave nothing anywhere. */
async function faultsOf(content: Uint8Array, limits = DEFAULT_LIMITS): Promise<string> {
	const nest = newFolder(place);
	const file = join(nest, 'x.zip');
	writeFileSync(file, content);
	const before = listing(place.folder);
	const result = await openArchive(file, join(nest, 'opened'), { limits }).catch((error: Error) => {
		if (!(error instanceof UsageError)) throw error;
		return error;
	});
	if (!(result instanceof UsageError) && result.ok) return '';
	assert.equal(listing(place.folder), before, 'nothing is left');
	if (result instanceof UsageError) return result.message;
	return result.faults.map(({ place: at, message }) => `${at}: ${message}`).join('\n');
}

/** Replaces a text by another of the same length wherever the zip file names it. */
function renamed(from: string, to: string): Buffer {
	assert.is(Buffer.byteLength(from), Buffer.byteLength(to));
	const copy = Buffer.from(bytes);
	for (let at = copy.indexOf(from); at >= 0; at = copy.indexOf(from, at + 1))
		copy.write(to, at, 'utf8');
	return copy;
}

const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;

/** Offsets of the central and the local header of a file. */
function headersOf(content: Buffer, name: string): readonly [central: number, local: number] {
	for (let at = content.indexOf(name); at >= 0; at = content.indexOf(name, at + 1))
		if (at >= 46 && content.readUInt32LE(at - 46) === CENTRAL)
			return [at - 46, content.readUInt32LE(at - 46 + 42)];
	throw new Error(`no ${name}`);
}

function patched(name: string, change: (copy: Buffer, central: number, local: number) => void) {
	const copy = Buffer.from(bytes);
	const [central, local] = headersOf(copy, name);
	assert.is(copy.readUInt32LE(local), LOCAL);
	change(copy, central, local);
	return copy;
}

test('the archive itself opens, so what follows is about its changes', async () => {
	assert.is(await faultsOf(bytes), '');
});

test('names that lead elsewhere or mean two things', async () => {
	const cases: readonly [from: string, to: string, says: RegExp][] = [
		['sample/README.txt', '../ple/README.txt', /leads out of its folder/],
		['sample/README.txt', 'sample/../../.txt', /leads out of its folder/],
		['sample/README.txt', '/ample/README.txt', /leads out of its folder/],
		['sample/README.txt', 'C:mple/README.txt', /A-Z a-z|leads out/],
		['sample/README.txt', 'C:/ple/README.txt', /leads out of its folder/],
		['sample/README.txt', 'sample\\README.txt', /A-Z a-z|leads out/],
		['sample/README.txt', '..\\ple/README.txt', /leads out of its folder/],
		['sample/README.txt', 'sample//EADME.txt', /leads out of its folder or is no path/],
		['sample/README.txt', 'sample/./ADME.txt', /leads out of its folder or is no path/],
		['sample/README.txt', 'sample/README.tx\0', /no path|A-Z a-z/],
		['sample/README.txt', 'sample/README txt', /A-Z a-z/],
		['sample/README.txt', 'sample/RÉADM.txt', /A-Z a-z|two ways/],
		['sample/README.txt', 'sample/aux.md.txt', /Windows keeps for a device/],
		['sample/README.txt', 'sample/READMEtxt.', /A-Z a-z/],
		['sample/README.txt', 'sample/BAGIT.TXT ', /A-Z a-z/],
		['sample/bagit.txt', 'Sample/bagit.txt', /everything should be in one folder/],
		['data/models.json', 'data/DATASETS.json'.slice(0, 16), /not listed|not there/],
		['sample/data/CITATION.cff', 'sample/data/archive.json', /two ways: duplicate/],
	];
	for (const [from, to, says] of cases) assert.match(await faultsOf(renamed(from, to)), says, to);
	// Alike but for case: one of them would be lost on some systems.
	const files = await unpack(zip);
	files.set('sample/data/MODELS.json', Buffer.from('{}'));
	assert.match(await packed(files), /is there twice \(sample\/data\/MODELS\.json\), if case/);
});

async function packed(files: Files, limits = DEFAULT_LIMITS): Promise<string> {
	const file = join(folder, `packed-${count++}.zip`);
	await pack(files, file);
	return faultsOf(readFileSync(file), limits);
}

test('entries that are no plain files, or cannot be read', async () => {
	const name = 'sample/data/models.json';
	const mode = (value: number) => (copy: Buffer, central: number) =>
		copy.writeUInt32LE((value << 16) >>> 0, central + 38);
	const both =
		(offset: number, value: number): Parameters<typeof patched>[1] =>
		(copy, central, local) => {
			copy.writeUInt16LE(value, central + offset + 2);
			copy.writeUInt16LE(value, local + offset);
		};
	const flags = bytes.readUInt16LE(headersOf(bytes, name)[0] + 8);
	const cases: readonly [change: Parameters<typeof patched>[1], says: RegExp][] = [
		[mode(0o120777), /is a symbolic link/],
		[mode(0o010644), /is not a regular file/],
		[mode(0), /is not a regular file/],
		[both(6, flags | 1), /is encrypted/],
		[both(8, 12), /is compressed by method 12/],
		[both(8, 0), /invalid|two ways|size|bytes/i],
		// Only one of the two headers says so.
		[(copy, _, local) => copy.writeUInt16LE(12, local + 8), /two ways/],
		[(copy, _, local) => copy.write('MODELS', local + 30 + 12), /two ways/],
		[(copy, central) => copy.writeUInt32LE(1, central + 16), /./],
		[(copy, central) => copy.writeUInt32LE(1, central + 24), /./],
		[(copy, central) => copy.writeUInt32LE(7, central + 42), /./],
	];
	for (const [i, [change, says]] of cases.entries())
		assert.match(await faultsOf(patched(name, change)), says, `case ${i}`);
});

test('bombs: declared sizes, real sizes, ratio, total', async () => {
	const name = 'sample/data/models.json';
	const size = (value: number): Parameters<typeof patched>[1] => {
		return (copy, central) => copy.writeUInt32LE(value, central + 24);
	};
	assert.match(
		await faultsOf(patched(name, size(0xfffffff0))),
		/unpacks to \d+ bytes from \d+, more than 200 to 1/,
	);
	assert.match(
		await faultsOf(patched(name, size(0xfffffff0)), { bytes: 2 ** 40, ratio: null }),
		/models\.json: (it can be read in two ways|.*size|.*bytes)/i,
	);
	// Four gigabytes and more, in zip64 fields that are not there.
	assert.match(await faultsOf(patched(name, size(0xffffffff))), /zip64/i);
	const files = await unpack(zip);
	files.set('sample/data/zeros.bin', Buffer.alloc(20 * 2 ** 20));
	assert.match(
		await packed(files),
		/zeros\.bin: unpacks to 20971520 bytes from \d+, more than 200 to 1; allow it with --max-bytes/,
	);
	const allowed = await packed(files, { bytes: 2 ** 30, ratio: null });
	assert.not.match(allowed, /unpacks/);
	assert.match(allowed, /zeros\.bin: is not listed/);
	assert.match(
		await faultsOf(bytes, { bytes: 100_000, ratio: 200 }),
		/it unpacks to \d+ bytes, more than 100000/,
	);
});

test('bytes before, after and between', async () => {
	const cases: readonly [Uint8Array, RegExp][] = [
		[Buffer.concat([Buffer.from('PK\x03\x04'), bytes]), /directory cannot be read/],
		[Buffer.concat([bytes, Buffer.from('more')]), /directory cannot be read/],
		[Buffer.concat([bytes, bytes]), /directory cannot be read/],
	];
	for (const [content, says] of cases) assert.match(await faultsOf(content), says);
	assert.match(await faultsOf(withGap()), /bytes \d+ to \d+ belong to no entry/);
});

/** The last file begins ten bytes later than the one before it ends. */
function withGap(): Buffer {
	const start = bytes.readUInt32LE(bytes.length - 22 + 16);
	const [central, local] = headersOf(bytes, 'sample/tagmanifest-sha512.txt');
	const parts = [bytes.subarray(0, local), Buffer.alloc(10), bytes.subarray(local)];
	const copy = Buffer.concat(parts);
	copy.writeUInt32LE(local + 10, central + 10 + 42);
	copy.writeUInt32LE(start + 10, copy.length - 22 + 16);
	return copy;
}

test('cut off at every thousandth byte', async () => {
	for (let length = 1000; length < bytes.length; length += 1000)
		assert.match(
			await faultsOf(bytes.subarray(0, length)),
			/directory cannot be read/,
			`${length}`,
		);
	assert.match(await faultsOf(bytes.subarray(0, 3)), /is not a zip file/);
});

test('one bit flipped: in each file, and at 150 places anywhere', async () => {
	const entries = await locations();
	for (const { name, from, to } of entries) {
		const said = await faultsOf(flipped(from + ((to - from) >> 1), 3));
		assert.ok(
			said.includes(name) || said.includes(name.replace('sample/', '')),
			`${name}: ${said}`,
		);
	}
	const sound = await unpack(zip);
	let unseen = 0;
	const random = new Stream([7, 1], 0);
	for (let i = 0; i < 150; i++) {
		const at = Math.floor(random.next() * bytes.length);
		const copy = flipped(at, i % 8);
		if ((await faultsOf(copy)) !== '') continue;
		// A time, a version: nothing that is inside may be another.
		unseen++;
		const file = join(folder, 'unseen.zip');
		writeFileSync(file, copy);
		assert.equal(await unpack(file), sound, `byte ${at}`);
		for (const { name, from, to } of entries)
			assert.ok(at < from || at >= to, `${name}, byte ${at}`);
	}
	assert.ok(unseen < 15, `${unseen}`);
});

function flipped(at: number, bit: number): Buffer {
	const copy = Buffer.from(bytes);
	copy[at] = (copy[at] as number) ^ (1 << bit);
	return copy;
}

/** Where the packed content of each file lies, as another program sees it. */
async function locations() {
	const script = `
import json, struct, sys, zipfile
f = open(sys.argv[1], "rb")
out = []
for i in zipfile.ZipFile(f).infolist():
    f.seek(i.header_offset + 26)
    n, m = struct.unpack("<HH", f.read(4))
    start = i.header_offset + 30 + n + m
    out.append({"name": i.filename, "from": start, "to": start + i.compress_size})
print(json.dumps(out))
`;
	return JSON.parse(tool('python3', ['-c', script, zip], folder)) as {
		readonly name: string;
		readonly from: number;
		readonly to: number;
	}[];
}

test('open: into a new or an empty folder, never into another', async () => {
	const nest = newFolder(place);
	mkdirSync(join(nest, 'empty'));
	mkdirSync(join(nest, 'full'));
	writeFileSync(join(nest, 'full', 'x'), 'precious');
	writeFileSync(join(nest, 'file'), 'precious');
	symlinkSync(join(nest, 'empty'), join(nest, 'link'));
	const before = listing(nest);
	for (const [dir, says] of [
		['full', /is not empty/],
		['file', /is not a folder/],
		['link', /is not a folder/],
		['none/deep', /folder of .* does not exist/],
	] as const) {
		const error = await openArchive(zip, join(nest, dir)).catch((thrown: Error) => thrown);
		assert.instance(error, UsageError, dir);
		assert.match((error as Error).message, says);
	}
	assert.equal(listing(nest), before);
	const stopped = { signal: AbortSignal.abort() };
	await openArchive(zip, join(nest, 'new'), stopped).then(
		() => assert.unreachable(),
		(error: Error) => assert.is(error.name, 'AbortError'),
	);
	assert.equal(listing(nest), before);
	for (const dir of ['empty', 'new']) {
		assert.is((await openArchive(zip, join(nest, dir))).ok, true);
		assert.is(statSync(join(nest, dir)).mode & 0o777, 0o777 & ~process.umask());
		const names = listing(join(nest, dir)).filter((name) => /\.[a-zA-Z]+$|LICENSE/.test(name));
		assert.is(names.length, (await unpack(zip)).size);
	}
	assert.is((await verifyArchive(zip)).ok, true);
});

test('names that fit: what is refused, what is made of others', () => {
	for (const path of ['a', 'a/b.c', '_x', 'A-1/b+c@d', 'console', 'x.aux'])
		assert.is(whyUnfit(path), null, path);
	for (const path of [
		'',
		'/a',
		'a/',
		'a//b',
		'.',
		'..',
		'a/../b',
		'.hidden',
		'-a',
		'a b',
		'é',
		'a\\b',
		'a:b',
		'CON',
		'nul.txt',
		'com1',
		'a.',
		'a\n',
		'a'.repeat(241),
	])
		assert.type(whyUnfit(path), 'string', JSON.stringify(path));
	for (const text of [
		'',
		'..',
		'a/b',
		'é',
		'CON',
		'<script>',
		'\u202e',
		'...',
		'-',
		'x'.repeat(999),
	])
		assert.is(whyUnfit(fitName(text)), null, `${text} → ${fitName(text)}`);
	assert.equal(fitNames(['a', 'A', 'a b', 'a_b'], '.x'), ['a.x', 'A-2.x', 'a_b.x', 'a_b-2.x']);
});

test.run();
