import { createHash } from 'node:crypto';
import {
	checkPath,
	type Engine,
	logSumExp,
	type ModelFacts,
	type NextTokenLaw,
	type Token,
} from './engine.js';

/** A transition kernel given in full. */
export interface KnownKernel {
	/** Words a prompt may hold and a completion may be; states first, further answers after them. */
	readonly words: readonly string[];
	/** log T(words[j] | words[i]), nats; rows for words[i] that can be sources. −∞ for impossible. */
	readonly logKernel: readonly (readonly number[])[];
}

const END: Token = 0;
/** Tokens 1 … 256 are single bytes, so that any template text can be read. */
const FIRST_WORD = 257;

/**
 * An engine with a known kernel behind the same interface as llama.cpp: after a prompt the law is
 * the row of the latest word in it, after a word the generation ends.
 * @throws RangeError for a row that is not as long as `words`, or a word inside another's end
 */
export function openSyntheticEngine(kernel: KnownKernel, width = 16): Engine {
	const rows = kernel.logKernel.map((row, i) => {
		if (row.length !== kernel.words.length) {
			throw new RangeError(`row ${i} has ${row.length} entries for ${kernel.words.length} words`);
		}
		return lawOf(kernel, row);
	});
	const ending = certain(kernel, END);
	const words = [...kernel.words.entries()].sort((a, b) => b[1].length - a[1].length);
	const facts: ModelFacts = {
		trainContextSize: 1 << 20,
		vocabularySize: FIRST_WORD + kernel.words.length,
		bos: null,
		bosText: '',
		eosText: '',
		chatTemplate: null,
	};
	let closed = false;
	return {
		identity: {
			modelSha256: createHash('sha256').update(JSON.stringify(kernel)).digest('hex'),
			architecture: 'synthetic',
			numerics: { package: 'detbal synthetic kernel', width },
		},
		facts,
		width,
		contextSize: facts.trainContextSize,
		tokenize: (text) => tokenize(text, words),
		detokenize: (tokens) => detokenize(tokens, kernel.words),
		isEnd: (token) => token === END,
		async laws(paths) {
			if (closed) throw new Error('the engine is closed');
			return paths.map((path) => {
				checkPath(path, facts.vocabularySize, facts.trainContextSize);
				if (path.completion.length > 0) return copy(ending);
				const source = [...path.head, ...path.rest].findLast((token) => token >= FIRST_WORD);
				const row = source === undefined ? undefined : rows[source - FIRST_WORD];
				if (!row) throw new RangeError('the prompt holds no word of the kernel');
				return copy(row);
			});
		},
		async close() {
			closed = true;
		},
	};
}

function lawOf(kernel: KnownKernel, row: readonly number[]): NextTokenLaw {
	const logits = new Float32Array(FIRST_WORD + kernel.words.length).fill(-Infinity);
	for (const [j, value] of row.entries()) logits[FIRST_WORD + j] = value;
	return { logits, logNormalizer: logSumExp(logits) };
}

function certain(kernel: KnownKernel, token: Token): NextTokenLaw {
	const logits = new Float32Array(FIRST_WORD + kernel.words.length).fill(-Infinity);
	logits[token] = 0;
	return { logits, logNormalizer: 0 };
}

function copy(law: NextTokenLaw): NextTokenLaw {
	return { logits: law.logits.slice(), logNormalizer: law.logNormalizer };
}

function tokenize(text: string, words: readonly (readonly [number, string])[]): Token[] {
	const tokens: Token[] = [];
	for (let at = 0; at < text.length; ) {
		const found = words.find(([, word]) => text.startsWith(word, at));
		if (found) {
			tokens.push(FIRST_WORD + found[0]);
			at += found[1].length;
		} else {
			const character = String.fromCodePoint(text.codePointAt(at) as number);
			for (const byte of Buffer.from(character)) tokens.push(byte + 1);
			at += character.length;
		}
	}
	return tokens;
}

function detokenize(tokens: readonly Token[], words: readonly string[]): string {
	const parts = tokens.map((token) =>
		token >= FIRST_WORD
			? Buffer.from(words[token - FIRST_WORD] ?? '')
			: Buffer.from(token === END ? [] : [token - 1]),
	);
	return Buffer.concat(parts).toString('utf8');
}
