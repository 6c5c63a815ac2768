import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskSpec } from '../../harness/experiment/experiment.js';
import {
	type CellIdentity,
	canonicalJson,
	cellKey,
	runKey,
	sha256Hex,
} from '../../harness/experiment/identity.js';

test('canonical JSON: sorted keys, no white space, one text for one value', () => {
	assert.is(
		canonicalJson({ b: [1, 'x', null, true], a: { d: 1e21, c: -0 } }),
		'{"a":{"c":0,"d":1e+21},"b":[1,"x",null,true]}',
	);
	assert.is(canonicalJson({ é: 1, z: 2, Z: 3, 10: 4, 9: 5 }), '{"10":4,"9":5,"Z":3,"z":2,"é":1}');
	assert.is(canonicalJson('\ud800'), '"\\ud800"');
	assert.is(canonicalJson(JSON.parse('{"__proto__":1}')), '{"__proto__":1}');
	const twice = [1];
	assert.is(canonicalJson([twice, twice]), '[[1],[1]]');
});

test('canonical JSON refuses what JSON cannot hold', () => {
	const circle: unknown[] = [];
	circle.push(circle);
	const bad: readonly unknown[] = [
		Number.NaN,
		Infinity,
		undefined,
		1n,
		Symbol('x'),
		() => 1,
		new Map(),
		new Date(0),
		new Float32Array(1),
		circle,
		{ a: undefined },
		[undefined],
		// biome-ignore lint/suspicious/noSparseArray: a hole is the case
		[, 1],
	];
	for (const value of bad) {
		assert.throws(
			() => canonicalJson(value),
			(e: unknown) => e instanceof TypeError,
		);
		assert.throws(
			() => canonicalJson({ x: [value] }),
			(e: unknown) => e instanceof TypeError,
		);
	}
});

test('canonical JSON keeps the value and does not depend on the order of keys', () => {
	fc.assert(
		fc.property(fc.jsonValue(), (value) => {
			const text = canonicalJson(value);
			assert.is(canonicalJson(JSON.parse(text)), text);
			assert.is(JSON.stringify(JSON.parse(text)).length, JSON.stringify(value).length);
		}),
	);
	fc.assert(
		fc.property(fc.dictionary(fc.string(), fc.integer()), (record) => {
			const reversed = Object.fromEntries(Object.entries(record).reverse());
			assert.is(canonicalJson(reversed), canonicalJson(record));
		}),
	);
});

test('sha256 of text and bytes, against published vectors', () => {
	assert.is(sha256Hex(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
	const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
	assert.is(sha256Hex('abc'), abc);
	assert.is(sha256Hex(new Uint8Array([0x61, 0x62, 0x63])), abc);
});

const CELL: CellIdentity = {
	task: { kind: 'closed', states: ['A', 'B', 'C'], read: 'whole' },
	template: { id: 't', text: 'After {state}', chat: false },
	sampling: { temperature: 1, topK: 0, topP: 1, minP: 0, maxTokens: 12, stop: ['\n', '.'] },
	sources: { design: 'fixed', states: ['A', 'B'] },
	modelSha256: 'ab'.repeat(32),
	seed: 7,
};
const CRAWL: CellIdentity = { ...CELL, sources: { design: 'crawl', states: ['A', 'B'] } };
const WORDS: TaskSpec = { kind: 'words', letterSum: 3, words: ['AB', 'C'] };

test('the cell key is fixed for all time', () => {
	// Recomputed from the text of the key; a change of this number orphans every stored run.
	const task = sha256Hex('{"kind":"closed","read":"whole","states":["A","B","C"]}');
	const text = `detbal/cell/1\n{"modelSha256":"${CELL.modelSha256}","sampling":{"maxTokens":12,"minP":0,"stop":["\\n","."],"temperature":1,"topK":0,"topP":1},"seed":7,"sources":{"design":"fixed"},"task":"${task}","template":{"chat":false,"text":"After {state}"}}`;
	assert.is(cellKey(CELL), sha256Hex(text));
});

test('everything that decides the draws changes the cell key', () => {
	const { sampling, template } = CELL;
	const variants: readonly CellIdentity[] = [
		CELL,
		CRAWL,
		{ ...CELL, sources: { design: 'chain', states: ['A', 'B'] } },
		{ ...CRAWL, sources: { design: 'crawl', states: ['A'] } },
		{ ...CRAWL, sources: { design: 'crawl', states: ['B', 'A'] } },
		{ ...CELL, task: { kind: 'closed', states: ['A', 'B'], read: 'whole' } },
		{ ...CELL, task: { kind: 'closed', states: ['A', 'B', 'C'], read: 'first-word' } },
		{ ...CELL, task: WORDS },
		{ ...CELL, task: { ...WORDS, words: null } },
		{ ...CELL, task: { ...WORDS, words: ['C'] } },
		{ ...CELL, task: { ...WORDS, letterSum: 4 } },
		{ ...CELL, template: { ...template, text: 'After {state} ' } },
		{ ...CELL, template: { ...template, chat: true } },
		{ ...CELL, sampling: { ...sampling, temperature: 0.5 } },
		{ ...CELL, sampling: { ...sampling, topK: 1 } },
		{ ...CELL, sampling: { ...sampling, topP: 0.5 } },
		{ ...CELL, sampling: { ...sampling, minP: 0.5 } },
		{ ...CELL, sampling: { ...sampling, maxTokens: 13 } },
		{ ...CELL, sampling: { ...sampling, stop: ['\n'] } },
		{ ...CELL, modelSha256: 'cd'.repeat(32) },
		{ ...CELL, seed: 8 },
	];
	const keys = variants.map(cellKey);
	assert.is(new Set(keys).size, variants.length);
	for (const key of keys) assert.match(key, /^[0-9a-f]{64}$/);
});

test('labels, fixed sources and the order of sets do not change the cell key', () => {
	const same: readonly CellIdentity[] = [
		{ ...CELL, template: { ...CELL.template, id: 'other' } },
		{ ...CELL, sources: { design: 'fixed', states: ['C'] } },
		{ ...CELL, sampling: { ...CELL.sampling, stop: ['.', '\n'] } },
		{ ...CELL, task: { kind: 'closed', states: ['C', 'B', 'A'], read: 'whole' } },
		structuredClone(CELL),
		// What is more than the identity of a cell, such as attempts or an engine, is not looked at.
		{ ...CELL, attempts: 99, engine: { width: 4 } } as CellIdentity,
	];
	for (const cell of same) assert.is(cellKey(cell), cellKey(CELL));
});

test('a run is named by its cells, in any order', () => {
	const [a, b] = [{ key: 'a' }, { key: 'b' }];
	assert.is(runKey([a, b]), runKey([b, a]));
	assert.is.not(runKey([a]), runKey([a, b]));
	assert.is.not(runKey([a, { key: 'c' }]), runKey([a, b]));
});

test.run();
