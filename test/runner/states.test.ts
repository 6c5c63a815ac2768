/** States that a model cannot spell, or reads as something else, are refused before anything runs. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { UsageError } from '../../harness/errors.js';
import { checkStates } from '../../harness/runner/prepare.js';

/** A vocabulary of lower-case letters and one control token, written <end>. */
const tokenizer = {
	tokenize(text: string, special: boolean): number[] {
		if (special && text.includes('<end>')) return [27];
		return Array.from(text, (c) => (/[a-z<>]/.test(c) ? c.charCodeAt(0) : 0));
	},
	detokenize: (tokens: readonly number[]) =>
		` ${tokens.map((t) => (t === 0 ? '�' : String.fromCharCode(t))).join('')}`,
};
const check = (states: string[], special: boolean) =>
	checkStates(tokenizer, { special }, states, { id: 'tiny' });

test('states that come back from their tokens pass, whatever blank the tokenizer adds', () => {
	check(['oak', 'elm'], false);
	check(['oak', 'elm'], true);
});

test('a state outside the vocabulary is refused by name', () => {
	assert.throws(
		() => check(['oak', 'été'], false),
		(error: unknown) =>
			error instanceof UsageError &&
			/tiny cannot tokenize the state "été": it comes back as "�t�"/.test(error.message),
	);
});

test('a state that spells a control token is refused where control tokens are read', () => {
	check(['<end>'], false);
	assert.throws(() => check(['<end>'], true), /reads the state "<end>" as control tokens/);
});

test.run();
