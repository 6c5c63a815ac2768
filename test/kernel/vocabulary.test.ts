/** No token is overlooked: what decoding every path finds is found by looking at each token once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Token, Tokenizer } from '../../harness/engine/engine.js';
import { type LlamaHost, openLlamaHost } from '../../harness/engine/llama.js';
import { makeTask } from '../../harness/experiment/tasks/task.js';
import { growthOf, laterBeginnings } from '../../harness/kernel/cleaning.js';
import { Outlook } from '../../harness/kernel/outlook.js';
import { Vocabulary } from '../../harness/kernel/vocabulary.js';
import { obtainModel } from '../../harness/models/manifest.js';
import { Stream } from '../../harness/numerics/stream.js';
import { type Toy, toyTokenizer } from './toy.js';

const test = suite('vocabulary');

const STATES = ['FIG', 'FIGS', 'PLUM', 'A.B', "A's", "A'B", 'New York, NY', 'Çe', '“Ç”'];
const WORDS = ['FIG', 'V', 'AU'];
const STOPS = [['\n'], [' '], ['.\n', '##'], ['xÇ']];
const OUTLOOKS = STOPS.flatMap((stops) => [
	...(['whole', 'first-word'] as const).map(
		(read) =>
			new Outlook(makeTask({ kind: 'closed', states: STATES, read }).prospects(STATES), stops),
	),
	new Outlook(makeTask({ kind: 'words', letterSum: 22, words: null }).prospects(WORDS), stops),
]);
const TEXTS = [
	...['', ' ', '"', ' "', '" ', "'", " '", '“', '**'],
	...['F', 'FI', ' FI', ' f', 'FIG', 'FIG.', 'FIG ', 'FIG #', 'FIG. ', 'New York ', 'AU'],
	...['A', 'A ', "A '", "A 'r", "A' ", 'x', '<', '\t'],
];

/** Paths of the texts above, of them with half a character, and of tokens at random. */
function paths(tokenizer: Tokenizer): Token[][] {
	const written = TEXTS.map((text) => tokenizer.tokenize(text, false));
	const half = tokenizer.tokenize('Ç', false).slice(0, -1);
	const stream = new Stream([5, 0], 0);
	const { vocabularySize } = tokenizer.facts;
	const random = Array.from({ length: 8 }, (_, i) =>
		Array.from({ length: 1 + (i % 3) }, () => stream.below(vocabularySize)),
	);
	return [...written, ...TEXTS.slice(8, 16).map((_, i) => [...(written[i] ?? []), ...half])].concat(
		random,
	);
}

/** Tokens after which an outlook is open, by decoding each; returns how many there were. */
function check(tokenizer: Tokenizer, outlooks: readonly Outlook[], from: readonly Token[][]) {
	const vocabulary = new Vocabulary(tokenizer);
	const all = Array.from({ length: tokenizer.facts.vocabularySize }, (_, token) => token);
	const counts = { open: 0, found: 0, all: 0 };
	for (const [i, path] of from.entries()) {
		const text = tokenizer.detokenize(path);
		const texts = all.map((token) => tokenizer.detokenize([...path, token]));
		const outlook = outlooks[i % outlooks.length] as Outlook;
		for (const one of [outlook, outlooks[(i * 7 + 3) % outlooks.length] as Outlook]) {
			const found = vocabulary.leading({ empty: path.length === 0, text }, (t) => one.isOpen(t));
			counts.found += found.size;
			counts.all += all.length;
			for (const token of all) {
				if (!one.isOpen(texts[token] as string)) continue;
				counts.open += 1;
				const what = `${JSON.stringify(text)} + ${token} = ${JSON.stringify(texts[token])}`;
				assert.ok(found.has(token), what);
			}
		}
	}
	return counts;
}

const IDS = ['llama-driven', 'qwen2-driven', 'llama-words', 'gpt2-words'];
const folder = mkdtempSync(join(tmpdir(), 'detbal-vocabulary-'));
let host: LlamaHost;
const tokenizers = new Map<string, Tokenizer>();

