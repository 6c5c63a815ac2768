import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { TaskSpec } from '../../harness/experiment/experiment.js';
import { makeTask, type Reading } from '../../harness/experiment/tasks/task.js';
import { letterSum } from '../../harness/experiment/tasks/words.js';

const whole = makeTask({
	kind: 'closed',
	states: ['A', 'New York', 'A.', '"q"', 'é'],
	read: 'whole',
});
const first = makeTask({ kind: 'closed', states: ['A', 'B-1', "don't", '!'], read: 'first-word' });
const words = makeTask({ kind: 'words', letterSum: 100, words: null });
const listed = makeTask({ kind: 'words', letterSum: 100, words: ['ATTITUDE', 'EXCELLENT'] });

/** The state, or how the completion was rejected. */
const told = (reading: Reading) => ('state' in reading ? reading.state : `(${reading.rejected})`);

test('closed, whole: white space, one pair of marks and the end of a sentence do not count', () => {
	const rows: readonly (readonly [string, string])[] = [
		['A', 'A'],
		[' \t\nA\n', 'A'],
		['"A"', 'A'],
		['“A”', 'A'],
		['*A*', 'A'],
		['**A**', 'A'],
		['***A***', 'A'],
		['"A".', 'A'],
		['"A!"', 'A'],
		['A ?!…', 'A'],
		['A.', 'A.'],
		['A,', 'A'],
		['"q"', '"q"'],
		['**New York**', 'New York'],
		// Near misses.
		['a', '(invalid)'],
		['New  York', '(invalid)'],
		['""A""', '(invalid)'],
		['**A*', '(invalid)'],
		['"A', '(invalid)'],
		['“A"', '(invalid)'],
		['A B', '(invalid)'],
		['(A)', '(invalid)'],
		['.A', '(invalid)'],
		['****', '(invalid)'],
		['e\u0301', '(invalid)'],
		['', '(unparsable)'],
		[' \n\u00a0', '(unparsable)'],
		['...', '(unparsable)'],
	];
	for (const [completion, expect] of rows)
		assert.is(told(whole.read(completion)), expect, JSON.stringify(completion));
});

test('closed, first-word: the first run of characters, without marks around it', () => {
	const rows: readonly (readonly [string, string])[] = [
		['A', 'A'],
		['\n "A", because', 'A'],
		['**B-1**: yes', 'B-1'],
		["don't!", "don't"],
		['!', '!'],
		['! A', '!'],
		['A\u00a0B', 'A'],
		['A/B', '(invalid)'],
		['a A', '(invalid)'],
		['The A', '(invalid)'],
		['?? A', '(unparsable)'],
		['', '(unparsable)'],
		[' \t', '(unparsable)'],
	];
	for (const [completion, expect] of rows)
		assert.is(told(first.read(completion)), expect, JSON.stringify(completion));
});

test('words: one word of letters, its sum, and the list where there is one', () => {
	const rows: readonly (readonly [string, string, string])[] = [
		['attitude', 'ATTITUDE', 'ATTITUDE'],
		[' **Excellent**.', 'EXCELLENT', 'EXCELLENT'],
		['DISCIPLINE', 'DISCIPLINE', '(invalid)'],
		['attitudes', '(invalid)', '(invalid)'],
		['new attitude', '(unparsable)', '(unparsable)'],
		['attitude1', '(unparsable)', '(unparsable)'],
		['100', '(unparsable)', '(unparsable)'],
		['attıtude', '(unparsable)', '(unparsable)'],
		['ＡＴＴＩＴＵＤＥ', '(unparsable)', '(unparsable)'],
		['', '(unparsable)', '(unparsable)'],
	];
	for (const [completion, free, inList] of rows) {
		assert.is(told(words.read(completion)), free, completion);
		assert.is(told(listed.read(completion)), inList, completion);
	}
});

test('isState takes a state exactly as written', () => {
	assert.ok(whole.isState('A.') && words.isState('ATTITUDE') && listed.isState('ATTITUDE'));
	for (const text of ['a', ' A', '"A"', '']) assert.not(whole.isState(text), text);
	for (const text of ['attitude', ' ATTITUDE', 'ATTITUDES', '']) assert.not(words.isState(text));
	assert.not(listed.isState('DISCIPLINE'));
});

test('letterSum: A = 1 … Z = 26, the published words sum to 100', () => {
	assert.is(letterSum('A'), 1);
	assert.is(letterSum('zZ'), 52);
	for (const word of ['ATTITUDE', 'PERSONAL', 'PROBLEMS', 'TURKEY', 'BUZZY', 'Discipline'])
		assert.is(letterSum(word), 100, word);
	for (const text of ['', 'A B', 'É', 'A1', '@'])
		assert.throws(() => letterSum(text), /is not a word of the letters/);
});

const TASKS = [whole, first, words, listed];

test('no completion makes a task throw, and reasons stay short', () => {
	const anything = fc.oneof(
		fc.string({ unit: 'binary', maxLength: 200 }),
		fc.string({ unit: fc.constantFrom(' ', '"', '*', '.', 'A', '\ud800', '\0', '\n', '’') }),
	);
	fc.assert(
		fc.property(anything, (completion) => {
			for (const task of TASKS) {
				const reading = task.read(completion);
				if ('state' in reading) assert.ok(task.isState(reading.state));
				else assert.ok(reading.reason.length > 0 && reading.reason.length < 600);
			}
		}),
		{ numRuns: 2000, seed: 1 },
	);
});

test('a megabyte of anything is read at once', () => {
	const units = ['A', ' ', '"', '*', '.', '. ', 'A ', '\0', '\ud800', '😀', 'x\n', '“A”', '\u3000'];
	const begun = performance.now();
	for (const unit of units)
		for (const task of TASKS) {
			const text = unit.repeat(1_000_000 / unit.length);
			task.read(text);
			task.read(`A${text}A`);
		}
	// Linear work takes about a second; a quadratic step would take many minutes.
	assert.ok(performance.now() - begun < 30_000);
});

const stateText = fc
	.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
	.filter((s) => s.trim() === s && !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(s));

test('every state is read back from itself', () => {
	fc.assert(
		fc.property(fc.uniqueArray(stateText, { minLength: 2, maxLength: 8 }), (states) => {
			const specs: TaskSpec[] = [{ kind: 'closed', states, read: 'whole' }];
			if (states.every((s) => !/\s/.test(s)))
				specs.push({ kind: 'closed', states, read: 'first-word' });
			for (const task of specs.map(makeTask))
				for (const state of states) assert.equal(task.read(state), { state });
		}),
	);
	const letters = fc.string({ unit: fc.constantFrom(...'ABCXYZ'), minLength: 1, maxLength: 30 });
	fc.assert(
		fc.property(letters, (word) => {
			const task = makeTask({ kind: 'words', letterSum: letterSum(word), words: [word] });
			assert.equal(task.read(word), { state: word });
			assert.equal(task.read(` *${word.toLowerCase()}*.\n`), { state: word });
		}),
	);
});

test.run();
