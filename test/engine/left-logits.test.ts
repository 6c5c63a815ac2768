/** Logits read from memory: the same bits as the package hands over, or nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { NextTokenLaw, TokenPath } from '../../harness/engine/engine.js';
import { LeftLogits } from '../../harness/engine/left-logits.js';
import { openLlamaHost } from '../../harness/engine/llama.js';
import { LlamaSlots, type TokenSequence } from '../../harness/engine/llama-slots.js';
import { OwnMemory } from '../../harness/engine/own-memory.js';
import { buildCalibrationModel } from '../../models/calibration/build.js';
import { sameBits } from './contract.js';

const VOCABULARY = 300;
const ROWS = 3;
const SHOWN = process.platform === 'linux';

/** Rows of logits one after the other, as llama.cpp keeps them; `turn` fills them anew. */
class Place {
	readonly all = new Float32Array(VOCABULARY * ROWS);

	turn(turn: number): void {
		for (let i = 0; i < this.all.length; i++) this.all[i] = Math.sin(1000 * turn + i);
	}

	row(row: number): Float32Array {
		return this.all.slice(row * VOCABULARY, (row + 1) * VOCABULARY);
	}

	rows(...wanted: readonly number[]) {
		return new Map(wanted.map((row) => [row, this.row(row)]));
	}

	some(row: number, tokens: readonly number[]) {
		return new Map(tokens.map((token) => [token, this.row(row)[token] as number]));
	}
}

function learned(place: Place): LeftLogits {
	const left = new LeftLogits(VOCABULARY, 0);
	place.turn(1);
	left.learn(place.rows(0, 2));
	assert.is(left.ready, false, 'one reading is not enough');
	place.turn(2);
	left.learn(place.rows(1));
	return left;
}

test('this process reads its own memory on Linux, and elsewhere says that it cannot', () => {
	assert.is(OwnMemory.open() !== null, SHOWN);
	if (!SHOWN) assert.is(new LeftLogits(VOCABULARY, 0).ready, false);
});

if (SHOWN) {
	test('memory is found where it is, and none where there is none', () => {
		const memory = OwnMemory.open() as OwnMemory;
		const hay = Buffer.alloc(2 ** 20);
		const needle = Buffer.from('a text that is in no other place, 8f1c');
		needle.copy(hay, 12_345);
		const read = Buffer.alloc(needle.length);
		// What the search itself read lies in memory too, and is soon overwritten.
		const lasting = memory
			.find(needle)
			.filter((address) => memory.read(address, read) && read.equals(needle));
		assert.ok(lasting.length >= 2, 'the needle itself and its copy');
		assert.is(memory.read(0, read), false);
	});

	test('a place is trusted after two readings, and then gives every row', () => {
		const place = new Place();
		const left = learned(place);
		assert.is(left.ready, true);
		place.turn(3);
		for (let row = 0; row < ROWS; row++) {
			assert.equal(left.read(row, place.some(row, left.probes)), place.row(row));
		}
	});

	test('a row that differs from the package in one value, or that nothing is known of, is not given', () => {
		const place = new Place();
		const left = learned(place);
		const probed = place.some(1, left.probes);
		probed.set(left.probes[2] as number, 0.5);
		assert.is(left.read(1, probed), null);
		assert.is(left.read(1, new Map()), null);
		left.giveUp();
		assert.is(left.ready, false);
		assert.is(left.read(1, place.some(1, left.probes)), null);
	});

	test('a place that does not follow is given up', () => {
		const place = new Place();
		const left = new LeftLogits(VOCABULARY, 0);
		place.turn(1);
		const rows = place.rows(0);
		left.learn(rows);
		const other = new Place();
		other.turn(2);
		// The place keeps the rows of before, the package tells of others.
		left.learn(new Map([[0, Float32Array.from(other.row(0), (x) => x + 1)]]));
		assert.is(left.ready, false);
	});

	test('every 64th evaluation is audited, and rows that were not those of the package are an error', () => {
		const place = new Place();
		const left = learned(place);
		const due = Array.from({ length: 128 }, () => left.auditDue);
		assert.equal(
			due.flatMap((one, i) => (one ? [i + 1] : [])),
			[64, 128],
		);
		place.turn(3);
		left.learn(place.rows(0, 1, 2));
		assert.is(left.ready, true, 'the same rows');
		const rows = place.rows(0, 1, 2);
		// Not one of the values that rows are held against.
		(rows.get(1) as Float32Array)[1] = 0.5;
		assert.not.ok(left.probes.includes(1));
		assert.throws(() => left.learn(rows), /laws read from memory are not those of llama\.cpp/);
		assert.is(left.ready, false);
	});

	test('nothing is looked for before it pays', () => {
		const place = new Place();
		const left = new LeftLogits(VOCABULARY, 5 * VOCABULARY);
		for (const turn of [1, 2]) {
			place.turn(turn);
			left.learn(place.rows(0, 1));
		}
		assert.is(left.ready, false);
		for (const turn of [3, 4]) {
			place.turn(turn);
			left.learn(place.rows(0, 1));
		}
		assert.is(left.ready, true);
	});
}

