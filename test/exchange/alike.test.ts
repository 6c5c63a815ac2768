import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { alikeStates } from '../../harness/exchange/alike.js';

test('the example of the docstring', () => {
	assert.equal(alikeStates(['Fig', 'plum', 'FIG ']), [['Fig', 'FIG ']]);
});

test('case, Unicode forms and blanks; nothing else', () => {
	const alike: readonly (readonly [string, string])[] = [
		['fig', 'FIG'],
		['caf\u00e9', 'cafe\u0301'],
		['CAFE\u0301', 'caf\u00e9'],
		['\ufb01g', 'fig'],
		['\uff26IG', 'fig'],
		['stra\u00dfe', 'STRASSE'],
		[' fig', 'fig\u00a0'],
	];
	for (const pair of alike) assert.equal(alikeStates(pair), [[...pair]], JSON.stringify(pair));
	const apart: readonly (readonly [string, string])[] = [
		['fig', 'figs'],
		['cafe', 'caf\u00e9'],
		['a b', 'ab'],
		['__proto__', 'proto'],
		['1', 'l'],
	];
	for (const pair of apart) assert.equal(alikeStates(pair), [], JSON.stringify(pair));
});

test('groups of several, in the order in which their second states come', () => {
	assert.equal(alikeStates(['b', 'A', 'c', 'a', 'B', 'C', 'd', ' a']), [
		['A', 'a', ' a'],
		['b', 'B'],
		['c', 'C'],
	]);
});

test.run();
