import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { GgufArrayValue, GgufValue } from '../../harness/engine/gguf/format.js';
import { inspectModel } from '../../harness/engine/gguf/inspect.js';
import { type GgufHeader, readGgufHeader } from '../../harness/engine/gguf/read.js';
import { requireGenerative } from '../../harness/engine/gguf/require-generative.js';
import { sha256File } from '../../harness/engine/gguf/sha256-file.js';
import { f32, type TensorData, writeGguf } from '../../harness/engine/gguf/write.js';
import { UsageError } from '../../harness/errors.js';
import { buildCalibrationModel } from '../../models/calibration/build.js';
import { dyadic } from '../../models/calibration/dyadic.js';

const test = suite('gguf');
const folder = mkdtempSync(join(tmpdir(), 'detbal-gguf-'));
test.after(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(bytes: Uint8Array | string): string {
	const path = join(folder, `${files++}.gguf`);
	writeFileSync(path, bytes);
	return path;
}
const parse = (bytes: Uint8Array | string) => readGgufHeader(file(bytes));
function refused(action: () => unknown, message: RegExp): void {
	assert.throws(action, (error: unknown) => {
		assert.instance(error, UsageError);
		assert.match((error as Error).message, message);
		return true;
	});
}
const refuses = (bytes: Uint8Array | string, message: RegExp) =>
	refused(() => parse(bytes), message);

const string = (value: string): GgufValue => ({ type: 'string', value });
const MINIMAL: readonly (readonly [string, GgufValue])[] = [
	['general.architecture', string('llama')],
	['tokenizer.ggml.tokens', { type: 'array', items: 'string', value: ['a', 'b'] }],
];
const EMBEDDING = f32('token_embd.weight', [4, 2], new Float32Array(8));
const minimal = (
	extra: readonly (readonly [string, GgufValue])[] = [],
	tensors: readonly TensorData[] = [EMBEDDING],
) => writeGguf(new Map([...MINIMAL, ...extra]), tensors);

/** A file by hand: parts are u32 as numbers, u64 as bigints, strings with their length. */
function raw(...parts: readonly (number | bigint | string | Uint8Array)[]): Uint8Array {
	return Buffer.concat(
		parts.map((part) => {
			if (part instanceof Uint8Array) return part;
			const buffer = Buffer.alloc(typeof part === 'number' ? 4 : 8);
			if (typeof part === 'number') buffer.writeUInt32LE(part);
			else buffer.writeBigUInt64LE(typeof part === 'bigint' ? part : BigInt(part.length));
			return typeof part === 'string' ? Buffer.concat([buffer, Buffer.from(part)]) : buffer;
		}),
	);
}
const GGUF = Buffer.from('GGUF');
/** Room behind a header, so that a count is refused for itself and not for the file's end. */
const ROOM = Buffer.alloc(4096);

test('what is written is read again, every type of value', () => {
	const nested: GgufArrayValue = {
		type: 'array',
		items: 'array',
		value: [{ type: 'array', items: 'uint8', value: [1, 2] }],
	};
	const metadata = new Map<string, GgufValue>([
		['a.u8', { type: 'uint8', value: 255 }],
		['a.i8', { type: 'int8', value: -128 }],
		['a.u16', { type: 'uint16', value: 65535 }],
		['a.i16', { type: 'int16', value: -2 }],
		['a.u32', { type: 'uint32', value: 4294967295 }],
		['a.i32', { type: 'int32', value: -2147483648 }],
		['a.f32', { type: 'float32', value: 0.25 }],
		['a.f64', { type: 'float64', value: Math.PI }],
		['a.u64', { type: 'uint64', value: 2n ** 64n - 1n }],
		['a.i64', { type: 'int64', value: -(2n ** 63n) }],
		['a.yes', { type: 'bool', value: true }],
		['a.text', string('naïve ▁ 世界')],
		['a.long', string('x'.repeat(200_000))],
		['a.words', { type: 'array', items: 'string', value: ['', 'b'] }],
		['a.nested', nested],
		['a.empty', { type: 'array', items: 'float32', value: [] }],
	]);
	const tensors = [
		f32('one', [3], Float32Array.of(1, 2, 3)),
		f32('two', [2, 1, 1, 2], Float32Array.of(1, 2, 3, 4)),
		{ name: 'three', dims: [32, 2], type: 'Q8_0', data: new Uint8Array(68) },
	];
	const bytes = writeGguf(metadata, tensors);
	const header = parse(bytes);
	assert.is(header.version, 3);
	assert.equal([...header.metadata], [...metadata]);
	assert.equal(
		header.tensors.map(({ name, dims, type, bytes: size }) => ({ name, dims, type, size })),
		tensors.map(({ name, dims, type, data }) => ({ name, dims, type, size: data.length })),
	);
	for (const [i, { offset }] of header.tensors.entries()) {
		assert.is(offset % 32, 0);
		const data = tensors[i]?.data as Uint8Array;
		assert.equal([...bytes.slice(offset, offset + data.length)], [...data]);
	}
	assert.is(header.fileBytes, bytes.length);
	assert.equal(writeGguf(metadata, tensors), bytes);
});

test('the writer refuses data that does not fill its shape, and unknown types', () => {
	assert.throws(() => minimal([], [f32('x', [5], new Float32Array(4))]), /needs 20/);
	assert.throws(() => minimal([], [{ ...EMBEDDING, type: 'Q9_9' }]), /unknown type/);
});

test('paths that hold no file', () => {
	refused(() => readGgufHeader(join(folder, 'absent.gguf')), /absent\.gguf: no such file/);
	refused(() => readGgufHeader(folder), /is a directory/);
	refused(() => readGgufHeader('\0'), /cannot be read/);
	refused(() => readGgufHeader('/dev/null'), /not a regular file/);
	refuses('', /is empty/);
	const locked = join(folder, 'folder.gguf');
	mkdirSync(locked);
	refused(() => readGgufHeader(locked), /is a directory/);
});

test('other kinds of file are named', () => {
	refuses('PK\x03\x04 archive', /zip archive/);
	refuses(raw(40n, Buffer.from('{"__metadata__":{}}')), /safetensors/);
	refuses('<!DOCTYPE html><html>', /HTML/);
	refuses('version https://git-lfs.github.com/spec/v1\n', /git lfs pull/);
	refuses('{"a": 1}', /JSON/);
	refuses(Buffer.from([0x1f, 0x8b, 8, 0]), /gzip/);
	refuses('tjgg....', /GGML/);
	refuses('Not found', /plain text/);
	refuses(Buffer.from([1, 2, 255]), /unknown/);
	refuses('GGU', /plain text/);
});

test('versions and byte order', () => {
	refuses(raw(GGUF, 1, 0n, 0n), /version 1 is not supported/);
	refuses(raw(GGUF, 4, 0n, 0n), /version 4/);
	refuses(raw(GGUF, 0, 0n, 0n), /version 0/);
	refuses(raw(GGUF, 3 << 24, 0n, 0n), /big-endian/);
	assert.is(parse(raw(GGUF, 2, 0n, 0n)).version, 2);
});

test('absurd counts are refused before anything is allocated', () => {
	refuses(
		raw(GGUF, 3, 2n ** 60n, 0n, ROOM),
		/number of tensors is announced as 1152921504606846976/,
	);
	refuses(raw(GGUF, 3, 0n, 2n ** 63n, ROOM), /number of keys/);
	refuses(raw(GGUF, 3, 5000n, 0n, ROOM), /too many for/);
	refuses(raw(GGUF, 3, 0n, 1n, 2n ** 63n, ROOM), /length of the name of key 0/);
	refuses(raw(GGUF, 3, 0n, 1n, 'k', 8, 2n ** 63n, ROOM), /length of key "k"/);
	refuses(raw(GGUF, 3, 0n, 1n, 'k', 8, 10n ** 6n, ROOM), /ends inside key "k"/);
	refuses(raw(GGUF, 3, 0n, 1n, 'k', 9, 0, 2n ** 62n, ROOM), /length of the array of key "k"/);
	refuses(raw(GGUF, 3, 0n, 1n, 'k', 9, 8, 10n ** 6n, ROOM), /announces 1000000 elements/);
});

test('keys and values', () => {
	refuses(raw(GGUF, 3, 0n, 1n, '', 0, ROOM), /key 0 has no name/);
	refuses(raw(GGUF, 3, 0n, 1n, 'k', 13, ROOM), /unknown value type 13/);
	refuses(raw(GGUF, 3, 0n, 1n, 'k', 7, Buffer.from([2]), ROOM), /0 or 1 and is 2/);
	refuses(raw(GGUF, 3, 0n, 2n, 'k', 4, 1, 'k', 4, 1, ROOM), /"k" occurs twice/);
	const deep = [9, 1n, 9, 1n, 9, 1n, 9, 1n, 9, 1n, 0, 0n];
	refuses(raw(GGUF, 3, 0n, 1n, 'k', 9, ...deep, ROOM), /deeper than 4/);
	assert.ok(parse(raw(GGUF, 3, 0n, 1n, 'k', 9, ...deep.slice(4), ROOM)));
	refuses(minimal([['general.alignment', { type: 'uint32', value: 24 }]]), /power of two/);
	refuses(minimal([['general.alignment', string('32')]]), /power of two/);
	refuses(raw(GGUF, 3, 0n, 1n, 'bad\x1b[31m', 13, ROOM), /"bad\\u001b\[31m"/);
});

test('tensors', () => {
	const tensor = (rank: number, dims: bigint[], type: number, offset: bigint, name = 't') =>
		raw(GGUF, 3, 1n, 0n, name, rank, ...dims, type, offset, ROOM);
	assert.is(parse(tensor(2, [4n, 4n], 0, 0n)).tensors[0]?.bytes, 64);
	refuses(tensor(0, [], 0, 0n), /0 dimensions/);
	refuses(tensor(5, [1n, 1n, 1n, 1n, 1n], 0, 0n), /5 dimensions/);
	refuses(tensor(1, [0n], 0, 0n), /is 0/);
	refuses(tensor(1, [2n ** 63n], 0, 0n), /dimension 0/);
	refuses(tensor(4, [30000n, 30000n, 30000n, 30000n], 0, 0n), /needs 3240000000000000000 bytes/);
	refuses(tensor(1, [4n], 4, 0n), /unknown type 4/);
	refuses(tensor(1, [4n], 999, 0n), /unknown type 999/);
	refuses(tensor(1, [33n], 8, 0n), /block 32/);
	refuses(tensor(1, [4n], 0, 7n), /placed at 7/);
	refuses(tensor(1, [4n], 0, 2n ** 64n - 32n), /placed at/);
	refuses(tensor(1, [4n], 0, 0n, 'n'.repeat(64)), /length of the name of tensor 0/);
	refuses(raw(GGUF, 3, 2n, 0n, 't', 1, 1n, 0, 0n, 't', 1, 1n, 0, 32n, ROOM), /"t" occurs twice/);
	refuses(raw(GGUF, 3, 2n, 0n, 't', 1, 1n, 0, 0n, 'u', 1, 1n, 0, 0n, ROOM), /"u" is placed at 0/);
});

test('a real model cut off anywhere is refused, at every byte of its header', () => {
	const bytes = buildCalibrationModel('llama', 'star');
	const header = parse(bytes);
	const dataStart = header.tensors[0]?.offset as number;
	const last = header.tensors.at(-1);
	const end = (last?.offset ?? 0) + (last?.bytes ?? 0);
	const cuts = [dataStart - 1, dataStart, dataStart + 1, end - 1];
	for (let at = 1; at < dataStart; at += 1 + (at >> 6)) cuts.push(at);
	for (const at of cuts) refuses(bytes.subarray(0, at), /./);
	assert.ok(parse(bytes.subarray(0, end)));
});

test('random bytes and single flips give a header or a UsageError, nothing else', () => {
	const bytes = buildCalibrationModel('qwen2', 'star');
	const dataStart = parse(bytes).tensors[0]?.offset as number;
	let refusals = 0;
	const attempt = (candidate: Uint8Array) => {
		try {
			const header = parse(candidate);
			for (const { offset, bytes: size } of header.tensors)
				assert.ok(offset + size <= candidate.length);
		} catch (error) {
			assert.instance(error, UsageError);
			refusals++;
		}
	};
	for (let i = 0; i < 1500; i++) {
		const flipped = bytes.slice();
		// The dense start of the header, its dense end, and anywhere in between.
		const span = [64, 900, dataStart][i % 3] as number;
		const within = (dyadic('place', i, 0, 2 ** 20) + 2 ** 20) % span;
		const at = i % 3 === 1 ? dataStart - 1 - within : within;
		flipped[at] = (flipped[at] as number) ^ (1 << ((dyadic('bit', i, 0, 64) + 64) % 8));
		attempt(flipped);
	}
	assert.ok(refusals > 300 && refusals < 1500, `${refusals} refusals`);
	for (let i = 0; i < 200; i++) {
		const noise = Uint8Array.from({ length: 300 }, (_, j) => dyadic('noise', i, j, 127) + 127);
		if (i % 2 === 0) noise.set([...GGUF, 3, 0, 0, 0]);
		// Small counts, so that noise reaches the keys and tensors.
		if (i % 4 === 0) noise.set([i % 3, 0, 0, 0, 0, 0, 0, 0, i % 5, 0, 0, 0, 0, 0, 0, 0], 8);
		attempt(noise);
	}
});

test('requireGenerative passes causal models and names what is not one', () => {
	const check = (extra: readonly (readonly [string, GgufValue])[]) => {
		const path = file(minimal(extra));
		return () => requireGenerative(readGgufHeader(path), path);
	};
	assert.not.throws(check([]));
	assert.not.throws(check([['llama.attention.causal', { type: 'bool', value: true }]]));
	assert.not.throws(check([['llama.pooling_type', { type: 'uint32', value: 0 }]]));
	assert.not.throws(check([['split.count', { type: 'uint16', value: 1 }]]));
	for (const name of ['bert', 'nomic-bert', 'jina-bert-v2'])
		refused(check([['general.architecture', string(name)]]), /only makes embeddings/);
	refused(check([['general.architecture', string('clip')]]), /vision projector/);
	refused(check([['general.architecture', string('t5')]]), /encoder-decoder/);
	refused(check([['llama.attention.causal', { type: 'bool', value: false }]]), /not causal/);
	refused(check([['llama.pooling_type', { type: 'uint32', value: 1 }]]), /pools/);
	refused(check([['general.type', string('adapter')]]), /holds not a model/);
	refused(check([['split.count', { type: 'uint16', value: 3 }]]), /one of 3 pieces.*--merge/);
});

test('requireGenerative asks for architecture, tokenizer and embedding', () => {
	const header = parse(minimal());
	const without = (key: string): GgufHeader => ({
		...header,
		metadata: new Map([...header.metadata].filter(([name]) => name !== key)),
	});
	const check = (h: GgufHeader) => () => requireGenerative(h, 'some.gguf');
	refused(check(without('general.architecture')), /some\.gguf: key general\.architecture/);
	refused(check(without('tokenizer.ggml.tokens')), /no tokenizer/);
	refused(check({ ...header, tensors: [] }), /token_embd\.weight is missing/);
});

test('inspectModel tells what a file says of itself', async () => {
	const bytes = buildCalibrationModel('qwen2', 'driven');
	const path = file(bytes);
	const { sha256, ...facts } = await inspectModel(path);
	assert.is(sha256, createHash('sha256').update(bytes).digest('hex'));
	assert.is(sha256, await sha256File(path));
	assert.equal(facts, {
		path,
		bytes: bytes.length,
		architecture: 'qwen2',
		name: 'detbal calibration qwen2 driven',
		quantisation: 'F32',
		dominantType: 'F32',
		parameters: readGgufHeader(path).tensors.reduce((sum, { bytes: b }) => sum + b / 4, 0),
		contextLength: 1024,
		vocabularySize: 272,
		tokenizerModel: 'gpt2',
		hasChatTemplate: true,
		bosId: 269,
		eosId: 271,
		addBos: false,
	});
	const bare = await inspectModel(file(minimal()));
	assert.is(bare.contextLength, null);
	assert.is(bare.addBos, null);
	assert.is(bare.quantisation, 'F32');
});

test.run();
