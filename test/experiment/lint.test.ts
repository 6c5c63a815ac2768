import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LintedPrompt, lintPrompt, lintPromptSet } from '../../harness/experiment/lint.js';

const SOUND: LintedPrompt = {
	templateId: 't',
	chat: false,
	state: 'A',
	rendered: 'After A:',
	tokens: [1, 5, 6, 7],
	bos: 1,
	bosText: '<s>',
	bosAdded: true,
	stop: ['\n'],
	hasEndToken: true,
};
const codes = (change: Partial<LintedPrompt>) =>
	lintPrompt({ ...SOUND, ...change }).map(({ code }) => code);

test('each fault of a prompt is found, and its near miss is not', () => {
	const rows: readonly (readonly [Partial<LintedPrompt>, string[]])[] = [
		[{}, []],
		[{ rendered: '<s>After A:' }, ['double-bos']],
		[{ rendered: '<s>After A:', bosAdded: false }, []],
		[{ rendered: 'After <s> A:' }, []],
		[{ bosText: '' }, []],
		[{ tokens: [1, 1, 5] }, ['double-bos']],
		[{ tokens: [1, 5, 1] }, []],
		[{ tokens: [1, 1, 5], bos: null }, []],
		[{ rendered: 'After A: ' }, ['trailing-blank']],
		[{ rendered: 'After A:\t' }, ['trailing-blank']],
		[{ rendered: 'After A:\u00a0' }, ['trailing-blank']],
		[{ rendered: 'After A:\n' }, []],
		[{ rendered: 'After A: ', chat: true }, []],
		[{ rendered: 'after B:' }, ['state-missing']],
		[{ stop: [], hasEndToken: false }, ['no-stop']],
		[{ stop: [] }, []],
		[{ hasEndToken: false }, []],
		[
			{ rendered: '<s> ', stop: [], hasEndToken: false },
			['double-bos', 'trailing-blank', 'state-missing', 'no-stop'],
		],
	];
	for (const [change, expect] of rows) assert.equal(codes(change), expect, JSON.stringify(change));
});

test('each warning names the template and a remedy', () => {
	const warnings = lintPrompt({ ...SOUND, rendered: '<s> ', stop: [], hasEndToken: false });
	for (const { message } of warnings) assert.match(message, /^template t: .*[;,] (take|put|give) /);
});

test('different states with the same prompt are found', () => {
	const row = (state: string, ...tokens: number[]) => ({ state, tokens });
	assert.equal(lintPromptSet('t', [row('A', 1, 2), row('B', 1, 3), row('C', 12)]), []);
	assert.equal(lintPromptSet('t', [row('A', 1, 2), row('A', 1, 2)]), []);
	const [warning, ...more] = lintPromptSet('t', [row('A', 1, 0), row('B', 2), row('C', 1, 0)]);
	assert.is(more.length, 0);
	assert.is(warning?.code, 'same-prompt');
	assert.match(warning?.message ?? '', /states "A" and "C" make the same prompt/);
});

test.run();
