/** Language models so small that all of their completions can be written down. */
import type {
	Engine,
	ModelFacts,
	Token,
	Tokenizer,
	TokenPath,
} from '../../harness/engine/engine.js';
import { logSumExp } from '../../harness/engine/engine.js';
import { Stream } from '../../harness/numerics/stream.js';

export interface Toy {
	/** Text or bytes of each token; the empty one ends a completion. */
	readonly pieces: readonly (string | readonly number[])[];
	/** Decodes as llama.cpp does for byte-pair vocabularies: blanks before some marks are left out. */
	readonly cleans?: boolean;
	/** Decodes as llama.cpp does for SentencePiece: a blank at the very beginning is left out. */
	readonly stripsFirst?: boolean;
}

export const END: Token = 0;

export function toyTokenizer({ pieces, cleans, stripsFirst }: Toy): Tokenizer {
	const bytes = pieces.map((piece) => Buffer.from(piece as string));
	const facts: ModelFacts = {
		trainContextSize: 64,
		vocabularySize: pieces.length,
		bos: null,
		bosText: '',
		eosText: '',
		chatTemplate: null,
	};
	return {
		facts,
		isEnd: (token) => pieces[token] === '',
		detokenize(tokens) {
			let raw = Buffer.concat(tokens.map((token) => bytes[token] as Buffer)).toString('latin1');
			if (stripsFirst) raw = raw.replace(/^ /, '');
			return Buffer.from(cleans ? cleaned(raw) : raw, 'latin1').toString('utf8');
		},
		/** Greedy. */
		tokenize(text) {
			const rest = [...Buffer.from(text)];
			const tokens: Token[] = [];
			while (rest.length > 0) {
				const fits = [...bytes.keys()].filter(
					(token) => bytes[token]?.length && bytes[token]?.every((b, i) => rest[i] === b),
				);
				if (fits.length === 0) throw new Error(`${text} cannot be spelled`);
				const longest = fits.reduce((a, b) =>
					(bytes[b] as Buffer).length > (bytes[a] as Buffer).length ? b : a,
				);
				tokens.push(longest);
				rest.splice(0, (bytes[longest] as Buffer).length);
			}
			return tokens;
		},
	};
}

/**
 * What llama.cpp leaves out of a text where `clean_spaces` is set (llama_vocab::impl::detokenize), pass
 * by pass.
 */
export function cleaned(text: string): string {
	let out = '';
	for (const [i, x] of [...text].entries()) {
		if (i > 0 && text[i - 1] === ' ' && '?!.,'.includes(x)) out = out.slice(0, -1);
		out += x;
	}
	const marks = [...out];
	out = '';
	for (let i = 0; i < marks.length; i++) {
		out += marks[i];
		if (marks[i] !== "'" || marks[i - 1] !== ' ' || marks[i + 1] !== ' ') continue;
		out = `${out.slice(0, -2)}'`;
		marks[++i] = '\0';
	}
	return out.replace(/ '(?=[sm]|[rv]e)/g, "'");
}

/** Logits of a toy after a path: numbers of its own for every path, some tokens impossible. */
export function toyLogits({ pieces }: Toy, seed: number, path: readonly Token[]): Float32Array {
	const place = path.reduce((code, token) => code * (pieces.length + 1) + token + 1, 0);
	const stream = new Stream([seed, 0], place);
	const logits = Float32Array.from(pieces, () => 6 * stream.next());
	for (const token of logits.keys()) if (stream.next() < 0.1) logits[token] = -Infinity;
	// The end is possible everywhere, so that every law is one.
	logits[END] = 6 * stream.next();
	return logits;
}

/** An engine whose laws depend on the source (the last token of the prompt) and the path. */
export function toyEngine(toy: Toy, width: number): Engine & { readonly asked: TokenPath[] } {
	const tokenizer = toyTokenizer(toy);
	const asked: TokenPath[] = [];
	return {
		...tokenizer,
		identity: { modelSha256: '', architecture: 'toy', numerics: { width } },
		contextSize: 64,
		width,
		asked,
		async laws(paths) {
			asked.push(...paths);
			return paths.map(({ rest, completion }) => {
				const logits = toyLogits(toy, rest.at(-1) as Token, completion);
				return { logits, logNormalizer: logSumExp(logits) };
			});
		},
		async close() {},
	};
}
