import type { Token, Tokenizer } from '../engine/engine.js';

/** The tokenizer's own spelling of each target: one path to it, of the many there may be. */
export class Spellings {
	/** Tokens that go on, by the path before them. */
	readonly #after = new Map<string, Set<Token>>();

	constructor(tokenizer: Pick<Tokenizer, 'tokenize'>, targets: readonly string[]) {
		for (const target of targets) {
			const tokens = tokenizer.tokenize(target, false);
			for (let end = 0; end <= tokens.length; end++) {
				const key = tokens.slice(0, end).join();
				const next = this.#after.get(key) ?? new Set();
				this.#after.set(key, next);
				const token = tokens[end];
				if (token !== undefined) next.add(token);
			}
		}
	}

	/** Whether a path is the beginning of one of them, or one of them. */
	holds(path: readonly Token[]): boolean {
		return this.#after.has(path.join());
	}

	/** Tokens with which one of them goes on after a path. */
	after(path: readonly Token[]): ReadonlySet<Token> {
		return this.#after.get(path.join()) ?? NONE;
	}
}

const NONE: ReadonlySet<Token> = new Set();