test.before(async () => {
	host = await openLlamaHost('cpu');
	for (const id of IDS)
		tokenizers.set(id, await host.load({ path: await obtainModel(id, folder), sha256: id }, 0));
});
test.after(async () => {
	await host.close();
	rmSync(folder, { recursive: true });
});

test('real vocabularies: every token after which a state is open is found, most others are not', () => {
	for (const [id, tokenizer] of tokenizers) {
		const { open, found, all } = check(tokenizer, OUTLOOKS, paths(tokenizer));
		assert.ok(open > 500, `${id}: ${open}`);
		// Bytes that are no character by themselves are always looked at.
		assert.ok(found - open < 0.75 * all, `${id}: ${found} of ${all}, ${open} open`);
	}
});

test('what a decoded text may begin with later, and what a token may add, is foreseen', () => {
	const pieces = [
		'',
		'A',
		'B',
		' ',
		'.',
		"'",
		's',
		're',
		' r',
		"' ",
		" 's",
		' .',
		' , ',
		"n't",
		'v',
	];
	const cleaning: Toy = { pieces: [...pieces, 'e', '  ', " ' "], cleans: true };
	const toy = toyTokenizer(cleaning);
	const real = tokenizers.get('gpt2-words') as Tokenizer;
	const stream = new Stream([6, 0], 0);
	const after = (tokenizer: Tokenizer, letter: Token, token: Token) =>
		tokenizer.detokenize([letter, token]).slice(tokenizer.detokenize([letter]).length);
	let changed = 0;
	let unclear = 0;
	for (const tokenizer of [toy, real]) {
		// The real one's tokens of the same pieces.
		const tokens =
			tokenizer === toy
				? [...cleaning.pieces.keys()].slice(1)
				: cleaning.pieces.slice(1).flatMap((piece) => real.tokenize(piece as string, false));
		const letter = tokenizer.tokenize('A', false).at(-1) as Token;
		for (let i = 0; i < 700; i++) {
			const path = Array.from({ length: 5 }, () => tokens[stream.below(tokens.length)] as Token);
			const whole = tokenizer.detokenize(path);
			for (let end = 1; end < path.length; end++) {
				const text = tokenizer.detokenize(path.slice(0, end));
				if (!whole.startsWith(text)) changed += 1;
				const what = `${JSON.stringify(text)} in ${JSON.stringify(whole)}`;
				assert.ok(
					laterBeginnings(text).some((beginning) => whole.startsWith(beginning)),
					what,
				);
				const token = path[end] as Token;
				const next = tokenizer.detokenize(path.slice(0, end + 1));
				const foreseen = growthOf(text)(after(tokenizer, letter, token));
				if (foreseen === null) unclear += 1;
				else assert.ok(foreseen.includes(next), `${what}: ${JSON.stringify(next)} of ${foreseen}`);
			}
		}
	}
	assert.ok(changed > 200, `${changed}`);
	assert.ok(unclear < 700, `${unclear}`);
	assert.equal(laterBeginnings('FIG'), ['FIG']);
	assert.equal(growthOf('FIG')(' x'), ['FIG x']);
});

test('tokens that decode differently after different tokens are always looked at', () => {
	const plain = toyTokenizer({ pieces: ['', 'A', 'B', 'X', '\n'] });
	/** The fourth token repeats what is before it. */
	const moody: Tokenizer = {
		...plain,
		detokenize: (tokens) =>
			plain.detokenize(
				tokens.map((token, i) => (token === 3 && i > 0 ? (tokens[i - 1] as Token) : token)),
			),
	};
	const task = makeTask({ kind: 'closed', states: ['AA', 'BX'], read: 'whole' });
	const outlook = new Outlook(task.prospects(['AA', 'BX']), []);
	const { open } = check(moody, [outlook], [[], [1], [2], [1, 3], [3]]);
	assert.ok(open > 0);
	const after = new Vocabulary(moody).leading({ empty: false, text: 'A' }, (t) =>
		outlook.isOpen(t),
	);
	assert.ok(after.has(3) && !after.has(2));
});

test.run();
