/**
 * The scheduler against a backend that remembers: its "law" spells out every token of the slot and
 * the shape in which it was evaluated. Whatever was asked before, a path must come out as
 * head | rest | one decode for each completion token, and nothing else.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { NextTokenLaw, Token, TokenPath } from '../../harness/engine/engine.js';
import { type SlotBackend, SlotScheduler } from '../../harness/engine/slots.js';

const PADDING = 0;

/** A law that carries text. */
const spell = (text: string): NextTokenLaw => ({
	logits: Float32Array.from(text, (c) => c.charCodeAt(0)),
	logNormalizer: 0,
});
const read = (law: NextTokenLaw) => String.fromCharCode(...law.logits);
const canonical = ({ head, rest, completion }: TokenPath) =>
	[...(head.length > 0 ? [head.join(' ')] : []), rest.join(' '), ...completion].join(' | ');

type Cuts = 'anywhere' | 'prompts' | 'never';

interface Held {
	tokens: Token[];
	parts: string[];
	/** Lengths after each prompt evaluation. */
	marks: number[];
}

class RememberingBackend implements SlotBackend {
	readonly #slots: Held[];
	decodes = 0;
	prompts = 0;
	copies = 0;

	/**
	 * @param cuts 'anywhere'; 'prompts': like a recurrent model, only to where a prompt's part ended;
	 * 'never': a slot can only be emptied
	 */
	constructor(
		readonly width: number,
		readonly cuts: Cuts,
	) {
		this.#slots = Array.from({ length: width }, () => ({ tokens: [], parts: [], marks: [] }));
	}

	async cut(slot: number, tokens: readonly Token[]): Promise<number> {
		const held = this.#slots[slot] as Held;
		assert.equal(held.tokens.slice(0, tokens.length), [...tokens], 'cut to something not held');
		if (tokens.length === held.tokens.length) return tokens.length;
		const kept =
			this.cuts === 'anywhere'
				? tokens.length
				: this.cuts === 'never'
					? 0
					: Math.max(0, ...held.marks.filter((mark) => mark <= tokens.length));
		while (held.tokens.length > kept) {
			const size = (held.parts.pop() as string).split(' ').length;
			held.tokens.splice(held.tokens.length - size);
		}
		held.marks = held.marks.filter((mark) => mark <= kept);
		assert.is(held.tokens.length, kept, 'cut inside a part that was evaluated at once');
		return kept;
	}

	/** Every third is refused. */
	async copy(from: number, slot: number, tokens: readonly Token[]): Promise<boolean> {
		const source = this.#slots[from] as Held;
		const held = this.#slots[slot] as Held;
		assert.equal(
			source.tokens.slice(0, tokens.length),
			[...tokens],
			'a copy of something not held',
		);
		assert.is(held.tokens.length, 0, 'a copy into a slot that holds something');
		this.copies += 1;
		if (this.cuts !== 'anywhere' || this.copies % 3 === 0) return false;
		held.tokens = [...tokens];
		held.parts = source.parts.slice(0, 1);
		held.marks = [tokens.length];
		return true;
	}

	async prompt(slot: number, tokens: readonly Token[], wanted: boolean) {
		this.prompts += 1;
		const law = this.#extend(slot, tokens, wanted);
		const held = this.#slots[slot] as Held;
		held.marks.push(held.tokens.length);
		return law;
	}

	async decode(tokens: readonly Token[], wanted: readonly boolean[]) {
		this.decodes += 1;
		assert.is(tokens.length, this.width, 'a decode of another width');
		return tokens.map((token, slot) => this.#extend(slot, [token], wanted[slot] === true));
	}

	#extend(slot: number, tokens: readonly Token[], wanted: boolean): NextTokenLaw | null {
		const held = this.#slots[slot] as Held;
		held.tokens.push(...tokens);
		held.parts.push(tokens.join(' '));
		return wanted ? spell(held.parts.join(' | ')) : null;
	}
}

const HEADS: Token[][] = [[], [1, 2], [1, 3]];
const path: fc.Arbitrary<TokenPath> = fc.record({
	head: fc.constantFrom(...HEADS),
	rest: fc.constantFrom([4], [4, 5], [6]),
	completion: fc.array(fc.constantFrom(7, 8), { maxLength: 3 }),
});

for (const cuts of ['anywhere', 'prompts', 'never'] as const) {
	const kind = `a model whose state can be cut ${cuts}`;
	test(`${kind}: every path in its own shape, whatever was asked before and beside it`, () =>
		fc.assert(
			fc.asyncProperty(
				fc.integer({ min: 1, max: 4 }),
				fc.array(fc.array(path, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 }),
				async (width, calls) => {
					const scheduler = new SlotScheduler(new RememberingBackend(width, cuts), PADDING);
					for (const paths of calls) {
						const laws = await scheduler.laws(paths);
						assert.equal(laws.map(read), paths.map(canonical));
					}
				},
			),
			{ numRuns: 300, seed: 20251210 },
		));
}

test('a walk down and across one prompt evaluates the prompt once and each node once', async () => {
	const backend = new RememberingBackend(2, 'anywhere');
	const scheduler = new SlotScheduler(backend, PADDING);
	const at = (...completion: Token[]): TokenPath => ({ head: [1, 2], rest: [4], completion });
	for (const node of [at(), at(7), at(7, 7), at(7, 8), at(8)]) await scheduler.laws([node]);
	assert.is(backend.prompts, 2);
	assert.is(backend.decodes, 4);
});

test('a recurrent model walks down from its prompt, which is evaluated once for each slot', async () => {
	const backend = new RememberingBackend(2, 'prompts');
	const scheduler = new SlotScheduler(backend, PADDING);
	const at = (...completion: Token[]): TokenPath => ({ head: [1, 2], rest: [4], completion });
	await scheduler.laws([at(), at()]);
	assert.is(backend.prompts, 4);
	// One decode for (7) beside padding, then (7, 7) goes on from it; (8) and (7, 8) begin at the prompt.
	for (const node of [at(7), at(7, 7), at(8), at(7, 8)]) await scheduler.laws([node]);
	assert.is(backend.prompts, 4);
	assert.is(backend.decodes, 1 + 1 + 1 + 2);
});

test('sources of one template share the evaluated head', async () => {
	const backend = new RememberingBackend(1, 'anywhere');
	const scheduler = new SlotScheduler(backend, PADDING);
	for (const source of [4, 5, 6]) {
		await scheduler.laws([{ head: [1, 2], rest: [source], completion: [] }]);
	}
	assert.is(backend.prompts, 4);
});

test('slots of one template copy the evaluated head from one another', async () => {
	const backend = new RememberingBackend(3, 'anywhere');
	const scheduler = new SlotScheduler(backend, PADDING);
	const asked = [4, 5, 6].map((source) => ({ head: [1, 2], rest: [source], completion: [] }));
	await scheduler.laws(asked);
	assert.is(backend.prompts, 1 + 3);
	assert.is(backend.copies, 2);
	await scheduler.laws(asked.map((path) => ({ ...path, head: [] })));
	assert.is(backend.copies, 2, 'there is no head to copy');
});

test.run();
