import type { NextTokenLaw, Token, TokenPath } from './engine.js';

/**
 * What fixed-shape evaluation needs of a backend: `width` independent slots, each a token sequence
 * whose evaluation state can be cut back and extended.
 */
export interface SlotBackend {
	readonly width: number;
	/**
	 * Cuts a slot back to `tokens`, a prefix of what it holds; returns how many tokens it then holds:
	 * fewer where the state cannot be cut there (recurrent models), but then all of a prompt, of its
	 * head, or nothing.
	 */
	cut(slot: number, tokens: readonly Token[]): Promise<number>;
	/** Extends one slot by `tokens` in an evaluation of their own; the law after the last if wanted. */
	prompt(slot: number, tokens: readonly Token[], wanted: boolean): Promise<NextTokenLaw | null>;
	/**
	 * Makes a slot that is empty hold `tokens`, a prefix of what slot `from` holds: the same state, bit for
	 * bit, without evaluating it. False where that cannot be done; the slot is then empty still.
	 */
	copy?(from: number, slot: number, tokens: readonly Token[]): Promise<boolean>;
	/** Extends every slot by one token in one decode of `width` rows; laws of the wanted rows. */
	decode(tokens: readonly Token[], wanted: readonly boolean[]): Promise<(NextTokenLaw | null)[]>;
}

interface Slot {
	readonly index: number;
	head: readonly Token[];
	rest: readonly Token[];
	completion: Token[];
	/** Parts evaluated so far: nothing, the head, or the whole prompt. */
	stage: 'empty' | 'head' | 'prompt';
	lastUsed: number;
}

interface Job {
	readonly path: TokenPath;
	readonly slot: Slot;
	/** Completion tokens not yet evaluated in the slot. */
	pending: Token[];
	law: NextTokenLaw | null;
}

/**
 * Evaluates paths in shapes that depend on the path alone: head, rest, then completion tokens one
 * at a time in decodes of exactly `width` rows, spare rows filled with a token that is cut off again.
 */
export class SlotScheduler {
	readonly #backend: SlotBackend;
	readonly #padding: Token;
	readonly #slots: Slot[];
	#clock = 0;

