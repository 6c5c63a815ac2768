/** Prospects are a cover: every completion that reads as a state had that state in prospect all along. */
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeTask, type Task } from '../../harness/experiment/tasks/task.js';

const FRUIT = ['APPLE', 'APRICOT', 'FIG', 'FIGS', 'NEW FIG', '*', '"Tis', 'a.b', 'Ünal', '😀 x'];
const tasks: Readonly<Record<string, Task>> = {
	whole: makeTask({ kind: 'closed', states: FRUIT, read: 'whole' }),
	'first-word': makeTask({ kind: 'closed', states: FRUIT, read: 'first-word' }),
	words: makeTask({ kind: 'words', letterSum: 22, words: null }),
};
/** Letter sums 22. */
const WORDS = ['FIG', 'FIGA', 'V', 'AU', 'UA'].filter((word) => tasks.words?.isState(word));

function names(task: Task, states: readonly string[], text: string): string[] {
	const prospects = task.prospects(states);
	return prospects.of(text).flatMap(({ from, to }) => prospects.states.slice(from, to));
}

const pieces = fc.constantFrom(
	...FRUIT,
	...WORDS,
	...[
		'fig',
		'Fig',
		' ',
		'  ',
		'\t',
		'"',
		'“',
		'”',
		'«',
		'»',
		"'",
		'`',
		'*',
		'**',
		'***',
		'.',
		'!',
		'…',
	],
	...['a', 'x', ',', '\u3000', '\ufeff', '-', '$', '\ufffd'],
);

for (const [name, task] of Object.entries(tasks)) {
	const states = name === 'words' ? WORDS : FRUIT;
	test(`${name}: what is read was in prospect at every beginning`, () => {
		let read = 0;
		fc.assert(
			fc.property(fc.array(pieces, { minLength: 1, maxLength: 7 }), (parts) => {
				const text = parts.join('');
				const reading = task.read(text);
				if (!('state' in reading) || !states.includes(reading.state)) return;
				read += 1;
				const characters = [...text];
				for (let end = 0; end <= characters.length; end++) {
					const beginning = characters.slice(0, end).join('');
					assert.ok(
						names(task, states, beginning).includes(reading.state),
						`${JSON.stringify(text)} reads as ${reading.state}, lost at ${end}`,
					);
				}
			}),
			{ seed: 1, numRuns: 3000 },
		);
		assert.ok(read > 100, `${read} texts were read`);
	});
}

test('what can be no state any more has no prospects', () => {
	const { whole, words } = tasks as { whole: Task; words: Task };
	const first = tasks['first-word'] as Task;
	assert.equal(names(whole, FRUIT, 'APX'), []);
	assert.equal(names(whole, FRUIT, 'FIG x'), []);
	assert.equal(names(first, FRUIT, 'FIG x'), ['FIG']);
	assert.equal(names(first, FRUIT, 'FIGx'), []);
	assert.equal(names(words, WORDS, 'FIX'), []);
	assert.equal(names(whole, FRUIT, ' "AP'), ['APPLE', 'APRICOT']);
	assert.equal(names(whole, FRUIT, 'FIG'), ['FIG', 'FIGS']);
	assert.equal(names(whole, FRUIT, 'FIG.'), ['FIG']);
	assert.equal(names(words, ['FIG', 'V'], 'fi'), ['FIG']);
	assert.equal(names(whole, FRUIT, 'apple'), []);
});

test('every state is in prospect at the beginning, and after bytes that are no character yet', () => {
	for (const beginning of ['', ' ', '\ufffd', '"', '**'])
		assert.equal(names(tasks.whole as Task, FRUIT, beginning).length, FRUIT.length, beginning);
});

test.run();
