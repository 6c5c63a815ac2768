/**
 * Slots over a stand-in for a recurrent sequence of node-llama-cpp, with the limits of the real one:
 * 32 checkpoints, the oldest dropped first, none found that holds one token. Asked to go back to where
 * it has none, the real one evaluates the tokens between in a shape of its own; this one throws.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LlamaSlots, type TokenSequence } from '../../harness/engine/llama-slots.js';

const LOGITS = new Map([[0, 0]]);

class RecurrentSequence implements TokenSequence<number> {
	tokens: number[] = [];
	readonly needsCheckpoints = true;
	#kept: number[] = [];

	/** @param bytes of one checkpoint */
	constructor(readonly bytes: number) {}

	get nextTokenIndex(): number {
		return this.tokens.length;
	}

	get contextTokens(): number[] {
		return this.tokens.slice();
	}

	get checkpointsMemoryUsage(): number {
		return this.bytes * this.#kept.length;
	}

	async takeCheckpoint(): Promise<void> {
		if (this.#kept.includes(this.tokens.length)) return;
		this.#kept.push(this.tokens.length);
		if (this.#kept.length > 32) this.#kept.shift();
	}

	async adaptStateToTokens(tokens: number[]): Promise<void> {
		assert.equal(tokens, this.tokens.slice(0, tokens.length));
		const found = tokens.length === 0 || (tokens.length > 1 && this.#kept.includes(tokens.length));
		if (!found) throw new Error(`no checkpoint of ${tokens.length} tokens`);
		this.tokens = tokens;
		this.#kept = this.#kept.filter((length) => length <= tokens.length);
	}

	async saveStateToFile(): Promise<void> {
		throw new Error('a recurrent state was to be copied');
	}

	async loadStateFromFile(): Promise<void> {
		throw new Error('a recurrent state was to be copied');
	}

	async controlledEvaluate(input: readonly unknown[]) {
		this.tokens.push(...input.map((_, i) => this.tokens.length + i));
		return input.map(() => ({ next: { logits: LOGITS } }));
	}
}

function slotOf(bytes: number) {
	const sequence = new RecurrentSequence(bytes);
	const slots = new LlamaSlots([sequence], { rows: 1 }, { path: 'a.gguf', vocabularySize: 1 });
	return { sequence, slots };
}

test('a recurrent sequence is only asked to go back to where it was kept', () =>
	fc.assert(
		fc.asyncProperty(
			fc.constantFrom(1000, 2 ** 25, 2 ** 40),
			fc.integer({ min: 1, max: 3 }),
			fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 })), {
				maxLength: 12,
			}),
			async (bytes, head, moves) => {
				const { sequence, slots } = slotOf(bytes);
				await slots.prompt(0, new Array(head).fill(0), false);
				await slots.prompt(0, [0, 0], true);
				const prompt = head + 2;
				for (const [forth, back] of moves) {
					for (let i = 0; i < forth; i++) await slots.decode([0], [true]);
					const wanted = Math.max(0, sequence.nextTokenIndex - back);
					const held = await slots.cut(0, sequence.tokens.slice(0, wanted));
					assert.is(held, sequence.nextTokenIndex);
					assert.ok(held <= wanted);
					// The prompt is never lost, however long the answer was.
					if (wanted >= prompt) assert.ok(held >= prompt, `${held} of ${wanted}`);
					if (held < prompt) {
						await slots.cut(0, []);
						await slots.prompt(0, new Array(prompt).fill(0), true);
					}
				}
			},
		),
		{ numRuns: 300, seed: 1 },
	));

test('states on the path are kept while there is room for them', async () => {
	for (const [bytes, held] of [
		[1000, 9],
		[2 ** 40, 4],
	] as const) {
		const { sequence, slots } = slotOf(bytes);
		await slots.prompt(0, [0, 0], false);
		await slots.prompt(0, [0, 0], true);
		for (let i = 0; i < 6; i++) await slots.decode([0], [true]);
		assert.is(await slots.cut(0, sequence.tokens.slice(0, 9)), held, `${bytes} bytes`);
	}
});

test.run();
