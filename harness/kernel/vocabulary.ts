import type { Token, Tokenizer } from '../engine/engine.js';
import { growthOf } from './cleaning.js';

/** What a token adds to a text, by the character it begins with; '' for one that adds nothing. */
type Pieces = ReadonlyMap<string, readonly (readonly [token: Token, piece: string])[]>;

/**
 * The texts of all tokens, so that the few that go on from a text in a wanted way are found without
 * decoding every path. Tokens that decode differently after different tokens, or to bytes that are no
 * character by themselves, are always among those found: the caller looks at the decoded path anyway.
 */
export class Vocabulary {
	readonly #first: Pieces;
	readonly #later: Pieces;
	/** Always looked at: at the beginning of a completion, and later. */
	readonly #oddFirst: readonly Token[];
	readonly #oddLater: readonly Token[];

	constructor(tokenizer: Tokenizer) {
		const { vocabularySize } = tokenizer.facts;
		const all = Array.from({ length: vocabularySize }, (_, token) => token);
		const first = all.map((token) => tokenizer.detokenize([token]));
		const anchors = all.filter((token) => /^[A-Za-z]$/.test(first[token] as string)).slice(0, 2);
		const later = all.map((token) => pieceAfter(tokenizer, first, { anchors, token }));
		this.#first = byFirstCharacter(first);
		this.#later = byFirstCharacter(later);
		this.#oddFirst = all.filter((token) => isOdd(first[token] as string));
		this.#oddLater = all.filter((token) => isOdd(later[token] ?? null));
	}

	/**
	 * Tokens that may lead from a path to a text that is wanted.
	 * @param at whether the path is still empty, and its decoded text
	 * @param wanted a property of texts that a text has only if all its beginnings have it
	 */
	leading(
		{ empty, text }: { readonly empty: boolean; readonly text: string },
		wanted: (text: string) => boolean,
	): Set<Token> {
		const found = new Set(empty ? this.#oddFirst : this.#oddLater);
		const grow = growthOf(text);
		const isWanted = (piece: string) => grow(piece)?.some(wanted) ?? true;
		for (const [character, tokens] of empty ? this.#first : this.#later) {
			// After an apostrophe a blank may be left out.
			const tells = character !== ' ' || !text.endsWith("'");
			if (tells && !isWanted(character)) continue;
			for (const [token, piece] of tokens) if (isWanted(piece)) found.add(token);
		}
		return found;
	}
}

/** What a token adds after a token of one letter; null where that depends on the letter. */
function pieceAfter(
	tokenizer: Tokenizer,
	first: readonly string[],
	{ anchors, token }: { readonly anchors: readonly Token[]; readonly token: Token },
): string | null {
	if (anchors.length < 2) return null;
	let piece: string | null = null;
	for (const anchor of anchors) {
		const text = tokenizer.detokenize([anchor, token]);
		const before = first[anchor] as string;
		if (!text.startsWith(before)) return null;
		const added = text.slice(before.length);
		if (piece !== null && added !== piece) return null;
		piece = added;
	}
	return piece;
}

function isOdd(piece: string | null): boolean {
	return piece === null || piece === '' || piece.includes('\ufffd');
}

function byFirstCharacter(pieces: readonly (string | null)[]): Pieces {
	const groups = new Map<string, [Token, string][]>();
	for (const [token, piece] of pieces.entries()) {
		if (piece === null || isOdd(piece)) continue;
		const character = String.fromCodePoint(piece.codePointAt(0) as number);
		const group = groups.get(character);
		if (group) group.push([token, piece]);
		else groups.set(character, [[token, piece]]);
	}
	return groups;
}
