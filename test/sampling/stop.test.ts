import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { openSyntheticEngine } from '../../harness/engine/synthetic.js';
import type { SamplingSetting } from '../../harness/experiment/experiment.js';
import { endingOf } from '../../harness/sampling/stop.js';

const engine = openSyntheticEngine({ words: ['ALPHA'], logKernel: [[0]] });
const setting = (stop: string[], maxTokens = 20): SamplingSetting => ({
	temperature: 1,
	topK: 0,
	topP: 1,
	minP: 0,
	maxTokens,
	stop,
});
const END = 0;
const of = (text: string, end: boolean, s: SamplingSetting) =>
	endingOf(engine, [...engine.tokenize(text, false), ...(end ? [END] : [])], s);

test('an end token ends a completion and is no part of the answer', () => {
	const ending = of('ALPHA', true, setting([]));
	assert.is(ending?.text, 'ALPHA');
	assert.is(ending?.truncated, false);
	assert.is(ending?.tokens.length, 2);
});

test('nothing drawn yet goes on', () => {
	assert.is(endingOf(engine, [], setting(['\n'])), null);
});

test('the first stop string ends it, whichever is listed first', () => {
	assert.is(of('ab', false, setting(['\n', '.'])), null);
	assert.is(of('ab.c\n', false, setting(['\n', '.']))?.text, 'ab');
});

test('blanks at the beginning are not a stop, a line break there is', () => {
	assert.is(of(' ', false, setting([' '])), null);
	assert.is(of('  a ', false, setting([' ']))?.text, '  a');
	assert.is(of('\n', false, setting(['\n']))?.text, '');
});

test('at the token limit it is truncated, unless it stops there', () => {
	assert.is(of('ab', false, setting(['\n'], 3)), null);
	assert.is(of('abc', false, setting(['\n'], 3))?.truncated, true);
	assert.is(of('ab\n', false, setting(['\n'], 3))?.truncated, false);
	assert.is(of('ab', true, setting(['\n'], 3))?.truncated, false);
});

test('a stop string that is never drawn does not stop', () => {
	assert.is(of('ab', false, setting(['b\n'])), null);
});

test.run();