	constructor(backend: SlotBackend, padding: Token) {
		this.#backend = backend;
		this.#padding = padding;
		this.#slots = Array.from({ length: backend.width }, (_, index) => ({
			index,
			head: [],
			rest: [],
			completion: [],
			stage: 'empty',
			lastUsed: 0,
		}));
	}

	/** Laws after each path, in the order of the paths. */
	async laws(paths: readonly TokenPath[]): Promise<NextTokenLaw[]> {
		const laws: NextTokenLaw[] = [];
		for (let start = 0; start < paths.length; start += this.#backend.width) {
			const jobs = this.#assign(paths.slice(start, start + this.#backend.width));
			for (const job of jobs) await this.#prepare(job);
			while (jobs.some((job) => job.pending.length > 0)) await this.#wave(jobs);
			for (const { law } of jobs) {
				if (law === null) throw new Error('a path was left without its law');
				laws.push(law);
			}
		}
		return laws;
	}

	/** Gives each path the free slot that already holds most of it; the least recently used breaks ties. */
	#assign(paths: readonly TokenPath[]): Job[] {
		const free = new Set(this.#slots);
		return paths.map((path) => {
			let best: Slot | undefined;
			let bestScore = -1;
			for (const slot of free) {
				const score = sharedTokens(slot, path);
				if (score > bestScore || (score === bestScore && best && slot.lastUsed < best.lastUsed)) {
					best = slot;
					bestScore = score;
				}
			}
			if (!best) throw new Error('more paths than slots');
			free.delete(best);
			best.lastUsed = ++this.#clock;
			return { path, slot: best, pending: [], law: null };
		});
	}

	/** Cuts the job's slot back to what it shares with the path and evaluates the missing prompt parts. */
	async #prepare(job: Job): Promise<void> {
		const { slot, path } = job;
		const samePrompt =
			slot.stage === 'prompt' && same(slot.head, path.head) && same(slot.rest, path.rest);
		if (samePrompt && path.completion.length > 0) {
			// The law is read where the last token is evaluated, so that token must be evaluated again.
			const shared = Math.min(
				sharedPrefix(slot.completion, path.completion),
				path.completion.length - 1,
			);
			if (shared < slot.completion.length)
				await this.#cut(slot, [...slot.head, ...slot.rest, ...slot.completion.slice(0, shared)]);
			if (slot.stage === 'prompt') {
				job.pending = path.completion.slice(slot.completion.length);
				return;
			}
		}
		await this.#evaluatePrompt(job);
		job.pending = path.completion.slice();
	}

	async #evaluatePrompt(job: Job): Promise<void> {
		const { slot, path } = job;
		const keepsHead = slot.stage !== 'empty' && path.head.length > 0 && same(slot.head, path.head);
		const held = await this.#backend.cut(slot.index, keepsHead ? path.head : []);
		if (!keepsHead || held !== path.head.length) {
			if (held !== 0) await this.#backend.cut(slot.index, []);
			if (path.head.length > 0 && !(await this.#copyHead(slot, path.head)))
				await this.#backend.prompt(slot.index, path.head, false);
		}
		slot.head = path.head;
		slot.rest = path.rest;
		slot.completion = [];
		slot.stage = 'head';
		job.law = await this.#backend.prompt(slot.index, path.rest, path.completion.length === 0);
		slot.stage = 'prompt';
	}

	/** Takes the head from another slot that holds it, into a slot that is empty; false where none gives it. */
	async #copyHead(slot: Slot, head: readonly Token[]): Promise<boolean> {
		slot.stage = 'empty';
		const from = this.#slots.find((other) => other.stage !== 'empty' && same(other.head, head));
		if (!from || !this.#backend.copy) return false;
		return this.#backend.copy(from.index, slot.index, head);
	}

	/** Cuts to a prefix of what the slot holds, or to the nearest part before it that can be had. */
	async #cut(slot: Slot, kept: readonly Token[]): Promise<void> {
		const held = await this.#backend.cut(slot.index, kept);
		const prompt = slot.head.length + slot.rest.length;
		if (slot.stage === 'prompt' && held >= prompt) {
			slot.completion = slot.completion.slice(0, held - prompt);
			return;
		}
		slot.completion = [];
		slot.stage = held > 0 && held === slot.head.length ? 'head' : 'empty';
	}

	/** One decode: the next pending token of every unfinished job, padding in all other rows. */
	async #wave(jobs: readonly Job[]): Promise<void> {
		const rows = this.#slots.map(() => this.#padding);
		const wanted = this.#slots.map(() => false);
		const active = jobs.filter((job) => job.pending.length > 0);
		for (const { slot, pending } of active) {
			rows[slot.index] = pending[0] as Token;
			wanted[slot.index] = pending.length === 1;
		}
		const laws = await this.#backend.decode(rows, wanted);
		const busy = new Set(active.map(({ slot }) => slot));
		for (const job of active) {
			job.slot.completion.push(job.pending.shift() as Token);
			if (job.pending.length === 0) job.law = laws[job.slot.index] ?? null;
		}
		for (const slot of this.#slots) if (!busy.has(slot)) await this.#cut(slot, heldTokens(slot));
	}
}

function heldTokens(slot: Slot): Token[] {
	if (slot.stage === 'empty') return [];
	if (slot.stage === 'head') return slot.head.slice();
	return [...slot.head, ...slot.rest, ...slot.completion];
}

function sharedTokens(slot: Slot, path: TokenPath): number {
	if (slot.stage === 'empty' || !same(slot.head, path.head)) return 0;
	if (slot.stage !== 'prompt' || !same(slot.rest, path.rest)) return path.head.length;
	const prompt = path.head.length + path.rest.length;
	return prompt + sharedPrefix(slot.completion, path.completion);
}

function same(a: readonly Token[], b: readonly Token[]): boolean {
	return a === b || (a.length === b.length && sharedPrefix(a, b) === a.length);
}

function sharedPrefix(a: readonly Token[], b: readonly Token[]): number {
	const end = Math.min(a.length, b.length);
	for (let i = 0; i < end; i++) if (a[i] !== b[i]) return i;
	return end;
}
