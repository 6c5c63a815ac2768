import type { NextTokenLaw, Token, Tokenizer, TokenPath } from '../engine/engine.js';
import type { Prompt, SamplingSetting } from '../experiment/experiment.js';
import type { Outcome } from '../outcome.js';
import { type DrawKey, sourceWords, uniform } from './draw.js';
import type { LawMemory } from './law-memory.js';
import { LawNode } from './law-node.js';
import { likelierPart, shapeLaw, tokenAt } from './shape.js';
import { type Ending, endingOf } from './stop.js';

/** What draws from one cell need: its key and its sampling setting. */
export interface CellSampler {
	/** The caller's handle of the cell, e.g. its row in the store. */
	readonly cell: number;
	readonly key: DrawKey;
	/** Index into the settings of the tree. */
	readonly setting: number;
}

export interface Attempt {
	readonly sampler: CellSampler;
	/** Number of the attempt from this source in this cell, from 0. */
	readonly draw: number;
	/** Ordinal in the cell for crawl and chain; null for fixed. */
	readonly step: number | null;
}

/** An attempt's outcome and, where it is a state, that state. */
export interface Classified {
	readonly outcome: Outcome;
	readonly target: string | null;
}

/** Tokens kept of a law that may be asked again; draws beyond them fetch the law once more. */
const KEPT_TOKENS = 256;

/** Where a tree keeps its laws. */
export interface Keeping {
	/** The account that all trees of a model share. */
	readonly memory: LawMemory;
	/** Called when the tree was let go of whole; whoever needs it again makes a new one. */
	readonly gone: () => void;
}

/** Bytes of a token in an array, and of a tree beside its nodes and prompt. */
const PROMPT_TOKEN = 8;
const TREE = 600;

/** Laws known so far of one (model, template, source), each evaluated once for all attempts. */
export class LawTree {
	readonly root = new LawNode(null, 0);
	readonly words: DrawKey;

	/** @param keeping where nodes stay after they were visited, because more attempts will come; null: nowhere */
	constructor(
		readonly tokenizer: Tokenizer,
		readonly source: string,
		readonly prompt: Prompt,
		readonly settings: readonly SamplingSetting[],
		readonly keeping: Keeping | null,
	) {
		this.words = sourceWords(source);
		const tokens = prompt.head.length + prompt.rest.length;
		keeping?.memory.enter(this.root, TREE + PROMPT_TOKEN * tokens, keeping.gone);
	}

	request(node: LawNode): TokenPath {
		return { head: this.prompt.head, rest: this.prompt.rest, completion: node.path() };
	}

	/** Shapes a law for every setting, in full. */
	learn(node: LawNode, law: NextTokenLaw): void {
		node.shapes = this.settings.map((setting) => shapeLaw(law, setting));
	}

	/**
	 * Lets go of the unlikelier part of a law, but not of what the attempts here drew and those
	 * before went on to; of all of it where nothing is kept.
	 */
	compact(node: LawNode, drawn: Iterable<Token>): void {
		if (this.keeping === null) {
			node.shapes = null;
			return;
		}
		const also = new Set([...drawn, ...(node.children?.keys() ?? [])]);
		node.shapes = node.shapes?.map((shape) => likelierPart(shape, KEPT_TOKENS, also)) ?? null;
		this.keeping.memory.weigh(node);
	}

	/** After a visit: lets go of a node where none is kept, of the least used where all weigh too much. */
	forget(node: LawNode): void {
		if (this.keeping === null) node.parent?.children?.delete(node.token);
		else this.settle();
	}

	/** Lets the least used nodes of all trees go where together they weigh too much. */
	settle(): void {
		this.keeping?.memory.settle();
	}

	/** No more attempts will come. */
	close(): void {
		this.keeping?.memory.leave(this.root);
	}

	/** The token an attempt draws at a node; null where the law is not known (well enough). */
	draw(node: LawNode, { sampler, draw }: Attempt): Token | null {
		const shape = node.shapes?.[sampler.setting];
		if (!shape) return null;
		return tokenAt(shape, uniform(sampler.key, this.words, draw, node.depth));
	}

	child(node: LawNode, token: Token): LawNode {
		let child = node.children?.get(token);
		if (!child) {
			child = new LawNode(node, token);
			this.keeping?.memory.weigh(child);
			if (node.children === null) {
				node.children = new Map();
				this.keeping?.memory.weigh(node);
			}
			node.children.set(token, child);
		}
		return child;
	}

	/** How a completion ends at a node under a setting; null where it goes on. */
	ending(node: LawNode, setting: number): Ending | null {
		const known = node.endings?.[setting];
		if (known !== undefined) return known;
		const ending = endingOf(this.tokenizer, node.path(), this.settings[setting] as SamplingSetting);
		node.endings ??= new Array(this.settings.length).fill(undefined);
		node.endings[setting] = ending;
		this.keeping?.memory.weigh(node);
		return ending;
	}

	/** Follows an attempt from the root as far as known laws lead. */
	follow(attempt: Attempt): { ending: Ending } | { missing: LawNode } {
		let node = this.root;
		for (;;) {
			const ending = this.ending(node, attempt.sampler.setting);
			if (ending) return { ending };
			const token = this.draw(node, attempt);
			if (token === null) return { missing: node };
			node.uses += 1;
			node = this.child(node, token);
		}
	}
}
