import type { Token } from '../engine/engine.js';
import type { Distribution } from './shape.js';
import type { Ending } from './stop.js';

/** A node of the tree of completions: what follows after its path. */
export class LawNode {
	/** Tokens from the root to here. */
	readonly depth: number;
	/** One distribution for each sampling setting, once the law is known. */
	shapes: readonly Distribution[] | null = null;
	/** By the token that leads to each; null for none. */
	children: Map<Token, LawNode> | null = null;
	/** How the completion ends here under each setting, as far as it was asked; null for never. */
	endings: (Ending | null | undefined)[] | null = null;
	/** Attempts that drew here, older ones counting less; never fewer than at a node below. */
	uses = 0;
	/** How many walks need this node: above 0 it is not let go. */
	held = 0;
	/** What it weighed when it was weighed last. */
	bytes = 0;

	constructor(
		readonly parent: LawNode | null,
		readonly token: Token,
	) {
		this.depth = parent === null ? 0 : parent.depth + 1;
	}

	/** Tokens from the root to here, made anew at each call: a node itself holds one token only. */
	path(): Token[] {
		const path = new Array<Token>(this.depth);
		for (let node: LawNode = this; node.parent !== null; node = node.parent) {
			path[node.depth - 1] = node.token;
		}
		return path;
	}
}

/** As measured with Node 20: the object with its place among its parent's children. */
const NODE = 136;
/** A map of children, an array of one entry a setting. */
const CONTAINER = 184;
/** Three typed arrays and the object that holds them; then each token with its two bounds. */
const DISTRIBUTION = 900;
const KEPT_TOKEN = 20;
/** An ending's object, array and string; then each token, and each character of its text. */
const ENDING = 160;
const ENDING_TOKEN = 8;
const CHARACTER = 2;

/** Bytes of memory that a node takes, to within a fifth or so; its children are not in it. */
export function weightOf({ shapes, children, endings, depth }: LawNode): number {
	let bytes = NODE + (children === null ? 0 : CONTAINER);
	if (endings !== null) {
		bytes += CONTAINER;
		for (const ending of endings) {
			if (ending) bytes += ENDING + ENDING_TOKEN * depth + CHARACTER * ending.text.length;
		}
	}
	if (shapes !== null) {
		for (const { tokens } of shapes) bytes += DISTRIBUTION + KEPT_TOKEN * tokens.length;
	}
	return bytes;
}
