import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { philox4x32, philoxInto, uniform53 } from '../../harness/numerics/philox.js';

const hex = (words: Uint32Array): string =>
	[...words].map((w) => w.toString(16).padStart(8, '0')).join(' ');

/** Random123's kat_vectors, rows `philox4x32 10`. */
const KNOWN: readonly [counter: number[], key: number[], words: string][] = [
	[[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
	[
		[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
		[0xffffffff, 0xffffffff],
		'408f276d 41c83b0e a20bc7c6 6d5451fd',
	],
	[
		[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
		[0xa4093822, 0x299f31d0],
		'd16cfe09 94fdcceb 5001e420 24126ea1',
	],
];

for (const [counter, key, words] of KNOWN) {
	test(`known answer ${words}`, () => assert.is(hex(philox4x32(counter, key)), words));
}

/** The slow obvious version: 64-bit products as BigInt. */
function slow(counter: number[], key: number[]): string {
	const mask = 0xffffffffn;
	let [a, b, c, d] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
	let [k, l] = key.map(BigInt) as [bigint, bigint];
	for (let round = 0; round < 10; round++) {
		const p = 0xd2511f53n * a;
		const q = 0xcd9e8d57n * c;
		[a, b, c, d] = [(q >> 32n) ^ b ^ k, q & mask, (p >> 32n) ^ d ^ l, p & mask];
		k = (k + 0x9e3779b9n) & mask;
		l = (l + 0xbb67ae85n) & mask;
	}
	return [a, b, c, d].map((w) => w.toString(16).padStart(8, '0')).join(' ');
}

test('agrees with 64-bit integers on 2,000 chained blocks', () => {
	let counter = [1, 2, 3, 4];
	for (let i = 0; i < 2000; i++) {
		const key = [counter[3]!, i];
		const words = philox4x32(counter, key);
		assert.is(hex(words), slow(counter, key));
		counter = [...words];
	}
});

test('writes into the array given and takes signed words on the fast path', () => {
	const out = new Uint32Array(4);
	assert.is(philox4x32([0, 0, 0, 0], [0, 0], out), out);
	philoxInto(-1, -1, -1, -1, -1, -1, out);
	assert.is(hex(out), '408f276d 41c83b0e a20bc7c6 6d5451fd');
});

test('wrong words are refused by name', () => {
	assert.throws(() => philox4x32([0, 0, 0], [0, 0]), /counter needs 4 words, has 3/);
	assert.throws(() => philox4x32([0, 0, 0, 0], [0]), /key needs 2 words, has 1/);
	assert.throws(() => philox4x32([0, 0, 0, 0], [0, 0], new Uint32Array(3)), /out needs 4 words/);
	assert.throws(() => philox4x32([0, 0, 2 ** 32, 0], [0, 0]), /counter\[2\] must be an integer/);
	assert.throws(() => philox4x32([0, 0, 0, 0], [0.5, 0]), /key\[0\] must be an integer/);
	assert.throws(() => philox4x32([Number.NaN, 0, 0, 0], [0, 0]), /got NaN/);
});

test('uniform53 spans [0, 1) in steps of 2^-53', () => {
	assert.is(uniform53(0, 0), 0);
	assert.is(uniform53(0x80000000, 0), 0.5);
	assert.is(uniform53(0, 64), 2 ** -53);
	assert.is(uniform53(0xffffffff, 0xffffffff), 1 - 2 ** -53);
});

test.run();