/** A sequence whose logits depend on all that it holds, left in a place as llama.cpp leaves them. */
class LeavingSequence implements TokenSequence<number> {
	contextTokens: number[] = [];
	readonly needsCheckpoints = false;
	readonly checkpointsMemoryUsage = 0;
	evaluations = 0;

	constructor(
		readonly row: number,
		public place: Place,
	) {}

	get nextTokenIndex(): number {
		return this.contextTokens.length;
	}

	async takeCheckpoint(): Promise<void> {}
	async saveStateToFile(): Promise<void> {}
	async loadStateFromFile(): Promise<void> {}

	async adaptStateToTokens(tokens: number[]): Promise<void> {
		assert.equal(tokens, this.contextTokens.slice(0, tokens.length));
		this.contextTokens = tokens;
	}

	async controlledEvaluate(
		input: Parameters<TokenSequence<number>['controlledEvaluate']>[0],
	): ReturnType<TokenSequence<number>['controlledEvaluate']> {
		this.evaluations += 1;
		return input.map((item) => {
			const [token, ask] = Array.isArray(item) ? item : [item, null];
			this.contextTokens = [...this.contextTokens, token];
			if (ask === null) return undefined;
			const seed = this.contextTokens.reduce((sum, t, i) => sum + t * (i + 1), this.row);
			const logits = Float32Array.from({ length: VOCABULARY }, (_, i) => Math.cos(seed + i));
			this.place.all.set(logits, this.row * VOCABULARY);
			const { logits: wanted } = ask.generateNext;
			const tokens = typeof wanted === 'object' ? wanted.filter.tokens : [...logits.keys()];
			return { next: { logits: new Map(tokens.map((t) => [t, logits[t] as number])) } };
		});
	}
}

test('a decode whose rows are not where they were is done once more, with the same laws and state', async () => {
	const open = (searchAfter: number) => {
		const place = new Place();
		const sequences = Array.from({ length: ROWS }, (_, row) => new LeavingSequence(row, place));
		const source = { path: 'a.gguf', vocabularySize: VOCABULARY };
		const left = new LeftLogits(VOCABULARY, searchAfter);
		return { sequences, slots: new LlamaSlots(sequences, { rows: ROWS }, source, left) };
	};
	const quick = open(0);
	const slow = open(Infinity);
	// Or its rows, which are the same, would be found one after the other too.
	for (const sequence of slow.sequences) sequence.place = new Place();
	const all = [true, true, true];
	for (let turn = 0; turn < 8; turn++) {
		// From here on the rows are left elsewhere.
		if (turn === 6) for (const sequence of quick.sequences) sequence.place = new Place();
		const wanted = turn % 2 === 0 ? all : [false, true, false];
		const expected = await slow.slots.decode([turn, 5, 7], wanted);
		const found = await quick.slots.decode([turn, 5, 7], wanted);
		assert.equal(found, expected, `turn ${turn}`);
		assert.is(quick.slots.readsQuickly, SHOWN && turn >= 1 && turn < 6, `turn ${turn}`);
	}
	for (const [row, { contextTokens, evaluations }] of quick.sequences.entries()) {
		assert.equal(contextTokens, slow.sequences[row]?.contextTokens);
		assert.is(evaluations, SHOWN ? 9 : 8);
	}
});

test('llama.cpp gives the same bits both ways, for prompts and decodes', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'detbal-left-'));
	const path = join(folder, 'model.gguf');
	writeFileSync(path, buildCalibrationModel('llama', 'reversible'));
	const host = await openLlamaHost('cpu');
	const model = await host.load({ path, sha256: 'left' }, 0);
	const engine = await model.open({ contextSize: 64, width: 64, batchSize: 64, threads: 1 });
	const { backend } = engine as unknown as { readonly backend: LlamaSlots<number> };
	const asked = (length: (row: number) => number): TokenPath[] =>
		Array.from({ length: 64 }, (_, row) => ({
			head: [1, 5],
			rest: [10 + (row % 8)],
			completion: [20, 30 + row].slice(0, length(row)),
		}));
	const mixed = asked((row) => row % 3);
	const before = await engine.laws(mixed);
	assert.is(backend.readsQuickly, false);
	for (let turn = 1; turn < 100 && !backend.readsQuickly; turn++) {
		await engine.laws(asked(() => 1 + (turn % 2)));
	}
	assert.is(backend.readsQuickly, SHOWN);
	for (const [i, law] of (await engine.laws(mixed)).entries()) {
		assert.ok(sameBits(law, before[i] as NextTokenLaw), `path ${i}`);
	}
	assert.is(backend.readsQuickly, SHOWN, 'it never had to be given up');
	await engine.close();
	await model.close();
	await host.close();
	rmSync(folder, { recursive: true, force: true });
});

test.run();
