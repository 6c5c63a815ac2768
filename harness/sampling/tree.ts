import type { NextTokenLaw, Token, Tokenizer, TokenPath } from '../engine/engine.js';
import type { Prompt, SamplingSetting } from '../experiment/experiment.js';
import type { Outcome } from '../outcome.js';
import { type DrawKey, sourceWords, uniform } from './draw.js';
import { type Distribution, likelierPart, shapeLaw, tokenAt } from './shape.js';
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

/** A node of the tree of completions: what follows after `path`. */
export interface LawNode {
	readonly path: readonly Token[];
	/** One distribution for each sampling setting, once the law is known. */
	shapes: Distribution[] | null;
	children: Map<Token, LawNode>;
	endings: (Ending | null | undefined)[];
}

/** Tokens kept of a law that may be asked again; draws beyond them fetch the law once more. */
const KEPT_TOKENS = 256;

/** Laws known so far of one (model, template, source), each evaluated once for all attempts. */
export class LawTree {
	readonly root: LawNode = newNode([]);
	readonly words: DrawKey;

	constructor(
		readonly tokenizer: Tokenizer,
		readonly source: string,
		readonly prompt: Prompt,
		readonly settings: readonly SamplingSetting[],
		/** Keep nodes after they were visited, because more attempts will come. */
		readonly retain: boolean,
	) {
		this.words = sourceWords(source);
	}

	request(node: LawNode): TokenPath {
		return { head: this.prompt.head, rest: this.prompt.rest, completion: node.path };
	}

	/** Shapes a law for every setting, in full. */
	learn(node: LawNode, law: NextTokenLaw): void {
		node.shapes = this.settings.map((setting) => shapeLaw(law, setting));
	}

	/** Lets go of the unlikelier part of a law, but not of tokens that were drawn: their children. */
	compact(node: LawNode): void {
		const drawn = new Set(node.children.keys());
		node.shapes = this.retain
			? (node.shapes?.map((shape) => likelierPart(shape, KEPT_TOKENS, drawn)) ?? null)
			: null;
	}

	/** Lets go of a subtree that no attempt will visit again. */
	forget(node: LawNode, token: Token): void {
		if (!this.retain) node.children.delete(token);
	}

	/** The token an attempt draws at a node; null where the law is not known (well enough). */
	draw(node: LawNode, { sampler, draw }: Attempt): Token | null {
		const shape = node.shapes?.[sampler.setting];
		if (!shape) return null;
		return tokenAt(shape, uniform(sampler.key, this.words, draw, node.path.length));
	}

	child(node: LawNode, token: Token): LawNode {
		let child = node.children.get(token);
		if (!child) {
			child = newNode([...node.path, token]);
			node.children.set(token, child);
		}
		return child;
	}

	/** How a completion ends at a node under a setting; null where it goes on. */
	ending(node: LawNode, setting: number): Ending | null {
		const known = node.endings[setting];
		if (known !== undefined) return known;
		const ending = endingOf(this.tokenizer, node.path, this.settings[setting] as SamplingSetting);
		node.endings[setting] = ending;
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
			node = this.child(node, token);
		}
	}
}

function newNode(path: readonly Token[]): LawNode {
	return { path, shapes: null, children: new Map(), endings: [] };
}
